"""What happened, counted from the facts alone: the same facts give the same figures, live or replayed.

`Projection` follows the spine as the router's state does: it counts a turn's facts when they are decided, and its
`image` is kept with each snapshot of the state. Nothing is ever set back. What happened today, or since this engine
started, is what lies between two readings (`Totals.minus`). The words are those of docs/metrics.md.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct, field, structs

from metrics.attendance import Attendance, Watches, readings
from metrics.figures import TALK_S, WAIT_S, Figures, Truth, between, figures_between
from metrics.formulas import SHORT_S, Ending
from queues.channels import CHANNELS
from router import facts as f
from router.contact import Connected, Contact, Forwarded
from router.state import State

OUTBOUND: Final = "outbound"
"""Beside the channels: calls that agents began."""

TalkFact = (
    f.AgentCalledBack
    | f.AgentThere
    | f.CallbackPostponed
    | f.CitizenReached
    | f.ContactForwarded
    | f.ContactHandedOver
    | f.ContactParked
    | f.ContactQueued
    | f.ContactReturned
    | f.ContactTaken
    | f.OfferAccepted
    | f.PartyJoined
    | f.WorkSetAside
    | f.WorkTakenUp
    | f.WrapUpStarted
)
"""Facts after which citizen and agent may talk, or not any more."""
TALK_FACTS: Final = frozenset(get_args(TalkFact)) - {f.ContactQueued, f.ContactTaken, f.OfferAccepted}
"""Those that mean nothing else here."""


class Known(Struct, frozen=True, array_like=True, gc=False):
    """What must be remembered of a contact until it ends."""

    channel: str
    """`OUTBOUND` for a call that an agent began: it asks for nothing."""
    queue: str = ""
    """The last it asked for."""
    pending: bool = False
    """It asked and has got no answer yet."""
    asked: float = 0.0
    """When it asked, UTC."""
    clock: float = 0.0
    """The queue's open clock then."""
    needs: tuple[str, ...] = ()
    """Skills it needs of its own."""
    reached: bool = False
    """The citizen has talked with somebody."""
    talks_since: float | None = None
    """Since when citizen and agent talk."""
    left: float | None = None
    """When the citizen left."""
    told: tuple[tuple[float, float, float], ...] = ()
    """Waits that were announced: when, and the least and most that it would still take."""


class Totals(Struct, array_like=True):
    """All that is counted, at one moment."""

    queues: dict[tuple[str, str], Figures] = field(default_factory=dict)
    """By queue and channel."""
    needs: dict[tuple[str, str], Figures] = field(default_factory=dict)
    """By skill needed and channel; a contact that needs two is in both, and in its queue's figures."""
    ended: dict[Ending, int] = field(default_factory=dict)
    offers: dict[str, int] = field(default_factory=dict)
    """By outcome, `made` among them."""
    refused: int = 0
    """Contacts by ways in that are not configured."""
    open: dict[str, float] = field(default_factory=dict)
    """Queue to seconds; these three are read off `metrics.attendance`."""
    staffed: dict[str, float] = field(default_factory=dict)
    eligible: dict[tuple[str, str], float] = field(default_factory=dict)

    def minus(self, before: "Totals") -> "Totals":
        """Return what was counted since `before`."""
        return Totals(
            figures_between(self.queues, before.queues),
            figures_between(self.needs, before.needs),
            between(self.ended, before.ended),
            between(self.offers, before.offers),
            self.refused - before.refused,
            between(self.open, before.open),
            between(self.staffed, before.staffed),
            between(self.eligible, before.eligible),
        )


class Image(Struct, array_like=True):
    """The projection as it is kept with a snapshot of the state; what a contact is known by in pieces."""

    totals: Totals
    midnight: Totals
    day: tuple[float, float]
    watches: Watches
    last_at: float
    known: dict[str, Known]


_ENCODER: Final = msgspec.msgpack.Encoder()
_TOTALS: Final = msgspec.msgpack.Decoder(Totals)


