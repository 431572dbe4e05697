"""Calling back: attempts and pauses, quiet hours, times that can be booked, and the place that is kept (rules 7, 8)."""

from datetime import time

import pytest

from queues.hours import Hours
from queues.queue import Calling
from router import facts as f
from router import inputs as i
from router.contact import RING_CITIZEN
from tests.core.city import City, agent, queue

HOUR = 3600.0
DAY_TIME = Hours(week={day: ((time(8), time(20)),) for day in range(1, 8)})
MORNING = 8 * HOUR


def town(now: float = MORNING, **rules: object) -> City:
    return City([queue(calling=Calling(**rules))], [agent("anna"), agent("bo")], ready=False, now=now)  # type: ignore[arg-type]


def promised(city: City, contact: str = "c1", person: str = "p1") -> str:
    """Let somebody ring who rather wants to be called back; return the callback."""
    if "anna" not in city.state.crew.profile_of or city.agent("anna") == "LoggedOut":
        city.put(i.LogIn("anna"))
    city.call(contact, person=person, leg=contact)
    city.put(i.RegisterCallback(contact))
    return city.of(f.CallbackRegistered)[-1].callback


def try_once(city: City, callback: str, cause: str = "no_answer") -> None:
    """Let the agent who is asked call, in vain."""
    city.answer(callback)
    city.put(i.NotPickedUp(leg=f"{callback}.c", cause=cause))  # type: ignore[arg-type]


def refusal(city: City, request: i.AnyRequest) -> str:
    with pytest.raises(i.Refused) as refused:
        city.put(request)
    return refused.value.error_id


@pytest.mark.parametrize("cause", ["busy", "no_answer", "unreachable"])
def test_a_call_that_reaches_nobody_is_made_again_at_the_same_place(cause: str):
    city = town(attempts=2, pause=600.0)
    callback = promised(city)
    place = city.spot(callback).place
    city.ready("anna")
    try_once(city, callback, cause)
    assert [fact.cause for fact in city.of(f.CallbackPostponed)] == [cause]
    assert (city.is_(callback), city.agent("anna"), city.offers) == ("Arrived", "Ready", {})
    city.wait(599.0)
    assert city.offers == {}
    city.put(i.Pause("anna", "lunch"))
    city.wait(2.0)
    assert city.spot(callback).place == place
    city.ready("anna")
    try_once(city, callback)
    assert [fact.offer for fact in city.of(f.OfferMade, callback)] == [f"{callback}.1", f"{callback}.2"]
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["gave_up"]
    assert city.of(f.ContactEnded, callback)[0].outcome == "not_reached"


def test_nobody_answers_is_so_after_a_minute_of_ringing():
    city = town(attempts=2)
    callback = promised(city)
    city.ready("anna")
    city.answer(callback)
    city.wait(RING_CITIZEN)
    assert [fact.cause for fact in city.of(f.CallbackPostponed)] == ["no_answer"]


def test_an_agent_tells_that_a_machine_answered():
    city = town(attempts=2)
    callback = promised(city)
    city.ready("anna")
    city.answer(callback)
    city.put(i.PickedUp(leg=f"{callback}.c"))
    city.put(i.NotReached(callback))
    assert [fact.cause for fact in city.of(f.CallbackPostponed)] == ["not_there"]
    city.call("c9")
    assert refusal(city, i.NotReached("c9")) == "not_connected"
    city.answer("c9")
    assert refusal(city, i.NotReached("c9")) == "no_callback"


def test_or_leaves_a_message_and_is_done():
    city = town()
    callback = promised(city)
    city.ready("anna")
    city.answer(callback)
    city.put(i.PickedUp(leg=f"{callback}.c"))
    city.finish(callback)
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["kept"]


def test_who_rings_in_the_pause_needs_no_call_any_more():
    city = town(attempts=3)
    callback = promised(city)
    city.ready("anna")
    try_once(city, callback)
    city.call("c2", person="p1")
    city.answer("c2")
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["reached_otherwise"]
    assert city.is_(callback) == "Gone"


