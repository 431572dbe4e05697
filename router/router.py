"""The router: `handle(input, now) -> facts`.

    router = Router(local)
    facts = router.handle(Arrived(...), now)     # decides, and applies what it decides
    router.apply(fact)                           # replay
    router.next_deadline()                       # when to come back with TimePassed

It has no clock, no I/O and no randomness. `local` turns UTC seconds into naive local time, for opening hours; what it
leads to (`QueueOpened`, `QueueClosed`) is a fact, so replay does not depend on it.
"""

import heapq
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from queues.hours import is_open, seconds_to_change
from router import facts as f
from router import inputs as i
from router import taping
from router.calling import keep_quiet
from router.consulting import seek
from router.contact import Waiting
from router.entering import end_vain_grace, look_after
from router.flowing import divert
from router.forwarding import try_camping
from router.hearing import tell_in_line
from router.interpreting import ring_others
from router.kept import Snapshot
from router.reports import REPORTS, due
from router.requests import REQUESTS
from router.state import State
from router.transitions import IllegalTransition
from router.turn import Turn

HOURS_CHECKED_EVERY: Final = 600.0
"""Upper bound on how long an opening or closing is believed to lie ahead: clocks are put forward and back."""

_HANDLERS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {**REQUESTS, **REPORTS}


MISTAKES: Final = (
    IllegalTransition,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""How a mistake in our own reasoning shows."""


class Bug(Exception):
    """Deciding broke off by a mistake of ours. `facts` were decided and applied before; they are to be kept."""

    def __init__(self, facts: list[f.AnyFact]) -> None:
        super().__init__(f"deciding broke off after {len(facts)} facts")
        self.facts = facts


class Router:
    """The decision core of one engine."""

    def __init__(self, local: Callable[[float], datetime], snapshot: Snapshot | None = None) -> None:
        self.local = local
        self.waits = False
        """Whoever reports has yet to tell what happened before: until then nothing is overdue."""
        self._hours_due: float | None = None
        self._opened: frozenset[str] = frozenset()
        """Places that crises had opened when hours were looked at last."""
        self.state = State.load(snapshot) if snapshot is not None else State()

    def handle(self, input_: i.Input, now: float) -> list[f.AnyFact]:
        """Take an input in; return what was decided, already applied.

        Raises Refused for a request that cannot be granted; nothing has changed then. Raises Bug when we were wrong.
        """
        turn = Turn(self.state, now, self.local)
        try:
            self._decide(turn, input_)
        except MISTAKES as error:
            raise Bug(turn.facts) from error
        return turn.facts

    def _decide(self, turn: Turn, input_: i.Input) -> None:
        if isinstance(input_, i.Report):  # a request may be refused, and then there must be no facts
            self._look_at_hours(turn)
        _HANDLERS[type(input_)](turn, input_)
        if isinstance(input_, i.ApplyConfiguration):
            self._hours_due = None
        self._look_at_hours(turn)
        _settle(turn)
        taping.follow(turn)
        self._look_at_deadlines(turn)

    def apply(self, fact: f.AnyFact) -> None:
        """Apply a fact that was decided before: replay."""
        self.state.apply(fact)

    def next_deadline(self) -> float | None:
        """Return when `TimePassed` should come at the latest, None if nothing is due ever."""
        if self.waits:
            return None
        heap = self.state.deadlines
        while heap and heap[0] not in self.state.deadlines_of(heap[0]):
            heapq.heappop(heap)
        due_at = heap[0].at if heap else None
        if self._hours_due is None or (due_at is not None and due_at < self._hours_due):
            return due_at
        return self._hours_due

    def _look_at_hours(self, turn: Turn) -> None:
        """Open and close queues as the local time says."""
        if self._hours_due is not None and turn.now < self._hours_due and self._opened == self.state.opened:
            return
        self._opened = self.state.opened
        queues = self.state.configuration.queues
        if not queues:
            return
        local = self.local(turn.now)
        wait = HOURS_CHECKED_EVERY
        for name, queue in queues.items():
            opened = is_open(queue.hours, local)
            if opened != self.state.is_open(name):
                turn.emit(f.QueueOpened(turn.now, name) if opened else f.QueueClosed(turn.now, name))
                turn.deserted[name] = None
            wait = min(wait, seconds_to_change(queue.hours, local) or wait)
        for name, site in self.state.configuration.sites.items():
            closed = name in self.state.open_sites
            if (is_open(site.hours, local) or name in self.state.opened) == (not closed):
                turn.emit(f.SiteClosed(turn.now, name) if closed else f.SiteOpened(turn.now, name))
                turn.deserted.update(dict.fromkeys(queues))
            wait = min(wait, seconds_to_change(site.hours, local) or wait)
        for queue in queues.values():
            wait = min(wait, seconds_to_change(queue.calling.hours, local) or wait)
        if self.state.callbacks:
            keep_quiet(turn)
        self._hours_due = turn.now + wait

    def _look_at_deadlines(self, turn: Turn) -> None:
        if self.waits:
            return
        heap = self.state.deadlines
        while heap and heap[0].at <= turn.now:
            deadline = heapq.heappop(heap)
            if deadline in self.state.deadlines_of(deadline):
                due(turn, deadline)
                self._look_at_hours(turn)
                _settle(turn)
            heap = self.state.deadlines


def _settle(turn: Turn) -> None:
    """Follow up what was decided until nothing more follows, also for those whom nobody could serve any more."""
    if turn.state.camping:
        try_camping(turn)
    if turn.state.seeking:
        seek(turn)
    turn.settle()
    while turn.deserted or turn.diverted or turn.unanswered or turn.lined_up:
        divert(turn)
        ring_others(turn)
        _tell(turn)
        queues = list(turn.deserted)
        turn.deserted.clear()
        end_vain_grace(turn)
        for queue in queues:
            look_after(turn, queue)
        turn.settle()


def _tell(turn: Turn) -> None:
    """Tell of crises to those who came to stand in line, on whatever way."""
    while turn.lined_up:
        contact = turn.state.contacts.get(turn.lined_up.popitem()[0])
        if isinstance(contact, Waiting):
            tell_in_line(turn, contact)
