"""Everything that can go wrong, at random: `Trouble(seed).run(steps)` raises `Failure` when something gives way."""

from datetime import UTC, datetime, time
from random import Random
from typing import Any, Final

from engine.sim.asking import Asking
from engine.sim.citizens import Citizens, some_help, some_interpreters, some_tongues
from engine.sim.colleagues import Colleagues
from engine.sim.crises import RESERVE, Crises
from engine.sim.flows import BACK, CODES, HOURS, REPORT, STUDIO, some_flows
from engine.sim.house import RELAY, SimHouse
from engine.sim.letters import GAPS, REASONS, Letters
from engine.sim.people import Habits, People
from engine.sim.phones import DeskPhones
from engine.sim.records import RecordsOffice
from engine.sim.visitors import Visitors, some_sites
from engine.sim.watch import Failure, Watch
from engine.sim.world import World
from queues.channels import CHANNELS
from queues.hours import ALWAYS, Hours
from queues.queue import Announce, Calling, Obstacle, Queue, Record, SecondLine, Survey, Target, WayOut
from queues.skills import Need, Requirement, Step
from router import inputs as i
from router.agent import Ready, Reserved
from router.configuration import CODE, AgentSettings, Configuration, Entry, Rules

START: Final = 1_790_000_000.0
QUEUES: Final = ("tax", "parks", "help", "social")
SKILLS: Final = ("finnish", "arabic", "sign")
AGENTS: Final = tuple(f"agent{number}" for number in range(8))
EVERYTHING: Final = "expert"
"""An agent who can do all: whoever waits can be served in the end."""
OBSTACLES: Final[tuple[Obstacle, ...]] = ("closed", "full", "nobody", "too_long")
PERSONS: Final = tuple(f"+4640341{number:04}" for number in range(12))
CALLED: Final = Hours(week={weekday: ((time(7), time(21)),) for weekday in range(1, 8)})
"""When people are called back who are not called at any hour."""
DRAIN: Final = 2 * 86_400.0
"""Seconds after the last arrival within which all must be served or gone."""

HABITS: Final = Habits(
    patience=90.0,
    talk=dict.fromkeys(CHANNELS, 40.0),
    answer=6.0,
    wrap_up=15.0,
    declines=0.1,
    ignores=0.1,
    unreachable=0.05,
    cut_off=0.15,
    rings_again=0.5,
    hands_back=0.1,
    wants_callback=0.2,
    doubles=0.1,
)
CALM: Final = Habits(patience=600.0, talk=dict.fromkeys(CHANNELS, 20.0), answer=1.0, wrap_up=1.0)


def local(now: float) -> datetime:
    """Return local time: UTC."""
    return datetime.fromtimestamp(now, UTC).replace(tzinfo=None)


# ---- cities ----------------------------------------------------------------------------------------------------


def some_requirement(chance: Random) -> Requirement:
    """Return steps that widen, or none."""
    if chance.random() < 0.5:
        return (Step(),)
    skill = chance.choice(SKILLS)
    narrow, wide = (Need(skill, 3),), (Need(skill, 1),)
    return (Step(narrow), Step(wide, after=20.0), Step((), after=60.0))


def some_queue(name: str, chance: Random) -> Queue:
    """Return a queue with any settings."""
    opens = chance.randint(0, 20)
    day = Hours(week={weekday: ((time(opens), time(opens + 3)),) for weekday in range(1, 8)})
    return Queue(
        name=name,
        hours=chance.choice([ALWAYS, ALWAYS, day]),
        target=Target(wait=chance.choice([20.0, 60.0, 300.0])),
        weight=chance.choice([0.5, 1.0, 2.0]),
        requirement=some_requirement(chance),
        selection=chance.choice(["spare-scarce", "longest-idle"]),
        grace=chance.choice([5.0, 20.0]),
        offer_timeout=chance.choice([8.0, 20.0]),
        wrap_up=chance.choice([0.0, 30.0]),
        deferred_every=chance.randint(1, 4),
        keep_place=chance.choice([0.0, 300.0]),
        max_waiting=chance.choice([None, None, 3]),
        max_wait=chance.choice([None, 120.0]),
        waiting=chance.choice(["music", "silence", "ringing"]),
        welcome=chance.choice(["", "hello"]),
        announce=chance.choice([None, Announce(every=chance.choice([10.0, 45.0]))]),
        idle_after=chance.choice([None, 20.0, 60.0]),
        idle_close=chance.choice([10.0, 60.0]),
        calling=Calling(
            attempts=chance.randint(1, 3),
            pause=chance.choice([5.0, 60.0]),
            hours=chance.choice([ALWAYS, CALLED]),
            bookable=chance.randint(0, 2),
            window=300.0,
            citizen_first=chance.random() < 0.5,
            hold=chance.choice([5.0, 45.0]),
            let_down=chance.choice([0.0, 0.03, 1.0]),
            on_page=chance.choice([0, 2, 30]),
        ),
        record=chance.choice([None, Record(announce="recorded", decline=chance.choice(["", "7"]))]),
        second_line=chance.choice([None, SecondLine(live=chance.choice([5.0, 60.0]), deferred=300.0)]),
        keys={key: some_way(chance) for key in "123" if chance.random() < 0.3},
        ways_out={one: some_way(chance) for one in OBSTACLES if chance.random() < 0.6},
        survey=chance.choice([None, some_survey(chance)]),
    )


