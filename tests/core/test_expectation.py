"""What somebody in line is told to expect: learned from the facts, sound at the edges, and mostly true."""

import math
from random import Random

import pytest

from ivr.flow import Enter, Flow
from queues.queue import Announce, WayOut
from router import inputs as i
from router.contact import Waiting
from router.expectation import of_contact, of_newcomer, position
from router.pace import Pace, Range, gamma_quantile, stages
from tests.core.city import City, agent, needs, queue


def expected(city: City, contact: str) -> Range | None:
    state = city.state.contacts[contact]
    assert isinstance(state, Waiting)
    return of_contact(city.state, state, city.now)


def busy(agents: int = 1, served: int = 8, **changes: object) -> City:
    """Return a city whose agents have taken a caller out of line every `100 / agents` seconds, and are all talking."""
    city = City(queues=[queue()], agents=[agent(f"a{number}") for number in range(agents)], **changes)
    waiting = [f"c{number}" for number in range(agents + served)]
    for contact in waiting:
        city.call(contact)
    talking = waiting[:agents]
    for contact in talking:
        city.answer(contact)
    for contact in waiting[agents:]:
        city.wait(100 / agents)
        city.finish(talking.pop(0))
        city.answer(contact)
        talking.append(contact)
    return city


# ---- the edges -------------------------------------------------------------------------------------------------


def test_without_a_history_nothing_is_told() -> None:
    city = City(agents=[agent("anna")])
    city.call("c")
    city.answer("c")
    city.call("d")
    assert expected(city, "d") is None
    assert of_newcomer(city.state, "tax", "call", city.now) is None


def test_with_nobody_there_nothing_is_told() -> None:
    city = busy()
    city.put(i.Pause("a0", "lunch"))
    city.call("next")
    assert expected(city, "next") is None


def test_for_whom_somebody_is_free_there_is_only_the_ringing() -> None:
    city = busy()
    city.finish("c8")
    told = of_newcomer(city.state, "tax", "call", city.now)
    assert told is not None
    assert told.low < told.mean < told.high < 20


def test_who_would_need_an_agent_who_is_not_there_is_told_nothing() -> None:
    finnish = Flow(name="finnish", nodes={"start": Enter(queue="tax", needs=needs({"finnish": 2}))})
    city = busy(flows=[finnish])
    city.reconfigure(agents=[agent("a0"), agent("maija", skills={"finnish": 3})], flows=[finnish])
    city.put(i.LogIn("maija"))
    city.call("next", "finnish")
    assert expected(city, "next") is None
    city.call("other")
    assert expected(city, "other") is not None


def test_ten_thousand_in_line() -> None:
    pace = Pace(departures=20.0, staffed=2000.0, leavings=5.0, waited=10_000.0, waiting=10_000, since=0.0)
    told = pace.expect(0.0, 10_000, 10_000, 10, 10)
    assert told is not None
    assert math.isfinite(told.high)
    # Without leavings it would be 10,000 / 0.1 s; most of those before give up.
    assert 7_000 < told.mean < 12_000


# ---- what it is learned from -----------------------------------------------------------------------------------


def test_one_agent_who_takes_somebody_every_100_seconds() -> None:
    city = busy()
    city.call("next")
    city.call("after")
    first, second = expected(city, "next"), expected(city, "after")
    assert first is not None
    assert second is not None
    assert 80 < first.mean < 120
    assert 160 < second.mean < 240
    assert first.low < first.mean < first.high < second.high
    newcomer = of_newcomer(city.state, "tax", "call", city.now)
    assert newcomer is not None
    assert newcomer.mean > second.mean


def test_it_follows_those_who_are_there() -> None:
    city = busy(agents=4, served=12)
    city.call("next")
    before = expected(city, "next")
    city.put(i.Pause("a0", "lunch"))
    city.put(i.Pause("a1", "lunch"))
    after = expected(city, "next")
    assert before is not None
    assert after is not None
    assert after.mean - 4 == pytest.approx(2 * (before.mean - 4), rel=0.2)


