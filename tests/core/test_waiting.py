"""What callers in line are told, and the keys by which they leave it (rule 9)."""

from typing import Any

import pytest

from ivr.flow import Flow, HangUp, Say
from ivr.phrase import Phrase
from queues.queue import Announce, WayOut
from router import facts as f
from router import inputs as i
from router.announcing import PROMPTS, key_prompt, phrases, rounded
from router.contact import LEAVING_TURN, Told, Waiting
from router.pace import Range
from router.router import Router
from tests.core.city import City, agent, configuration, local, queue

EVERY = 45.0


def city(**changes: Any) -> City:
    """Return a city whose agents are all at lunch."""
    it = City(queues=[queue(**{"announce": Announce(every=EVERY), **changes})], agents=[agent("anna"), agent("bo")])
    for name in ("anna", "bo"):
        it.put(i.Pause(name, "lunch"))
    return it


def told(it: City, contact: str = "c") -> list[tuple[int, int | None, float | None, float | None]]:
    """Return what a contact was told: turn, place, least and most; only what was said."""
    said: list[tuple[int, int | None, float | None, float | None]] = []
    for fact in it.of(f.WaitAnnounced, contact):
        if not said or fact.turn != said[-1][0]:
            said.append((fact.turn, fact.position, fact.low, fact.high))
    return said


def heard(it: City, contact: str = "c") -> list[str]:
    """Return the prompts of what a contact was told last, with their values."""
    state = it.state.contacts[contact]
    assert isinstance(state, Waiting)
    assert state.spot.told is not None
    queue_ = it.state.configuration.queues[state.spot.queue]
    found = phrases(state.spot.told, queue_, known=state.card.person is not None)
    return [" ".join((one.prompt, *map(str, one.values.values()))) for one in found]


# ---- what is told ----------------------------------------------------------------------------------------------


def test_the_place_is_told_at_once_and_again_when_it_has_improved() -> None:
    it = city(welcome="hello")
    for contact in ("a", "b", "c"):
        it.call(contact)
    assert heard(it) == ["hello", "wait_position 3"]
    it.wait(EVERY)
    assert told(it) == [(1, 3, None, None)], "nothing new"
    it.hang_up("a")
    it.wait(EVERY)
    assert heard(it) == ["wait_position 2"]
    it.hang_up("b")
    it.wait(EVERY)
    assert heard(it) == ["wait_next"]


def test_what_has_not_changed_for_long_is_said_again() -> None:
    it = city()
    it.call("a")
    it.call("c")
    it.wait(3 * EVERY)
    assert told(it) == [(1, 2, None, None)]
    it.wait(EVERY)
    assert told(it) == [(1, 2, None, None), (2, 2, None, None)]


def test_a_place_that_got_worse_is_not_told() -> None:
    it = city()
    it.call("a", person="p")
    it.wait(5)
    it.hang_up("a")
    it.call("c")
    assert told(it) == [(1, 1, None, None)]
    it.call("again", person="p")
    it.wait(4 * EVERY)
    assert told(it) == [(1, 1, None, None), (2, None, None, None)]
    assert heard(it) == ["wait_still"]


def test_who_is_offered_at_once_is_told_nothing() -> None:
    it = City(queues=[queue(announce=Announce())], agents=[agent("anna")])
    it.call("c")
    assert it.of(f.WaitAnnounced) == []
    it.fail("c")
    assert told(it) == [(1, 1, None, None)]


def test_an_announcement_that_an_offer_cut_off_is_not_said_again() -> None:
    it = city()
    it.call("c")
    it.ready("anna")
    it.fail("c")
    state = it.state.contacts["c"]
    assert isinstance(state, Waiting)
    assert state.spot.told is not None
    assert not state.spot.told.speaks
    assert told(it) == [(1, 1, None, None)]


def test_who_comes_back_from_a_talk_is_told_anew() -> None:
    it = city()
    it.call("c")
    it.ready("anna")
    it.answer("c")
    it.put(i.HandBack("c"))
    assert [turn for turn, *_ in told(it)] == [1]
    assert len([fact for fact in it.of(f.WaitAnnounced, "c") if fact.turn == 1]) == 2


@pytest.mark.parametrize("changes", [{"announce": None}, {"waiting": "ringing"}])
def test_where_nothing_is_to_be_told(changes: Any) -> None:
    it = city(**changes)
    it.call("c")
    it.wait(600)
    assert it.of(f.WaitAnnounced) == []


def test_what_waits_by_itself_is_told_nothing() -> None:
    it = city()
    it.mail("c")
    it.wait(600)
    assert it.of(f.WaitAnnounced) == []


