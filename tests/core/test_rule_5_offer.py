"""Rule 5: an offer reserves one agent, once, with a deadline."""

import pytest

from router import facts as f
from router import inputs as i
from router.contact import Connected
from tests.core.city import City, agent, queue


def test_an_agent_is_asked_for_one_contact_at_a_time() -> None:
    city = City(agents=[agent("anna")])
    city.arrive("c1", channel="chat")
    city.arrive("c2", channel="chat")
    assert city.offers == {"anna": "c1"}
    city.answer("c1")
    assert city.offers == {"anna": "c2"}


def test_a_missed_contact_keeps_its_place_and_its_waiting_time() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.call("c2")
    before = city.spot("c1").place
    city.wait(20)
    assert city.spot("c1").place == before
    assert city.state.lines.ahead_of(city.state.contacts["c2"]) == 1  # type: ignore[arg-type]


def test_a_phone_that_cannot_be_reached_is_not_rung_for_others_either() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.call("c2")
    city.fail("c1", "unreachable")
    assert (city.agent("anna"), city.offers) == ("NotResponding", {})


def test_ids_of_offers_are_never_used_again() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna", "tax parks"), agent("bo")])
    city.call("c1")
    for _ in range(4):
        city.wait(20)
        city.ready("anna", "bo")
    ids = [fact.offer for fact in city.of(f.OfferMade)]
    assert len(ids) >= 4
    assert len(ids) == len(set(ids))


def test_who_hands_a_contact_back_is_not_offered_it_again_at_once() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.answer("c1")
    city.put(i.HandBack("c1"))
    assert city.offers == {}
    city.wait(30)
    assert city.offers == {"anna": "c1"}


@pytest.mark.parametrize("cause", ["declined", "busy", "no_answer", "unreachable"])
def test_late_and_doubled_reports_change_nothing(cause: str) -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1")
    late = city.offer_of("c1")
    city.fail("c1", cause)
    assert city.put(i.NotPickedUp(leg=late, cause=cause)) == []  # type: ignore[arg-type]
    assert city.put(i.PickedUp(leg=late)) == []
    assert city.put(i.HungUp(leg=late, cause="hung_up")) == []
    city.answer("c1")
    assert city.put(i.PickedUp(leg=city.offer_of("c1"))) == []
    city.hang_up("c1")
    assert city.hang_up("c1") == []


def test_an_answer_that_crosses_the_callers_hang_up_finds_the_offer_withdrawn() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    offer = city.offer_of("c1")
    city.hang_up("c1")
    assert [fact.cause for fact in city.of(f.OfferWithdrawn)] == ["citizen_left"]
    assert city.put(i.PickedUp(leg=offer)) == []
    assert city.agent("anna") == "Ready"


def test_an_answer_after_the_deadline_but_before_the_timer_counts() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.now = 20.5
    city.answer("c1")
    assert city.is_("c1") == "Connected"


def test_the_agents_lost_phone_does_not_end_the_contact() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1")
    city.answer("c1")
    offer = city.offer_of("c1")
    city.put(i.HungUp(leg=offer, cause="cut_off"))
    assert (city.agent("anna"), city.offers) == ("NotResponding", {"bo": "c1"})


def test_an_agent_who_pauses_while_asked_frees_the_contact_without_a_refusal() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1")
    city.put(i.Pause("anna", "fire alarm"))
    assert city.offers == {"bo": "c1"}
    assert city.state.agents["anna"].desk.refusals == 0


def test_wrap_up_keeps_the_agent_until_it_is_over() -> None:
    city = City([queue(wrap_up=30.0)], [agent("anna")])
    city.call("c1")
    city.answer("c1")
    city.call("c2")
    city.hang_up("c1")
    assert (city.is_("c1"), city.offers) == ("WrappingUp", {})
    city.wait(30)
    assert city.offers == {"anna": "c2"}
    city.answer("c2")
    city.finish("c2")
    city.put(i.EndWrapUp("c2"))
    assert city.state.agents["anna"].desk.work == ()


def test_a_leaving_agent_finishes_what_is_in_hand_and_is_then_logged_out() -> None:
    city = City([queue(wrap_up=30.0)], [agent("anna")])
    city.call("c1")
    city.answer("c1")
    city.put(i.LogOut("anna"))
    city.finish("c1")
    assert city.agent("anna") == "Paused"
    city.wait(30)
    assert city.agent("anna") == "LoggedOut"


@pytest.mark.parametrize(
    ("request_", "error_id"),
    [
        (i.LogIn("nobody"), "unknown_agent"),
        (i.LogIn("anna"), "agent_logged_in"),
        (i.LogOut("bo"), "agent_logged_out"),
        (i.GoReady("bo"), "agent_logged_out"),
        (i.AcceptOffer("c9.1"), "offer_gone"),
        (i.DeclineOffer("c9.1"), "offer_gone"),
        (i.Finish("c9"), "unknown_contact"),
        (i.Finish("c1"), "not_connected"),
        (i.HandBack("c1"), "not_connected"),
        (i.EndWrapUp("c1"), "not_wrapping_up"),
        (i.RegisterCallback("c1"), "number_withheld"),
        (i.CancelCallback("c1"), "unknown_callback"),
    ],
)
def test_a_refused_request_changes_nothing(request_: i.AnyRequest, error_id: str) -> None:
    city = City(agents=[agent("anna"), agent("bo")], ready=False)
    city.ready("anna")
    city.call("c1")
    with pytest.raises(i.Refused) as refusal:
        city.put(request_)
    assert refusal.value.error_id == error_id


def test_nothing_is_overdue_before_it_is_told_what_happened_meanwhile():
    """A new engine hears only after it has begun that an agent answered in time."""
    city = City(queues=[queue(offer_timeout=20.0)], agents=[agent("anna")])
    city.call("c1", "tax")
    city.router.waits = True
    city.now += 30.0
    assert city.router.next_deadline() is None
    city.put(i.TimePassed())
    assert city.offers == {"anna": "c1"}
    city.answer("c1")
    assert isinstance(city.state.contacts["c1"], Connected)
    city.router.waits = False
    city.put(i.TimePassed())
    assert isinstance(city.state.contacts["c1"], Connected)
