"""Callbacks in which the citizen is rung before the agent: nobody is rung without somebody for them (rule 8)."""

import pytest

from queues.queue import Announce, Calling, WayOut
from router import facts as f
from router import inputs as i
from router.contact import RING_CITIZEN
from router.dialling import Destination, address_of
from tests.core.city import City, agent, queue

HOLD = 45.0


def town(*agents: str, **rules: object) -> City:
    calling = Calling(citizen_first=True, hold=HOLD, pause=600.0, **rules)  # type: ignore[arg-type]
    people = [agent(name, capacity={"mail": 1}) for name in agents or ("anna",)]
    return City([queue(calling=calling)], people, ready=False, now=1000.0)


def promised(city: City, contact: str = "c1", person: str = "p1") -> str:
    city.put(i.AskCallback(contact, "tax", person))
    return str(city.of(f.CallbackRegistered)[-1].callback)


def rung(city: City) -> str:
    """Promise a call, and let an agent be reserved for it; return the callback."""
    callback = promised(city)
    city.ready("anna")
    assert city.offers == {"anna": callback}
    return callback


def reach(city: City, callback: str) -> None:
    city.put(i.PickedUp(leg=f"{callback}.c"))


def causes(city: City) -> list[str]:
    return [fact.cause for fact in city.of(f.CallbackPostponed)]


def test_the_agent_is_reserved_and_rung_once_the_citizen_is_there():
    city = town()
    callback = rung(city)
    (offer,) = city.of(f.OfferMade)
    assert (offer.citizen_first, offer.deadline) == (True, city.now + RING_CITIZEN)
    city.wait(10.0)
    reach(city, callback)
    assert city.of(f.CitizenReached)[0].until == city.now + 20.0, "the agent has the usual time, from now on"
    city.answer(callback)
    assert (city.is_(callback), city.agent("anna")) == ("Connected", "Ready")
    city.finish(callback)
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["kept"]
    assert len(city.of(f.CallbackAttempted)) == 1
    assert city.state.dialled.lately(Destination(address_of("p1")), city.now) == 1


@pytest.mark.parametrize(("cause", "kept"), [("busy", "busy"), ("declined", "busy"), ("no_answer", "no_answer")])
def test_an_agent_whose_citizen_does_not_answer_is_free_without_having_been_rung(cause: str, kept: str):
    city = town(attempts=2)
    callback = rung(city)
    place = city.of(f.ContactQueued, callback)[0].place
    city.put(i.NotPickedUp(leg=f"{callback}.c", cause=cause))  # type: ignore[arg-type]
    assert causes(city) == [kept]
    assert (city.agent("anna"), city.offers) == ("Ready", {})
    city.wait(600.0)
    assert city.offers == {"anna": callback}
    assert city.spot(callback).place == place
    city.wait(RING_CITIZEN)
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["gave_up"]


def test_whose_agent_does_not_answer_is_the_first_for_the_next():
    city = town("anna", "bo")
    callback = rung(city)
    reach(city, callback)
    city.call("c2", person="p2")
    city.fail(callback, "declined")
    assert city.is_(callback) == "Waiting"
    city.ready("bo")
    assert city.offers["bo"] == callback, "the citizen is on the line, and came before"
    assert not city.of(f.OfferMade)[-1].citizen_first, "and is not rung once more"
    city.answer(callback)
    assert city.is_(callback) == "Connected"


def test_for_whom_nobody_comes_we_say_sorry_and_keep_place_and_attempts():
    city = town(attempts=1)
    callback = rung(city)
    place = city.of(f.ContactQueued, callback)[0].place
    reach(city, callback)
    city.fail(callback, "declined")
    city.put(i.Pause("anna", "lunch"))
    city.wait(HOLD)
    assert [fact.notice for fact in city.of(f.WaitAnnounced)] == ["let_down"]
    city.put(i.HungUp(leg=f"{callback}.c", cause="hung_up"))
    assert causes(city) == ["no_agent"]
    city.wait(600.0)
    assert city.spot(callback).place == place
    city.ready("anna")
    reach(city, callback)
    city.answer(callback)
    assert city.is_(callback) == "Connected", "it was no attempt"


