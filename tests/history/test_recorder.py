"""What the history keeps of contacts and agents, and that it says the same as the figures of the day."""

from typing import Any

from hypothesis import HealthCheck, settings

from ivr.flow import Enter, Flow
from router import inputs as i
from tests.core.city import agent, needs, queue
from tests.core.test_properties import Anything
from tests.history.recorded import Recorded


class Recording(Anything):
    city_type = Recorded


TestAnythingRecorded = Recording.TestCase
TestAnythingRecorded.settings = settings(
    max_examples=25, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


def path(it: Recorded, contact: str) -> list[tuple[str, str, float]]:
    """Return stage, agent and seconds of a contact's segments."""
    rows = sorted((one for one in it.written.all("segments") if one.contact == contact), key=lambda one: one.number)
    return [(one.stage, one.agent, (one.ended or it.now) - one.began) for one in rows]


def row(it: Recorded, contact: str) -> Any:
    return it.written.rows["contacts"][contact,]


def test_a_call_from_arrival_to_end() -> None:
    it = Recorded(queues=[queue(wrap_up=10.0)], agents=[agent("anna"), agent("bo")])
    it.call("c", person="p")
    it.wait(20)
    it.wait(13)
    it.answer("c")
    it.wait(60)
    it.put(i.HungUp(leg=it.offer_of("c"), cause="hung_up"))
    it.wait(10)
    assert path(it, "c") == [("waiting", "", 33), ("agent", "bo", 60), ("wrap_up", "bo", 10)]
    one = row(it, "c")
    assert (one.outcome, one.reached, one.helped, one.people_met, one.until_help) == ("served", True, True, 1, 33)
    (ask,) = it.written.all("asks")
    assert (ask.outcome, ask.waited, ask.in_target) == ("answered", 33, True)
    assert [(one.agent, one.outcome) for one in it.written.all("offers")] == [("anna", "no_answer"), ("bo", "accepted")]
    (talk,) = [one for one in it.written.all("segments") if one.stage == "agent"]
    assert (talk.talk, talk.wrap_up) == (60, 10)
    work = it.written.work
    assert (work.handled, work.desk, work.wrap_up, work.handed_on) == (1, 60, 10, 0)


def test_agents_states_and_seconds() -> None:
    it = Recorded(queues=[queue(wrap_up=10.0)], agents=[agent("anna")])
    it.wait(100)
    it.call("c")
    it.wait(5)
    it.answer("c")
    it.wait(60)
    it.finish("c")
    it.wait(10)
    it.put(i.Pause("anna", "lunch"))
    it.wait(1000)
    it.put(i.LogOut("anna"))
    states = [(one.state, one.reason) for one in it.written.all("agent_states") if one.ended != one.began]
    assert states == [("free", ""), ("reserved", ""), ("serving", ""), ("wrap_up", ""), ("paused", "lunch")]
    seconds = {state: spent for (_, state), spent in it.written.presence.items()}
    assert seconds == {"free": 100, "reserved": 5, "serving": 60, "wrap_up": 10, "paused": 1000}


def test_days_begin_at_local_midnight() -> None:
    it = Recorded(agents=[agent("anna")], now=86_400.0 - 10)
    it.wait(86_400 + 20)
    it.put(i.LogOut("anna"))
    assert it.written.presence == {
        ("1970-01-01", "free"): 10, ("1970-01-02", "free"): 86_400, ("1970-01-03", "free"): 10
    }  # fmt: skip


def test_time_without_a_leader_is_nobodys() -> None:
    it = Recorded(agents=[agent("anna")])
    it.wait(50)
    it.call("c")
    it.answer("c")
    it.wait(10)
    it.finish("c")
    it.now += 3600
    it.restart()
    it.wait(7)
    it.put(i.LogOut("anna"))
    assert sum(it.written.presence.values()) == 50 + 10 + 7


def test_sent_on_and_helped_by_the_second() -> None:
    it = Recorded(queues=[queue(), queue("road")], agents=[agent("anna"), agent("bo", "road")])
    it.call("c", leg="c")
    it.answer("c")
    it.wait(40)
    it.put(i.SendToQueue("c", "road"))
    it.wait(5)
    it.answer("c")
    it.wait(20)
    it.finish("c")
    it.wait(100)
    one = row(it, "c")
    assert (one.people_met, one.until_help, one.passed_on, one.queue) == (2, 45, True, "road")
    work = it.written.work
    assert (work.handled, work.handed_on, work.passed_on, work.helped) == (2, 1, 1, 1)
    assert [stage for stage, *_ in path(it, "c")][:4] == ["waiting", "agent", "waiting", "agent"]


def test_two_contacts_until_help() -> None:
    it = Recorded(agents=[agent("anna", capacity={"call": 0})])
    it.call("c", person="p")
    it.wait(100)
    it.hang_up("c")
    it.wait(50)
    it.reconfigure([queue()], [agent("anna")])
    it.call("d", person="p")
    it.answer("d")
    it.wait(10)
    it.finish("d")
    it.wait(100)
    one = row(it, "d")
    assert (one.contacts_made, one.until_help, one.helped) == (2, 150, True)
    assert row(it, "c").resumed_by == "d"


def test_needs_are_told_apart() -> None:
    flow = Flow(name="sign", nodes={"start": Enter(queue="tax", needs=needs({"sign": 2}))})
    it = Recorded(agents=[agent("anna", skills={"sign": 3})], flows=[flow])
    it.call("c", "sign")
    it.answer("c")
    assert {(kind.needs, kind.entry) for _, kind in it.written.tallies} == {("sign", "sign")}
    assert row(it, "c").needs == "sign"


def test_described_anew_counts_once() -> None:
    it = Recorded(agents=[agent("anna")], queues=[queue(wrap_up=30.0)], reasons=("school", "road"), gaps=("slow",))
    it.call("c")
    it.answer("c")
    it.put(i.Describe("c", "anna", "school", avoidable=True, gap="slow"))
    it.put(i.Describe("c", "anna", "road", avoidable=False))
    work = it.written.work
    assert (work.described, work.avoidable, work.gaps) == (1, 0, 0)
    assert (row(it, "c").reason, row(it, "c").avoidable) == ("road", False)
