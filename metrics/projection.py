"""What happened so far, counted from the facts alone: the same facts give the same figures, live or replayed.

Words, per queue and channel, since the projection began:

- *arrived*: asked for the queue, whether or not it could wait there; once per queue, however often it returns to it
- *answered*: an agent took it for the first time; its *wait* is the time from asking to that
- *abandoned*: the citizen left while waiting and did not come back in time; *short* when within `SHORT_S`
- *turned away*: took a way out instead of waiting (further)
- *resumed*: the citizen came back, and another contact carries the place on
- *talk*: the time agents and citizens were connected, set-aside time left out
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

from msgspec import Struct

from router import facts as f

SHORT_S: Final = 5.0
"""Who leaves this soon did not wait in vain: a wrong number, a change of mind."""

Stage = Literal["arrived", "waiting", "offered", "connected", "wrap_up", "away", "leaving"]


class Figures(Struct, kw_only=True):
    """Counts and seconds of one queue and channel."""

    arrived: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    """Among `abandoned`."""
    turned_away: int = 0
    resumed: int = 0
    wait_s: float = 0.0
    """Of the answered."""
    abandoned_wait_s: float = 0.0
    talk_s: float = 0.0


class Waited(Struct, frozen=True):
    """A contact was answered after `seconds`."""

    queue: str
    channel: str
    seconds: float


class Talked(Struct, frozen=True):
    """A connection lasted `seconds`."""

    queue: str
    channel: str
    seconds: float


Measured = Waited | Talked


class Known(Struct, kw_only=True):
    """What must be remembered of a contact until it ends."""

    channel: str
    stage: Stage = "arrived"
    queue: str = ""
    queued_at: float = 0.0
    left_at: float | None = None
    talks_since: float | None = None
    answered: bool = False


class Projection:
    """Feed it every fact in order. A fact about a contact it has never heard of is passed over."""

    def __init__(self) -> None:
        self.figures: dict[tuple[str, str], Figures] = {}
        """(queue, channel) to figures."""
        self.present: dict[tuple[Stage, str, str], int] = {}
        """(stage, queue, channel) to contacts that are there now; queue is empty before one is asked for."""
        self.refused = 0
        """Calls to numbers that are not configured."""
        self._known: dict[str, Known] = {}

    def apply(self, fact: f.AnyFact) -> Iterable[Measured]:
        """Count a fact; return what it completes."""
        handle = _HANDLERS.get(type(fact))
        return handle(self, fact) if handle is not None else ()

    def adopt(self, contact: str, known: Known) -> None:
        """Take over a contact that was there before the first fact, as after loading a snapshot."""
        self._forget(contact)
        self._known[contact] = known
        self._count(known, 1)

    # ---- facts ---------------------------------------------------------------------------------------------------

    def _arrived(self, fact: f.ContactArrived) -> tuple[Measured, ...]:
        self.adopt(fact.contact, Known(channel=fact.channel))
        return ()

    def _refused(self, _: f.ContactRefused) -> tuple[Measured, ...]:
        self.refused += 1
        return ()

    def _promised(self, fact: f.CallbackRegistered) -> tuple[Measured, ...]:
        self.adopt(fact.callback, Known(channel="callback"))
        return ()

    def _queued(self, fact: f.ContactQueued) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        if known is not None:
            self._ask(known, fact.queue, fact.at)
            self._move(known, "waiting")
        return ()

    def _way_out(self, fact: f.WayOutTaken) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        if known is not None:
            self._ask(known, fact.queue, fact.at)
            self._of(known).turned_away += 1
            self._move(known, "leaving", queue="")
        return ()

    def _offered(self, fact: f.OfferMade) -> tuple[Measured, ...]:
        return self._to(fact.contact, "offered")

    def _waits_again(self, fact: f.OfferDeclined | f.OfferMissed | f.OfferWithdrawn) -> tuple[Measured, ...]:
        return self._to(fact.contact, "waiting")

    def _accepted(self, fact: f.OfferAccepted) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        if known is None:
            return ()
        self._move(known, "connected")
        known.talks_since = fact.at
        if known.answered:
            return ()
        known.answered = True
        seconds = max(fact.at - known.queued_at, 0.0)
        figures = self._of(known)
        figures.answered += 1
        figures.wait_s += seconds
        return (Waited(known.queue, known.channel, seconds),)

    def _set_aside(self, fact: f.WorkSetAside) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        return self._hush(known, fact.at) if known is not None else ()

    def _taken_up(self, fact: f.WorkTakenUp) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        if known is not None and known.stage == "connected":
            known.talks_since = fact.at
        return ()

    def _wrap_up(self, fact: f.WrapUpStarted) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        return (*self._hush(known, fact.at), *self._to(fact.contact, "wrap_up")) if known is not None else ()

    def _returned(self, fact: f.ContactReturned) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        return (*self._hush(known, fact.at), *self._to(fact.contact, "waiting")) if known is not None else ()

    def _left(self, fact: f.CitizenLeft) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        if known is not None:
            known.left_at = fact.at
            self._move(known, "away")
        return ()

    def _ended(self, fact: f.ContactEnded) -> tuple[Measured, ...]:
        known = self._known.get(fact.contact)
        if known is None:
            return ()
        talked = self._hush(known, fact.at)
        if known.queue and fact.outcome == "abandoned":
            self._abandoned(known, known.left_at if known.left_at is not None else fact.at)
        if known.queue and fact.outcome == "resumed":
            self._of(known).resumed += 1
        self._forget(fact.contact)
        return talked

    # ---- counting ------------------------------------------------------------------------------------------------

    def _ask(self, known: Known, queue: str, at: float) -> None:
        if known.queue == queue:
            return
        self._count(known, -1)
        known.queue, known.queued_at, known.answered = queue, at, False
        self._count(known, 1)
        self._of(known).arrived += 1

    def _abandoned(self, known: Known, at: float) -> None:
        figures, seconds = self._of(known), max(at - known.queued_at, 0.0)
        figures.abandoned += 1
        figures.short_abandoned += seconds < SHORT_S
        figures.abandoned_wait_s += seconds

    def _hush(self, known: Known, at: float) -> tuple[Measured, ...]:
        """End a talk, if there is one."""
        if known.talks_since is None:
            return ()
        seconds = max(at - known.talks_since, 0.0)
        known.talks_since = None
        self._of(known).talk_s += seconds
        return (Talked(known.queue, known.channel, seconds),)

    def _of(self, known: Known) -> Figures:
        return self.figures.setdefault((known.queue, known.channel), Figures())

    def _to(self, contact: str, stage: Stage) -> tuple[Measured, ...]:
        known = self._known.get(contact)
        if known is not None:
            self._move(known, stage)
        return ()

    def _move(self, known: Known, stage: Stage, queue: str | None = None) -> None:
        self._count(known, -1)
        known.stage = stage
        known.queue = known.queue if queue is None else queue
        self._count(known, 1)

    def _forget(self, contact: str) -> None:
        known = self._known.pop(contact, None)
        if known is not None:
            self._count(known, -1)

    def _count(self, known: Known, by: int) -> None:
        key = (known.stage, known.queue, known.channel)
        self.present[key] = self.present.get(key, 0) + by


_HANDLERS: Final[dict[type, Callable[[Projection, Any], tuple[Measured, ...]]]] = {
    f.ContactArrived: Projection._arrived,
    f.ContactRefused: Projection._refused,
    f.CallbackRegistered: Projection._promised,
    f.ContactQueued: Projection._queued,
    f.WayOutTaken: Projection._way_out,
    f.OfferMade: Projection._offered,
    f.OfferDeclined: Projection._waits_again,
    f.OfferMissed: Projection._waits_again,
    f.OfferWithdrawn: Projection._waits_again,
    f.OfferAccepted: Projection._accepted,
    f.WorkSetAside: Projection._set_aside,
    f.WorkTakenUp: Projection._taken_up,
    f.WrapUpStarted: Projection._wrap_up,
    f.ContactReturned: Projection._returned,
    f.CitizenLeft: Projection._left,
    f.ContactEnded: Projection._ended,
}
