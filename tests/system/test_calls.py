"""Calls through the whole house, made and taken by SIPp; what was decided is read in the journal."""

import itertools

import pytest

from router import facts as f

RINGING = {"queues": {"queues": {"bench": {"waiting": "ringing"}}}}
SERVED = ["ContactArrived", "ContactQueued", "OfferMade", "OfferAccepted", "ContactEnded"]


def outcomes(record):
    """Return how the contacts ended, in the order of their arrival."""
    ended = {fact.contact: fact.outcome for fact in record.of(f.ContactEnded)}
    return [ended[contact] for contact in record.queued_order()]


@pytest.mark.parametrize("over", ["u1", "t1"])
def test_answered(start_house, callers, agents, over):
    house = start_house(agents=1)
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "500", "-t", over).finish()
    agent.finish()
    record = house.check()
    (contact,) = record.queued_order()
    assert record.about(contact) == SERVED
    assert outcomes(record) == ["served"]


def test_abandoned_while_waiting(start_house, callers, agents):
    house = start_house(agents=1)
    agent = agents(house, "agent.xml", "-m", "1")
    first = callers(house, "caller.xml", "direct", "-m", "1", "-d", "2000")
    house.until_recorded(lambda record: record.of(f.OfferAccepted))
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "500").finish()
    first.finish()
    agent.finish()
    record = house.check()
    assert outcomes(record) == ["served", "abandoned"]
    assert record.about(record.queued_order()[1]) == ["ContactArrived", "ContactQueued", "ContactEnded"]


def test_abandoned_while_the_agent_rings(start_house, callers, agents):
    house = start_house(agents=1)
    agent = agents(house, "agent-ignores.xml", "-m", "1")
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "500").finish()
    agent.finish()
    record = house.check()
    assert outcomes(record) == ["abandoned"]
    assert [fact.cause for fact in record.of(f.OfferWithdrawn)] == ["citizen_left"]
    assert not record.of(f.AgentNotResponding), "nobody's fault"


def test_taken_back_before_it_was_answered(start_house, callers, agents):
    house = start_house(1, RINGING)
    agent = agents(house, "agent-ignores.xml", "-m", "1")
    callers(house, "caller-cancels.xml", "direct", "-m", "1", "-d", "300").finish()
    agent.finish()
    record = house.check()
    assert outcomes(record) == ["abandoned"]
    assert [fact.cause for fact in record.of(f.OfferWithdrawn)] == ["citizen_left"]


def test_no_answer_goes_to_another_with_the_waiting_time_kept(start_house, callers, agents):
    """Rules 1 and 5."""
    house = start_house(2, {"queues": {"queues": {"bench": {"offer_timeout": 1.5}}}}, apart=True)
    absent = agents(house, "agent-ignores.xml", "-m", "1")
    present = agents(house, "agent.xml", "-m", "1", at=house.agent_phones[1])
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "3000").finish()
    absent.finish()
    present.finish()
    record = house.check()
    (contact,) = record.queued_order()
    assert record.about(contact) == [*SERVED[:3], "OfferMissed", *SERVED[2:]]
    missed, (first, second) = record.of(f.OfferMissed)[0], record.of(f.OfferMade)
    assert (missed.agent, missed.cause) == (first.agent, "no_answer")
    assert missed.at == pytest.approx(first.at + 1.5, abs=0.3)
    assert second.agent != first.agent
    assert second.at - missed.at < 0.1
    assert [fact.agent for fact in record.of(f.AgentNotResponding)] == [first.agent]
    assert len(record.of(f.ContactQueued)) == 1, "the place in line was not given away"


@pytest.mark.parametrize(("status", "cause"), [(486, "busy"), (603, "declined")])
def test_refused_goes_to_another_and_not_back(start_house, callers, agents, status, cause):
    """Rule 1: no ping-pong; one refusal leaves the agent in ready."""
    house = start_house(2, apart=True)
    refusing = agents(house, f"agent-refuses-{status}.xml", "-m", "1")
    willing = agents(house, "agent.xml", "-m", "1", at=house.agent_phones[1])
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "800").finish()
    refusing.finish()
    willing.finish()
    record = house.check()
    assert [(fact.agent, fact.cause) for fact in record.of(f.OfferDeclined)] == [("agent0001", cause)]
    assert [fact.agent for fact in record.of(f.OfferMade)] == ["agent0001", "agent0002"]
    assert not record.of(f.AgentNotResponding)
    assert not record.of(f.AgentPaused, agent="agent0001", reason="refused_twice")