def some_survey(chance: Random) -> Survey:
    """Return a question how it was, for some channels."""
    return Survey(
        prompt="survey",
        every=chance.randint(1, 3),
        again_after=300.0,
        mail=chance.choice(["", "how_was_it"]),
        visits=chance.random() < 0.5,
        open=chance.choice([60.0, 600.0]),
    )


def some_way(chance: Random) -> WayOut:
    """Return a way out, which may lead nowhere."""
    to: Any = chance.choice(["queue", "queue", "callback", "message", "report", "announcement"])
    by_flow = to in ("message", "report")
    return WayOut(to=to, name=chance.choice([REPORT, BACK, *QUEUES]) if by_flow else chance.choice(QUEUES))


def some_agent(name: str, chance: Random) -> AgentSettings:
    """Return an agent with any settings."""
    return AgentSettings(
        id=name,
        address=f"phone:{name}",
        skills={skill: chance.randint(1, 5) for skill in SKILLS if chance.random() < 0.4},
        queues={queue: chance.randint(0, 1) for queue in QUEUES if chance.random() < 0.6},
        capacity={channel: chance.randint(0, 3) for channel in CHANNELS if chance.random() < 0.2},
        signed_in=chance.random() < 0.5,
        reserve=(RESERVE,) if chance.random() < 0.5 else (),
    )


def some_configuration(revision: int, chance: Random) -> Configuration:
    """Return a city."""
    expert = AgentSettings(
        id=EVERYTHING,
        address=f"phone:{EVERYTHING}",
        skills=dict.fromkeys(SKILLS, 5),
        queues=dict.fromkeys(QUEUES, 0),
        signed_in=True,
    )
    people = [expert, *(some_agent(name, chance) for name in AGENTS if chance.random() < 0.8)]
    flows = some_flows(QUEUES, SKILLS, "help", chance)
    return Configuration(
        revision=str(revision),
        queues={name: some_queue(name, chance) for name in QUEUES},
        agents={one.id: one for one in people},
        flows={flow.name: flow for flow in flows},
        entries=tuple(
            Entry(
                channel=channel,
                address=flow.name,
                flow=flow.name,
                language="swedish",
                acknowledge="mail_received" if chance.random() < 0.7 else "",
            )
            for flow in flows
            for channel in ((CODE,) if flow.name in CODES else CHANNELS)
        ),
        hours=HOURS,
        sites=some_sites(QUEUES, chance),
        reasons=REASONS,
        gaps=GAPS,
        aids=some_help(chance),
        tongues=some_tongues(chance),
        interpreters=some_interpreters(CALLED, chance),
        remember=chance.choice([600.0, 86_400.0]),
        hands_over=chance.random() < 0.7,
        reserve={skill: 1 for skill in SKILLS if chance.random() < 0.2},
        rules=Rules(
            rest=chance.choice([5.0, 30.0]),
            not_responding=chance.choice([10.0, 30.0]),
            last_agent=chance.choice([0.0, 600.0]),
        ),
    )


# ---- a run -----------------------------------------------------------------------------------------------------


