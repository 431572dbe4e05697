"""A city whose facts are counted, and counted again in the plainest way."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from metrics.attendance import channels_of
from metrics.days import day_of
from metrics.figures import Figures
from metrics.projection import Image, Projection, Totals
from queues.channels import CHANNELS
from queues.skills import meets
from router import facts as f
from router.agent import NotResponding, Paused, Ready, Reserved, stays
from router.card import Card
from router.entering import first_possible_step
from tests.core.city import City, local

READINESS: Final = {Ready: "ready", Reserved: "ready", Paused: "paused", NotResponding: "not_responding"}
Key = tuple[str, ...]
"""`open` or `staffed` and a queue; `eligible`, a queue and a channel; `agent`, an agent and a state."""


def is_citizens(card: Card) -> bool:
    """Tell whether somebody outside wants something: no code is dialled, and no colleague asks."""
    return not (card.phone or CHANNELS[card.channel].inward)


class Counted(City):
    """After each input the figures must add up, and times must be those that looking all the while would give."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.projection = Projection(local)
        self.seconds: dict[Key, float] = {}
        self._so: dict[Key, bool] = {}
        self._since = 0.0
        super().__init__(*args, **more)

    @property
    def totals(self) -> Totals:
        """Return what was counted so far."""
        return self.projection.since_start(self.now)

    def figures(self, queue: str = "tax", channel: str = "call") -> Figures:
        """Return what was counted of a queue and channel."""
        return self.totals.queues.get((queue, channel), Figures())

    def lead(self, epoch: int) -> None:
        super().lead(epoch)
        self._count(self.facts[-1:])

    def verify(self, facts: list[f.AnyFact]) -> None:
        super().verify(facts)
        if facts:
            self._count(facts)

    def _count(self, facts: list[f.AnyFact]) -> None:
        at = facts[-1].at
        if not isinstance(facts[0], f.LeaderChanged):
            self._pass(at)
        self._begin_day(at, led=not isinstance(facts[0], f.LeaderChanged))
        self.projection.decided(facts, self.state)
        self._since, self._so = at, self._look()
        self.seconds = {key: self.seconds.get(key, 0.0) for key in self._so}
        self._adds_up()

    def restart(self, clock_step: float = 0.0) -> None:
        image = msgspec.msgpack.decode(msgspec.msgpack.encode(self.projection.image()), type=Image)
        self.projection = Projection(local, image)
        super().restart(clock_step)

    def _pass(self, at: float) -> None:
        for key, so in self._so.items():
            if so:
                self.seconds[key] += at - self._since

    def _begin_day(self, at: float, *, led: bool) -> None:
        """Let agents' time count from midnight on."""
        begin, _ = day_of(local, at)
        if begin > self._since:
            for key in [key for key in self.seconds if key[0] == "agent"]:
                self.seconds[key] = at - begin if led and self._so.get(key) else 0.0

    def _look(self) -> dict[Key, bool]:
        so: dict[Key, bool] = {}
        for id_, one in self.state.agents.items():
            for state in ("ready", "paused", "not_responding"):
                so["agent", id_, state] = state == READINESS.get(type(one))
        for name in self.state.configuration.queues:
            is_open, requirement = self.state.is_open(name), self.state.requirement(name, ())
            so["open", name] = is_open
            at_work = [one for one in self.state.agents.values() if stays(one)]
            so["staffed", name] = is_open and any(
                self._may(one.desk.id, name, step.needs) for one in at_work for step in requirement
            )
            needs = requirement[first_possible_step(self.state, name, requirement, 0)].needs
            for channel in channels_of(self.state.configuration):
                so["eligible", name, channel] = is_open and any(
                    isinstance(one, Ready)
                    and self._may(one.desk.id, name, needs)
                    and channel in self.state.crew.room(one)
                    for one in self.state.agents.values()
                )
        return so

    def _may(self, agent: str, queue: str, needs: Any) -> bool:
        settings = self.state.configuration.agents.get(agent)
        return settings is not None and queue in settings.queues and meets(settings.skills, needs)

    def _adds_up(self) -> None:
        totals = self.totals
        for place, figures in totals.queues.items():
            pending = sum(
                known.pending and (known.queue, known.channel) == place for known in self.projection.known.values()
            )
            settled = figures.abandoned + figures.lost + figures.resumed + figures.withdrawn
            assert figures.arrived == figures.answered + settled + sum(figures.turned_away.values()) + pending, place
            assert figures.answered == figures.wait.number
            assert figures.short_abandoned <= figures.abandoned >= figures.abandoned_in_target
        counted = {name for name, contact in self.state.contacts.items() if is_citizens(contact.card)}
        assert set(self.projection.known) == counted
        times: dict[str, Callable[[], Any]] = {
            "open": lambda: totals.open, "staffed": lambda: totals.staffed, "eligible": lambda: totals.eligible
        }  # fmt: skip
        for (what, *where), seconds in self.seconds.items():
            if what == "agent":
                mine = self.projection.workday(where[0], self._since).times
                assert abs(mine.get(where[1], 0.0) - seconds) < 1e-6 * max(1.0, self.now)
                continue
            told = times[what]()[tuple(where) if what == "eligible" else where[0]]
            assert abs(told - seconds) < 1e-6 * max(1.0, self.now), (what, where)
