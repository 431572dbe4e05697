"""A day in Malmö in virtual time: 3,000 calls with a day curve, all other channels, 65 agents; nothing breaks.

`Day(seed).run()` gives a `Report` of what citizens met; it drives the same spine, voice and router as everything else.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct, field
from rich.table import Table

from engine.sim.asking import Asking
from engine.sim.fairness import Fairness, at_least, yardstick
from engine.sim.house import SimHouse
from engine.sim.malmo import (
    CALL_ME,
    CLOSES,
    DEFERRED,
    GUIDES,
    LANGUAGES,
    OPENS,
    OWN,
    PROMISES,
    SEATS,
    VISITS,
    entry,
    lunch,
    malmo,
    servers,
)
from engine.sim.people import Habits, People
from engine.sim.watch import Watch
from engine.sim.world import World
from queues.channels import CHANNELS
from router import facts as f
from router import inputs as i
from router.configuration import Configuration
from router.state import State

MIDNIGHT: Final = 1_790_553_600.0
"""A Monday."""
CURVE: Final = (330, 440, 460, 400, 280, 320, 340, 270, 160)
"""Calls by hour from opening on: 3,000 in all."""
OTHERS: Final = {"chat": 400, "mail": 500, "post": 150, "text": 30, "message": 120}
FORMS: Final = 200
"""On their pages, from an hour before opening on."""
CALLBACKS: Final = 90
"""Asked for on the page, half of them for a time."""
HABITS: Final = Habits(
    patience=600.0,
    talk=dict.fromkeys(CHANNELS, 240.0) | {"call": 170.0, "chat": 420.0, "mail": 360.0},
    answer=4.0,
    wrap_up=20.0,
    prompt=3.0,
    declines=0.005,
    ignores=0.01,
    cut_off=0.01,
    rings_again=0.5,
    wants_callback=0.1,
    line_key=CALL_ME,
    away=0.25,
    machines=0.05,
)


def local(now: float) -> datetime:
    """Return local time: UTC."""
    return datetime.fromtimestamp(now, UTC).replace(tzinfo=None)


class Tally(Struct):
    """What happened in one queue."""

    contacts: int = 0
    answered: int = 0
    abandoned: int = 0
    waits: list[float] = field(default_factory=list)


class Report:
    """Follows the spine and counts."""

    def __init__(self, configuration: Configuration) -> None:
        self.queues = {name: Tally() for name in configuration.queues}
        self.channels: dict[str, int] = {}
        self.busy: dict[str, float] = {}
        """Agent to seconds with at least one contact in hand."""
        self.inputs = 0
        self.facts = 0
        self.announced: dict[str, Counter[str]] = {name: Counter() for name in configuration.queues}
        """Queue to waits that callers were told, by what became true."""
        self._agents = len(configuration.agents)
        self._targets = {name: queue.target.wait for name, queue in configuration.queues.items()}
        self._queued: dict[str, tuple[str, float]] = {}
        self._since: dict[str, float] = {}

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> None:
        """Count what was decided."""
        for fact in facts:
            match fact:
                case f.ContactArrived():
                    self.channels[fact.channel] = self.channels.get(fact.channel, 0) + 1
                case f.ContactQueued():
                    self._queued[fact.contact] = (fact.queue, fact.at)
                    self.queues[fact.queue].contacts += 1
                case f.OfferAccepted():
                    self._answered(fact)
                case f.ContactEnded() | f.ContactReturned():
                    self._over(fact, state)
                case _:
                    pass

    def _answered(self, fact: f.OfferAccepted) -> None:
        self._since.setdefault(fact.agent, fact.at)
        queue, queued = self._queued.pop(fact.contact, ("", 0.0))
        if queue:
            self.queues[queue].answered += 1
            self.queues[queue].waits.append(fact.at - queued)

    def _over(self, fact: f.ContactEnded | f.ContactReturned, state: State) -> None:
        queue, _ = self._queued.pop(fact.contact, ("", 0.0))
        if queue and isinstance(fact, f.ContactEnded) and fact.outcome in ("abandoned", "lost"):
            self.queues[queue].abandoned += 1
        for agent, since in list(self._since.items()):
            if not state.agents[agent].desk.work:
                del self._since[agent]
                self.busy[agent] = self.busy.get(agent, 0.0) + fact.at - since

    def table(self) -> Table:
        """Return what citizens met, queue by queue."""
        table = Table(title="A day in Malmö", title_justify="left")
        titles = ("queue", "contacts", "answered", "gave up", "wait p50 s", "wait p90 s", "target s", "in target",
                  "waits told", "held", "later")  # fmt: skip
        for name in titles:
            table.add_column(name, justify="left" if name == "queue" else "right")
        for name, tally in self.queues.items():
            waits, target = sorted(tally.waits) or [0.0], self._targets[name]
            cells = (waits[len(waits) // 2], waits[int(len(waits) * 0.9)], target)
            share = sum(wait <= target for wait in waits) / len(waits)
            numbers = (f"{number:,}" for number in (tally.contacts, tally.answered, tally.abandoned))
            told = self.announced[name]
            truths = (f"{told[truth] / told.total():.0%}" if told else "" for truth in ("held", "later"))
            row = (*numbers, *(f"{cell:,.0f}" for cell in cells), f"{share:.0%}", f"{told.total():,}", *truths)
            table.add_row(name, *row)
        return table

    def occupancy(self) -> float:
        """Return the share of the working day that agents had something in hand."""
        return sum(self.busy.values()) / (self._agents * (CLOSES - OPENS) * 3600)


class Day:
    """One day from one seed."""

    def __init__(self, seed: int = 1, *, guides: int = GUIDES, checking: bool = False, every: int = 1) -> None:
        """Invariants are checked after each `every`th input when `checking`, and at the end."""
        self.world = World(seed, MIDNIGHT + (OPENS - 1) * 3600)
        self.watch = Watch(local, checking=checking, every=every)
        self.fairness = Fairness(tuple(LANGUAGES))
        self.watch.onlookers.append(self.fairness.decided)
        self.people = People(self.world, HABITS)
        configuration = malmo(guides)
        self.report = Report(configuration)
        self.house = SimHouse(self.world, self.watch, configuration, self.people, lambda: 0.002)
        self.people.house = self.house
        self.asking = Asking(self.world, self.house)
        self.house.followers += [self.people, self.report]
        self.house.start()
        for number, agent in enumerate(configuration.agents):
            seat = SEATS.get(number, "")
            self._at(OPENS * 3600 - 300 + 5 * number, i.LogIn(agent, seat), i.GoReady(agent))
            self._at(lunch(number), i.Pause(agent, "lunch"))
            self._at(lunch(number) + 2700, i.GoReady(agent))
            self._at((CLOSES + 1) * 3600, i.LogOut(agent))
        for hour, calls in enumerate(CURVE):
            for _ in range(calls):
                self._plan((OPENS + hour + self.world.chance.random()) * 3600)
        for site, number in VISITS.items():
            for visit in range(number):
                ticket = i.TakeTicket(f"{site}-{visit}", site, self._service(), None, self._language() or OWN)
                self._at(self._some_second(), ticket)
        for channel, number in OTHERS.items():
            for _ in range(number):
                self._plan(self._some_second(), channel)
        for _ in range(FORMS):
            self._plan(self._some_second(since=OPENS - 1), "form")
        for number in range(CALLBACKS):
            self._plan_callback(self._some_second(until=CLOSES - 1), chooses=number % 2 == 0)

    def run(self) -> Report:
        """Let the day pass."""
        self.world.run(MIDNIGHT + 86_400)
        self.report.inputs, self.report.facts = self.watch.steps, self.watch.facts
        if self.watch.checking and self.house.spine is not None:
            self.watch.ended(self.house.spine.router.state, self.house.clock.now())
        assert self.house.projection is not None  # since the house was started
        for (queue, _), figures in self.house.projection.since_start(self.world.now).queues.items():
            self.report.announced[queue].update(figures.told)
        return self.report

    def floor(self, part: str, answered: int) -> float:
        """Return the share in target under which a language or place may not lie: what its few guides would reach alone
        at the pace of the busiest hour, a third of them at lunch for a quarter of the day; less those whom an agent
        misses or declines, and chance."""
        number = servers(self.house.configuration, part)
        busy = self.report.occupancy() * max(CURVE) * len(CURVE) / sum(CURVE)
        target, handling = min(PROMISES.values()), HABITS.talk["visit"] + HABITS.wrap_up
        all_, lunch = (yardstick(some, busy, target, handling) for some in (number, number - math.ceil(number / 3)))
        missed = HABITS.ignores + HABITS.declines
        return at_least((0.75 * all_ + 0.25 * lunch) * (1.0 - missed), answered)

    def _at(self, second: float, *inputs: i.Input) -> None:
        for input_ in inputs:
            self.world.later(MIDNIGHT + second - self.world.now, lambda told=input_: self.house.submit(told))  # type: ignore[misc]

    def _plan(self, second: float, channel: str = "call") -> None:
        language, person = self._language(), self._number()
        delay = MIDNIGHT + second - self.world.now
        if channel == "call":
            self.world.later(delay, lambda: self.people.ring(language or OWN, person))
        else:
            way_in = entry(self._service() if CHANNELS[channel].live else DEFERRED, language)
            self.world.later(delay, lambda: self.people.write(channel, way_in, person))

    def _plan_callback(self, second: float, *, chooses: bool) -> None:
        queue, number = self._service(), self._number()
        delay, closing = MIDNIGHT + second - self.world.now, MIDNIGHT + CLOSES * 3600
        if chooses:
            self.world.later(delay, lambda: self.asking.choose(queue, number, closing))
        else:
            self.world.later(delay, lambda: self.asking.ask(queue, number, on_page=True))
        if self.world.happens(0.05):
            self.world.later(delay + self.world.some(900.0), self.asking.think_better)

    def _some_second(self, since: float = OPENS, until: float = CLOSES) -> float:
        return (since + self.world.chance.random() * (until - since)) * 3600

    def _number(self) -> str:
        return f"+4640{self.world.chance.randrange(100_000):05}"

    def _language(self) -> str:
        """Return the language somebody chooses; nothing for the city's own."""
        shares = (1 - sum(LANGUAGES.values()), *LANGUAGES.values())
        return self.world.chance.choices(("", *LANGUAGES), shares)[0]

    def _service(self) -> str:
        return self.world.chance.choice(("general", "schools", "social"))