class Trouble:
    """One run from one seed."""

    def __init__(self, seed: int, *, checking: bool = True) -> None:
        self.world = World(seed, START)
        self.watch = Watch(local, checking=checking)
        self.people = People(self.world, HABITS)
        self.crashes = 0
        self._revision = 1
        self._going_on = True
        first = some_configuration(1, self.world.chance)
        self.house = SimHouse(self.world, self.watch, first, self.people, lambda: self.world.some(0.02))
        self.people.house = self.house
        self.house.followers.append(self.people)
        self.house.on_start = self.people.started
        self.phones = DeskPhones(self.world, self.house, self.people, (*AGENTS, EVERYTHING), QUEUES)
        self.letters = Letters(self.world, self.house)
        self.visitors = Visitors(self.world, self.house, QUEUES, AGENTS)
        self.citizens = Citizens(self.world, self.house, (*AGENTS, EVERYTHING), PERSONS)
        self.crises = Crises(self.world, self.house, QUEUES, AGENTS)
        self.records = RecordsOffice(self.world, self.house)
        self.colleagues = Colleagues(self.world, self.house, QUEUES)
        self.asking = Asking(self.world, self.house)
        self.house.start()
        for mean, happening in (
            (4.0, self._somebody_rings),
            (5.0, self._somebody_writes),
            (3.0, self.letters.write_on),
            (3.0, self.people.type_on),
            (12.0, self._somebody_texts),
            (4.0, self.letters.carry),
            (10.0, self.records.ask),
            (5.0, self.records.take),
            (10.0, self.visitors.come),
            (6.0, self.visitors.act),
            (5.0, self.colleagues.act),
            (20.0, self._somebody_asks_for_a_call),
            (12.0, self.citizens.tell),
            (15.0, self._agent_acts),
            (5.0, self.phones.act_in_talk),
            (12.0, self.phones.dial),
            (10.0, self.asking.say_nobody_was_there),
            (60.0, self.asking.think_better),
            (60.0, self.phones.extend),
            (90.0, self.phones.register),
            (40.0, self._late_or_senseless_report),
            (120.0, self._connection_breaks),
            (200.0, self._configuration_changes),
            (250.0, self._engine_crashes),
            (400.0, self._worker_crashes),
            (300.0, self._wall_clock_steps),
            (40.0, self.crises.act),
        ):
            self._again(mean, happening)

    def run(self, steps: int) -> None:
        """Let happen what may until the router has taken `steps` inputs, then let all be served. Raises Failure."""
        while self.watch.steps < steps:
            self.world.step()
        self._going_on = False
        self.people.habits = CALM
        self.letters.reliable = self.records.reliable = True
        self.crises.end()
        self._everybody_works()
        self.world.run(self.world.now + DRAIN)
        self._all_is_over()

    def _again(self, mean: float, happening: Any) -> None:
        def happen() -> None:
            if self._going_on:
                happening()
                self.world.later(self.world.some(mean), happen)

        self.world.later(self.world.some(mean), happen)

    # ---- what happens ------------------------------------------------------------------------------------------

    def _entry(self, *more: str) -> str:
        return self.world.chance.choice([*QUEUES, "special", "nowhere", *more])

    def _somebody_rings(self) -> None:
        entry = self._entry("main", "main", "main", "main", REPORT, STUDIO)
        self.people.ring(entry, self.world.chance.choice(["", RELAY, *PERSONS]))

    def _somebody_texts(self) -> None:
        caller = self.world.chance.choice(["", *PERSONS])
        self.people.ring_by_text(self._entry("main", REPORT), caller, audio=self.world.happens(0.5))

    def _somebody_writes(self) -> None:
        channel = self.world.chance.choice([one for one in CHANNELS if one not in ("call", "callback", "question")])
        preferred = self.world.chance.choice([None, None, *AGENTS])
        person, state = self.world.chance.choice([None, *PERSONS]), self.house.spine and self.house.spine.router.state
        matters = [one.card.matter for one in state.contacts.values()] if state and channel == "form" else []
        matter, told = self.world.chance.choice(["", *matters]), self.world.happens(0.5)
        self.people.write(channel, self._entry(), person, preferred, matter, told=told and channel == "form")

    def _somebody_asks_for_a_call(self) -> None:
        chance = self.world.chance
        start = chance.choice([None, (self.world.now // 300.0 + chance.randint(0, 4)) * 300.0])
        self.asking.ask(chance.choice(QUEUES), chance.choice(PERSONS), start, on_page=chance.random() < 0.5)

    def _agent_acts(self) -> None:
        agent = self.world.chance.choice(AGENTS)
        match self.world.chance.randrange(6):
            case 0:
                self.house.submit(i.LogOut(agent))
            case 1:
                self.house.submit(i.Pause(agent, "coffee"))
            case _:
                self.house.submit(i.LogIn(agent))
                self.house.submit(i.GoReady(agent))

    def _late_or_senseless_report(self) -> None:
        chance = self.world.chance
        contact = f"w1-{chance.randint(1, 3)}-{chance.randint(1, 300)}"
        offer = f"{contact}.{chance.randint(1, 3)}"
        state = self.house.spine.router.state if self.house.spine is not None else None
        if state is not None and state.offers and chance.random() < 0.5:
            offer = chance.choice(list(state.offers))
        senseless: list[i.Input] = [
            i.PickedUp(leg=offer),
            i.NotPickedUp(leg=offer, cause=chance.choice(["declined", "busy", "no_answer", "unreachable"])),
            i.HungUp(leg=offer, cause=chance.choice(["hung_up", "cut_off"])),
            i.PromptEnded(contact=contact, turn=chance.randint(0, 3)),
            i.KeyPressed(contact=contact, digit="1"),
            i.DigitsTyped(contact=contact, count=chance.randint(0, 3), over=chance.random() < 0.5, holds=True),
            i.DigitsChecked(contact=contact, turn=chance.randint(0, 9), holds=True),
            i.SpeechRecorded(contact=contact, turn=chance.randint(0, 9), seconds=5.0),
            i.CitizenGone(contact=contact, cause="hung_up"),
            i.TimePassed(),
            i.CancelCallback(f"{contact}.callback2"),
            i.HandOverCallback(*self._some_callback()),
        ]
        self.house.submit(chance.choice(senseless))

    def _some_callback(self) -> tuple[str, str]:
        """Return a promise to call back, if there is one, and a queue."""
        state, chance = self.house.spine.router.state if self.house.spine is not None else None, self.world.chance
        callbacks = list(state.callbacks) if state is not None else []
        queues = list(state.configuration.queues) if state is not None else []
        return chance.choice(callbacks or ["none"]), chance.choice(queues or ["none"])

    def _connection_breaks(self) -> None:
        self.house.worker.detach()
        self.world.later(self.world.some(1.0), self.house.attach)

    def _configuration_changes(self) -> None:
        self._revision += 1
        self.house.configure(some_configuration(self._revision, self.world.chance))

    def _engine_crashes(self) -> None:
        if self.house.spine is not None:
            self.crashes += 1
            self.house.crash()
            self.world.later(self.world.some(2.0), self.house.start)

    def _worker_crashes(self) -> None:
        self.house.worker.restart()
        self.world.later(self.world.some(1.0), self.house.attach)

    def _wall_clock_steps(self) -> None:
        self.house.wall_error += self.world.chance.choice([-3600.0, -10.0, 10.0, 600.0])

    # ---- the end -----------------------------------------------------------------------------------------------

    def _everybody_works(self) -> None:
        self.phones.all_there()
        self.world.later(30.0, lambda: self._ready_again())
        self._watchdog()

    def _ready_again(self) -> None:
        agents = self.house.spine.router.state.agents.items() if self.house.spine is not None else ()
        for name, agent in agents:
            if not isinstance(agent, Ready | Reserved):
                self.house.submit(i.LogIn(name))
                self.house.submit(i.GoReady(name))
        if self._open():
            self.world.later(60.0, self._ready_again)

    def _watchdog(self) -> None:
        if self.house.voice is not None:
            self.house.voice.watch()
        self.letters.carry()
        self.records.take()
        self.visitors.go_home()
        self.crises.end()
        if self._open():
            self.world.later(5.0, self._watchdog)

    def _open(self) -> bool:
        state = self.house.spine.router.state if self.house.spine is not None else None
        return state is None or bool(state.contacts or state.outbox or self.house.worker.legs)

    def _all_is_over(self) -> None:
        """Nothing may be lost, and nobody may be left: neither in the router nor on the worker."""
        assert self.house.spine is not None
        state = self.house.spine.router.state
        left = [f"{type(contact).__name__} {id_}" for id_, contact in state.contacts.items()]
        left += [f"leg {leg}" for leg in self.house.worker.legs]
        left += [f"offer {offer}" for offer in state.offers] + [f"callback {one}" for one in state.callbacks]
        left += [f"message {one}" for one in state.outbox]
        if left:
            raise Failure(f"not over after {DRAIN:.0f} s: {', '.join(left[:10])}", ())
