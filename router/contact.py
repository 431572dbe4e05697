"""A contact: one citizen's request through one channel, from its arrival to its end."""

from typing import Final, assert_never

from msgspec import Struct, structs

from ivr.actions import Action, Notes
from ivr.session import Session
from queues.line import Place
from queues.queue import Obstacle, WayOut
from queues.skills import Needs, Requirement
from router import transitions
from router.facts import (
    CitizenLeft,
    ContactArrived,
    ContactEnded,
    ContactQueued,
    ContactReturned,
    FlowMoved,
    GraceEnded,
    LanguageChosen,
    LeaveCause,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    OfferMissed,
    OfferWithdrawn,
    Outcome,
    RequirementWidened,
    WayOutTaken,
    WorkSetAside,
    WorkTakenUp,
    WrapUpStarted,
)


class Card(Struct, frozen=True, array_like=True, gc=False):
    """What stays the same of a contact."""

    id: str
    channel: str
    entry: str
    leg: str
    order: int
    person: str | None
    arrived: float
    preferred: str | None = None
    language: str = ""
    """What it hears, and is to be spoken to in; empty for the house's own."""
    patience: float = 1.0
    """Multiplies the time-outs of flows."""


class Spot(Struct, frozen=True, array_like=True, gc=False):
    """Where a contact waits, kept through offers, talk and hand-overs (rule 7)."""

    queue: str
    place: Place
    requirement: Requirement
    step: int
    weight: float
    queued: float
    """Since when it stands in this line without a break; `max_wait` counts from here (rule 9)."""
    preferred: str | None
    grace_until: float | None
    """None once the grace time is over or when nobody is preferred."""
    rests: tuple[tuple[str, float], ...] = ()
    """Agents who refused a moment ago, and until when they are left in peace (rule 1)."""
    offers: int = 0
    """How many offers were made; the next one's id derives from it."""
    own_needs: Needs = ()
    """What the contact itself needs, part of every step; goes with it to another queue."""
    priority: float = 1.0
    """The contact's own part of the weight; goes with it to another queue."""
    left: tuple[str, ...] = ()
    """Queues it left by a way out; no way leads back to them (rule 9)."""
    notes: Notes = ()
    """Words of the flow for whoever serves it."""
    stands_since: float = 0.0
    """When it last came to stand in line: an offer that failed is a break here, though not in `queued`."""

    @property
    def needs(self) -> Needs:
        """Return what is required at the present step (rule 2)."""
        return self.requirement[self.step].needs


