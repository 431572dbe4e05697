"""Reasons in full. That they agree with the counts of every offer is checked by `City` after each input."""

import pytest

from queues.skills import Need
from router import explain
from router import facts as f
from router import inputs as i
from router.contact import Waiting
from router.router import Router
from tests.core.city import City, agent, local, queue, steps


def why(city: City, contact: str) -> explain.WhyWaiting:
    waiting = city.state.contacts[contact]
    assert isinstance(waiting, Waiting)
    return explain.why_waiting(city.state, waiting, city.now)


def causes(reasons: tuple[explain.Reason, ...]) -> dict[str, str]:
    return {reason.agent: reason.cause for reason in reasons}


def test_why_somebody_waits() -> None:
    crew = [
        agent("busy", skills={"tax": 1}),
        agent("away", skills={"tax": 1}),
        agent("novice"),
        agent("tired", skills={"tax": 1}),
        agent("gone"),
        agent("other", "parks"),
    ]
    tax = queue(requirement=steps(({"tax": 1}, 0.0), ({}, 90.0)), max_wait=600.0, weight=2.0)
    city = City([tax, queue("parks")], crew, now=1000.0)
    city.put(i.Pause("away", "lunch"))
    city.log_out("gone")
    city.call("c1", preferred="busy")
    city.answer("c1")
    city.call("c2", preferred="tired")
    city.fail("c2", "declined")
    city.wait(15)
    told = why(city, "c2")
    assert causes(told.agents) == {
        "away": "paused",
        "busy": "busy",
        "gone": "logged_out",
        "novice": "unskilled",
        "tired": "resting",
    }
    by_agent = {reason.agent: reason for reason in told.agents}
    assert by_agent["away"].pause == "lunch"
    assert by_agent["novice"].missing == (Need("tax", 1),)
    assert by_agent["tired"].until == 1030.0
    assert (told.position, told.waited, told.urgency) == (1, 15.0, 0.5)
    assert (told.widens_at, told.leaves_at) == (1090.0, 1600.0)


def test_who_is_kept_for_a_preferred_agent() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", preferred="bo")
    city.answer("c1")
    city.call("c2", preferred="bo")
    assert causes(why(city, "c2").agents) == {"anna": "kept_for_preferred", "bo": "busy"}


def test_why_this_agent_from_the_replayed_moment() -> None:
    city = City(agents=[agent("anna"), agent("bo", skills={"sign": 1})], reserve={"sign": 0})
    city.wait(60)
    city.call("c1")
    (offer,) = city.of(f.OfferMade)
    before = Router(local)
    for fact in city.facts[: city.facts.index(offer)]:
        before.apply(fact)
    told = explain.why_this_agent(before.state, offer)
    assert causes(told.agents) == {"anna": "chosen", "bo": "less_suited"}
    assert told.agents[1].scarce == ("sign",)
    with pytest.raises(ValueError, match="does not wait"):
        explain.why_this_agent(city.state, offer)
