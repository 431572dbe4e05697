"""The figures of this moment, as desks, wallboards and programs read them."""

from typing import get_args

import msgspec
import pytest

from ivr.flow import Enter, Flow, Menu
from metrics import live
from metrics.figures import Figures
from metrics.formulas import SERVICE_LEVELS, Ending, reached_a_person, service_levels
from metrics.health import Health
from metrics.live import Live
from metrics.present import AGENT_STATES, CONTACT_STATES, IN_QUEUE, WITHOUT_QUEUE, AgentState, ContactState, state_of
from queues.queue import Target
from router import inputs as i
from router.contact import Contact, Ended
from tests.core.city import agent, needs, queue, steps
from tests.metrics.counted import Counted

FINNISH = Flow(name="finnish", nodes={"start": Enter(queue="tax", needs=needs({"finnish": 2}))})
MENU = Flow(
    name="menu", nodes={"start": Menu(prompt="m", choices={"1": "end"}, otherwise="end"), "end": Enter(queue="tax")}
)


def look(city: Counted) -> Live:
    return live.make(city.state, city.projection, Health(), city.now)


def busy() -> Counted:
    """Return a city with something of everything."""
    it = Counted(
        queues=[queue(wrap_up=60.0, target=Target(wait=60.0, share=0.9)), queue("parks"), queue("full", max_waiting=0)],
        agents=[
            agent("anna"),
            agent("bo", "tax parks", {"finnish": 3}),
            agent("cy"),
            agent("dia"),
            agent("eva", capacity={"call": 0, "callback": 0}),
            agent("fia"),
        ],
        flows=[FINNISH, MENU],
    )
    it.put(i.Pause("fia", "lunch"))
    for contact in ("c1", "c2", "c3"):
        it.call(contact)
    for contact in ("c1", "c2"):
        it.answer(contact)
    it.finish("c2")
    it.wait(5)
    it.call("c4")
    it.wait(7)
    it.call("c5")
    it.call("c6", "menu")
    it.arrive("chat", "tax", "chat")
    return it


def test_the_moment() -> None:
    it = busy()
    now = look(it)
    assert now.agents == {
        "free": 0, "serving": 1, "wrap_up": 1, "reserved": 3, "paused": 1, "not_responding": 0, "logged_out": 0
    }  # fmt: skip
    tax = now.queues["tax"]
    assert (tax.open, tax.target_wait, tax.target_share) == (True, 60.0, 0.9)
    assert tax.channels["call"].contacts == {
        "waiting": 1, "offered": 2, "connected": 1, "forwarded": 0, "parked": 0, "wrap_up": 1, "away": 0
    }  # fmt: skip
    assert tax.channels["chat"].contacts["offered"] == 1
    assert tax.channels["call"].longest_wait == 12
    assert tax.channels["mail"].longest_wait is None
    assert now.channels["call"].without_queue == {"in_flow": 1, "forwarded": 0, "leaving": 0}


def test_who_is_available() -> None:
    it = Counted(
        queues=[queue(), queue("parks")],
        agents=[agent("anna"), agent("bo", "tax parks", {"finnish": 3}), agent("cy", "parks", {"sign": 1})],
    )
    now = look(it)
    assert now.queues["tax"].channels["call"].available_agents == 2
    assert now.queues["tax"].channels["call"].available_with == {"finnish": 1}
    assert now.queues["parks"].channels["call"].available_with == {"finnish": 1, "sign": 1}
    assert now.skills["finnish"].available_agents["call"] == 1
    assert now.channels["call"].available_agents == 3
    it.call("c", "parks")
    it.answer("c")
    now = look(it)
    parks = now.queues["parks"].channels["call"]
    assert sum(parks.available_with.values()) == parks.available_agents == 1
    assert set(parks.available_with) == {"finnish", "sign"}, "a skill that nobody free has is told, as 0"


