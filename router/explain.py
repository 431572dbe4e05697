"""Full reasons on request: why somebody waits, and why this agent was asked (rules 1-6 and 10).

Computed from the state of the moment, which replay gives back for any moment of the past; an offer itself carries only
the counts (`PassedOver`). Reasons are codes, for pages to put into words; agents are ids, whose names the vault knows.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from queues.skills import Need
from router.agent import Agent, LoggedOut, NotResponding, Paused, Reserved
from router.contact import Waiting
from router.facts import OfferMade, OfferRule, PassedOver
from router.matching import resting, without_held_back
from router.state import State

Cause = Literal[
    "chosen",
    "logged_out",
    "paused",
    "not_responding",
    "reserved",
    "busy",
    "unskilled",
    "held_back",
    "resting",
    "less_suited",
    "kept_for_preferred",
]
"""`PassedOver` names the same causes; the last is of one who is free while the contact waits for somebody else."""


class Reason(Struct, frozen=True, kw_only=True):
    """What one agent of the queue is to a contact. The fields after `cause` say more where there is more to say."""

    agent: str
    cause: Cause
    pause: str = ""
    """Why the agent is paused, by the city's list."""
    until: float | None = None
    """When a rest (rule 1) or not responding ends."""
    missing: tuple[Need, ...] = ()
    """What an unskilled agent lacks."""
    scarce: tuple[str, ...] = ()
    """Skills that are held back (rule 10), or that the choice of another leaves free (rule 4)."""
    idle: float | None = None
    """Seconds since the agent was last given or relieved of something."""


class WhyWaiting(Struct, frozen=True, kw_only=True):
    """Why a contact is still in line."""

    queue: str
    open: bool
    position: int
    """1 for the first of its queue; contacts in their grace time are not counted."""
    waited: float
    """Seconds of the queue's open time."""
    urgency: float
    """Waiting time over target, times weight (rule 3)."""
    needs: tuple[Need, ...]
    step: int
    widens_at: float | None
    """UTC seconds of the next step, None when there is none or the queue is closed (rule 2)."""
    preferred: str | None
    grace_until: float | None
    leaves_at: float | None
    """When the way out `too_long` is taken (rule 9)."""
    agents: tuple[Reason, ...]
    factor: float = 1.0
    """By which somebody who leads made it more, or less, urgent; part of `urgency`."""
    first: bool = False
    """Somebody who leads put it before all others of its queue."""


class WhyThisAgent(Struct, frozen=True, kw_only=True):
    """Why an offer was made to this agent."""

    agent: str
    contact: str
    rule: OfferRule
    step: int
    behind: tuple[str, ...]
    """Queues whose overdue deferred contact was passed over for this one (rule 3)."""
    agents: tuple[Reason, ...]


def why_waiting(state: State, contact: Waiting, now: float) -> WhyWaiting:
    """Explain why `contact` waits at `now`."""
    spot = contact.spot
    queue = state.configuration.queues[spot.queue]
    waited = state.waited(contact, now)
    coming = spot.requirement[spot.step + 1 :]
    clock = state.clocks[spot.queue]
    return WhyWaiting(
        queue=spot.queue,
        open=state.is_open(spot.queue),
        position=state.lines.ahead_of(contact) + 1,
        waited=waited,
        urgency=waited / queue.target.wait * spot.weight,
        needs=spot.needs,
        step=spot.step,
        widens_at=clock.when(spot.place.clock + coming[0].after) if coming else None,
        preferred=spot.preferred,
        grace_until=spot.grace_until,
        leaves_at=state.leaves_at(contact),
        agents=tuple(_reasons(state, contact, None, now)),
        factor=spot.factor,
        first=spot.first,
    )


def why_this_agent(before: State, offer: OfferMade) -> WhyThisAgent:
    """Explain an offer; `before` is the state that it was decided in. Raises ValueError if it is not."""
    contact = before.contacts.get(offer.contact)
    if not isinstance(contact, Waiting):
        raise ValueError(f"contact {offer.contact} does not wait in this state")
    return WhyThisAgent(
        agent=offer.agent,
        contact=offer.contact,
        rule=offer.rule,
        step=offer.step,
        behind=offer.behind,
        agents=tuple(_reasons(before, contact, offer.agent, offer.at)),
    )


def counts(reasons: tuple[Reason, ...]) -> PassedOver:
    """Count reasons by cause, as an offer does."""
    number = Counter(reason.cause for reason in reasons)
    return PassedOver(*(number[cause] for cause in PassedOver.__struct_fields__))  # type: ignore[index]


def _reasons(state: State, contact: Waiting, chosen: str | None, now: float) -> Iterator[Reason]:
    for id_, profile in sorted(state.crew.profile_of.items()):
        if contact.spot.queue in profile.queues:
            yield _reason(state, contact, state.agents[id_], chosen, now)


def _reason(state: State, contact: Waiting, agent: Agent, chosen: str | None, now: float) -> Reason:
    """Return the first cause that holds, in the order of `PassedOver`."""
    id_, spot = agent.desk.id, contact.spot
    match agent:
        case LoggedOut():
            return Reason(agent=id_, cause="logged_out")
        case Paused():
            return Reason(agent=id_, cause="paused", pause=agent.reason)
        case NotResponding():
            return Reason(agent=id_, cause="not_responding", until=agent.until)
        case Reserved():
            return Reason(agent=id_, cause="reserved")
        case _:
            pass
    idle = now - agent.desk.idle_since
    if id_ == chosen:
        return Reason(agent=id_, cause="chosen", idle=idle)
    if contact.card.channel not in state.crew.room(agent):
        return Reason(agent=id_, cause="busy")
    profile = state.crew.profile_of[id_]
    missing = tuple(need for need in spot.needs if profile.skills.get(need.skill, 0) < need.level)
    if missing:
        return Reason(agent=id_, cause="unskilled", missing=missing)
    others = profile.skills.keys() - {need.skill for need in spot.needs}
    if not without_held_back(state, profile.bit, contact, now):
        held = tuple(sorted(others & state.configuration.reserve.keys()))
        return Reason(agent=id_, cause="held_back", scarce=held)
    if resting(spot, id_, now):
        until = next(until for name, until in spot.rests if name == id_)
        return Reason(agent=id_, cause="resting", until=until)
    if chosen is None:
        return Reason(agent=id_, cause="kept_for_preferred", idle=idle)
    spared = others - state.crew.profile_of[chosen].skills.keys()
    return Reason(agent=id_, cause="less_suited", idle=idle, scarce=tuple(sorted(spared)))
