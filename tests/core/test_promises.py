"""A promise to call back that another queue is to keep: its time, its place and rule 8 go along."""

from datetime import time

import pytest

from queues.hours import Hours
from queues.queue import Calling
from router import facts as f
from router import inputs as i
from router.contact import Waiting
from tests.core.city import City, agent, queue

HOUR = 3600.0
MORNING = 8 * HOUR
TO = "permits"


def town(**permits: object) -> City:
    """Return a town where anna promises calls of `tax`, and bo keeps those of `permits`; nobody is ready."""
    queues = [queue(calling=Calling(attempts=2, pause=600.0)), queue(TO, **permits)]
    city = City(queues, [agent("anna"), agent("bo", TO)], ready=False, now=MORNING)
    city.put(i.LogIn("anna"))
    city.put(i.LogIn("bo"))
    return city


def promised(city: City, person: str = "p1", contact: str = "c1") -> str:
    """Let somebody ring who rather wants to be called back; return the callback."""
    city.call(contact, person=person, leg=contact)
    city.put(i.RegisterCallback(contact))
    return city.of(f.CallbackRegistered)[-1].callback


def in_person(city: City, due: float) -> str:
    """Let anna promise a call for a time."""
    city.ready("anna")
    city.call("c1", person="p1", leg="c1")
    city.answer("c1")
    city.put(i.PromiseCallback("c1", due))
    city.finish("c1")
    return city.of(f.CallbackRegistered)[-1].callback


def refusal(city: City, callback: str, to: str = TO) -> str:
    with pytest.raises(i.Refused) as refused:
        city.put(i.HandOverCallback(callback, to))
    return refused.value.error_id


def test_who_waits_in_line_waits_on_in_the_other_as_long_as_before() -> None:
    city = town()
    callback = promised(city)
    city.wait(100.0)
    order = city.spot(callback).place.order
    city.put(i.HandOverCallback(callback, TO))
    waiting = city.state.contacts[callback]
    assert isinstance(waiting, Waiting)
    assert (waiting.spot.queue, waiting.spot.place.order) == (TO, order)
    assert city.state.waited(waiting, city.now) == 100.0
    assert city.state.promises("p1") == {TO: callback}
    city.restart()
    city.ready("bo", "anna")
    city.answer(callback)
    assert [fact.agent for fact in city.of(f.CallbackAttempted)] == ["bo"]
    city.put(i.PickedUp(leg=f"{callback}.c"))
    city.finish(callback)
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["kept"]
    assert city.state.promises("p1") == {}


def test_a_time_that_was_promised_is_kept_by_the_other_queue() -> None:
    city = town()
    callback = in_person(city, MORNING + HOUR)
    city.put(i.HandOverCallback(callback, TO))
    city.ready("bo")
    city.wait(HOUR - 1.0)
    assert city.offers == {}
    city.wait(2.0)
    assert city.offers == {"bo": callback}


def test_not_at_a_time_when_nobody_there_calls() -> None:
    until_nine = Hours(week={day: ((time(7), time(9)),) for day in range(1, 8)})
    city = town(calling=Calling(hours=until_nine))
    callback = in_person(city, MORNING + 2 * HOUR)
    assert refusal(city, callback) == "bad_time"
    assert city.state.promises("p1") == {"tax": callback}


def test_a_pause_between_two_tries_goes_along_with_the_place() -> None:
    city = town()
    callback = promised(city)
    city.wait(50.0)
    city.ready("anna")
    city.answer(callback)
    city.put(i.NotPickedUp(leg=f"{callback}.c", cause="busy"))
    assert city.is_(callback) == "Arrived"
    city.put(i.HandOverCallback(callback, TO))
    city.ready("bo")
    city.wait(599.0)
    assert city.offers == {}
    city.wait(2.0)
    assert city.offers == {"bo": callback}
    assert city.spot(callback).queue == TO


def test_an_agent_who_is_just_calling_sends_it_on_and_the_citizen_is_rung_no_longer() -> None:
    city = town()
    callback = promised(city)
    city.ready("anna")
    city.answer(callback)
    city.put(i.SendToQueue(callback, TO))
    assert city.is_(callback) == "Waiting"
    assert city.state.promises("p1") == {TO: callback}
    city.ready("bo")
    city.answer(callback)
    assert [fact.agent for fact in city.of(f.CallbackAttempted)] == ["anna", "bo"]


def test_one_who_has_been_reached_is_called_by_the_other_queue_in_turn() -> None:
    city = town()
    callback = promised(city)
    city.ready("anna")
    city.answer(callback)
    city.put(i.PickedUp(leg=f"{callback}.c"))
    city.put(i.SendToQueue(callback, TO))
    assert (city.is_(callback), city.spot(callback).queue) == ("Waiting", TO)
    assert city.of(f.CallbackClosed) == []
    city.ready("bo")
    city.answer(callback)
    city.put(i.PickedUp(leg=f"{callback}.c"))
    city.finish(callback)
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["kept"]
    assert city.of(f.ContactEnded, callback)[0].outcome == "served"


def test_what_cannot_be_is_refused_before_anything_changes() -> None:
    city = town()
    callback = promised(city)
    assert refusal(city, callback, "tax") == "same_queue"
    assert refusal(city, callback, "nix") == "unknown_queue"
    assert refusal(city, "c1") == "unknown_callback"
    city.call("c2", TO, person="p1", leg="c2")
    city.put(i.RegisterCallback("c2"))
    assert refusal(city, callback) == "has_callback", "one for a person and queue"
    city.ready("anna")
    assert refusal(city, callback, "nix") == "being_offered"
    assert city.of(f.CallbackHandedOver) == []
