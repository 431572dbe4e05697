"""A closed matter goes to the records system until it is taken; nothing is lost, nothing goes twice by itself."""

import pytest

from router import facts as f
from router import inputs as i
from router.state import State
from tests.core.city import City, agent, queue


def closed(*, hands_over: bool = True) -> City:
    city = City(queues=[queue(wrap_up=30.0)], agents=[agent("anna")], hands_over=hands_over)
    city.call("w1-g-1", "tax", leg="w1-g-1")
    city.answer("w1-g-1")
    city.put(i.Finish("w1-g-1"))
    return city


def test_a_matter_goes_out_when_its_last_contact_ends() -> None:
    city = closed()
    city.put(i.Arrived(contact="m1", channel="mail", entry="tax", written=True, matter="w1-g-1"))
    city.put(i.EndWrapUp("w1-g-1", "anna"))
    assert city.state.handovers == {}, "its mail lives"
    city.put(i.AcceptOffer("m1.1"))
    city.put(i.Finish("m1"))
    facts = city.put(i.EndWrapUp("m1", "anna"))
    assert [one.matter for one in facts if isinstance(one, f.MatterClosed)] == ["w1-g-1"]
    (waiting,) = State.load(city.state.snapshot()).handovers.values()
    assert (waiting.id, waiting.attempts) == ("w1-g-1~m1", 0)


def test_without_a_records_system_nothing_goes_out() -> None:
    city = closed(hands_over=False)
    city.put(i.EndWrapUp("w1-g-1", "anna"))
    assert city.state.handovers == {}


def test_who_hung_up_before_anybody_answered_left_no_matter() -> None:
    city = City(queues=[queue()], agents=[agent("anna")], hands_over=True, ready=False)
    city.call("w1-g-1", "tax", leg="w1-g-1")
    city.put(i.CitizenGone(contact="w1-g-1", cause="hung_up"))
    assert city.state.handovers == {}


def test_it_is_tried_until_it_was_taken() -> None:
    city = closed()
    city.put(i.EndWrapUp("w1-g-1", "anna"))
    city.put(i.MatterNotTaken(contact="w1-g-1", cause="away", retry_at=city.now + 5))
    waiting = city.state.handovers["w1-g-1"]
    assert (waiting.attempts, waiting.due, waiting.cause) == (1, city.now + 5, "away")
    city.put(i.MatterNotTaken(contact="w1-g-1", cause="given_up"))
    assert city.state.handovers["w1-g-1"].due is None
    city.put(i.HandOverAgain("w1-g-1"))
    assert city.state.handovers["w1-g-1"].due == city.now
    city.put(i.MatterTaken(contact="w1-g-1"))
    assert city.state.handovers == {}
    assert city.put(i.MatterTaken(contact="w1-g-1")) == []
    assert city.put(i.MatterNotTaken(contact="w1-g-1", cause="away")) == []
    with pytest.raises(i.Refused):
        city.put(i.HandOverAgain("w1-g-1"))
