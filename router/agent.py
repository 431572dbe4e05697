"""An agent: a person who serves contacts. What it may do stands in the configuration; here is what it does now."""

from typing import Final, assert_never

from msgspec import Struct, structs

from router import transitions
from router.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotResponding,
    AgentPaused,
    AgentReady,
    ContactEnded,
    ContactReturned,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    OfferMissed,
    OfferWithdrawn,
    WorkSetAside,
    WorkTakenUp,
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
_WORK_FACTS: Final = (WorkSetAside, WorkTakenUp, WrapUpStarted, ContactReturned, ContactEnded)

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

AgentFact = (
    AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentPaused
    | AgentNotResponding
    | OfferMade
    | OfferAccepted
    | OfferDeclined
    | OfferMissed
    | OfferWithdrawn
    | WorkSetAside
    | WorkTakenUp
    | WrapUpStarted
    | ContactReturned
    | ContactEnded
)


def evolve(agent: Agent, fact: AgentFact, channel: str = "") -> Agent:
    """Return the agent after `fact`; `channel` is that of the contact it names. Raises IllegalTransition."""
    transitions.check(TABLE, agent, fact)
    desk = agent.desk
    match fact:
        case OfferMade():
            return Reserved(desk, fact.offer)
        case OfferAccepted():
            work = (*desk.work, Work(fact.contact, channel))
            return Ready(Desk(desk.id, desk.address, work, fact.at))
        case OfferDeclined() | OfferMissed():
            return Ready(structs.replace(desk, refusals=desk.refusals + 1))
        case OfferWithdrawn():
            return Ready(desk)
        case ContactReturned() | ContactEnded():
            work = tuple(item for item in desk.work if item.contact != fact.contact)
            return _with(agent, Desk(desk.id, desk.address, work, fact.at, desk.refusals))
        case AgentLoggedIn():
            return Paused(Desk(desk.id, fact.address, desk.work, fact.at), "logged_in")
        case AgentLoggedOut():
            return LoggedOut(Desk(desk.id))
        case AgentReady():
            # Only who was taken out starts anew: neither a rest nor a pause makes the next refusal the first again.
            refusals = 0 if desk.refusals > REFUSALS_ALLOWED else desk.refusals
            return Ready(Desk(desk.id, desk.address, desk.work, fact.at, refusals))
        case AgentPaused():
            return Paused(desk, fact.reason, fact.leaving)
        case AgentNotResponding():
            return NotResponding(desk, fact.until)
        case WorkSetAside() | WorkTakenUp() | WrapUpStarted():
            work = tuple(_touched(item, fact) if item.contact == fact.contact else item for item in desk.work)
            return _with(agent, structs.replace(desk, work=work))
        case _:
            assert_never(fact)


def stays(agent: Agent) -> bool:
    """Tell whether an agent is logged in and not about to leave (rules 2 and 9)."""
    return type(agent) is not LoggedOut and not (type(agent) is Paused and agent.leaving)


def _touched(item: Work, fact: WorkSetAside | WorkTakenUp | WrapUpStarted) -> Work:
    if isinstance(fact, WrapUpStarted):
        return Work(item.contact, item.channel, aside=False, wrapping_up=True)
    return Work(item.contact, item.channel, isinstance(fact, WorkSetAside), item.wrapping_up)


def _with(agent: Agent, desk: Desk) -> Agent:
    return structs.replace(agent, desk=desk)
