"""What happened, counted from the facts alone: the same facts give the same figures, live or replayed.

`Projection` follows the spine as the router's state does: it counts a turn's facts when they are decided, and its
`image` is kept with each snapshot of the state. Nothing is ever set back. What happened today, or since this engine
started, is what lies between two readings (`Totals.minus`). The words are those of docs/metrics.md.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct, field, structs

from metrics.attendance import Attendance, Watches, readings
from metrics.days import day_of
from metrics.figures import TALK_S, Figures, Settled, Truth, between, figures_between
from metrics.following import Following, Known, Told
from metrics.formulas import Ending
from router import facts as f
from router.contact import parties_of
from router.state import State

NODES_MAX: Final = 5_000
"""Nodes of flows that are counted: a configuration has some hundred, and names change over the years."""


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
    interpreters: dict[tuple[str, str], int] = field(default_factory=dict)
    """By language and what came of ringing: `rung`, `joined`, or why nobody came."""
    survey_asked: dict[str, int] = field(default_factory=dict)
    """Queue to citizens who were asked how it was."""
    survey_answers: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    """By queue, channel, language and answer."""
    nodes: dict[tuple[str, str], int] = field(default_factory=dict)
    """Flow and node to how often somebody has come to stand there; the first `NODES_MAX` that are met."""

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
            between(self.interpreters, before.interpreters),
            between(self.survey_asked, before.survey_asked),
            between(self.survey_answers, before.survey_answers),
            between(self.nodes, before.nodes),
        )


class Image(Struct, array_like=True):
    """The projection as it is kept with a snapshot of the state; what a contact is known by in pieces."""

    totals: Totals
    midnight: Totals
    day: tuple[float, float]
    watches: Watches
    last_at: float
    known: dict[str, Known]
    standing: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Contact to the flow and node where it stands."""


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
        self._following = Following(self, dict(image.known) if image is not None else {})
        self._standing = dict(image.standing) if image is not None else {}

    def image(self) -> Image:
        """Return what is to be kept; it does not change any more."""
        totals, watches = _copy(self._totals), self._attendance.copy()
        known, standing = dict(self._following.known), dict(self._standing)
        return Image(totals, self._midnight, self._day, watches, self._last_at, known, standing)

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
            self._following.take(fact, state)
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

    @property
    def known(self) -> Mapping[str, Known]:
        """Return what is known of the contacts that have not ended."""
        return self._following.known

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

    # ---- contacts (metrics.following.Sink) ---------------------------------------------------------------------

    def asked(self, _: str, known: Known, __: State) -> None:
        """Count a contact that asks for a queue."""
        for figures in self._of(known):
            figures.arrived += 1

    def settled(self, _: str, known: Known, settled: Settled) -> None:
        """Count what became of it."""
        for figures in self._of(known):
            figures.settle(settled)

    def told(self, _: str, known: Known, __: Told, truth: Truth | None, off: float) -> None:
        """Count an announced wait, in the figures of the queue alone."""
        if truth is not None:
            self._of(known)[0].tell(truth, off)

    def talked(self, _: str, known: Known, seconds: float, __: float) -> None:
        """Count a talk."""
        for figures in self._of(known):
            figures.talk.add(seconds, TALK_S)

    def _interpreter_rung(self, fact: f.PartyInvited, _: State) -> None:
        if fact.interprets:
            self._interpreter(fact.interprets, "rung")

    def _interpreter_joined(self, fact: f.PartyJoined, state: State) -> None:
        contact = state.contacts.get(fact.contact)
        for party in parties_of(contact) if contact is not None else ():
            if party.leg == fact.party and party.interprets:
                self._interpreter(party.interprets, "joined")

    def _interpreter_missing(self, fact: f.InterpreterMissing, _: State) -> None:
        self._interpreter(fact.language, fact.cause)

    def _interpreter(self, language: str, what: str) -> None:
        counts = self._totals.interpreters
        counts[language, what] = counts.get((language, what), 0) + 1

    def _survey_asked(self, fact: f.SurveyAsked | f.SurveyInvited, _: State) -> None:
        counts = self._totals.survey_asked
        counts[fact.queue] = counts.get(fact.queue, 0) + 1

    def _survey_answered(self, fact: f.SurveyAnswered, _: State) -> None:
        counts, answer = self._totals.survey_answers, (fact.queue, fact.channel, fact.language, str(fact.answer))
        counts[answer] = counts.get(answer, 0) + 1

    def over(self, _: str, known: Known, fact: f.ContactEnded) -> None:
        """Count an end."""
        ending = Ending(known.queue, known.channel, fact.outcome, known.reached)
        self._totals.ended[ending] = self._totals.ended.get(ending, 0) + 1

    def _of(self, known: Known) -> list[Figures]:
        """Return the figures in which a contact counts: its queue's, and those of each skill it needs."""
        queues, needs = self._totals.queues, self._totals.needs
        found = [queues.get((known.queue, known.channel)) or queues.setdefault((known.queue, known.channel), Figures())]
        for skill in known.needs:
            found.append(needs.get((skill, known.channel)) or needs.setdefault((skill, known.channel), Figures()))
        return found

    # ---- flows -------------------------------------------------------------------------------------------------

    def _stands(self, fact: f.FlowMoved, _: State) -> None:
        """Count who comes to stand at a node, once, however long it speaks and listens there."""
        place = fact.session.flow, fact.session.node
        if self._standing.get(fact.contact) == place:
            return
        self._standing[fact.contact] = place
        counts = self._totals.nodes
        if place in counts or len(counts) < NODES_MAX:
            counts[place] = counts.get(place, 0) + 1

    def _stands_nowhere(self, fact: f.ContactQueued | f.WayOutTaken | f.ContactEnded, _: State) -> None:
        self._standing.pop(fact.contact, None)

    # ---- the house ---------------------------------------------------------------------------------------------

    def _refused(self, _: f.ContactRefused, __: State) -> None:
        self._totals.refused += 1

    def _refusal(self, fact: f.OfferDeclined | f.OfferMissed, _: State) -> None:
        self._outcome(fact.cause)

    def _outcome(self, outcome: str) -> None:
        self._totals.offers[outcome] = self._totals.offers.get(outcome, 0) + 1

    def _hours(self, _: f.QueueOpened | f.QueueClosed, __: State) -> None:
        self._attendance.hours_changed = True


def _copy(totals: Totals) -> Totals:
    return _TOTALS.decode(_ENCODER.encode(totals))


_HANDLERS: Final[dict[type, Callable[[Projection, Any, State], None]]] = {
    f.ContactRefused: Projection._refused,
    f.OfferDeclined: Projection._refusal,
    f.OfferMissed: Projection._refusal,
    f.QueueOpened: Projection._hours,
    f.QueueClosed: Projection._hours,
    f.PartyInvited: Projection._interpreter_rung,
    f.PartyJoined: Projection._interpreter_joined,
    f.InterpreterMissing: Projection._interpreter_missing,
    f.SurveyAsked: Projection._survey_asked,
    f.SurveyAnswered: Projection._survey_answered,
    f.SurveyInvited: Projection._survey_asked,
    f.FlowMoved: Projection._stands,
    f.ContactQueued: Projection._stands_nowhere,
    f.WayOutTaken: Projection._stands_nowhere,
    f.ContactEnded: Projection._stands_nowhere,
}
