"""An offer: the reservation of one agent for one contact (rule 5)."""

from typing import Final

from msgspec import Struct

from router import transitions
from router.facts import (
    AgentCalledBack,
    CallbackPostponed,
    ContactEnded,
    ContactForwarded,
    ContactHandedOver,
    ContactParked,
    ContactReturned,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    OfferMissed,
    OfferRule,
    OfferWithdrawn,
    PassedOver,
    WrapUpStarted,
)


class Standing(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """The agent is being asked."""

    id: str
    contact: str
    agent: str
    made: float
    deadline: float
    rule: OfferRule
    passed: PassedOver


class Accepted(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """The agent has the contact; the offer's id names the agent's side of it."""

    id: str
    contact: str
    agent: str


class Closed(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Refused, withdrawn, or its talk is over."""

    id: str


Offer = Standing | Accepted | Closed

TABLE: Final[transitions.Table] = {
    (Standing, OfferAccepted): Accepted,
    (Standing, OfferDeclined): Closed,
    (Standing, OfferMissed): Closed,
    (Standing, OfferWithdrawn): Closed,
    (Accepted, WrapUpStarted): Closed,
    (Accepted, ContactReturned): Closed,
    (Accepted, CallbackPostponed): Closed,
    (Accepted, ContactEnded): Closed,
    (Accepted, AgentCalledBack): Closed,
    (Accepted, ContactHandedOver): Closed,
    (Accepted, ContactForwarded): Closed,
    (Accepted, ContactParked): Closed,
}

EndOfTalk = (
    WrapUpStarted
    | ContactReturned
    | CallbackPostponed
    | ContactEnded
    | AgentCalledBack
    | ContactHandedOver
    | ContactForwarded
    | ContactParked
)
"""What closes an accepted offer; `AgentCalledBack` names the agent's next one."""

OfferFact = OfferAccepted | OfferDeclined | OfferMissed | OfferWithdrawn | EndOfTalk


def make(fact: OfferMade) -> Standing:
    """Return the offer that comes to be by `fact`."""
    return Standing(fact.offer, fact.contact, fact.agent, fact.at, fact.deadline, fact.rule, fact.passed)


def evolve(offer: Offer, fact: OfferFact) -> Offer:
    """Return the offer after `fact`. Raises IllegalTransition."""
    transitions.check(TABLE, offer, fact)
    if isinstance(fact, OfferAccepted):
        return Accepted(fact.offer, fact.contact, fact.agent)
    return Closed(offer.id)
