"""What becomes of each channel, counted from events."""

from engine.demo import summary
from engine.demo.channels import TITLES, Channels


def channels(*events: dict[str, object], shown: tuple[str, ...] = tuple(TITLES)) -> Channels:
    counted = Channels(shown)
    for event in events:
        counted.hear(event)
    return counted


def event(type_: str, at: float, contact: str = "c1", channel: str = "chat", **fields: object) -> dict[str, object]:
    return {"type": type_, "at": at, "contact": contact, "channel": channel, **fields}


ARRIVED, QUEUED = event("contact.arrived", 0), event("contact.queued", 1)
ACCEPTED, SERVED = event("offer.accepted", 5), event("contact.ended", 9, outcome="served")


def test_from_the_door_to_the_end() -> None:
    chat = channels(ARRIVED, QUEUED).known["chat"]
    assert (chat.arrived, chat.waits_at(1), len(chat.in_hand)) == (1, 1, 0)
    chat = channels(ARRIVED, QUEUED, ACCEPTED).known["chat"]
    assert (chat.waits_at(5), len(chat.in_hand), chat.median) == (0, 1, 4.0)
    chat = channels(ARRIVED, QUEUED, ACCEPTED, SERVED).known["chat"]
    assert (chat.served, chat.given_up, chat.open, len(chat.in_hand)) == (1, 0, 0, 0)


def test_a_wait_that_was_kept_counts_from_its_beginning() -> None:
    back = event("contact.returned", 10)
    chat = channels(ARRIVED, QUEUED, back, event("offer.accepted", 21)).known["chat"]
    assert chat.longest == 20.0


def test_who_leaves_and_who_does_not_come_has_given_up() -> None:
    left = channels(ARRIVED, QUEUED, event("contact.ended", 9, outcome="abandoned")).known["chat"]
    assert (left.given_up, left.waits_at(9), left.median) == (1, 0, None)
    called = [event(one["type"], float(one["at"]), "v1", "visit") for one in (ARRIVED, QUEUED, ACCEPTED)]  # type: ignore[arg-type]
    visit = channels(*called, event("contact.ended", 9, "v1", "visit", outcome="no_show")).known["visit"]
    assert (visit.given_up, visit.served) == (1, 0)


def test_who_hung_up_has_given_up_until_they_ring_again() -> None:
    left = event("contact.left", 4)
    assert channels(ARRIVED, QUEUED, left).known["chat"].given_up == 1
    resumed = channels(ARRIVED, QUEUED, left, event("contact.ended", 8, outcome="resumed")).known["chat"]
    assert (resumed.given_up, resumed.otherwise) == (0, 1)
    over = channels(ARRIVED, QUEUED, left, event("contact.ended", 8, outcome="abandoned")).known["chat"]
    assert (over.given_up, over.open) == (1, 0)


def test_a_promise_is_a_contact_of_its_own_that_waits_from_when_it_is_due() -> None:
    promised = event("callback.registered", 10, "c1", "callback", callback="c1.callback1", due=30.0)
    ended = event("contact.ended", 50, "c1.callback1", "callback", outcome="served")
    callback = channels(promised).known["callback"]
    assert (callback.waits_at(10), callback.waits_at(30)) == (0, 1)
    accepted = event("offer.accepted", 32, "c1.callback1", "callback")
    callback = channels(promised, accepted, ended).known["callback"]
    assert (callback.arrived, callback.served, callback.median) == (1, 1, 2.0)


def test_who_asks_for_a_call_on_a_page_counts_once() -> None:
    asked = event("contact.arrived", 0, "v1", "callback")
    promised = event("callback.registered", 0, "v1", "callback", callback="v1.callback1")
    ended = event("contact.ended", 0, "v1", "callback", outcome="callback_registered")
    callback = channels(asked, promised, ended).known["callback"]
    assert (callback.arrived, callback.otherwise, callback.open) == (1, 0, 1)


def test_what_callers_leave_counts_together_and_need_not_be_served() -> None:
    counted = channels(event("contact.arrived", 0, "r1", "report"), event("contact.arrived", 0, "m1", "message"))
    assert counted.known["left"].arrived == 2
    assert "left" not in counted.unserved


def test_what_ended_before_anybody_looked_is_not_counted() -> None:
    assert channels(SERVED).known["chat"].served == 0


def test_the_end() -> None:
    counted = channels(ARRIVED, QUEUED, ACCEPTED, SERVED, shown=("chat", "mail", "text"))
    counted.leave_out("mail", "no servers")
    assert counted.unserved == ["text"]
    told = list(summary.lines(counted))
    assert told[2].split() == ["chat", "1", "1", "0", "0", "0", "0:04", "0:04"]
    assert told[-2:] == ["Left out: mail; no servers.", "Nobody was served by text call."]
    served = channels(ARRIVED, QUEUED, ACCEPTED, SERVED, shown=("chat",))
    assert list(summary.lines(served))[-1] == "Every channel was served."
