"""An engine in virtual time: spine, voice, journal and router as in `engine.house`, with fake adapters around them."""

import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any, Final, TypeVar

from adapters.redis.fake import FakeJournal, FakeStore
from adapters.sip.display import returned
from adapters.sip.fake import FakeWorker, Phones
from adapters.sip.fleet import Fleet
from adapters.sip.keypad import Keypad, Whose
from adapters.sip.plan import Sounds
from adapters.sip.reaching import Outside, Reaching
from adapters.sip.telephones import Telephones
from adapters.sip.textlines import TextLines
from adapters.sip.voice import Voice
from adapters.sip.wishes import Wishes
from engine import restoring
from engine.callnumbers import CallNumbers
from engine.dialplan import Dialplan
from engine.sim.watch import Watch, WatchedRouter
from engine.sim.world import EngineClock, EngineShell, World
from engine.spine import Follower, Spine
from ivr.phrase import Phrase
from metrics.projection import Projection
from queues.queue import Waiting
from router import journal
from router.announcing import in_line
from router.answers import Answers
from router.configuration import Configuration
from router.contact import Contact
from router.dialling import Gate, Number, address_of
from router.facts import LeaderChanged
from router.inputs import AnyReport, ApplyConfiguration, Input, MessageArrived, PlaceCall
from router.journal import FORMAT, Entry
from router.kept import Snapshot
from router.ports import Secret
from router.state import State

SNAPSHOT_EVERY: Final = 500
"""Facts between snapshots: often, so that both ways of restoring are tried."""
RELAY: Final = "+46900"
"""The number of a relay service."""
PIN: Final = "12"
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run what is asynchronous in form only."""
    while True:
        try:
            work.send(None)
        except StopIteration as done:
            value: T = done.value
            return value


def _pseudonym(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()[:16]


class Remembering(Reaching):
    """Knows the numbers that earlier engines knew, as from the vault."""

    def __init__(self, known: dict[str, Number], epoch: int) -> None:
        super().__init__(Gate(bytes(32)), epoch, "edge", Outside("trunk", "trunk", "+4640341000"))
        self._known = known
        for address, number in known.items():
            super().remember(address, number)

    def remember(self, address: str, number: Number) -> None:
        """Know the number behind a pseudonym, for good."""
        self._known[address] = number
        super().remember(address, number)

    def forget(self, needed: set[str]) -> None:
        """Forget nothing: there are few."""


def _whose(dialplan: Dialplan, reaching: Reaching) -> Whose:
    """Return who has the number that is typed by its end, the same for all of the city."""
    numbers = CallNumbers(dialplan, _pseudonym, lambda _number: False, reaching.remember)
    return lambda digits, contact: numbers.typed(f"0403410{int(digits or 0) % 12:03}", contact)


class Image:
    """A stored snapshot."""

    def __init__(self, data: bytes, after: tuple[int, int]) -> None:
        self.data = data
        self.after = after


class SimPins:
    """One PIN for everything; an agent's number is the end of the agent's name."""

    def __init__(self, house: "SimHouse") -> None:
        self._house = house

    def __call__(self, _entry: str, digits: str, answer: Callable[[bool], None]) -> None:
        """Compare after a while, if the engine is still there."""
        house = self._house
        house.world.later(house.delay(), lambda: answer(digits == PIN) if house.spine is not None else None)

    def agent(self, number: str, digits: str, answer: Callable[[str], None]) -> None:
        """Compare an agent's PIN likewise."""
        known = next((agent for agent in self._house.configuration.agents if agent.endswith(number)), "")
        self(number, digits, lambda right: answer(known if right else ""))

    def helper(self, code: str, answer: Callable[[str, str], None]) -> None:
        """Look a code up likewise: it begins with an agent's number, and holds if it ends with an even digit."""
        house = self._house
        known = next((agent for agent in house.configuration.agents if agent.endswith(code[0])), "")

        def compare(_: bool) -> None:
            running = house.spine.router.state.running if house.spine is not None else ()
            right = known and running and int(code[-1]) % 2 == 0
            answer(*((known, running[-1].id) if right else ("", "")))

        self("", code, compare)


