"""Rule 8: a callback waits in line like everybody else."""

import pytest

from queues.queue import WayOut
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue

CALLBACK = "c1.callback2"
"""Of contact c1, and the second in the order of arrivals."""


def waiting_city(**changes: object) -> City:
    city = City([queue(**changes)], [agent("anna"), agent("bo")])
    city.put(i.Pause("anna", "away"))
    city.put(i.Pause("bo", "away"))
    city.call("c1", person="p1")
    return city


def test_it_has_an_agent_before_anybody_is_called() -> None:
    city = waiting_city()
    city.put(i.RegisterCallback("c1"))
    assert city.of(f.CallbackAttempted) == []
    city.ready("anna")
    city.answer(CALLBACK)
    assert [fact.agent for fact in city.of(f.CallbackAttempted)] == ["anna"]
    city.finish(CALLBACK)
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["kept"]


def test_one_for_a_person_and_queue() -> None:
    city = waiting_city()
    city.put(i.RegisterCallback("c1"))
    city.call("c2", person="p1")
    city.put(i.RegisterCallback("c2"))
    assert len(city.of(f.CallbackRegistered)) == 1
    assert city.of(f.ContactEnded, "c2")[0].outcome == "callback_registered"


def test_it_ends_when_the_person_reaches_us_otherwise() -> None:
    city = waiting_city()
    city.put(i.RegisterCallback("c1"))
    city.call("c2", person="p1", preferred="bo")
    city.ready("bo")
    city.answer("c2")
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["reached_otherwise"]
    assert city.is_(CALLBACK) == "Gone"


def test_also_while_somebody_is_asked_to_make_it() -> None:
    city = waiting_city()
    city.put(i.RegisterCallback("c1"))
    city.ready("anna")
    city.call("c2", person="p1")
    city.ready("bo")
    city.answer("c2")
    assert city.offers == {}
    assert city.agent("anna") == "Ready"


def test_it_can_be_cancelled() -> None:
    city = waiting_city()
    city.put(i.RegisterCallback("c1"))
    city.put(i.CancelCallback(CALLBACK))
    assert city.state.callbacks == {}
    assert city.state.promised == {}


def test_no_person_no_callback() -> None:
    city = waiting_city()
    city.call("c2")
    with pytest.raises(i.Refused, match="no number"):
        city.put(i.RegisterCallback("c2"))


def test_a_broken_call_puts_it_back_in_line() -> None:
    city = waiting_city()
    city.put(i.RegisterCallback("c1"))
    city.ready("anna")
    city.answer(CALLBACK)
    city.put(i.PickedUp(leg=f"{CALLBACK}.c"))
    city.put(i.CitizenGone(contact=CALLBACK, cause="cut_off"))
    assert city.offers == {"anna": CALLBACK}


def test_it_keeps_the_contacts_weight_and_needs() -> None:
    city = waiting_city(weight=2.0)
    before = city.spot("c1")
    city.put(i.RegisterCallback("c1"))
    after = city.spot(CALLBACK)
    assert (after.weight, after.requirement, after.place) == (before.weight, before.requirement, before.place)


def test_neither_a_limit_on_waiting_nor_an_empty_house_breaks_the_promise() -> None:
    city = waiting_city(max_wait=600.0, ways_out={"nobody": WayOut(to="announcement", name="sorry")})
    city.put(i.RegisterCallback("c1"))
    city.log_out("anna", "bo")
    city.wait(3600)
    city.ready("anna")
    assert city.offers == {"anna": CALLBACK}
