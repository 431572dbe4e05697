"""Sending citizens on: blind, by camp-on, into a slot, to another queue; and how they come back (rules 4 and 7)."""

import pytest
from msgspec import structs

from router import facts as f
from router import inputs as i
from router.contact import Forwarded, Parked
from router.dialling import Destination, DialRules
from router.forwarding import TRY_AGAIN
from tests.core.city import City, agent, queue
from tests.core.test_talking import BO, LIBRARY, OUTSIDE, refusal, talking


def sent_on(*others: str, to: Destination = LIBRARY, **settings: float) -> City:
    """Return a city in which anna has sent c1 on."""
    city = talking(*others, **settings)
    city.put(i.Forward("c1", to))
    return city


def forwarded(city: City) -> Forwarded:
    contact = city.state.contacts["c1"]
    assert isinstance(contact, Forwarded)
    return contact


def test_the_agent_is_free_at_once() -> None:
    city = sent_on()
    assert forwarded(city).party is not None
    city.call("c2", leg="c2")
    assert city.offers == {"anna": "c2"}


def test_who_answers_talks_until_one_hangs_up() -> None:
    city = sent_on()
    city.put(i.PickedUp(leg="c1.2"))
    city.hang_up("c1")
    assert city.of(f.ContactEnded, "c1")[0].outcome == "connected"


def test_nobody_answers_and_the_call_comes_back_to_its_place_with_the_reason() -> None:
    city = sent_on("bo", forward_timeout=25.0)
    place = forwarded(city).spot
    assert place is not None
    city.wait(25)
    assert city.offers == {"anna": "c1"}, "to who sent it on, though bo has been idle longer"
    assert city.spot("c1").place == place.place
    assert city.spot("c1").returned == f.Returned("no_answer", LIBRARY)
    city.answer("c1")
    assert city.spot("c1").returned == f.Returned("no_answer", LIBRARY), "shown as long as it is in hand"


def test_it_waits_for_who_sent_it_on_for_a_while_and_then_for_anybody() -> None:
    city = sent_on(return_grace=45.0)
    city.call("c2", leg="c2")
    city.answer("c2")
    city.reconfigure([queue(return_grace=45.0)], [agent("anna"), agent("bo")])
    city.ready("bo")
    city.put(i.NotPickedUp(leg="c1.2", cause="busy"))
    assert city.offers == {}, "bo is free, and anna will be soon"
    city.wait(45)
    assert city.offers == {"bo": "c1"}


def test_an_agent_elsewhere_who_answers_has_the_contact() -> None:
    city = sent_on("bo", to=BO)
    assert city.state.engaged("sip:bo@desk")
    city.put(i.PickedUp(leg="c1.2"))
    assert city.is_("c1") == "Connected"
    city.put(i.Hold("c1"))
    assert city.state.agents["bo"].desk.work[0].contact == "c1"


def test_a_busy_phone_is_refused_or_waited_for() -> None:
    city = talking("bo")
    city.call("c2", leg="c2")
    city.answer("c2")
    assert refusal(city, i.Forward("c1", BO)) == "busy"
    city.put(i.Forward("c1", BO, camp=True))
    assert forwarded(city).party is None
    city.hang_up("c2")
    party = forwarded(city).party
    assert party is not None, "rung as soon as it is free"
    assert party.agent == "bo"


def test_of_two_who_wait_for_the_same_phone_the_first_is_first() -> None:
    city = talking("bo", "cy")
    for contact in ("c2", "c3"):
        city.call(contact, leg=contact)
        city.answer(contact)
    busy = next(one.agent for one in city.of(f.OfferAccepted, "c3"))
    phone = Destination(f"sip:{busy}@desk")
    city.put(i.Forward("c1", phone, camp=True))
    city.wait(1)
    city.put(i.Forward("c2", phone, camp=True))
    city.hang_up("c3")
    second = city.state.contacts["c2"]
    assert isinstance(second, Forwarded)
    assert forwarded(city).party is not None
    assert second.party is None


def test_a_phone_that_says_busy_by_itself_is_tried_again() -> None:
    city = talking(camp_limit=60.0)
    city.put(i.Forward("c1", OUTSIDE, camp=True))
    for leg in ("c1.2", "c1.3", "c1.4"):
        party = forwarded(city).party
        assert party is not None
        assert party.leg == leg
        city.put(i.NotPickedUp(leg=leg, cause="busy"))
        assert forwarded(city).party is None
        city.wait(TRY_AGAIN)
    city.put(i.NotPickedUp(leg="c1.5", cause="busy"))
    assert city.offers == {"anna": "c1"}
    assert city.spot("c1").returned == f.Returned("busy", OUTSIDE)


def test_who_is_cut_off_after_the_answer_comes_back() -> None:
    city = sent_on()
    city.put(i.PickedUp(leg="c1.2"))
    city.put(i.HungUp(leg="c1.2", cause="cut_off"))
    assert city.offers == {"anna": "c1"}


def test_whom_the_trunk_has_connected_is_ours_no_more() -> None:
    city = sent_on(to=structs.replace(OUTSIDE, refer=True))
    city.put(i.PickedUp(leg="c1.2"))
    assert city.of(f.ContactEnded, "c1")[0].outcome == "connected"


def test_a_citizen_who_gives_up_while_it_rings_is_counted_as_abandoned() -> None:
    city = sent_on()
    city.hang_up("c1")
    assert city.of(f.ContactEnded, "c1")[0].outcome == "abandoned"


def test_coming_back_ends_the_wrap_up_for_it() -> None:
    city = sent_on(wrap_up=60.0)
    city.put(i.NotPickedUp(leg="c1.2", cause="declined"))
    assert city.offers == {"anna": "c1"}
    city.answer("c1")
    assert [item.wrapping_up for item in city.state.agents["anna"].desk.work] == [False]


