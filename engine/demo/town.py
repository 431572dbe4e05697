"""What everybody in the city knows: its numbers and opening hours, what is behind its menus, and who works there.

It is read from the configuration, which Vaxel was started with; what callers do not know from there they hear.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import islice
from random import Random
from typing import Final

from engine.clock import MonotonicClock, local_time
from engine.config import Loaded
from ivr.actions import Appointment, Hindrance, Number
from ivr.flow import (
    START,
    Act,
    Collect,
    Connect,
    Enter,
    Flow,
    Form,
    HangUp,
    Language,
    Mail,
    Menu,
    Node,
    Open,
    Record,
    Return,
    Run,
    Times,
    exits,
)
from queues.hours import ALWAYS, Hours, is_open
from queues.queue import Queue
from queues.site import Site
from queues.skills import Needs
from router import calling
from router.configuration import CODE, WEB_CALL, AgentSettings, Entry

FIRST_SHARE: Final = 2.0
"""How much more often the first number is rung than what stands behind it would let expect: it is on every letter."""
REPORTS: Final = 1.0
"""The weight of leaving a report, counted in agents who would serve instead."""
URGENT: Final = 0.1
"""The weight of having somebody rung from a flow: that is for what cannot wait."""
AT_DESKS: Final = 5
"""One in so many agents sits where people come."""
PHONE: Final = "phone:"
STEPS_MAX: Final = 30
"""Nodes looked at to find out where a choice leads."""


class Town:
    """The city of one configuration, served by some of its agents."""

    def __init__(self, loaded: Loaded, agents: Collection[str]) -> None:
        self.loaded = loaded
        self.core = loaded.core
        self.agents: Mapping[str, AgentSettings] = {id_: loaded.core.agents[id_] for id_ in agents}
        self.entries = tuple(entry for entry in loaded.core.entries if entry.channel == "call" and self._for_all(entry))
        self._clock = MonotonicClock()
        self._zone = local_time(loaded.installation.time_zone)
        self.site = next((site for site in self.core.sites.values() if self._receives(site)), None)
        """The place where people come; None when there is none that is open."""
        self.seats: Mapping[str, str] = dict(self._seats())
        """Agent to the desk at which that agent sits, `PLACE/DESK`."""

    def _for_all(self, entry: Entry) -> bool:
        """Tell whether citizens ring a number: those where prompts are recorded are the house's own, and pages none."""
        return entry.address not in self.loaded.installation.pin_files and not entry.address.startswith(WEB_CALL)

    # ---- as `ivr.actions.World` --------------------------------------------------------------------------------

    @property
    def local(self) -> datetime:
        """Return naive local time."""
        return self._zone(self.now())

    def now(self) -> float:
        """Return the time, UTC."""
        return self._clock.now()

    def hours(self, name: str) -> Hours:
        """Return the opening hours of that name."""
        return self.core.hours.get(name, ALWAYS)

    def queue_hours(self, queue: str) -> Hours:
        """Return the opening hours of a queue."""
        return self.core.queues[queue].hours

    def staffed(self, queue: str) -> bool:
        """Tell whether anybody would be reached there, as far as one knows from outside."""
        return self.open(queue)

    def recorded(self, language: str, prompt: str) -> bool:
        """Return False: what is new nobody knows beforehand."""
        return False

    def moment(self, at: float) -> datetime:
        """Return the naive local time of UTC seconds."""
        return self._zone(at)

    def free_times(self, queue: str, after: float, most: int) -> tuple[float, ...]:
        """Return the times at which a queue calls back, as far as one knows from outside."""
        found = calling.free_times(self.core.queues[queue], {}, self.now(), self._zone)
        return tuple(islice((start for start, _ in found if start > after), most))

    def promised(self, queue: str, person: str) -> Appointment | None:
        """Return None: callers who were promised a call do not ring."""
        return None

    def next_ticket(self, site: str, service: str) -> Number | None:
        """Return the first ticket of a day."""
        known = self.core.sites.get(site)
        found = known.services.get(service) if known is not None else None
        return Number(found.letter, 101, None, None) if found is not None else None

    def hindrance(self, queue: str, person: str, start: float | None) -> Hindrance:
        """Return nothing: what stands against a promise nobody knows beforehand."""
        return ""

    # ---- who and what ------------------------------------------------------------------------------------------

    def open(self, queue: str) -> bool:
        """Tell whether a queue is open."""
        return is_open(self.queue_hours(queue), self.local)

    def queue(self, name: str) -> Queue:
        """Return a queue's settings."""
        return self.core.queues[name]

    def title(self, queue: str) -> str:
        """Return a queue's name for people."""
        return self.loaded.installation.titles.get(queue) or queue

    # ---- where people come ---------------------------------------------------------------------------------------

    def _receives(self, site: Site) -> bool:
        """Tell whether people can come to a place now."""
        return bool(site.services and site.desks) and is_open(site.hours, self.local)

    def _seats(self) -> Iterator[tuple[str, str]]:
        """Let some of the agents who serve what people come for sit there: none whose skills are kept for others."""
        if self.site is None:
            return
        queues = {service.queue for service in self.site.services.values()}
        able = [
            id_
            for id_, agent in reversed(list(self.agents.items()))
            if not queues.isdisjoint(agent.queues) and agent.skills.keys().isdisjoint(self.core.reserve)
        ]
        number = max(len(self.agents) // AT_DESKS, 1)
        for id_, desk in zip(able[:number], self.site.desks, strict=False):
            yield id_, f"{self.site.name}/{desk}"

    @property
    def services(self) -> list[str]:
        """What somebody who comes can be helped with by those who sit there."""
        if self.site is None:
            return []
        there = [self.agents[id_] for id_ in self.seats]
        return [
            name
            for name, service in self.site.services.items()
            if any(
                service.queue in agent.queues and _meets(agent, (*service.needs, *step.needs))
                for agent in there
                for step in self.core.queues[service.queue].requirement
            )
        ]

    def phone(self, agent: str) -> str:
        """Return the phone at which an agent works; nothing for one without, or for nobody."""
        if agent not in self.agents:
            return ""
        _, _, desk = self.seats.get(agent, "").partition("/")
        address = self.site.desks[desk] if self.site is not None and desk else self.agents[agent].address
        return address.removeprefix(PHONE)

    @property
    def switchboards(self) -> set[str]:
        """The queues that the key for a person leads to: who serves them connects callers onward."""
        return {flow.person for flow in self.core.flows.values() if flow.person}

    def code(self, what: str, argument: str = "") -> str:
        """Return what agents dial to do something; nothing where there is no code for it."""
        for entry in self.core.entries:
            acts = self.core.flows[entry.flow].nodes.values() if entry.channel == CODE else ()
            if any(isinstance(act, Act) and (act.what, act.argument) == (what, argument) for act in acts):
                return entry.address
        return ""

    def helpers(self, queue: str, needs: Needs = ()) -> int:
        """Return how many of the agents serve a queue and have what is needed."""
        if queue not in self.core.queues or not self.open(queue):
            return 0
        return sum(queue in agent.queues and _meets(agent, needs) for agent in self.agents.values())

    # ---- what citizens ring and choose ---------------------------------------------------------------------------

    def number(self, chance: Random) -> Entry:
        """Return what somebody rings: more often where more agents are behind it, and the first number most."""
        flows = self.core.flows
        weights = [self._behind(flows[entry.flow], START, ()) for entry in self.entries]
        weights[0] = FIRST_SHARE * max(sum(weights), 1.0)
        return chance.choices(self.entries, weights)[0]

    def weight(self, flow: Flow, node: str, needs: Needs = ()) -> float:
        """Return how often a way is gone: as often as there are agents at its end."""
        return self._behind(flow, node, needs)

    def _behind(self, flow: Flow, name: str, needs: Needs) -> float:
        """Follow the way of a caller who makes no choice."""
        frames: list[tuple[Flow, str]] = []
        for _ in range(STEPS_MAX):
            node = flow.nodes[name]
            match node:
                case Enter():
                    return float(self.helpers(node.queue, (*needs, *node.needs)))
                case Form():
                    return REPORTS
                case Connect():
                    return URGENT
                case HangUp():
                    return 0.0
                case Run():
                    frames.append((flow, node.next))
                    flow, name = self.core.flows[node.flow], START
                case Return() if frames:
                    flow, name = frames.pop()
                case Return():
                    return 0.0
                case _:
                    name = self._on(node)
        return 0.0

    def _on(self, node: Node) -> str:
        """Return where a node leads whoever does nothing."""
        match node:
            case Language():
                return node.next
            case Menu() | Collect() | Record() | Mail() | Times():
                return node.otherwise
            case Open():
                named = self.hours(node.hours) if node.hours else self.queue_hours(node.queue)
                return node.open if is_open(named, self.local) else node.closed
            case _:
                return next(iter(exits(node)))


def _meets(agent: AgentSettings, needs: Needs) -> bool:
    return all(agent.skills.get(need.skill, 0) >= need.level for need in needs)