def test_a_line_that_does_not_move_lasts_longer_and_longer() -> None:
    city = busy()
    city.call("next")
    told = []
    for _ in range(5):
        one = expected(city, "next")
        assert one is not None
        told.append(one.mean)
        city.wait(100)
    assert told == sorted(told)


def test_an_offer_that_fails_is_no_departure_and_what_rings_at_once_no_line() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    for number in range(10):
        city.call(f"c{number}")
        city.fail(f"c{number}", "declined")
        city.hang_up(f"c{number}")
        city.ready("anna", "bo")
    pace = city.state.paces["tax"]
    assert (pace.departures, pace.staffed) == (0, 0)


def test_who_needs_a_rare_skill_shows_nothing_of_the_pace() -> None:
    finnish = Flow(name="finnish", nodes={"start": Enter(queue="tax", needs=needs({"finnish": 2}))})
    city = City(flows=[finnish], agents=[agent("anna"), agent("maija", skills={"finnish": 3})])
    city.call("f", "finnish")
    city.answer("f")
    city.call("g", "finnish")
    city.wait(1000)
    assert city.state.paces == {}
    city.call("c")
    assert city.is_("c") == "Offered"
    assert city.state.paces["tax"].staffed == 0


def test_deferred_contacts_do_not_stand_before_callers() -> None:
    city = busy()
    city.put(i.Pause("a0", "lunch"))
    city.mail("m")
    city.call("next")
    contact = city.state.contacts["next"]
    assert isinstance(contact, Waiting)
    assert position(city.state, contact) == 1


# ---- the sums --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 5, 8, 9, 100])
@pytest.mark.parametrize("leaving", [0.0, 1e-9, 0.01, 0.5])
def test_stages_are_the_sums_they_stand_for(number: int, leaving: float) -> None:
    mean, variance = stages(number, 0.1, leaving)
    steps = [1 / (0.1 + others * leaving) for others in range(number)]
    assert mean == pytest.approx(sum(steps), rel=2e-3)
    assert variance == pytest.approx(sum(step * step for step in steps), rel=2e-3)


@pytest.mark.parametrize("shape", [1.0, 2.0, 10.0, 100.0])
def test_quantiles_of_the_gamma_distribution(shape: float) -> None:
    chance = Random(1)
    values = sorted(chance.gammavariate(shape, 3.0) for _ in range(40_000))
    for share, z in ((0.1, -1.2816), (0.5, 0.0), (0.9, 1.2816)):
        told = gamma_quantile(3.0 * shape, 9.0 * shape, z)
        assert told == pytest.approx(values[int(share * len(values))], rel=0.06, abs=0.06)


def test_a_clock_that_was_put_back_between_offer_and_answer_teaches_nothing() -> None:
    city = City(queues=[queue()], agents=[agent("anna")])
    city.wait(100.0)
    city.call("c1")
    ring = city.state.paces["tax"].ring
    city.restart(clock_step=-100.0)
    city.answer("c1")
    assert city.state.paces["tax"].ring == ring


def test_whoever_asks_to_be_called_back_still_stands_before_those_behind() -> None:
    """The callback waits at the caller's place; counted as somebody who gave up, it made waits sound too short."""
    city = City(
        queues=[queue(keys={"1": WayOut(to="callback", name="promised")}, announce=Announce())], agents=[agent("anna")]
    )
    for contact in ("c0", "c1", "c2"):
        city.call(contact, person=f"p{contact}")
    city.answer("c0")
    city.wait(30.0)
    city.put(i.KeyPressed(contact="c1", digit="1"))
    assert city.is_("c1") == "Leaving"
    assert city.state.paces["tax"].leavings == 0.0
    assert city.state.paces["tax"].waited == 30.0
    city.hang_up("c2")
    assert city.state.paces["tax"].leavings == 1.0
