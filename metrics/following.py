"""From facts to what becomes of each contact: when it asks for a queue, how that is settled, who talks and how it ends.

`Following` knows what must be remembered of a contact until it ends, and tells a `Sink`. The figures of the day
(`metrics.projection`) and the history (`adapters.history`) are both told by it, so that they cannot differ. The words
are those of docs/metrics.md.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeGuard, get_args

from msgspec import Struct, structs

from metrics.figures import Settled, Settlement, Truth
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


UNANSWERED: Final[dict[f.Outcome, Settlement]] = {"abandoned": "abandoned", "lost": "lost", "resumed": "resumed"}
"""What an end means for a contact that got no answer; any other is a withdrawal."""


Told = tuple[float, float, float]
"""A wait that was announced: when, and the least and most that it would still take."""


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
    """Skills it needs of its own, and what its citizen needs."""
    reached: bool = False
    """The citizen has talked with somebody."""
    talks_since: float | None = None
    """Since when citizen and agent talk."""
    left: float | None = None
    """When the citizen left."""
    told: tuple[Told, ...] = ()
    """Waits that were announced."""
    talker: str = ""
    """The agent who talks."""
    talker_since: float = 0.0


class Sink(Protocol):
    """Is told, in order; `known` is what is known of the contact then."""

    def asked(self, contact: str, known: Known, state: State) -> None:
        """The contact asks for `known.queue`."""

    def settled(self, contact: str, known: Known, settled: Settled) -> None:
        """What it asked for has an answer, or will have none."""

    def told(self, contact: str, known: Known, told: Told, truth: Truth | None, off: float) -> None:
        """A wait that was announced has proved true or not, by `off` seconds; None when nobody can know."""

    def talked(self, contact: str, known: Known, seconds: float, at: float) -> None:
        """Citizen and agent have talked until `at`."""

    def spoke(self, contact: str, known: Known, agent: str, seconds: float) -> None:
        """An agent has had this part of a talk."""

    def over(self, contact: str, known: Known, fact: f.ContactEnded) -> None:
        """The contact has ended; everything else about it was told before."""


class Following:
    """Takes facts one by one, each with the state that its turn led to. One about an unknown contact is passed over."""

    def __init__(self, sink: Sink, known: dict[str, Known]) -> None:
        self.known = known
        self._sink = sink

    def take(self, fact: f.AnyFact, state: State) -> None:
        """Take in a fact."""
        handle = _HANDLERS.get(type(fact))
        if handle is not None:
            handle(self, fact, state)

    def _arrived(self, fact: f.ContactArrived, _: State) -> None:
        # A code that one of the house dials, and a question among agents, is nobody who wants a person.
        if not (fact.phone or CHANNELS[fact.channel].inward):
            self.known[fact.contact] = Known(fact.channel if fact.destination is None else OUTBOUND)

    def _promised(self, fact: f.CallbackRegistered, _: State) -> None:
        self.known[fact.callback] = Known("callback")

    def _queued(self, fact: f.ContactQueued, state: State) -> None:
        known = self.known.get(fact.contact)
        if known is None:
            return
        if known.channel == OUTBOUND:
            self.known[fact.contact] = structs.replace(known, queue=fact.queue)
        elif known.queue != fact.queue:
            known = self._hush(fact.contact, known, fact.at)
            needs = tuple(need.skill for need in fact.own_needs) + _assistance(fact.contact, state)
            self.known[fact.contact] = self._ask(fact.contact, known, fact.queue, needs, fact.at, state)
        else:
            self._talk(fact, state)

    def _way_out(self, fact: f.WayOutTaken, state: State) -> None:
        known = self.known.get(fact.contact)
        if known is None or known.channel == OUTBOUND:
            return
        if known.queue != fact.queue:
            known = self._ask(fact.contact, known, fact.queue, (), fact.at, state)
        if known.pending:
            self._compare(fact.contact, known, fact.at, answered=False)
            asked = fact.obstacle in ("asked", "crisis")  # a crisis leads on to a callback in its turn, as a key does
            self._settle(fact.contact, known, "withdrawn" if asked else "turned_away", fact.at, state, fact.obstacle)
        self.known[fact.contact] = structs.replace(known, pending=False)

    def _accepted(self, fact: f.OfferAccepted | f.ContactTaken, state: State) -> None:
        known = self.known.get(fact.contact)
        if known is not None and known.pending:
            self._settle(fact.contact, known, "answered", fact.at, state)
            self._compare(fact.contact, known, fact.at, answered=True)
            self.known[fact.contact] = structs.replace(known, pending=False)
        self._talk(fact, state)

    def _talk(self, fact: TalkFact, state: State) -> None:
        """Note whether citizen and agent talk after this turn, whatever led there."""
        known = self.known.get(fact.contact)
        if known is None:
            return
        contact = state.contacts.get(fact.contact)
        if not talks(contact):
            known = self._hush(fact.contact, known, fact.at)
        elif known.talks_since is None:
            known = structs.replace(
                known, talks_since=fact.at, reached=True, talker=contact.agent, talker_since=fact.at
            )
        elif known.talker != contact.agent:
            known = self._relieved(fact.contact, known, contact.agent, fact.at)
        if not known.reached and isinstance(contact, Forwarded):
            known = structs.replace(known, reached=contact.party is not None and contact.party.joined)
        self.known[fact.contact] = known

    def _announced(self, fact: f.WaitAnnounced, _: State) -> None:
        known = self.known.get(fact.contact)
        if known is not None and known.pending and fact.low is not None and fact.high is not None:
            told = (*known.told, (fact.at, fact.low, fact.high))
            self.known[fact.contact] = structs.replace(known, told=told)

    def _left(self, fact: f.CitizenLeft, _: State) -> None:
        known = self.known.get(fact.contact)
        if known is not None:
            self.known[fact.contact] = structs.replace(known, left=fact.at)

    def _ended(self, fact: f.ContactEnded, state: State) -> None:
        known = self.known.get(fact.contact)
        if known is None:
            return
        known = self._hush(fact.contact, known, fact.at)
        if known.pending:
            self._unanswered(known, fact, state)
        self._sink.over(fact.contact, known, fact)
        del self.known[fact.contact]

    # ---- telling -----------------------------------------------------------------------------------------------

    def _ask(self, contact: str, known: Known, queue: str, needs: tuple[str, ...], at: float, state: State) -> Known:
        """Tell of a contact's asking for another queue; what it asked for before, it gave up unanswered."""
        if known.pending:
            self._settle(contact, known, "withdrawn", at, state)
        asking = structs.replace(
            known, queue=queue, pending=True, asked=at, clock=_clock(queue, at, state), needs=needs, left=None, told=()
        )
        self._sink.asked(contact, asking, state)
        return asking

    def _settle(
        self, contact: str, known: Known, what: Settlement, at: float, state: State, obstacle: str = ""
    ) -> None:
        waited = _waited(known, at, state)
        settled = Settled(what, at, waited, waited <= _promise(known, state), obstacle)
        self._sink.settled(contact, known, settled)

    def _compare(self, contact: str, known: Known, at: float, *, answered: bool) -> None:
        """Hold what was announced against what became true; of who left before that, only a broken promise is known."""
        for told in known.told:
            said, low, high = told
            wait = at - said
            truth: Truth = "later" if wait > high else "sooner" if wait < low else "held"
            certain = answered or truth == "later"
            off = max(wait - high, low - wait, 0.0) if certain else 0.0
            self._sink.told(contact, known, told, truth if certain else None, off)

    def _unanswered(self, known: Known, fact: f.ContactEnded, state: State) -> None:
        left = fact.at if known.left is None else known.left
        self._compare(fact.contact, known, left, answered=False)
        what = UNANSWERED.get(fact.outcome, "withdrawn")
        self._settle(fact.contact, known, what, left, state)

    def _relieved(self, contact: str, known: Known, agent: str, at: float) -> Known:
        """Let another agent go on with a talk."""
        if known.talker:
            self._sink.spoke(contact, known, known.talker, max(at - known.talker_since, 0.0))
        return structs.replace(known, talker=agent, talker_since=at)

    def _hush(self, contact: str, known: Known, at: float) -> Known:
        """End a talk, if there is one."""
        if known.talks_since is None:
            return known
        self._sink.talked(contact, known, max(at - known.talks_since, 0.0), at)
        if known.talker:
            self._sink.spoke(contact, known, known.talker, max(at - known.talker_since, 0.0))
        known = self.known[contact] = structs.replace(known, talks_since=None)
        return known