def test_a_welcome_alone_is_said_once() -> None:
    it = city(announce=None, welcome="hello")
    it.call("c")
    it.wait(600)
    assert len(it.of(f.WaitAnnounced)) == 1
    assert heard(it) == ["hello"]


# ---- how long it may take --------------------------------------------------------------------------------------


def moving(served: int, seconds: float) -> City:
    """Return a city in which an agent has taken a caller out of line every so many seconds, and is talking."""
    it = City(queues=[queue(announce=Announce(every=EVERY))], agents=[agent("anna")])
    for number in range(served + 1):
        it.call(f"x{number}")
    it.answer("x0")
    for number in range(1, served + 1):
        it.wait(seconds)
        it.finish(f"x{number - 1}")
        it.answer(f"x{number}")
    return it


def test_the_expected_wait_is_told_and_told_again_when_it_is_clearly_shorter() -> None:
    it = moving(10, 100.0)
    for contact in ("d", "e", "g", "c"):
        it.call(contact)
    ((_, place, low, high),) = told(it)
    assert place == 4
    assert low is not None
    assert high is not None
    assert low < 400 < high
    it.wait(100)
    it.finish("x10")
    it.answer("d")
    it.wait(EVERY)
    last = told(it)[-1]
    assert last[1] == 3
    assert last[3] is None or last[3] <= 0.75 * high


def test_times_are_told_in_minutes_and_long_ones_in_steps_of_five() -> None:
    assert rounded(Range(20.0, 50.0, 30.0)) == (0.0, 60.0)
    assert rounded(Range(70.0, 190.0, 120.0)) == (60.0, 240.0)
    assert rounded(Range(700.0, 1300.0, 900.0)) == (600.0, 1500.0)
    assert rounded(Range(10.0, 2000.0, 500.0)) is None, "too wide to say anything"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.0, 60.0, Phrase("wait_minute")),
        (0.0, 180.0, Phrase("wait_below", {"high": 3})),
        (120.0, 300.0, Phrase("wait_between", {"low": 2, "high": 5})),
        (4200.0, 9000.0, Phrase("wait_above", {"low": 60})),
    ],
)
def test_how_times_are_said(low: float, high: float, said: Phrase) -> None:
    one = Told(2, 0.0, None, None, low, high, "", None, high)
    assert list(phrases(one, queue(), known=False)) == [said]
    assert set(said.values) == PROMPTS[said.prompt]


def test_nothing_worse_is_ever_told() -> None:
    it = moving(12, 60.0)
    for number in range(6):
        it.call(f"d{number}", person=f"p{number}")
        it.wait(7)
    for number in range(5):
        it.hang_up(f"d{number}")
        it.wait(20)
        if number % 2:
            it.call(f"again{number}", person=f"p{number}")
        it.wait(80)
    for contact in {fact.contact for fact in it.of(f.WaitAnnounced)}:
        places = [place for _, place, _, _ in told(it, contact) if place is not None]
        highs = [high for *_, high in told(it, contact) if high is not None]
        assert places == sorted(places, reverse=True)
        assert highs == sorted(highs, reverse=True)


def test_ten_thousand_in_line_cost_little() -> None:
    """The farther back, the rarer: a line that takes an hour is not looked at every minute."""
    router = Router(local)
    now = 0.0
    settings = configuration(
        queues=[queue(announce=Announce(every=EVERY))], agents=[agent(f"a{number}") for number in range(10)]
    )
    router.handle(i.ApplyConfiguration(settings), now)
    for number in range(10):
        router.handle(i.LogIn(f"a{number}"), now)
        router.handle(i.GoReady(f"a{number}"), now)
    pace = 10.0
    facts: list[f.AnyFact] = []
    talking: list[str] = []
    arrived = 0

    def put(input_: i.Input) -> None:
        found = router.handle(input_, now)
        facts.extend(found)
        talking.extend(one.offer for one in found if isinstance(one, f.OfferMade))

    for _ in range(2000):
        arrived += 1
        put(i.Arrived(contact=f"c{arrived}", channel="call", entry="tax", leg=f"c{arrived}"))
        if talking and len(talking) <= 10:
            put(i.PickedUp(leg=talking[-1]))
    end = now + 900.0
    facts.clear()
    next_free = now + pace
    while now < end:
        due = router.next_deadline()
        now = min(next_free, due if due is not None else end)
        if now == next_free:
            next_free += pace
            put(i.HungUp(leg=talking.pop(0), cause="hung_up"))
            put(i.PickedUp(leg=talking[-1]))
        put(i.TimePassed())
    announced = [one for one in facts if isinstance(one, f.WaitAnnounced)]
    assert 0 < len(announced) < 900 * 2000 / EVERY / 3