def test_the_second_refusal_in_a_row_takes_the_agent_out(start_house, callers, agents):
    """Rule 1."""
    house = start_house(agents=1)
    refusing = agents(house, "agent-refuses-486.xml", "-m", "2")
    for _ in range(2):
        callers(house, "caller.xml", "direct", "-m", "1", "-d", "400").finish()
    refusing.finish()
    record = house.check()
    assert outcomes(record) == ["abandoned", "abandoned"]
    assert len(record.of(f.AgentPaused, agent="agent0001", reason="refused_twice")) == 1


def test_a_phone_that_is_not_there(start_house, callers, agents):
    """Rules 1 and 5: unreachable counts as not responding, and the caller meets somebody else."""
    house = start_house(2, apart=True)
    gone = agents(house, "agent-refuses-480.xml", "-m", "1")
    present = agents(house, "agent.xml", "-m", "1", at=house.agent_phones[1])
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "800").finish()
    gone.finish()
    present.finish()
    record = house.check()
    assert [(fact.agent, fact.cause) for fact in record.of(f.OfferMissed)] == [("agent0001", "unreachable")]
    assert [fact.agent for fact in record.of(f.AgentNotResponding)] == ["agent0001"]
    assert [fact.agent for fact in record.of(f.OfferAccepted)] == ["agent0002"]


@pytest.mark.parametrize("code", [404, 488])
def test_refused_with_the_right_status(start_house, callers, code):
    house = start_house(agents=1)
    called = "112233" if code == 404 else "direct"
    callers(house, f"caller-refused-{code}.xml", called, "-m", "3").finish()
    record = house.check()
    assert not record.of(f.ContactArrived)
    if code == 404:
        assert len({fact.contact for fact in record.of(f.ContactRefused, cause="unknown_entry")}) >= 3


def test_fifty_at_once_with_an_agent_for_each(start_house, callers, agents):
    house = start_house(agents=50)
    crew = agents(house, "agent.xml", "-m", "50")
    callers(house, "caller.xml", "direct", "-m", "50", "-l", "50", "-r", "500", "-d", "3000").finish()
    crew.finish()
    record = house.check()
    assert outcomes(record) == ["served"] * 50
    assert len({fact.agent for fact in record.of(f.OfferMade)}) == 50
    assert record.served_order() == record.queued_order()
    for contact in record.queued_order():
        assert record.about(contact) == SERVED


def test_fifty_at_once_with_ten_agents_in_order_of_arrival(start_house, callers, agents):
    house = start_house(agents=10)
    crew = agents(house, "agent-talks.xml", "-m", "50", "-d", "300")
    callers(house, "caller-stays.xml", "direct", "-m", "50", "-l", "50", "-r", "500").finish()
    crew.finish()
    record = house.check()
    assert outcomes(record) == ["served"] * 50
    assert record.served_order() == record.queued_order()
    assert len(record.of(f.OfferMade)) == 50, "nobody was offered twice"


def test_wrap_up_and_then_ready(start_house, callers, agents):
    house = start_house(1, {"queues": {"queues": {"bench": {"wrap_up": 1}}}})
    crew = agents(house, "agent-talks.xml", "-m", "2", "-d", "200")
    callers(house, "caller-stays.xml", "direct", "-m", "2", "-r", "100").finish()
    crew.finish()
    record = house.check()
    wraps, offers = record.of(f.WrapUpStarted), record.of(f.OfferMade)
    assert len(wraps) == 2
    assert 1.0 <= offers[1].at - wraps[0].at < 1.3
    assert record.about(wraps[0].contact)[-2:] == ["WrapUpStarted", "ContactEnded"]


def test_a_queue_heard_by_menu_and_prompt(start_house, callers, agents):
    """A flow with a prompt leads to the line; nobody is asked twice."""
    house = start_house(agents=1)
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller.xml", "queue", "-m", "1", "-d", "1500").finish()
    agent.finish()
    record = house.check()
    (contact,) = record.queued_order()
    assert record.about(contact) == ["ContactArrived", "FlowMoved", *SERVED[1:]]
    moved, queued = record.of(f.FlowMoved)[0], record.of(f.ContactQueued)[0]
    assert 0.2 <= queued.at - moved.at < 0.6, "the prompt was heard to its end"


def test_each_agent_in_turn(start_house, callers, agents):
    """Rule 4, longest idle."""
    house = start_house(agents=3)
    crew = agents(house, "agent-talks.xml", "-m", "6", "-d", "50")
    for _ in range(6):
        callers(house, "caller-stays.xml", "direct", "-m", "1").finish()
    crew.finish()
    record = house.check()
    served = [fact.agent for fact in record.of(f.OfferMade)]
    assert all(one != other for one, other in itertools.pairwise(served))
    assert served[:3] == served[3:]