def talks(contact: Contact | None) -> TypeGuard[Connected]:
    """Tell whether citizen and agent talk."""
    return (
        isinstance(contact, Connected) and contact.agent_there and contact.calling_until is None and not contact.aside
    )


def _waited(known: Known, at: float, state: State) -> float:
    """Return the seconds since a contact asked: all of them when somebody is there, else those of open time."""
    if CHANNELS[known.channel].attended:
        return max(at - known.asked, 0.0)
    return max(_clock(known.queue, at, state) - known.clock, 0.0)


def _assistance(contact: str, state: State) -> tuple[str, ...]:
    """Return what the citizen of a contact needs (`router.persons.AIDS`)."""
    known = state.contacts.get(contact)
    return known.card.needs if known is not None else ()


def _clock(queue: str, at: float, state: State) -> float:
    """Return the queue's open clock; the same turn may have ended the queue."""
    clock = state.clocks.get(queue)
    return clock.reading(at) if clock is not None else 0.0


def _promise(known: Known, state: State) -> float:
    """Return the wait that a contact's queue promises."""
    queue = state.configuration.queues.get(known.queue)
    return queue.target.wait if queue is not None else 0.0


_HANDLERS: Final[dict[type, Callable[[Following, Any, State], None]]] = {
    f.ContactArrived: Following._arrived,
    f.CallbackRegistered: Following._promised,
    f.ContactQueued: Following._queued,
    f.WayOutTaken: Following._way_out,
    f.OfferAccepted: Following._accepted,
    f.ContactTaken: Following._accepted,
    **dict.fromkeys(TALK_FACTS, Following._talk),
    f.WaitAnnounced: Following._announced,
    f.CitizenLeft: Following._left,
    f.ContactEnded: Following._ended,
}
