"""Calls that agents begin, calls between phones of the house, callbacks that are promised in person."""

import pytest

from router import facts as f
from router import inputs as i
from router.contact import RING_CITIZEN, Connected
from router.dialling import Destination
from tests.core.city import City, agent, queue
from tests.core.test_talking import LIBRARY, OUTSIDE, refusal, talking

EMERGENCY = Destination("number:112", emergency=True)


def placed() -> City:
    city = City([queue(wrap_up=20.0)], [agent("anna")])
    city.put(i.PlaceCall("out-1-1", "anna", OUTSIDE))
    return city


def talk(city: City, contact: str = "out-1-1") -> Connected:
    found = city.state.contacts[contact]
    assert isinstance(found, Connected)
    return found


def test_the_agents_phone_rings_first() -> None:
    city = placed()
    assert not talk(city).agent_there
    city.put(i.PickedUp(leg="out-1-1.1"))
    assert talk(city).agent_there
    assert talk(city).calling_until == RING_CITIZEN
    city.put(i.PickedUp(leg="out-1-1.c"))
    assert talk(city).calling_until is None


def test_an_own_call_is_nobodys_offer_and_takes_the_agents_time() -> None:
    city = placed()
    city.call("c2", leg="c2")
    assert city.offers == {}
    assert city.of(f.OfferMade) == []


def test_it_is_wrapped_up_like_any_other() -> None:
    city = placed()
    city.put(i.PickedUp(leg="out-1-1.1"))
    city.put(i.PickedUp(leg="out-1-1.c"))
    city.put(i.HungUp(leg="out-1-1.c", cause="hung_up"))
    assert city.is_("out-1-1") == "WrappingUp"