class Projection:
    """Follows the spine and counts. A fact about a contact it has never heard of is passed over."""

    def __init__(self, local: Callable[[float], datetime], image: Image | None = None) -> None:
        """`local` turns UTC seconds into naive local time: the figures of a day begin at midnight there."""
        self._facts: dict[type[f.AnyFact], int] = {}
        """By type, in this engine's life."""
        self._local = local
        self._totals = image.totals if image is not None else Totals()
        self._midnight = image.midnight if image is not None else Totals()
        self._started = Totals()
        self._day = image.day if image is not None else (0.0, 0.0)
        self._attendance = Attendance(image.watches if image is not None else Watches())
        self._last_at = image.last_at if image is not None else 0.0
        self._known = dict(image.known) if image is not None else {}

    def image(self) -> Image:
        """Return what is to be kept; it does not change any more."""
        totals, watches = _copy(self._totals), self._attendance.copy()
        return Image(totals, self._midnight, self._day, watches, self._last_at, dict(self._known))

    # ---- following ---------------------------------------------------------------------------------------------

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> None:
        """Count the facts of a turn, with the state they led to."""
        at = facts[-1].at
        if type(facts[0]) is f.LeaderChanged:
            self._attendance.stop(self._last_at)  # nobody knows since when nobody was there to serve
        if at >= self._day[1]:
            self._new_day(at)
        counts = self._facts
        for fact in facts:
            kind = type(fact)
            counts[kind] = counts.get(kind, 0) + 1
            handle = _HANDLERS.get(kind)
            if handle is not None:
                handle(self, fact, state)
        self._attendance.look(state, at)
        self._last_at = at

    def started(self, at: float) -> None:
        """Begin to count what happens in this engine's life; what was kept before has been replayed."""
        self._facts = {}
        self._started = _copy(self._reading(at))

    @property
    def facts(self) -> int:
        """Return how many facts were decided in this engine's life."""
        return sum(self._facts.values())

    def facts_by_tag(self) -> dict[str, int]:
        """Return how many facts of each kind were decided in this engine's life."""
        return {str(kind.__struct_config__.tag): number for kind, number in self._facts.items()}

    # ---- readings ----------------------------------------------------------------------------------------------

    def since_start(self, now: float) -> Totals:
        """Return what was counted in this engine's life."""
        return self._reading(now).minus(self._started)

    def today(self, now: float) -> tuple[float, Totals]:
        """Return since when the figures of the day count, and what was counted since."""
        if now >= self._day[1]:
            self._new_day(now)
        return self._day[0], self._reading(now).minus(self._midnight)

    def _reading(self, at: float) -> Totals:
        """Return the totals with times up to `at`; they share what is counted on."""
        watches = self._attendance.watches
        times = readings(watches.open, at), readings(watches.staffed, at), readings(watches.eligible, at)
        return structs.replace(self._totals, open=times[0], staffed=times[1], eligible=times[2])

    def _new_day(self, at: float) -> None:
        """Let the figures of the day begin anew. Whenever this is noticed, the reading is that of midnight."""
        begin, end = day_of(self._local, at)
        if not self._day[1]:
            begin = at  # the very first day
        self._midnight = _copy(self._reading(begin))
        self._day = begin, end

    # ---- contacts ----------------------------------------------------------------------------------------------

    def _arrived(self, fact: f.ContactArrived, _: State) -> None:
        if not fact.phone:  # else one of the house dials a code: that is nobody who wants a person
            self._known[fact.contact] = Known(fact.channel if fact.destination is None else OUTBOUND)

    def _promised(self, fact: f.CallbackRegistered, _: State) -> None:
        self._known[fact.callback] = Known("callback")

    def _refused(self, _: f.ContactRefused, __: State) -> None:
        self._totals.refused += 1

    def _queued(self, fact: f.ContactQueued, state: State) -> None:
        known = self._known.get(fact.contact)
        if known is None:
            return
        if known.channel == OUTBOUND:
            self._known[fact.contact] = structs.replace(known, queue=fact.queue)
        elif known.queue != fact.queue:
            known = self._hush(fact.contact, known, fact.at)
            needs = tuple(need.skill for need in fact.own_needs) if fact.own_needs else ()
            self._known[fact.contact] = self._ask(known, fact.queue, needs, fact.at, state)
        else:
            self._talk(fact, state)

    def _way_out(self, fact: f.WayOutTaken, state: State) -> None:
        known = self._known.get(fact.contact)
        if known is None:
            return
        if known.queue != fact.queue:
            known = self._ask(known, fact.queue, (), fact.at, state)
        if known.pending:
            self._compare(known, fact.at, answered=False)
            for figures in self._of(known):
                if fact.obstacle == "asked":
                    figures.withdrawn += 1
                else:
                    figures.turned_away[fact.obstacle] = figures.turned_away.get(fact.obstacle, 0) + 1
        self._known[fact.contact] = structs.replace(known, pending=False)

    def _accepted(self, fact: f.OfferAccepted | f.ContactTaken, state: State) -> None:
        known = self._known.get(fact.contact)
        if known is not None and known.pending:
            self._answered(known, fact.at, state)
            self._known[fact.contact] = structs.replace(known, pending=False)
        self._talk(fact, state)

    def _talk(self, fact: TalkFact, state: State) -> None:
        """Note whether citizen and agent talk after this turn, whatever led there."""
        known = self._known.get(fact.contact)
        if known is None:
            return
        contact = state.contacts.get(fact.contact)
        if not _talks(contact):
            known = self._hush(fact.contact, known, fact.at)
        elif known.talks_since is None:
            known = structs.replace(known, talks_since=fact.at, reached=True)
        if not known.reached and isinstance(contact, Forwarded):
            known = structs.replace(known, reached=contact.party is not None and contact.party.joined)
        self._known[fact.contact] = known

    def _announced(self, fact: f.WaitAnnounced, _: State) -> None:
        known = self._known.get(fact.contact)
        if known is not None and known.pending and fact.low is not None and fact.high is not None:
            told = (*known.told, (fact.at, fact.low, fact.high))
            self._known[fact.contact] = structs.replace(known, told=told)

    def _left(self, fact: f.CitizenLeft, _: State) -> None:
        known = self._known.get(fact.contact)
        if known is not None:
            self._known[fact.contact] = structs.replace(known, left=fact.at)

    def _ended(self, fact: f.ContactEnded, state: State) -> None:
        known = self._known.get(fact.contact)
        if known is None:
            return
        known = self._hush(fact.contact, known, fact.at)
        if known.pending:
            self._unanswered(known, fact, state)
        ending = Ending(known.queue, known.channel, fact.outcome, known.reached)
        self._totals.ended[ending] = self._totals.ended.get(ending, 0) + 1
        del self._known[fact.contact]

    # ---- counting ----------------------------------------------------------------------------------------------

    def _of(self, known: Known) -> list[Figures]:
        """Return the figures in which a contact counts: its queue's, and those of each skill it needs."""
        queues, needs = self._totals.queues, self._totals.needs
        found = [queues.get((known.queue, known.channel)) or queues.setdefault((known.queue, known.channel), Figures())]
        for skill in known.needs:
            found.append(needs.get((skill, known.channel)) or needs.setdefault((skill, known.channel), Figures()))
        return found

    def _ask(self, known: Known, queue: str, needs: tuple[str, ...], at: float, state: State) -> Known:
        """Count a contact's asking for another queue; what it asked for before, it gave up unanswered."""
        if known.pending:
            for figures in self._of(known):
                figures.withdrawn += 1
        asking = structs.replace(
            known, queue=queue, pending=True, asked=at, clock=_clock(queue, at, state), needs=needs, left=None, told=()
        )
        for figures in self._of(asking):
            figures.arrived += 1
        return asking

    def _answered(self, known: Known, at: float, state: State) -> None:
        waited = _waited(known, at, state)
        in_target = waited <= _promise(known, state)
        for figures in self._of(known):
            figures.answered += 1
            figures.in_target += in_target
            figures.wait.add(waited, WAIT_S)
        self._compare(known, at, answered=True)

    def _compare(self, known: Known, at: float, *, answered: bool) -> None:
        """Hold what was announced against what became true; of who left before that, only a broken promise is known."""
        for said, low, high in known.told:
            figures, wait = self._of(known)[0], at - said
            truth: Truth = "later" if wait > high else "sooner" if wait < low else "held"
            if answered or truth == "later":
                figures.told[truth] = figures.told.get(truth, 0) + 1
                off = max(wait - high, low - wait, 0.0)
                figures.told_off[truth] = figures.told_off.get(truth, 0.0) + off

    def _unanswered(self, known: Known, fact: f.ContactEnded, state: State) -> None:
        left = fact.at if known.left is None else known.left
        waited = _waited(known, left, state)
        self._compare(known, left, answered=False)
        for figures in self._of(known):
            match fact.outcome:
                case "abandoned":
                    figures.abandoned += 1
                    figures.short_abandoned += waited < SHORT_S
                    figures.abandoned_in_target += waited <= _promise(known, state)
                    figures.abandoned_wait += waited
                case "lost":
                    figures.lost += 1
                case "resumed":
                    figures.resumed += 1
                case _:
                    figures.withdrawn += 1

    def _hush(self, contact: str, known: Known, at: float) -> Known:
        """End a talk, if there is one."""
        if known.talks_since is None:
            return known
        for figures in self._of(known):
            figures.talk.add(max(at - known.talks_since, 0.0), TALK_S)
        known = self._known[contact] = structs.replace(known, talks_since=None)
        return known

    # ---- the house ---------------------------------------------------------------------------------------------

    def _refusal(self, fact: f.OfferDeclined | f.OfferMissed, _: State) -> None:
        self._outcome(fact.cause)

    def _outcome(self, outcome: str) -> None:
        self._totals.offers[outcome] = self._totals.offers.get(outcome, 0) + 1

    def _hours(self, _: f.QueueOpened | f.QueueClosed, __: State) -> None:
        self._attendance.hours_changed = True


