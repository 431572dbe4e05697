"""Bringing contacts and agents together: rules 1, 3, 4, 6 and 10 of docs/routing-rules.md.

Two questions, each answered from indexes: which agent does this contact get, which contact does this agent get.
Nothing here changes the state.
"""

from msgspec import Struct

from queues.line import Entry, Line
from router.contact import Offered, Spot, Waiting
from router.crew import ONES, Profile, Room
from router.facts import OfferRule, PassedOver
from router.state import State


class Match(Struct, frozen=True, gc=False):
    """Who is offered what, by which rule."""

    contact: str
    agent: str
    rule: OfferRule
    behind: tuple[str, ...] = ()
    """Queues whose overdue deferred contact was passed over (rule 3)."""


# ---- which agent does a contact get? ---------------------------------------------------------------------------


def agent_for(state: State, contact: Waiting, now: float) -> Match | None:
    """Return the agent to offer a waiting contact to, None when nobody eligible is free (rule 4)."""
    spot, channel = contact.spot, contact.card.channel
    preferred = _preferred(state, contact, now)
    if preferred is not None:
        return Match(contact.card.id, preferred, "preferred")
    if spot.grace_until is not None:
        return None
    mask = state.crew.able(spot.queue, spot.needs) & state.crew.free(channel)
    mask = without_held_back(state, mask, contact, now)
    if not mask:
        return None
    rule = state.configuration.queues[spot.queue].selection
    if rule == "spare-scarce":
        while mask:
            spared = _spare_scarce(state, channel, mask)
            agent = _longest_idle(state, channel, spared, spot, now)
            if agent is not None:
                return Match(contact.card.id, agent, "spare-scarce")
            mask &= ~spared
        return None
    agent = _longest_idle(state, channel, mask, spot, now)
    return Match(contact.card.id, agent, "longest-idle") if agent is not None else None


def _preferred(state: State, contact: Waiting, now: float) -> str | None:
    """Return the preferred agent if free, able, not held back (rule 10) and not resting from this contact."""
    spot = contact.spot
    if spot.preferred is None or resting(spot, spot.preferred, now):
        return None
    agent = state.agents.get(spot.preferred)
    profile = state.crew.profile_of.get(spot.preferred)
    if agent is None or profile is None or contact.card.channel not in state.crew.room(agent):
        return None
    mask = profile.bit & state.crew.able(spot.queue, spot.needs)
    return spot.preferred if mask and without_held_back(state, mask, contact, now) else None


def resting(spot: Spot, agent: str, now: float) -> bool:
    """Tell whether an agent refused the contact a moment ago (rule 1)."""
    return any(name == agent and until > now for name, until in spot.rests) if spot.rests else False


def without_held_back(state: State, mask: int, contact: Waiting, now: float) -> int:
    """Take out profiles whose scarce skill is kept for those who need it, unless the contact is overdue (rule 10)."""
    reserve = state.configuration.reserve
    if not reserve or is_overdue(state, contact, now):
        return mask
    crew = state.crew
    required = {need.skill for need in contact.spot.needs}
    supply = crew.supply(contact.card.channel)
    for skill, number in reserve.items():
        if skill not in required and crew.with_skill(supply, skill) <= number:
            mask &= ~crew.has.get(skill, 0)
    return mask


def is_overdue(state: State, contact: Waiting, now: float) -> bool:
    """Tell whether a contact has waited longer than its queue promises."""
    return state.has_waited(contact, state.configuration.queues[contact.spot.queue].target.wait, now)


def _spare_scarce(state: State, channel: str, mask: int) -> int:
    """Return those of `mask` that lack the scarcest skills the contact does not need (rule 4).

    From the scarcest skill downwards: if anybody can do without it, those who have it stay free. All of `mask` have
    what the contact needs.
    """
    if mask & (mask - 1) == 0:
        return mask
    demand, supply = state.demand, state.crew.supply(channel)
    scarcity = []
    for skill, field, having in state.crew.telling(mask):
        if skill in demand:
            scarcity.append((-demand[skill] / (supply >> field & ONES), having))
    scarcity.sort()
    for _, having in scarcity:
        if mask & ~having:
            mask &= ~having
    return mask


def _longest_idle(state: State, channel: str, mask: int, spot: Spot, now: float) -> str | None:
    """Return who has been idle longest and is not resting from this contact."""
    best: tuple[float, str] | None = None
    for candidates in state.crew.longest_idle(channel, mask):
        for one in candidates:
            if best is not None and one > best:
                break
            if not resting(spot, one[1], now):
                best = one
                break
    return best[1] if best is not None else None


# ---- which contact does an agent get? --------------------------------------------------------------------------


Candidate = tuple[int, float, int, str]
"""A contact that a freed agent may be offered: tier, urgency (negative), arrival, id; the lowest goes first.

Urgency is waiting time over target, times weight; it grows without bound (rule 3).
"""


def contact_for(state: State, agent: str, now: float) -> Match | None:
    """Return the contact to offer a free agent, None when nothing it may take is waiting (rule 3)."""
    profile = state.crew.profile_of.get(agent)
    room = state.crew.room(state.agents[agent])
    if profile is None or not room:
        return None
    if agent in state.lines.held:
        held = _held_for(state, agent, now)
        if held is not None:
            return Match(held, agent, "preferred")
    lines = profile.lines & state.lines.occupied
    deferred = lines & ~state.lines.live
    live = _candidates(state, lines & state.lines.live, profile, room, agent, now)
    if not deferred:
        return Match(min(live)[3], agent, "most-urgent") if live else None
    return _with_deferred(state, live, _candidates(state, deferred, profile, room, agent, now), agent, now)