def test_whoever_rings_a_phone_that_is_gone_hears_that() -> None:
    city = City(agents=[agent("anna")])
    city.put(i.PhoneGone(phone=LIBRARY.address))
    city.put(i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", destination=LIBRARY))
    assert city.of(f.ContactRefused)[0].cause == "unreachable"


@pytest.mark.parametrize("cause", ["busy", "no_answer", "declined", "unreachable"])
def test_a_citizen_who_does_not_answer_is_not_reached(cause: str) -> None:
    city = placed()
    city.put(i.PickedUp(leg="out-1-1.1"))
    city.put(i.NotPickedUp(leg="out-1-1.c", cause=cause))  # type: ignore[arg-type]
    assert city.of(f.ContactEnded)[0].outcome == "not_reached"
    assert city.state.agents["anna"].desk.work == ()


def test_an_agent_who_does_not_pick_up_does_not_call() -> None:
    city = placed()
    city.wait(20)
    assert city.of(f.ContactEnded)[0].outcome == "not_reached"
    assert city.agent("anna") == "Ready", "nobody else's time was wasted"


def test_somebody_at_lunch_may_call() -> None:
    city = City(agents=[agent("anna")])
    city.put(i.Pause("anna", "lunch"))
    city.put(i.PlaceCall("out-1-1", "anna", OUTSIDE))
    city.put(i.PickedUp(leg="out-1-1.1"))
    assert city.agent("anna") == "Paused"


def test_a_busy_agent_or_one_without_a_phone_does_not_call() -> None:
    city = talking()
    assert refusal(city, i.PlaceCall("out-1-1", "anna", OUTSIDE)) == "agent_busy"
    assert refusal(city, i.PlaceCall("out-1-1", "bo", OUTSIDE)) == "unknown_agent"
    away = City(agents=[agent("anna")])
    away.put(i.PhoneGone(phone="sip:anna@desk"))
    assert refusal(away, i.PlaceCall("out-1-1", "anna", OUTSIDE)) == "phone_gone"
    assert refusal(away, i.PlaceCall("out-1-1", "anna", OUTSIDE, queue="parks")) == "phone_gone"


def test_dialling_at_the_phone_is_the_same_without_ringing_it() -> None:
    city = City(agents=[agent("anna")])
    city.put(i.PhoneDialled(leg="w1-g-5", phone="sip:anna@desk", destination=OUTSIDE))
    contact = talk(city, "w1-g-5")
    assert (contact.offer, contact.agent_there, contact.card.leg) == ("w1-g-5", True, "w1-g-5.c")


def test_a_citizen_reached_has_no_open_callback_any_more() -> None:
    city = City(agents=[agent("anna")])
    city.put(i.Pause("anna", "lunch"))
    city.call("c1", leg="c1", person="abc")
    city.put(i.RegisterCallback("c1"))
    city.put(i.PhoneDialled(leg="w1-g-5", phone="sip:anna@desk", destination=OUTSIDE))
    city.put(i.PickedUp(leg="w1-g-5.c"))
    assert city.state.callbacks == {}


# ---- phones without an agent -----------------------------------------------------------------------------------


def test_one_phone_rings_another() -> None:
    city = City(agents=[agent("anna")])
    city.put(i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", destination=LIBRARY))
    assert city.is_("w1-g-5") == "Forwarded"
    city.put(i.PickedUp(leg="w1-g-5.1"))
    city.put(i.HungUp(leg="w1-g-5", cause="hung_up"))
    assert city.of(f.ContactEnded)[0].outcome == "connected"


def test_both_phones_of_a_call_in_the_house_are_busy() -> None:
    city = talking()
    city.put(i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", destination=LIBRARY))
    city.put(i.PickedUp(leg="w1-g-5.1"))
    assert city.state.engaged("phone:lobby")
    assert city.state.engaged("phone:library")
    city.hang_up("w1-g-5")
    assert not city.state.engaged("phone:lobby")
    assert not city.state.engaged("phone:library")


def test_an_agents_own_call_to_a_busy_phone_is_refused() -> None:
    city = City(agents=[agent("anna")])
    city.ready("anna")
    city.put(i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", destination=LIBRARY))
    assert refusal(city, i.PlaceCall("out-1-1", "anna", LIBRARY)) == "busy"
    city.put(i.PhoneDialled(leg="w1-g-6", phone="sip:anna@desk", destination=LIBRARY))
    assert city.of(f.ContactRefused)[0].cause == "busy"


def test_a_phone_that_rings_a_queue_is_busy_as_long_as_it_waits() -> None:
    city = talking()
    city.call("c2", leg="c2", phone="phone:lobby")
    assert city.state.engaged("phone:lobby")
    assert refusal(city, i.Consult("c1", Destination("phone:lobby"))) == "busy"
    city.hang_up("c2")
    assert not city.state.engaged("phone:lobby")


@pytest.mark.parametrize(
    ("report", "cause"),
    [
        (i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", destination=OUTSIDE), "not_allowed"),
        (i.PhoneDialled(leg="w1-g-5", phone="phone:lobby"), "not_allowed"),
        (i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", refused=True), "not_allowed"),
        (i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", slot="4"), "not_allowed"),
    ],
)
def test_what_a_phone_may_not_is_refused_and_told(report: i.PhoneDialled, cause: str) -> None:
    city = City(agents=[agent("anna")])
    city.put(report)
    assert city.of(f.ContactRefused)[0].cause == cause


def test_a_phone_in_the_lobby_reaches_112() -> None:
    city = City(agents=[agent("anna")])
    city.put(i.PhoneDialled(leg="w1-g-5", phone="phone:lobby", destination=EMERGENCY))
    assert city.is_("w1-g-5") == "Forwarded"


def test_an_emergency_waits_for_nothing_that_an_agent_has_in_hand() -> None:
    city = talking()
    city.put(i.Consult("c1", LIBRARY))
    city.put(i.PhoneDialled(leg="w1-g-5", phone="sip:anna@desk", destination=OUTSIDE))
    assert city.of(f.ContactRefused)[0].cause == "busy"
    city.put(i.PhoneDialled(leg="w1-g-6", phone="sip:anna@desk", destination=EMERGENCY))
    assert city.is_("w1-g-6") == "Forwarded"
    assert city.is_("c1") == "Connected"


def test_an_emergency_needs_no_queue_of_the_agents() -> None:
    city = City(agents=[agent("anna", queues=())])
    city.put(i.PhoneDialled(leg="w1-g-5", phone="sip:anna@desk", destination=EMERGENCY))
    assert city.is_("w1-g-5") == "Forwarded"


def test_a_number_outside_has_more_than_one_line() -> None:
    city = City(agents=[agent("anna")])
    for leg in ("w1-g-5", "w1-g-6"):
        city.put(i.PhoneDialled(leg=leg, phone="phone:lobby", destination=EMERGENCY))
        assert city.is_(leg) == "Forwarded"


# ---- promised in person ----------------------------------------------------------------------------------------


def promised(*others: str) -> City:
    city = City([queue(grace=60.0)], [agent("anna"), *(agent(name) for name in others)])
    city.call("c1", leg="c1", person="abc")
    city.answer("c1")
    city.put(i.PromiseCallback("c1", city.now + 3600))
    city.hang_up("c1")
    return city


def test_a_promise_is_kept_at_its_time_by_who_made_it() -> None:
    city = promised("bo")
    city.wait(3599)
    assert city.offers == {}
    city.wait(1)
    assert city.offers == {"anna": "c1.callback2"}
    city.answer("c1.callback2")
    contact = talk(city, "c1.callback2")
    assert contact.card.destination == Destination("number:abc")
    city.put(i.PickedUp(leg="c1.callback2.c"))
    city.put(i.HungUp(leg="c1.callback2.c", cause="hung_up"))
    assert city.of(f.CallbackClosed)[-1].cause == "kept"


def test_a_promise_of_somebody_who_has_left_is_kept_by_another() -> None:
    city = promised("bo")
    city.log_out("anna")
    city.wait(3600)
    assert city.offers == {"bo": "c1.callback2"}


def test_a_promise_can_be_cancelled_before_its_time() -> None:
    city = promised()
    city.put(i.CancelCallback("c1.callback2"))
    city.wait(4000)
    assert city.is_("c1.callback2") == "Gone"


def test_no_promise_without_a_number_or_a_sensible_time() -> None:
    city = talking()
    assert refusal(city, i.PromiseCallback("c1", city.now + 60)) == "number_withheld"
    known = City(agents=[agent("anna")])
    known.call("c1", leg="c1", person="abc")
    known.answer("c1")
    assert refusal(known, i.PromiseCallback("c1", known.now - 1)) == "bad_time"
    assert refusal(known, i.PromiseCallback("c1", known.now + 1e9)) == "bad_time"
    known.put(i.PromiseCallback("c1", known.now + 60))
    assert refusal(known, i.PromiseCallback("c1", known.now + 60)) == "has_callback"
