"""A router that is watched: invariants, replay and counts after every input, and the way to a failure made short."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct, structs

from metrics.projection import Projection
from router import facts as f
from router import journal
from router.contact import Offered
from router.inputs import Input, Refused
from router.invariants import check
from router.kept import Snapshot
from router.router import Bug, Router
from router.state import State

TAIL: Final = 300
"""Inputs remembered with the state before them."""

Local = Callable[[float], datetime]


class Failure(Exception):
    """Something that must hold does not. `tail` leads there from the state before it."""

    def __init__(self, what: str, tail: "Sequence[Step]") -> None:
        super().__init__(what)
        self.tail = tail


class Step(Struct, frozen=True):
    """An input, when it came, and the state it met."""

    before: Snapshot
    now: float
    input: Input


class Watch:
    """What is remembered over the engine's restarts."""

    def __init__(self, local: Local, *, checking: bool = True, every: int = 1) -> None:
        """Replay is compared with, and every invariant checked, after each `every`th input: that is what costs."""
        self.local = local
        self.checking = checking
        self.onlookers: list[Callable[[State, float, list[f.AnyFact]], None]] = []
        """Called with what each input led to."""
        self._every = every
        self.steps = 0
        self.facts = 0
        self._tail: deque[Step] = deque(maxlen=TAIL)
        self._replayed: Router | None = None
        self._arrived: set[str] = set()

    def began(self, router: Router, counted: Projection, kept: Iterable[Sequence[f.AnyFact]]) -> None:
        """An engine starts from the facts that were kept, turn by turn."""
        if not self.checking:
            return
        self._replayed = Router(self.local, router.state.snapshot())
        self._tail.clear()
        from_start, counted_from_start = Router(self.local), Projection(self.local)
        self._arrived = set()
        for facts in kept:
            for fact in facts:
                from_start.apply(fact)
                if isinstance(fact, f.ContactArrived):
                    self._arrived.add(fact.contact)
            counted_from_start.decided(facts, from_start.state)
        if from_start.state.snapshot() != router.state.snapshot():
            raise Failure("snapshot and journal lead to another state than the journal alone", ())
        if counted_from_start.image() != counted.image():
            raise Failure("snapshot and journal lead to other figures than the journal alone", ())

    def came(self, state: State, input_: Input, now: float) -> None:
        """Remember an input before it is handled."""
        self.steps += 1
        if self.checking:
            self._tail.append(Step(state.snapshot(), now, input_))

    def decided(self, state: State, now: float, facts: list[f.AnyFact]) -> None:
        """Check what an input led to. Raises Failure."""
        self.facts += len(facts)
        for look in self.onlookers:
            look(state, now, facts)
        if not self.checking or self._replayed is None:
            return
        for fact in journal.decode(journal.encode(journal.Entry(journal.FORMAT, 1, tuple(facts), {}))).facts:
            self._replayed.apply(fact)
        wrong = counts(state, facts)
        for fact in facts:
            if isinstance(fact, f.ContactArrived):
                if fact.contact in self._arrived:
                    wrong.append(f"contact {fact.contact} arrives a second time")
                self._arrived.add(fact.contact)
        if self.steps % self._every == 0:
            wrong += self._all(state, now)
        if wrong:
            raise self.failure("; ".join(wrong))

    def ended(self, state: State, now: float) -> None:
        """Check everything once more. Raises Failure."""
        wrong = self._all(state, now)
        if wrong:
            raise self.failure("; ".join(wrong))

    def _all(self, state: State, now: float) -> list[str]:
        """Return all that does not hold."""
        assert self._replayed is not None  # an engine has begun
        wrong = check(state, now)
        if self._replayed.state.snapshot() != state.snapshot():
            wrong.append("replaying the facts leads to another state")
        return wrong

    def failure(self, what: str) -> Failure:
        """Return a failure with the shortest tail of inputs that leads there again."""
        steps = list(self._tail)
        for length in range(1, len(steps) + 1):
            if fails(self.local, steps[-length:]):
                return Failure(what, steps[-length:])
        return Failure(what, steps)


_STAFFING: Final = (f.CrisisStarted, f.CrisisAmended, f.CrisisEnded, f.HelperJoined, f.HelperLeft)
"""Facts that change who serves a queue."""


def counts(state: State, facts: list[f.AnyFact]) -> list[str]:
    """Return offers whose counts are not the queue's members but one, of those since it last changed who serves."""
    wrong = []
    staffed = max((at for at, fact in enumerate(facts, 1) if isinstance(fact, _STAFFING)), default=0)
    for fact in facts[staffed:]:
        contact = state.contacts.get(fact.contact) if isinstance(fact, f.OfferMade) else None
        if isinstance(fact, f.OfferMade) and isinstance(contact, Offered) and contact.offer == fact.offer:
            numbers = structs.astuple(fact.passed)
            if min(numbers) < 0 or sum(numbers) != state.crew.members(contact.spot.queue) - 1:
                wrong.append(f"offer {fact.offer} counts {numbers}")
    return wrong


def fails(local: Local, steps: Sequence[Step]) -> bool:
    """Tell whether these inputs break something, from the state before the first."""
    router, replayed = Router(local, steps[0].before), Router(local, steps[0].before)
    for step in steps:
        try:
            facts = router.handle(step.input, step.now)
        except Refused:
            continue
        except Bug:
            return True
        for fact in facts:
            replayed.apply(fact)
        differ = replayed.state.snapshot() != router.state.snapshot()
        if differ or check(router.state, step.now) or counts(router.state, facts):
            return True
    return False


class WatchedRouter(Router):
    """The router, with a watch on it."""

    def __init__(self, watch: Watch, snapshot: Snapshot | None = None) -> None:
        super().__init__(watch.local, snapshot)
        self._watch = watch

    def handle(self, input_: Input, now: float) -> list[f.AnyFact]:
        """Handle, and check. Raises Failure, also for what an engine would survive (Bug)."""
        self._watch.came(self.state, input_, now)
        try:
            facts = super().handle(input_, now)
        except Bug as bug:
            raise self._watch.failure(repr(bug.__cause__)) from bug
        self._watch.decided(self.state, now, facts)
        return facts