def test_today() -> None:
    it = Counted(queues=[queue(target=Target(wait=10.0))], agents=[agent("anna")], flows=[FINNISH])
    for wait in (5.0, 15.0):
        it.call(f"c{wait}")
        it.wait(wait)
        it.answer(f"c{wait}")
        it.wait(20)
        it.finish(f"c{wait}")
    now = look(it)
    today = now.queues["tax"].channels["call"].today
    assert (today.arrived, today.answered, today.mean_wait, today.mean_talk) == (2, 2, 10, 20)
    assert today.service_level["of_answered"] == 0.5
    assert now.channels["call"].reached_share == {"of_all": 1.0, "of_those_who_asked": 1.0}
    assert now.channels["mail"].reached_share == {"of_all": None, "of_those_who_asked": None}
    assert now.queues["tax"].channels["call"].eligible_share == 0.0
    assert now.queues["tax"].staffed_share == 1.0
    assert now.since == 0.0


def test_a_skill_is_held_against_the_whole() -> None:
    it = Counted(agents=[agent("anna", skills={"finnish": 3})], flows=[FINNISH])
    it.call("c", "finnish")
    it.wait(12)
    it.answer("c")
    assert look(it).skills["finnish"].today["call"].mean_wait == 12


def test_a_queue_nobody_may_serve_has_no_share_of_nothing() -> None:
    it = Counted(queues=[queue(requirement=steps(({"sign": 1}, 0.0)))], agents=[agent("anna")])
    it.wait(10)
    tax = look(it).queues["tax"]
    assert (tax.staffed_share, tax.channels["call"].eligible_share) == (0.0, 0.0)
    assert look(Counted()).queues["tax"].staffed_share is None, "no time has passed"


def test_it_can_be_told_as_json() -> None:
    now = look(busy())
    assert msgspec.json.decode(msgspec.json.encode(now), type=Live) == now


def test_every_state_has_its_word() -> None:
    assert set(CONTACT_STATES) == {*get_args(Contact)} - {Ended}
    assert set(CONTACT_STATES.values()) == {*IN_QUEUE, *WITHOUT_QUEUE} == {*get_args(ContactState)}
    assert set(AGENT_STATES) == {*get_args(AgentState)}
    it = busy()
    assert {state_of(one) for one in it.state.agents.values()} <= set(AGENT_STATES)


# ---- formulas --------------------------------------------------------------------------------------------------


def test_service_levels_differ_by_whom_they_count() -> None:
    figures = Figures(
        answered=80, in_target=60, abandoned=15, short_abandoned=4, abandoned_in_target=9, lost=5,
        turned_away={"full": 20, "closed": 5},
    )  # fmt: skip
    assert service_levels(figures) == {
        "of_answered": 60 / 80,
        "of_all": 60 / 100,
        "of_all_but_short": 60 / 96,
        "of_all_but_impatient": 60 / 91,
        "impatient_as_served": 69 / 100,
        "of_all_and_turned_away": 60 / 125,
    }
    assert set(service_levels(Figures()).values()) == {None}
    assert list(SERVICE_LEVELS) == list(service_levels(figures))


@pytest.mark.parametrize("outcome", ["resumed", "callback_registered", "cancelled"])
def test_contacts_that_go_on_as_another_are_not_asked_whom_they_reached(outcome: str) -> None:
    ended = {
        Ending("tax", "call", "served", True): 6,
        Ending("tax", "call", "abandoned", False): 2,
        Ending("", "call", "flow_ended", False): 2,
        Ending("tax", "call", outcome, False): 100,  # type: ignore[arg-type]
        Ending("tax", "mail", "served", True): 100,
    }
    assert reached_a_person(ended, "call") == {"of_all": 0.6, "of_those_who_asked": 0.75}


def test_who_wants_help() -> None:
    it = Counted(agents=[agent("anna")])
    it.call("c")
    it.answer("c")
    assert look(it).help_wanted == 0
    it.put(i.AskHelp("c"))
    assert look(it).help_wanted == 1
    it.finish("c")
    assert look(it).help_wanted == 0