def _with_deferred(
    state: State, live: list[Candidate], deferred: list[Candidate], agent: str, now: float
) -> Match | None:
    """Choose between live contacts, which go first, and deferred ones, which get their turn (rule 3)."""
    overdue = [(one, _waiting(state, one[3])) for one in deferred]
    overdue = [(one, contact) for one, contact in overdue if is_overdue(state, contact, now)]
    turn = [one for one, contact in overdue if _has_turn(state, contact.spot.queue)]
    if turn:
        return Match(min(turn)[3], agent, "deferred-turn")
    if live:
        behind = {contact.spot.queue for _, contact in overdue}
        return Match(min(live)[3], agent, "most-urgent", tuple(sorted(behind)))
    return Match(min(deferred)[3], agent, "most-urgent") if deferred else None


def _waiting(state: State, id_: str) -> Waiting:
    contact = state.contacts[id_]
    assert type(contact) is Waiting  # only they stand in lines
    return contact


def _has_turn(state: State, queue: str) -> bool:
    """Tell whether a queue's overdue deferred contact has been passed over often enough (rule 3)."""
    return state.turns.get(queue, 0) + 1 >= state.configuration.queues[queue].deferred_every


def _held_for(state: State, agent: str, now: float) -> str | None:
    """Return the first contact that waits for this agent alone (rule 4)."""
    waiting = (state.contacts[contact] for contact in state.lines.held.get(agent, ()))
    fitting = [one for one in waiting if isinstance(one, Waiting) and _preferred(state, one, now) is not None]
    return min(fitting, key=lambda one: one.spot.place.order).card.id if fitting else None


def _candidates(state: State, lines: int, profile: Profile, room: Room, agent: str, now: float) -> list[Candidate]:
    """Return the heads of those of `lines` that the agent has room for."""
    found: list[Candidate] = []
    reserve, queue, tier, reading = state.configuration.reserve, "", 0, 0.0
    for line in state.lines.those(lines):
        if line.queue != queue:
            queue = line.queue
            tier, reading = profile.queues[queue], state.clocks[queue].reading(now)
        if line.channel not in room:
            continue
        entry = line.head
        if line.rested or reserve:
            entry = _first_to_offer(state, line, profile, agent, now)
        if entry is not None:
            place, id_ = entry
            found.append((tier, (place.clock - reading) * line.rate, place.order, id_))
    return found


def _first_to_offer(state: State, line: Line, profile: Profile, agent: str, now: float) -> Entry | None:
    """Return the first of a line who is not resting (rule 1), unless the agent is held back from it (rule 10)."""
    for entry in line:
        contact = _waiting(state, entry[1])
        if not resting(contact.spot, agent, now):
            return entry if without_held_back(state, profile.bit, contact, now) else None
    return None


# ---- why not the others? ---------------------------------------------------------------------------------------


def passed_over(state: State, contact: Waiting, chosen: str, now: float) -> PassedOver:
    """Count the agents of the contact's queue who were not `chosen`, each under its first cause."""
    spot, channel = contact.spot, contact.card.channel
    crew = state.crew
    queue = spot.queue
    logged_out, paused, not_responding, reserved = crew.not_ready(queue)
    free = crew.free_in(channel, queue)
    skilled_mask = crew.able(queue, spot.needs)
    skilled = crew.count_free(channel, skilled_mask)
    ready_mask = without_held_back(state, skilled_mask, contact, now)
    unheld = skilled if ready_mask == skilled_mask else crew.count_free(channel, ready_mask)
    tired = [name for name, until in spot.rests if until > now and is_free(state, name, channel, ready_mask)]
    return PassedOver(
        logged_out=logged_out,
        paused=paused,
        not_responding=not_responding,
        reserved=reserved,
        busy=crew.members(queue) - logged_out - paused - not_responding - reserved - free,
        unskilled=free - skilled,
        held_back=skilled - unheld,
        resting=len(tired),
        less_suited=unheld - len(tired) - 1,
    )


def is_free(state: State, agent: str, channel: str, mask: int) -> bool:
    """Tell whether an agent is of the profiles in `mask` and free for a channel."""
    profile = state.crew.profile_of.get(agent)
    return profile is not None and bool(profile.bit & mask) and channel in state.crew.room(state.agents[agent])


def may_take(state: State, contact: Offered) -> bool:
    """Tell whether the agent to whom a contact is offered may take it (rules 1, 2 and 6)."""
    spot, profile = contact.spot, state.crew.profile_of.get(contact.agent)
    if profile is None or not profile.bit & state.crew.able(spot.queue, spot.needs):
        return False
    return contact.card.channel in profile.room(state.agents[contact.agent].desk)


def free_holders(state: State, channel: str, skill: str) -> list[str]:
    """Return one free agent of each profile that has `skill`: the one who has been idle longest."""
    return [first[0][1] for first in state.crew.longest_idle(channel, state.crew.has.get(skill, 0))]
