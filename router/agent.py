"""An agent: a person who serves contacts. What it may do stands in the configuration; here is what it does now."""

from typing import Any, Final

from msgspec import Struct, structs

from queues.channels import CHANNELS
from router import transitions
from router.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotResponding,
    AgentPaused,
    AgentReady,
    CallbackPostponed,
    ContactEnded,
    ContactForwarded,
    ContactHandedOver,
    ContactParked,
    ContactReturned,
    ContactTaken,
    ForwardTried,
    ForwardWaits,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    OfferMissed,
    OfferWithdrawn,
    PartyInvited,
    PartyLeft,
    PhoneFound,
    PhoneLost,
    WorkSetAside,
    WorkTakenUp,
    WrapUpEnded,
    WrapUpExtended,
    WrapUpStarted,
)

REFUSALS_ALLOWED: Final = 1
"""One more decline or miss in a row takes the agent out of ready (rule 1)."""


class Work(Struct, frozen=True, array_like=True, gc=False):
    """A contact in the agent's hands."""

    contact: str
    channel: str
    aside: bool = False
    wrapping_up: bool = False
    until: float | None = None
    """When wrap-up ends by itself."""
    since: float = 0.0
    """When wrap-up began."""


class Desk(Struct, frozen=True, array_like=True, gc=False):
    """What goes with the agent through all states."""

    id: str
    address: str = ""
    """SIP URI rung for calls; from the configuration unless named at log-in."""
    work: tuple[Work, ...] = ()
    idle_since: float = 0.0
    """When the agent last became ready, took a contact or had one taken off its hands (rule 4, longest idle)."""
    refusals: int = 0
    """Declines and misses in a row (rule 1)."""
    phone_lost: bool = False
    """The phone is known to be gone, or the desk has none: nothing that needs one is offered (rule 5)."""
    seat: str = ""
    """The desk, `SITE/NUMBER`, of a place that people visit."""