def test_who_was_called_stays_in_line_whatever_key_is_pressed():
    keys = {"1": WayOut(to="callback", name="promised")}
    calling = Calling(citizen_first=True, hold=HOLD)
    city = City([queue(calling=calling, keys=keys, announce=Announce())], [agent("anna")], ready=False, now=1000.0)
    callback = rung(city)
    reach(city, callback)
    city.fail(callback, "declined")
    city.put(i.Pause("anna", "lunch"))
    city.put(i.KeyPressed(contact=callback, digit="1"))
    assert city.is_(callback) == "Waiting"
    assert [fact.notice for fact in city.of(f.WaitAnnounced)][-1] == "not_now"


def test_sorry_is_over_even_if_nobody_reports_its_end():
    city = town()
    callback = rung(city)
    reach(city, callback)
    city.fail(callback, "declined")
    city.put(i.Pause("anna", "lunch"))
    city.wait(HOLD + 20.0)
    assert causes(city) == ["no_agent"]


def test_who_hangs_up_before_anybody_spoke_is_called_again():
    city = town(attempts=2)
    callback = rung(city)
    reach(city, callback)
    city.put(i.HungUp(leg=f"{callback}.c", cause="hung_up"))
    assert causes(city) == ["not_there"]
    assert city.offers == {}


def test_who_rings_us_and_is_served_needs_no_call_unless_it_is_being_made():
    city = town("anna", "bo")
    callback = promised(city)
    city.ready("anna")
    city.call("c2", person="p1")
    city.ready("bo")
    city.answer("c2")
    assert city.of(f.CallbackClosed) == [], "we are ringing just now"
    city.put(i.NotPickedUp(leg=f"{callback}.c", cause="busy"))
    city.finish("c2")
    city.call("c3", person="p1")
    city.answer("c3")
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["reached_otherwise"]


def test_an_agent_who_is_gone_gives_the_citizen_to_the_next():
    city = town("anna", "bo")
    callback = rung(city)
    city.put(i.Pause("anna", "lunch"))
    assert city.is_(callback) == "Waiting", "nobody is rung without an agent"
    city.ready("bo")
    assert city.offers == {"bo": callback}
    reach(city, callback)
    city.answer(callback)
    city.put(i.HungUp(leg=f"{callback}.c", cause="cut_off"))
    assert city.is_(callback) == "Offered", "who was cut off is called anew"
    assert city.of(f.OfferMade)[-1].citizen_first


def test_a_restart_knows_who_is_being_rung():
    city = town()
    callback = rung(city)
    city.restart()
    reach(city, callback)
    city.restart()
    city.answer(callback)
    assert city.is_(callback) == "Connected"


def test_it_can_be_cancelled_while_it_rings():
    city = town()
    callback = rung(city)
    city.put(i.CancelCallback(callback))
    assert (city.is_(callback), city.agent("anna"), city.offers) == ("Gone", "Ready", {})


def test_a_queue_that_lets_people_down_rings_agents_first_until_it_is_better():
    city = town(attempts=1, let_down=0.03)
    callback = rung(city)
    for _ in range(2):
        reach(city, callback)
        city.fail(callback, "declined")
        city.put(i.Pause("anna", "lunch"))
        city.wait(HOLD)
        city.put(i.HungUp(leg=f"{callback}.c", cause="hung_up"))
        city.wait(600.0)
        city.ready("anna")
    assert causes(city) == ["no_agent", "no_agent"]
    assert not city.of(f.OfferMade)[-1].citizen_first, "two of fifty is more than three of a hundred"
    number = 0
    while not city.of(f.OfferMade)[-1].citizen_first:
        city.answer(callback)
        reach(city, callback)
        city.finish(callback)
        number += 1
        callback = promised(city, f"c{number + 1}", f"p{number + 1}")
    assert number < 20, "each one who is reached makes it better"


def test_whose_promise_was_kept_and_who_waits_for_another_is_not_called_again():
    city = town("anna", "bo")
    callback = rung(city)
    reach(city, callback)
    city.answer(callback)
    city.put(i.Forward(callback, Destination("sip:bo@desk")))
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["kept"]
    city.wait(60.0)
    assert city.is_(callback) in ("Waiting", "Offered"), "nobody answered there"
    city.put(i.HungUp(leg=f"{callback}.c", cause="hung_up"))
    assert city.is_(callback) == "Gone"
    assert causes(city) == []