class Arrived(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Known, and nothing decided yet."""

    card: Card


class InFlow(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A flow speaks or listens."""

    card: Card
    session: Session
    action: Action
    since: float
    left: tuple[str, ...] = ()
    """Queues it has left by a way out, which led here."""


class Waiting(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """In line."""

    card: Card
    spot: Spot


class Offered(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """One agent is reserved and being asked."""

    card: Card
    spot: Spot
    offer: str
    agent: str
    deadline: float


class Connected(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An agent has it."""

    card: Card
    spot: Spot
    offer: str
    agent: str
    since: float
    aside: bool = False
    """Set aside for a live contact (rule 6)."""


class WrappingUp(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """The citizen is served; the agent finishes the matter."""

    card: Card
    spot: Spot
    agent: str
    until: float


class Leaving(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Could not wait (rule 9): hears why and what now."""

    card: Card
    obstacle: Obstacle
    way: WayOut
    since: float
    left: tuple[str, ...] = ()
    """Queues it has left by a way out, this one included."""


class Away(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """The citizen is gone for now; the place is kept until `until` (rule 7)."""

    card: Card
    spot: Spot
    cause: LeaveCause
    until: float


class Ended(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Over."""

    card: Card
    outcome: Outcome


InLine = (Waiting, Offered, Connected, WrappingUp, Away)
"""The states that have a spot."""

Contact = Arrived | InFlow | Waiting | Offered | Connected | WrappingUp | Leaving | Away | Ended

_OPEN: Final = (Arrived, InFlow, Waiting, Connected, WrappingUp, Leaving, Away)

TABLE: Final[transitions.Table] = {
    (Arrived, FlowMoved): InFlow,
    (InFlow, FlowMoved): InFlow,
    (Leaving, FlowMoved): InFlow,
    (Arrived, LanguageChosen): Arrived,
    (InFlow, LanguageChosen): InFlow,
    (Leaving, LanguageChosen): Leaving,
    (Arrived, ContactQueued): Waiting,
    (InFlow, ContactQueued): Waiting,
    (Leaving, ContactQueued): Waiting,
    (Arrived, WayOutTaken): Leaving,
    (InFlow, WayOutTaken): Leaving,
    (Waiting, WayOutTaken): Leaving,
    (Waiting, GraceEnded): Waiting,
    (Waiting, RequirementWidened): Waiting,
    (Waiting, OfferMade): Offered,
    (Offered, OfferDeclined): Waiting,
    (Offered, OfferMissed): Waiting,
    (Offered, OfferWithdrawn): Waiting,
    (Offered, OfferAccepted): Connected,
    (Connected, WorkSetAside): Connected,
    (Connected, WorkTakenUp): Connected,
    (Connected, ContactReturned): Waiting,
    (Connected, WrapUpStarted): WrappingUp,
    (Waiting, CitizenLeft): Away,
    **{(state, ContactEnded): Ended for state in _OPEN},
}

ContactFact = (
    FlowMoved
    | LanguageChosen
    | ContactQueued
    | WayOutTaken
    | GraceEnded
    | RequirementWidened
    | OfferMade
    | OfferDeclined
    | OfferMissed
    | OfferWithdrawn
    | OfferAccepted
    | WorkSetAside
    | WorkTakenUp
    | ContactReturned
    | WrapUpStarted
    | CitizenLeft
    | ContactEnded
)


def arrive(fact: ContactArrived) -> Arrived:
    """Return the contact that comes to be by `fact`."""
    return Arrived(
        Card(
            fact.contact,
            fact.channel,
            fact.entry,
            fact.leg,
            fact.order,
            fact.person,
            fact.at,
            fact.preferred,
            fact.language,
            fact.patience,
        )
    )


def evolve(contact: Contact, fact: ContactFact) -> Contact:
    """Return the contact after `fact`. Raises IllegalTransition."""
    transitions.check(TABLE, contact, fact)
    card = contact.card
    match fact:
        case FlowMoved():
            return InFlow(card, fact.session, fact.action, fact.at, queues_left(contact))
        case LanguageChosen():
            return structs.replace(contact, card=structs.replace(card, language=fact.language))
        case ContactQueued():
            return Waiting(card, _spot(fact, queues_left(contact)))
        case WayOutTaken():
            return Leaving(card, fact.obstacle, fact.way, fact.at, (*queues_left(contact), fact.queue))
        case ContactEnded():
            return Ended(card, fact.outcome)
        case _:
            return _evolve_in_line(contact, fact)


def _evolve_in_line(
    contact: Contact,
    fact: GraceEnded
    | RequirementWidened
    | OfferMade
    | OfferDeclined
    | OfferMissed
    | OfferWithdrawn
    | OfferAccepted
    | WorkSetAside
    | WorkTakenUp
    | ContactReturned
    | WrapUpStarted
    | CitizenLeft,
) -> Contact:
    """Move a contact that has a spot; the table has made sure that it has one."""
    assert isinstance(contact, Waiting | Offered | Connected)  # by the table
    card, spot = contact.card, contact.spot
    match fact:
        case OfferMade():
            counted = structs.replace(spot, offers=spot.offers + 1)
            return Offered(card, counted, fact.offer, fact.agent, fact.deadline)
        case OfferAccepted():
            return Connected(card, spot, fact.offer, fact.agent, fact.at)
        case OfferDeclined() | OfferMissed():
            return Waiting(card, _rested(spot, fact.agent, fact.at, fact.rest_until))
        case OfferWithdrawn():
            return Waiting(card, structs.replace(spot, stands_since=fact.at))
        case ContactReturned():
            again = structs.replace(spot, queued=fact.at, grace_until=None, stands_since=fact.at)
            rest = fact.rest_until
            return Waiting(card, again if rest is None else _rested(again, fact.agent, fact.at, rest))
        case GraceEnded():
            return Waiting(card, structs.replace(spot, grace_until=None))
        case RequirementWidened():
            return Waiting(card, structs.replace(spot, step=fact.step))
        case WorkSetAside() | WorkTakenUp():
            return structs.replace(contact, aside=isinstance(fact, WorkSetAside))
        case WrapUpStarted():
            return WrappingUp(card, spot, fact.agent, fact.until)
        case CitizenLeft():
            return Away(card, spot, fact.cause, fact.keep_until)
        case _:
            assert_never(fact)


def queues_left(contact: Contact) -> tuple[str, ...]:
    """Return the queues a contact left by a way out."""
    if isinstance(contact, Waiting):
        return contact.spot.left
    return contact.left if isinstance(contact, InFlow | Leaving) else ()


def _spot(fact: ContactQueued, left: tuple[str, ...]) -> Spot:
    return Spot(
        fact.queue,
        fact.place,
        fact.requirement,
        fact.step,
        fact.weight,
        fact.at,
        fact.preferred,
        fact.grace_until,
        (),
        fact.offers,
        fact.own_needs,
        fact.priority,
        left,
        fact.notes,
        fact.at,
    )


def _rested(spot: Spot, agent: str, now: float, until: float) -> Spot:
    """Let a contact rest for an agent (rule 1); nobody waits for a preferred agent who refused (rule 4)."""
    still = tuple(rest for rest in spot.rests if rest[1] > now and rest[0] != agent)
    grace = None if agent == spot.preferred else spot.grace_until
    return structs.replace(spot, rests=(*still, (agent, until)), grace_until=grace, stands_since=now)