def test_a_pause_does_not_end_in_the_night():
    city = town(now=20 * HOUR - 60.0, hours=DAY_TIME, attempts=2, pause=600.0)
    callback = promised(city)
    city.ready("anna")
    try_once(city, callback)
    assert city.of(f.CallbackPostponed)[0].due == pytest.approx(32 * HOUR)


def test_nobody_is_called_at_a_quiet_hour():
    city = town(now=20 * HOUR - 60.0, hours=DAY_TIME)
    callback = promised(city)
    place = city.spot(callback).place
    city.wait(61.0)
    assert [fact.cause for fact in city.of(f.CallbackPostponed)] == ["quiet"]
    city.ready("anna")
    assert city.offers == {}
    city.put(i.Pause("anna", "night"))
    late = promised(city, "c2", "p2")
    assert city.is_(late) == "Arrived"
    city.wait(12 * HOUR)
    assert city.spot(callback).place == place < city.spot(late).place
    city.restart()
    city.ready("anna")
    assert city.offers == {"anna": callback}


def test_what_is_needed_and_noted_is_so_at_the_next_attempt():
    city = town(attempts=2, pause=60.0)
    city.put(i.LogIn("anna"))
    city.put(i.LogIn("bo"))
    callback = promised(city)
    city.ready("anna")
    before = city.spot(callback)
    try_once(city, callback)
    city.put(i.Pause("anna", "lunch"))
    city.wait(61.0)
    after = city.spot(callback)
    assert (after.own_needs, after.priority, after.notes) == (before.own_needs, before.priority, before.notes)


# ---- asked for on a page ---------------------------------------------------------------------------------------


def test_somebody_asks_for_a_call_on_a_page_and_waits_like_everybody():
    city = town()
    first = promised(city)
    city.wait(5.0)
    city.put(i.AskCallback("w1", "tax", "p2", language="fi"))
    callback = city.of(f.CallbackRegistered)[-1].callback
    assert city.state.contacts[callback].card.language == "fi"
    assert city.of(f.ContactEnded, "w1")[0].outcome == "callback_registered"
    assert city.spot(first).place < city.spot(callback).place
    assert refusal(city, i.AskCallback("w2", "tax", "p2")) == "has_callback"
    assert refusal(city, i.AskCallback("w2", "moon", "p3")) == "unknown_queue"
    assert refusal(city, i.AskCallback(callback, "tax", "p3")) == "contact_exists"


def test_a_time_is_for_so_many():
    city = town(bookable=2, hours=DAY_TIME)
    ten = 10 * HOUR
    city.put(i.AskCallback("w1", "tax", "p1", ten))
    city.put(i.AskCallback("w2", "tax", "p2", ten))
    assert refusal(city, i.AskCallback("w3", "tax", "p3", ten)) == "time_taken"
    city.put(i.CancelCallback(city.of(f.CallbackRegistered)[0].callback))
    city.put(i.AskCallback("w3", "tax", "p3", ten))
    city.restart()
    assert refusal(city, i.AskCallback("w4", "tax", "p4", ten)) == "time_taken"
    city.wait(2 * HOUR - 1)
    city.ready("anna")
    assert city.offers == {}
    city.wait(1.0)
    assert len(city.offers) == 1


@pytest.mark.parametrize("start", [7 * HOUR, 10 * HOUR + 1, 22 * HOUR, 20 * HOUR, 30 * 86_400.0])
def test_times_lie_ahead_and_in_hours(start: float):
    city = town(bookable=1, hours=DAY_TIME)
    assert refusal(city, i.AskCallback("w1", "tax", "p1", start)) == "time_taken"


def test_no_time_can_be_chosen_where_none_is_offered():
    assert refusal(town(), i.AskCallback("w1", "tax", "p1", 10 * HOUR)) == "not_bookable"