def day_of(local: Callable[[float], datetime], at: float) -> tuple[float, float]:
    """Return begin and end (UTC) of the local day of `at`, also when clocks are put forward or back on it."""
    midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = _when(local, midnight, at)
    return begin, _when(local, midnight + timedelta(days=1), at)


def _when(local: Callable[[float], datetime], wanted: datetime, near: float) -> float:
    """Return the UTC seconds at which it is `wanted`, from a time less than a day away."""
    for _ in range(2):  # the second time sets right what a clock put forward or back in between had put wrong
        near += (wanted - local(near)).total_seconds()
    return near


def _copy(totals: Totals) -> Totals:
    return _TOTALS.decode(_ENCODER.encode(totals))


def _talks(contact: Contact | None) -> bool:
    return (
        isinstance(contact, Connected) and contact.agent_there and contact.calling_until is None and not contact.aside
    )


def _waited(known: Known, at: float, state: State) -> float:
    """Return the seconds since a contact asked: all of them when somebody is there, else those of open time."""
    if CHANNELS[known.channel].attended:
        return max(at - known.asked, 0.0)
    return max(_clock(known.queue, at, state) - known.clock, 0.0)


def _clock(queue: str, at: float, state: State) -> float:
    """Return the queue's open clock; the same turn may have ended the queue."""
    clock = state.clocks.get(queue)
    return clock.reading(at) if clock is not None else 0.0


def _promise(known: Known, state: State) -> float:
    """Return the wait that a contact's queue promises."""
    queue = state.configuration.queues.get(known.queue)
    return queue.target.wait if queue is not None else 0.0


_HANDLERS: Final[dict[type, Callable[[Projection, Any, State], None]]] = {
    f.ContactArrived: Projection._arrived,
    f.ContactRefused: Projection._refused,
    f.CallbackRegistered: Projection._promised,
    f.ContactQueued: Projection._queued,
    f.WayOutTaken: Projection._way_out,
    f.OfferAccepted: Projection._accepted,
    f.OfferDeclined: Projection._refusal,
    f.OfferMissed: Projection._refusal,
    f.ContactTaken: Projection._accepted,
    **dict.fromkeys(TALK_FACTS, Projection._talk),
    f.WaitAnnounced: Projection._announced,
    f.CitizenLeft: Projection._left,
    f.ContactEnded: Projection._ended,
    f.QueueOpened: Projection._hours,
    f.QueueClosed: Projection._hours,
}
