"""The one way through the house: inputs in, decisions, journal, and only then effects.

The spine owns the router. It has no I/O and no tasks of its own: whoever drives it (the engine's loop, the simulator)
gives it a clock, a journal, a way to be called soon and a timer.

    submit(input) ... turn():  router.handle -> facts -> followers.decided -> journal.append
                      acknowledged:  releases of that turn, in order
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Protocol

from msgspec import Struct

from router.facts import AnyFact
from router.inputs import Input, Refused, Report, TimePassed
from router.journal import FORMAT, Entry
from router.ports import Clock, Journal, Secret
from router.router import Bug, Router
from router.state import State

log = logging.getLogger("vaxel.spine")

Release = Callable[[], None]
Answer = Callable[[Refused | None], None]


class Follower(Protocol):
    """Somebody who does something about facts."""

    def decided(self, facts: Sequence[AnyFact], state: State) -> Release | None:
        """Look at facts just decided, with the state they led to; return what to do once they are kept."""


class Shell(Protocol):
    """What drives a spine."""

    def soon(self, call: Callable[[], None]) -> None:
        """Run `call` after whatever is being done now."""

    def at(self, when: float | None, call: Callable[[], None]) -> None:
        """Run `call` at the time `when`, instead of at the time asked for before; None for never."""


Look = Callable[[State], Release | None]
Wording = Callable[[State], tuple[Input, tuple[Secret, ...]]]
"""Says what is submitted, and its personal values; raises Refused when it may not be."""


class Item(Struct):
    """Something submitted: an input, worded already or not, or a look at the state."""

    input: Input | None
    look: Look | None = None
    word: Wording | None = None
    secrets: tuple[Secret, ...] = ()
    answer: Answer | None = None


class Turned(Struct):
    """A turn that waits for its acknowledgement."""

    releases: list[Release]
    answers: list[Answer]
    heard: dict[str, int]


class Spine:
    """Owner of the router; the only one that calls it."""

    def __init__(
        self, router: Router, journal: Journal, clock: Clock, shell: Shell, heard: dict[str, int], next_seq: int = 1
    ) -> None:
        self.router = router
        self.followers: list[Follower] = []
        self.heard = heard
        """Source to the highest report number taken in."""
        self.kept_through: dict[str, int] = dict(heard)
        """Source to the highest report number whose facts are kept: the source may forget up to there."""
        self.doubled = 0
        """Reports dropped because their number had been heard before."""
        self.bugs = 0
        """Inputs whose handling broke off by a mistake of ours; see the log."""
        self.on_decision: Callable[[float], object] = lambda _seconds: None
        """Told how long the router took for each input."""
        self.on_kept: Callable[[dict[str, int]], None] | None = None
        """Told which sources were heard up to where, each time a turn's effects have left."""
        self._journal = journal
        self._clock = clock
        self._shell = shell
        self._inbox: list[Item] = []
        self._called = False
        self._pending: deque[Turned] = deque()
        self.seq = next_seq
        """Number of the entry that comes next, within this leader's epoch."""

    def submit(self, input_: Input, secrets: tuple[Secret, ...] = (), answer: Answer | None = None) -> None:
        """Take an input in; it is handled in the next turn. `answer` hears a refusal at once, a grant once kept."""
        self._post(Item(input_, secrets=secrets, answer=answer))

    def tell(self, word: Wording, answer: Answer | None = None) -> None:
        """Take in what is worded only when its turn comes, from the state that everything before has led to."""
        self._post(Item(None, word=word, answer=answer))

    def look(self, look: Look) -> None:
        """Let `look` see the state once everything submitted before is decided; what it returns leaves as an effect."""
        self._post(Item(None, look))

    def _post(self, item: Item) -> None:
        self._inbox.append(item)
        if not self._called:
            self._called = True
            self._shell.soon(self.turn)

    def turn(self) -> None:
        """Handle everything submitted so far, in order."""
        self._called = False
        items, self._inbox = self._inbox, []
        now = self._clock.now()
        facts: list[AnyFact] = []
        secrets: list[Secret] = []
        turned = Turned([], [], {})
        for item in items:
            if item.look is not None and (release := item.look(self.router.state)) is not None:
                turned.releases.append(release)
            if item.input is not None or item.word is not None:
                facts += self._handle(item, now, turned, secrets)
        self._close(facts, secrets, turned)
        self._shell.at(self.router.next_deadline(), self._time_passed)

    def _handle(self, item: Item, now: float, turned: Turned, secrets: list[Secret]) -> list[AnyFact]:
        """Decide one input; its answer waits with the turn, a refusal does not. `secrets` get its personal values."""
        facts: list[AnyFact]
        begun = perf_counter()
        try:
            input_, personal = self._worded(item)
        except Refused as refusal:
            return _refuse(item, refusal)
        if isinstance(input_, Report) and not self._is_new(input_, turned):
            return []
        try:
            facts = self.router.handle(input_, now)
        except Refused as refusal:
            return _refuse(item, refusal)
        except Bug as bug:
            facts = bug.facts
            self.bugs += 1
            log.exception("bug", extra={"action": "spine.bug", "input": type(input_).__name__})
        self.on_decision(perf_counter() - begun)
        secrets += personal
        if item.answer is not None:
            turned.answers.append(item.answer)
        return facts

    def _worded(self, item: Item) -> tuple[Input, tuple[Secret, ...]]:
        if item.word is not None:
            return item.word(self.router.state)
        assert item.input is not None  # one of the two
        return item.input, item.secrets

    def _time_passed(self) -> None:
        self.submit(TimePassed())

    def _is_new(self, report: Report, turned: Turned) -> bool:
        if not report.number:
            return True
        if report.number <= self.heard.get(report.source, 0):
            self.doubled += 1
            return False
        self.heard[report.source] = turned.heard[report.source] = report.number
        return True

    def _close(self, facts: list[AnyFact], secrets: list[Secret], turned: Turned) -> None:
        if not facts:
            self._follow_up(turned)
            return
        for follower in self.followers:
            release = follower.decided(facts, self.router.state)
            if release is not None:
                turned.releases.append(release)
        entry = Entry(FORMAT, self.seq, tuple(facts), dict(turned.heard))
        self.seq += 1
        self._pending.append(turned)
        self._journal.append(entry, secrets, self._acknowledged)

    def _follow_up(self, turned: Turned) -> None:
        """Let a turn without facts wait for those before it: what it answers or acknowledges may rest on them."""
        if not self._pending:
            self._leave(turned)
            return
        last = self._pending[-1]
        last.releases += turned.releases
        last.answers += turned.answers
        last.heard.update(turned.heard)

    def _acknowledged(self) -> None:
        self._leave(self._pending.popleft())

    def _leave(self, turned: Turned) -> None:
        for release in turned.releases:
            release()
        for answer in turned.answers:
            answer(None)
        if turned.heard:
            self.kept_through.update(turned.heard)
            if self.on_kept is not None:
                self.on_kept(turned.heard)


def _refuse(item: Item, refusal: Refused) -> list[AnyFact]:
    if item.answer is not None:
        item.answer(refusal)
    return []