# ---- slots -----------------------------------------------------------------------------------------------------


def test_a_parked_citizen_is_fetched_by_whoever_knows_the_slot() -> None:
    city = talking("bo")
    city.put(i.Park("c1"))
    parked = city.state.contacts["c1"]
    assert isinstance(parked, Parked)
    assert parked.slot == "1"
    city.put(i.Retrieve("1", "bo"))
    city.put(i.PickedUp(leg="c1.2"))
    assert city.is_("c1") == "Connected"
    assert refusal(city, i.Retrieve("1", "anna")) == "slot_empty"


@pytest.mark.parametrize("by_phone", [False, True])
def test_who_parked_it_fetches_it_again_while_still_wrapping_up(by_phone: bool) -> None:
    city = talking(wrap_up=30.0)
    city.put(i.Park("c1"))
    city.wait(10)
    dialled = i.PhoneDialled(leg="w1-g-7", phone="sip:anna@desk", slot="1")
    city.put(dialled if by_phone else i.Retrieve("1", "anna"))
    if not by_phone:
        city.put(i.PickedUp(leg="c1.2"))
    city.wait(60)
    assert city.is_("c1") == "Connected"
    assert [item.wrapping_up for item in city.state.agents["anna"].desk.work] == [False]


def test_an_agent_fetches_from_the_phone() -> None:
    city = talking("bo")
    city.put(i.Park("c1"))
    city.put(i.PhoneDialled(leg="w1-g-7", phone="sip:bo@desk", slot="1"))
    contact = city.state.contacts["c1"]
    assert city.is_("c1") == "Connected"
    assert contact.offer == "w1-g-7"  # type: ignore[union-attr]
    city.put(i.HungUp(leg="w1-g-7", cause="hung_up"))
    assert city.is_("c1") == "Gone"


def test_a_slot_is_taken_by_one_and_used_again() -> None:
    city = talking("bo")
    city.call("c2", leg="c2")
    city.answer("c2")
    city.put(i.Park("c1"))
    city.put(i.Park("c2"))
    assert city.state.slots == {"1": "c1", "2": "c2"}
    city.hang_up("c1")
    city.call("c3", leg="c3")
    city.answer("c3")
    city.put(i.Park("c3"))
    assert city.state.slots == {"1": "c3", "2": "c2"}


def test_nobody_fetches_and_the_citizen_comes_back() -> None:
    city = talking(park_limit=120.0)
    city.put(i.Park("c1"))
    city.wait(120)
    assert city.offers == {"anna": "c1"}
    assert city.spot("c1").returned == f.Returned("parked")


def test_a_parked_citizen_who_hangs_up_keeps_the_place_if_known() -> None:
    city = City([queue(keep_place=300.0)], [agent("anna")])
    city.call("c1", leg="c1", person="p1")
    city.answer("c1")
    city.put(i.Park("c1"))
    city.hang_up("c1")
    assert city.is_("c1") == "Away"


# ---- queues ----------------------------------------------------------------------------------------------------


def test_a_citizen_goes_to_another_queue_with_the_time_waited() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna")], ready=False)
    city.reconfigure([queue("tax", wrap_up=10.0), queue("parks")], [agent("anna"), agent("bo", "parks")])
    city.ready("anna")
    city.call("c1", leg="c1")
    city.answer("c1")
    city.wait(50)
    city.ready("bo")
    city.put(i.SendToQueue("c1", "parks"))
    assert city.offers == {"bo": "c1"}
    assert city.spot("c1").queue == "parks"
    assert city.state.agents["anna"].desk.work[0].wrapping_up
    city.call("c2", "parks", leg="c2")
    assert city.spot("c1").place < city.spot("c2").place


@pytest.mark.parametrize(("to", "why"), [("nowhere", "unknown_queue"), ("parks", "queue_nobody")])
def test_a_queue_in_which_nobody_could_wait_is_refused(to: str, why: str) -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna")])
    city.call("c1", leg="c1")
    city.answer("c1")
    assert refusal(city, i.SendToQueue("c1", to)) == why
    assert city.is_("c1") == "Connected"


# ---- the gate --------------------------------------------------------------------------------------------------


def test_the_gate_counts_what_is_dialled() -> None:
    city = talking(dialling=DialRules(per_number_hour=2))
    for leg in ("c1.2", "c1.3"):
        city.put(i.Consult("c1", OUTSIDE))
        city.put(i.NotPickedUp(leg=leg, cause="no_answer"))
    assert refusal(city, i.Consult("c1", OUTSIDE)) == "number_capped"
    assert refusal(city, i.Forward("c1", OUTSIDE)) == "number_capped"
    city.put(i.Consult("c1", Destination("number:other")))
    city.put(i.NotPickedUp(leg="c1.4", cause="busy"))
    city.wait(3601)
    city.put(i.Consult("c1", OUTSIDE))


def test_an_emergency_call_is_never_refused() -> None:
    city = talking(dialling=DialRules(per_number_hour=0, per_hour=0))
    assert refusal(city, i.Consult("c1", OUTSIDE)) == "number_capped"
    city.put(i.Consult("c1", Destination("number:112", emergency=True)))
    city.put(i.PickedUp(leg="c1.2"))


def test_the_count_survives_a_restart() -> None:
    city = talking(dialling=DialRules(per_number_hour=1))
    city.put(i.Consult("c1", OUTSIDE))
    city.put(i.NotPickedUp(leg="c1.2", cause="busy"))
    city.restart()
    assert refusal(city, i.Consult("c1", OUTSIDE)) == "number_capped"