class SimHouse:
    """Everything that outlives an engine, and the engine while there is one."""

    def __init__(
        self, world: World, watch: Watch, configuration: Configuration, phones: Phones, delay: Callable[[], float]
    ) -> None:
        """`delay` gives the seconds that a message or an acknowledgement takes."""
        self.world = world
        self.watch = watch
        self.configuration = configuration
        self.delay = delay
        self.store = FakeStore()
        self.image: Image | None = None
        self.wall_error = 0.0
        self.epoch = 0
        self._numbers: dict[str, Number] = {}
        self.worker = FakeWorker("w1", world.later, delay, lambda: world.now, phones)
        self.spine: Spine | None = None
        self.voice: Voice | None = None
        self.projection: Projection | None = None
        """Of the present or the last engine."""
        self.followers: list[Follower] = []
        """Taken over by each engine, beside its own."""
        self.on_start: Callable[[State], None] = lambda _state: None
        self._shell: EngineShell | None = None
        self._journal: FakeJournal | None = None

    # ---- an engine's life --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start an engine: take the lead, restore, attach to the worker; as `engine.house.House.open`."""
        self.epoch += 1
        fence = Entry(FORMAT, 0, (LeaderChanged(self.world.now, self.epoch),), {})
        self.store.write(self.epoch, fence, [])
        image, local = self.image.data if self.image else None, self.watch.local
        restored = run(restoring.restore(self._make, local, image, self._entries()))
        clock = EngineClock(self.world, self.wall_error, restored.last_at)
        self._shell = shell = EngineShell(self.world, clock)
        self._journal = FakeJournal(self.store, self.epoch, self.world.later, self.delay)
        self.clock = clock
        spine = self.spine = Spine(restored.router, self._journal, clock, shell, restored.heard)
        self.dialplan = Dialplan(lambda: spine.router.state.configuration, self._phones(), _pseudonym)
        fleet = Fleet()
        reaching = Remembering(self._numbers, self.epoch)
        keypad = Keypad(SimPins(self), spine.submit, Answers(), _whose(self.dialplan, reaching))
        lines = TextLines(_message, lambda _language, phrase, _contact: phrase.prompt, clock.now)
        self.telephones = Telephones(
            spine.submit,
            fleet,
            reaching,
            _pseudonym,
            keypad,
            Wishes(self.dialplan),
            lines,
            relay=lambda number: number == RELAY,
            may_call=self.dialplan.caller,
        )
        voice = self.voice = Voice(
            state=lambda: spine.router.state,
            submit=spine.submit,
            look=spine.look,
            tell=spine.tell,
            sounds=Sounds(
                _phrase,
                self._while_waiting,
                lambda name: f"{name}.wav",
                line=lambda contact: in_line(contact, spine.router.state.configuration),
                recorded=lambda _queue: "recorded",
            ),
            reaching=reaching,
            fleet=fleet,
            telephones=self.telephones,
            words=partial(returned, "en"),
            lines=lines,
        )
        voice.add(self.worker)
        counted = self.projection = restored.projection
        self.watch.began(restored.router, counted, (journal.decode(data).facts for _, data in self.store.entries))
        counted.started(clock.now())
        snapshotter = restoring.Snapshotter(
            SNAPSHOT_EVERY, self._save, lambda: spine.seq, lambda: restoring.moment_of(spine, counted)
        )
        spine.followers += [voice, counted, snapshotter, *self.followers]
        spine.on_kept = voice.kept_through
        self._remember_numbers(restored.router.state)
        self.configure(self.configuration)
        self.attach()
        self.on_start(restored.router.state)

    def crash(self) -> None:
        """Kill the engine: what was not acknowledged never was."""
        if self._journal is None or self._shell is None:
            return
        self._journal.crash()
        self._shell.alive = False
        self.worker.lose_engine()
        self.spine = self.voice = None

    def attach(self) -> None:
        """Connect to the worker, perhaps again."""
        if self.spine is not None and self.voice is not None:
            self.worker.attach(self.voice, self.spine.kept_through.get(self.worker.source, 0))

    # ---- inputs ------------------------------------------------------------------------------------------------

    def submit(self, input_: Input) -> None:
        """Give the engine an input, if there is one."""
        if self.spine is not None:
            self.spine.submit(input_)

    def place_call(self, contact: str, agent: str, number: str) -> None:
        """Let an agent call a number, as a desk does."""
        if self.spine is not None and self.voice is not None:
            meaning = self.dialplan.number(number)
            if meaning.destination is not None:
                secrets = self.telephones.keep_number(meaning)
                self.spine.submit(PlaceCall(contact, agent, meaning.destination), secrets)

    def configure(self, configuration: Configuration) -> None:
        """Put a configuration in force, unless contacts stand against it."""
        if self.spine is not None:
            accepted = self.configuration
            self.configuration = configuration
            self.spine.submit(
                ApplyConfiguration(configuration),
                answer=lambda refusal: setattr(self, "configuration", accepted) if refusal is not None else None,
            )

    def _phones(self) -> set[str]:
        agents = self.configuration.agents.values()
        return {one.address.removeprefix("phone:") for one in agents if one.address.startswith("phone:")}

    def _remember_numbers(self, state: State) -> None:
        """Know the numbers behind pseudonyms again, from what the store kept (as `engine.house` from the vault)."""
        assert self.voice is not None
        for destination in state.destinations():
            number = self.store.secrets.get((destination.address, "number"))
            if number is not None:
                self.telephones.keep_number(self.dialplan.number(number))
        for person in {contact.card.person for contact in state.contacts.values()}:
            number = self.store.secrets.get((address_of(person), "number")) if person is not None else None
            if person is not None and number is not None:
                self.telephones.know(person, number)

    # ---- the store ---------------------------------------------------------------------------------------------

    def _make(self, snapshot: Snapshot) -> WatchedRouter:
        return WatchedRouter(self.watch, snapshot)

    async def _entries(self) -> AsyncIterator[tuple[str, Entry]]:
        after = self.image.after if self.image is not None else (0, 0)
        for stream_id, data in self.store.entries:
            if stream_id > after:
                yield "-".join(map(str, stream_id)), journal.decode(data)

    def _save(self, moment: restoring.Moment, seq: int) -> None:
        self.image = Image(run(restoring.encode(moment)), (self.epoch, seq))

    def _while_waiting(self, queue: str) -> Waiting:
        return self.configuration.queues[queue].waiting


def _phrase(language: str, phrase: Phrase, contact: str = "") -> tuple[str, ...]:
    return (f"{phrase.language or language}/{phrase.prompt}.wav",)


def _message(_: State, contact: Contact, text: str) -> tuple[AnyReport, tuple[Secret, ...]]:
    """Word what a citizen types on a text telephone: two keys are an answer where one is asked for."""
    return MessageArrived(contact=contact.card.id, holds=len(text) > 1), ()
