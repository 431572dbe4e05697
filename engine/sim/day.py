"""A day in Malmö in virtual time: 3,000 calls with a day curve, the other channels, 65 agents, nothing goes wrong.

`Day(seed).run()` gives a `Report` of what citizens met; it drives the same spine, voice and router as everything else.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final

from msgspec import Struct, field
from rich.table import Table

from engine.sim.house import SimHouse
from engine.sim.people import Habits, People
from engine.sim.watch import Watch
from engine.sim.world import World
from ivr.flow import Enter, Flow, Menu
from queues.channels import CHANNELS
from queues.hours import Hours
from queues.queue import Announce, Queue, Target, WayOut
from queues.site import DESK, Service, Site
from queues.skills import Need, Needs, Step
from router import facts as f
from router import inputs as i
from router.configuration import AgentSettings, Configuration, Entry
from router.state import State

MIDNIGHT: Final = 1_790_553_600.0
"""A Monday."""
OPENS: Final = 8
CLOSES: Final = 17
CURVE: Final = (330, 440, 460, 400, 280, 320, 340, 270, 160)
"""Calls by hour from opening on: 3,000 in all."""
OTHERS: Final = {"chat": 400, "mail": 500, "post": 150, "text": 30, "message": 120}
VISITS: Final = {"hall": 180, "library": 70}
"""Place to how many come on that day."""
DESKS: Final = 4
"""At each place, with a guide at each of them: visits are all that they do."""
GUIDES: Final = 65
LANGUAGES: Final = {"english": 0.06, "arabic": 0.04, "finnish": 0.01}
"""Share of callers who choose it."""
SEATS: Final = {
    number: f"{DESK}{site}/{number % DESKS + 1}"
    for number, site in enumerate(site for site in VISITS for _ in range(DESKS))
}
"""Guide to the desk where the guide sits; the others are at their telephones."""
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
    wants_callback=0.02,
)


def local(now: float) -> datetime:
    """Return local time: UTC."""
    return datetime.fromtimestamp(now, UTC).replace(tzinfo=None)


def malmo(guides: int = GUIDES) -> Configuration:
    """Return the city: six services, four languages, and guides in overlapping teams."""
    hours = Hours(week={day: ((time(OPENS), time(CLOSES)),) for day in range(1, 6)})
    promises = {"general": 60.0, "schools": 120.0, "social": 60.0, "streets": 120.0, "housing": 180.0, "mail": 14_400.0}
    queues = {
        name: Queue(
            name=name,
            hours=hours,
            target=Target(wait=wait),
            wrap_up=30.0,
            announce=Announce(),
            requirement=(Step((Need(name, 2),)), Step((Need(name, 1),), after=wait), Step((), after=3 * wait))
            if name not in ("general", "mail")
            else (Step(),),
            ways_out={"closed": WayOut(to="announcement", name="closed"), "nobody": WayOut(to="queue", name="general")},
        )
        for name, wait in promises.items()
    }
    services = list(queues)
    agents = {}
    for number in range(guides):
        known = {services[1 + (number + step) % 4]: 3 - step for step in range(2)}
        spoken = {"english": 3}
        if number % 9 == 0:
            spoken["arabic"] = 4
        if number % 20 == 0:
            spoken["finnish"] = 3
        served = dict.fromkeys((*known, "general"), 0) | {"mail": 1}
        id_ = f"guide{number:02}"
        agents[id_] = AgentSettings(id=id_, address=f"sip:{id_}@desk", skills=known | spoken, queues=served)
    flows = {name: Flow(name=name, nodes={"start": Enter(queue=name)}) for name in services}
    choices = {str(number): name for number, name in enumerate(services[:5])}
    for language in ("swedish", *LANGUAGES):
        needs = () if language == "swedish" else (Need(language, 2),)
        flows[language] = Flow(
            name=language,
            nodes={
                "start": Menu(prompt="menu", choices=choices, otherwise="general", tries=1),
                **{name: Enter(queue=name, needs=needs) for name in services[:5]},
            },
        )
    entries = tuple(Entry(channel=channel, address=name, flow=name) for name in flows for channel in CHANNELS)
    return Configuration(
        revision="malmo",
        queues=queues,
        agents=agents,
        flows=flows,
        entries=entries,
        reserve={"finnish": 1},
        sites=_sites(hours),
    )


def _sites(hours: Hours) -> dict[str, Site]:
    desks = {str(number): "" for number in range(1, DESKS + 1)}
    services = {name: Service(queue=name) for name in ("general", "schools", "social")}
    languages: dict[str, Needs] = {name: (Need(name, 2),) for name in LANGUAGES}
    return {name: Site(name=name, hours=hours, services=services, desks=desks, languages=languages) for name in VISITS}


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

    def __init__(self, seed: int = 1, *, guides: int = GUIDES, checking: bool = False) -> None:
        self.world = World(seed, MIDNIGHT + (OPENS - 1) * 3600)
        self.watch = Watch(local, checking=checking)
        self.people = People(self.world, HABITS)
        configuration = malmo(guides)
        self.report = Report(configuration)
        self.house = SimHouse(self.world, self.watch, configuration, self.people, lambda: 0.002)
        self.people.house = self.house
        self.house.followers += [self.people, self.report]
        self.house.start()
        for number, agent in enumerate(configuration.agents):
            seat = SEATS.get(number, "")
            self._at(OPENS * 3600 - 300 + 5 * number, i.LogIn(agent, seat), i.GoReady(agent))
            lunch = (11 + number % 3) * 3600
            self._at(lunch, i.Pause(agent, "lunch"))
            self._at(lunch + 2700, i.GoReady(agent))
            self._at((CLOSES + 1) * 3600, i.LogOut(agent))
        for hour, calls in enumerate(CURVE):
            for _ in range(calls):
                self._plan((OPENS + hour + self.world.chance.random()) * 3600)
        for site, number in VISITS.items():
            for visit in range(number):
                second = (OPENS + self.world.chance.random() * (CLOSES - OPENS)) * 3600
                self._at(second, i.TakeTicket(f"{site}-{visit}", site, self._service(), None, self._language()))
        for channel, number in OTHERS.items():
            for _ in range(number):
                self._plan((OPENS + self.world.chance.random() * (CLOSES - OPENS)) * 3600, channel)

    def run(self) -> Report:
        """Let the day pass."""
        self.world.run(MIDNIGHT + 86_400)
        self.report.inputs, self.report.facts = self.watch.steps, self.watch.facts
        assert self.house.projection is not None  # since the house was started
        for (queue, _), figures in self.house.projection.since_start(self.world.now).queues.items():
            self.report.announced[queue].update(figures.told)
        return self.report

    def _at(self, second: float, *inputs: i.Input) -> None:
        for input_ in inputs:
            self.world.later(MIDNIGHT + second - self.world.now, lambda told=input_: self.house.submit(told))  # type: ignore[misc]

    def _plan(self, second: float, channel: str = "call") -> None:
        chance = self.world.chance
        person = f"+4640{chance.randrange(100_000):05}"
        delay = MIDNIGHT + second - self.world.now
        if channel == "call":
            spoken = self._language() or "swedish"
            self.world.later(delay, lambda: self.people.ring(spoken, person))
        else:
            entry = "mail" if not CHANNELS[channel].live else self._service()
            self.world.later(delay, lambda: self.people.write(channel, entry, person))

    def _language(self) -> str:
        """Return the language somebody chooses; nothing for the city's own."""
        shares = (1 - sum(LANGUAGES.values()), *LANGUAGES.values())
        return self.world.chance.choices(("", *LANGUAGES), shares)[0]

    def _service(self) -> str:
        return self.world.chance.choice(("general", "schools", "social"))