# ---- keys ------------------------------------------------------------------------------------------------------

CALLBACK = WayOut(to="callback", name="promised")
TO_PARKS = WayOut(to="queue", name="parks")
LEAVE_WORD = Flow(name="word", nodes={"start": Say(prompt="speak", next="end"), "end": HangUp()})


def keyed(**changes: Any) -> City:
    keys = {"1": CALLBACK, "2": WayOut(to="report", name="word"), "3": TO_PARKS}
    it = City(
        queues=[queue(keys=keys, **changes), queue("parks")],
        agents=[agent("anna", "tax parks"), agent("bo", "parks")],
        flows=[LEAVE_WORD],
    )
    for name in ("anna", "bo"):
        it.put(i.Pause(name, "lunch"))
    return it


def press(it: City, key: str, contact: str = "c") -> list[f.AnyFact]:
    return it.put(i.KeyPressed(contact=contact, digit=key))


def test_keys_are_offered_with_the_first_announcement_and_every_third() -> None:
    it = keyed(announce=Announce(every=EVERY))
    for contact in ("a", "b", "d", "c"):
        it.call(contact, person=contact)
    keys = ["wait_key_callback 1", "wait_key_word 2", "wait_key_parks 3"]
    assert heard(it) == ["wait_position 4", *keys]
    for ahead, expected in (("a", []), ("b", []), ("d", keys)):
        it.hang_up(ahead)
        it.wait(EVERY)
        assert heard(it)[1:] == expected
    assert key_prompt(WayOut(to="message", name="message:tax")) == "wait_key_message"


def test_a_callback_by_key_keeps_the_place() -> None:
    it = keyed()
    it.call("c", person="p")
    it.wait(50)
    press(it, "1")
    (promised,) = it.of(f.CallbackRegistered)
    assert it.spot(promised.callback).place.clock == 0
    assert it.of(f.WayOutTaken)[0].obstacle == "asked"
    it.put(i.PromptEnded(contact="c", turn=LEAVING_TURN))
    assert it.of(f.ContactEnded)[0].outcome == "callback_registered"


def test_without_a_number_no_callback_is_offered_and_the_key_keeps_the_place() -> None:
    it = keyed()
    it.call("c")
    assert heard(it) == ["wait_key_word 2", "wait_key_parks 3"]
    press(it, "1")
    assert it.is_("c") == "Waiting"
    assert heard(it) == ["wait_no_number"]


def test_a_key_into_another_queue_takes_the_waiting_time_along() -> None:
    it = keyed()
    it.call("c")
    it.wait(30)
    press(it, "3")
    spot = it.spot("c")
    assert (spot.queue, it.state.clock("parks", it.now) - spot.place.clock) == ("parks", 30)
    it.wait(1)
    press(it, "3")
    assert it.spot("c").queue == "parks", "the other queue has keys of its own, or none"


def test_a_queue_that_cannot_take_the_contact_now_keeps_it_here() -> None:
    it = keyed()
    it.call("c")
    it.log_out("anna", "bo")
    press(it, "3")
    assert it.spot("c").queue == "tax"
    assert heard(it) == ["wait_not_now"]


def test_a_key_leads_into_a_flow() -> None:
    it = keyed()
    it.call("c")
    press(it, "2")
    assert it.is_("c") == "InFlow"


@pytest.mark.parametrize("key", ["0", "7", "#"])
def test_other_keys_keep_the_place(key: str) -> None:
    it = keyed()
    it.call("c")
    assert press(it, key) == []


def test_the_star_says_it_again_with_the_keys() -> None:
    it = keyed(announce=Announce(every=EVERY))
    it.call("a")
    it.call("c")
    assert press(it, "*") == [], "it has only just begun to speak"
    it.wait(10)
    press(it, "*")
    assert heard(it) == ["wait_position 2", "wait_key_word 2", "wait_key_parks 3"]
    it.wait(2)
    press(it, "*")
    assert heard(it)[0] == "wait_position 2"


def test_while_an_agent_is_rung_keys_do_nothing() -> None:
    it = keyed()
    it.call("c")
    it.ready("anna")
    assert it.is_("c") == "Offered"
    assert press(it, "3") == []


def test_keys_of_a_queue_that_says_nothing_do_nothing() -> None:
    it = keyed(waiting="ringing")
    it.call("c")
    assert press(it, "3") == []