class LoggedOut(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Not at work."""

    desk: Desk


class Ready(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Takes offers, as far as capacity goes."""

    desk: Desk


class Reserved(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Is being asked; nothing else is offered meanwhile (rule 5)."""

    desk: Desk
    offer: str


class Paused(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Takes no offers; finishes what is in hand."""

    desk: Desk
    reason: str
    leaving: bool = False


class NotResponding(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Did not answer an offer; comes back at `until`, or by its own word when that is None (rules 1, 5)."""

    desk: Desk
    until: float | None


Agent = LoggedOut | Ready | Reserved | Paused | NotResponding

_AT_WORK: Final = (Ready, Reserved, Paused, NotResponding)
_WORK_FACTS: Final = (
    WorkSetAside,
    WorkTakenUp,
    WrapUpStarted,
    WrapUpExtended,
    WrapUpEnded,
    ContactReturned,
    CallbackPostponed,
    ContactEnded,
    ContactTaken,
    ContactHandedOver,
    ContactForwarded,
    ContactParked,
    ForwardTried,
    ForwardWaits,
    PartyInvited,
    PartyLeft,
    PhoneLost,
    PhoneFound,
)
"""Facts that change what is in hand, and leave the state as it is."""

TABLE: Final[transitions.Table] = {
    (LoggedOut, AgentLoggedIn): Paused,
    (Paused, AgentReady): Ready,
    (NotResponding, AgentReady): Ready,
    (Ready, AgentPaused): Paused,
    (Paused, AgentPaused): Paused,
    (NotResponding, AgentPaused): Paused,
    (Ready, AgentNotResponding): NotResponding,
    (Paused, AgentLoggedOut): LoggedOut,
    (Ready, OfferMade): Reserved,
    (Reserved, OfferAccepted): Ready,
    (Reserved, OfferDeclined): Ready,
    (Reserved, OfferMissed): Ready,
    (Reserved, OfferWithdrawn): Ready,
    **{(state, fact): state for state in _AT_WORK for fact in _WORK_FACTS},
}

WorkFact = (
    WorkSetAside
    | WorkTakenUp
    | WrapUpStarted
    | WrapUpExtended
    | WrapUpEnded
    | ContactReturned
    | CallbackPostponed
    | ContactEnded
    | ContactTaken
    | ContactHandedOver
    | ContactForwarded
    | ContactParked
    | ForwardTried
    | ForwardWaits
    | PartyInvited
    | PartyLeft
)

AgentFact = (
    AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentPaused
    | AgentNotResponding
    | PhoneLost
    | PhoneFound
    | OfferMade
    | OfferAccepted
    | OfferDeclined
    | OfferMissed
    | OfferWithdrawn
    | WorkFact
)


def evolve(agent: Agent, fact: AgentFact, channel: str = "", *, phone_lost: bool = False) -> Agent:
    """Return the agent after `fact`; `channel` is that of the contact it names, `phone_lost` tells of the phone at
    log-in. Raises IllegalTransition."""
    transitions.check(TABLE, agent, fact)
    desk = agent.desk
    match fact:
        case OfferMade():
            return Reserved(desk, fact.offer)
        case OfferAccepted():
            work = (*desk.work, Work(fact.contact, channel))
            return Ready(structs.replace(desk, work=work, idle_since=fact.at, refusals=0))
        case ContactEnded():
            return _with(agent, _let_go(desk, fact.contact, fact.at))
        case OfferDeclined() | OfferMissed():
            return Ready(structs.replace(desk, refusals=desk.refusals + 1))
        case OfferWithdrawn():
            return Ready(desk)
        case AgentLoggedIn():
            lost = phone_lost or bool(fact.seat and not fact.address)
            return Paused(Desk(desk.id, fact.address, desk.work, fact.at, phone_lost=lost, seat=fact.seat), "logged_in")
        case AgentLoggedOut():
            return LoggedOut(Desk(desk.id))
        case AgentReady():
            # Only who was taken out starts anew: neither a rest nor a pause makes the next refusal the first again.
            refusals = 0 if desk.refusals > REFUSALS_ALLOWED else desk.refusals
            return Ready(structs.replace(desk, idle_since=fact.at, refusals=refusals))
        case AgentPaused():
            return Paused(desk, fact.reason, fact.leaving)
        case AgentNotResponding():
            return NotResponding(desk, fact.until)
        case PhoneLost() | PhoneFound():
            return _with(agent, structs.replace(desk, phone_lost=isinstance(fact, PhoneLost)))
        case _:
            return _with(agent, _work(desk, fact, channel))


def _work(desk: Desk, fact: WorkFact, channel: str) -> Desk:
    """Return the desk after a fact that gives, takes or changes what is in hand."""
    match fact:
        case ContactTaken() | PartyInvited() | ForwardTried():
            return _take(desk, fact.contact, channel, fact.at)
        case ContactHandedOver() if fact.to == desk.id:
            return _take(desk, fact.contact, channel, fact.at)
        case ContactForwarded() if fact.to == desk.id and fact.agent != desk.id:
            return _take(desk, fact.contact, channel, fact.at)
        case ContactHandedOver() | ContactForwarded() | ContactParked() | ContactReturned() if (
            fact.wrap_up_until is not None and fact.agent == desk.id
        ):
            return _touch(desk, fact.contact, wrapping_up=True, aside=False, since=fact.at, until=fact.wrap_up_until)
        case WrapUpStarted():
            return _touch(desk, fact.contact, wrapping_up=True, aside=False, since=fact.at, until=fact.until)
        case WrapUpExtended():
            return _touch(desk, fact.contact, until=fact.until)
        case WorkSetAside() | WorkTakenUp():
            return _touch(desk, fact.contact, aside=isinstance(fact, WorkSetAside))
        case _:
            return _let_go(desk, fact.contact, fact.at)


def _let_go(desk: Desk, contact: str, at: float) -> Desk:
    """Have a contact in hand no longer."""
    left = tuple(item for item in desk.work if item.contact != contact)
    return structs.replace(desk, work=left, idle_since=at)


def _take(desk: Desk, contact: str, channel: str, at: float) -> Desk:
    """Take a contact in hand, unless it is there already."""
    if any(item.contact == contact for item in desk.work):
        return desk
    return structs.replace(desk, work=(*desk.work, Work(contact, channel)), idle_since=at)


def _touch(desk: Desk, contact: str, **changes: Any) -> Desk:
    work = tuple(structs.replace(item, **changes) if item.contact == contact else item for item in desk.work)
    return structs.replace(desk, work=work)


def engaged(agent: Agent) -> bool:
    """Tell whether an agent's phone is busy as far as we know: rung for an offer, or in a talk."""
    if type(agent) is Reserved:
        return True
    return any(CHANNELS[item.channel].voice and not item.wrapping_up for item in agent.desk.work)


def stays(agent: Agent) -> bool:
    """Tell whether an agent is logged in and not about to leave (rules 2 and 9)."""
    return type(agent) is not LoggedOut and not (type(agent) is Paused and agent.leaving)


def _with(agent: Agent, desk: Desk) -> Agent:
    return structs.replace(agent, desk=desk)
