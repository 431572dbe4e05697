"""How things stand now, read off the router's state: whoever asks pays for it, deciding costs nothing more."""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct, field

from metrics.attendance import channels_of
from router.agent import Agent, LoggedOut, NotResponding, Paused, Ready, Reserved
from router.contact import (
    Arrived,
    Away,
    Connected,
    Contact,
    Forwarded,
    Hearing,
    InFlow,
    InLine,
    Leaving,
    Offered,
    Parked,
    Waiting,
    WrappingUp,
)
from router.crew import Profile, Room
from router.state import State

AgentState = Literal["logged_out", "paused", "not_responding", "reserved", "free", "serving", "wrap_up"]
"""*Free*: ready, with nothing in hand. *Serving*: with a contact; there may be room for more."""
ContactState = Literal[
    "in_flow", "waiting", "offered", "connected", "forwarded", "parked", "wrap_up", "away", "leaving"
]
"""*Forwarded*: sent on to somebody outside the queue. *Away*: the citizen is gone and the place is kept."""

AGENT_STATES: Final[tuple[AgentState, ...]] = (
    "free", "serving", "wrap_up", "reserved", "paused", "not_responding", "logged_out",
)  # fmt: skip
IN_QUEUE: Final[tuple[ContactState, ...]] = (
    "waiting", "offered", "connected", "forwarded", "parked", "wrap_up", "away",
)  # fmt: skip
WITHOUT_QUEUE: Final[tuple[ContactState, ...]] = ("in_flow", "forwarded", "leaving")
CONTACT_STATES: Final[dict[type[Contact], ContactState]] = {
    Arrived: "in_flow",
    Hearing: "in_flow",
    InFlow: "in_flow",
    Waiting: "waiting",
    Offered: "offered",
    Connected: "connected",
    WrappingUp: "wrap_up",
    Forwarded: "forwarded",
    Parked: "parked",
    Away: "away",
    Leaving: "leaving",
}


class Place(Struct):
    """A queue and channel at one moment."""

    contacts: dict[ContactState, int]
    waiting_since: float | None = None
    """When the one who has waited longest without a break began to, UTC."""
    available: int = 0
    """Agents of the queue with room for the channel."""
    available_with: dict[str, int] = field(default_factory=dict)
    """Skill to those of them who have it, for each skill that an agent of the queue has."""


class Group(Struct):
    """Contacts that have a language, or a place, in common, at one moment."""

    waiting: int = 0
    """In line, or being offered."""
    waiting_since: float | None = None
    served: int = 0
    """With an agent."""


class Present(Struct):
    """One moment."""

    places: dict[tuple[str, str], Place]
    """By queue and channel; the queue is empty for contacts in a flow or on their way out."""
    agents: dict[AgentState, int]
    by_queue: dict[str, dict[AgentState, int]]
    available: dict[str, int]
    """Channel to agents with room for it."""
    skilled: dict[tuple[str, str], int]
    """Skill and channel to agents who have it, and room for the channel."""
    help_wanted: int = 0
    """Agents' contacts for which somebody who leads is to help."""
    languages: dict[str, Group] = field(default_factory=dict)
    """Language to the contacts that speak it; the house's own is the empty one."""
    sites: dict[str, Group] = field(default_factory=dict)
    """Place that people visit to those who are there."""


def look(state: State) -> Present:
    """Return how things stand. Takes time in proportion to the contacts and agents there are."""
    channels, queues = channels_of(state.configuration), state.configuration.queues
    places = {(queue, channel): Place(dict.fromkeys(IN_QUEUE, 0)) for queue in queues for channel in channels}
    no_queue = {("", channel): Place(dict.fromkeys(WITHOUT_QUEUE, 0)) for channel in channels}
    present = Present(
        places | no_queue,
        dict.fromkeys(AGENT_STATES, 0),
        {queue: dict.fromkeys(AGENT_STATES, 0) for queue in queues},
        dict.fromkeys(channels, 0),
        {},
    )
    _contacts(present, state.contacts.values())
    _agents(present, state, channels)
    return present


def _contacts(present: Present, contacts: Iterable[Contact]) -> None:
    for contact in contacts:
        spot = contact.spot if isinstance(contact, InLine) or isinstance(contact, Forwarded) else None
        key = (spot.queue if spot is not None else "", contact.card.channel)
        place = present.places.get(key)
        if place is None:
            continue  # of a channel that the configuration in force does not have any more
        if isinstance(contact, Waiting | Offered | Connected):
            _count(present.languages.setdefault(contact.card.language, Group()), contact)
            if contact.card.visit is not None:
                _count(present.sites.setdefault(contact.card.visit.site, Group()), contact)
        named = CONTACT_STATES[type(contact)]
        place.contacts[named] += 1
        if isinstance(contact, Connected) and contact.help_since is not None:
            present.help_wanted += 1
        if isinstance(contact, Waiting | Offered):
            since = contact.spot.queued
            place.waiting_since = since if place.waiting_since is None else min(place.waiting_since, since)


def _count(group: Group, contact: Waiting | Offered | Connected) -> None:
    if isinstance(contact, Connected):
        group.served += 1
        return
    since = contact.spot.queued
    group.waiting += 1
    group.waiting_since = since if group.waiting_since is None else min(group.waiting_since, since)


def _agents(present: Present, state: State, channels: list[str]) -> None:
    """Count agents by what they are doing and by their kind; the rest follows from the few kinds there are."""
    kinds: dict[tuple[int, AgentState, Room], int] = {}
    for agent in state.agents.values():
        doing = state_of(agent)
        present.agents[doing] += 1
        profile = state.crew.profile_of.get(agent.desk.id)
        if profile is not None:
            kind = (profile.index, doing, state.crew.room(agent))
            kinds[kind] = kinds.get(kind, 0) + 1
    for (index, doing, room), number in kinds.items():
        profile = state.crew.profiles[index]
        for queue in profile.queues:
            present.by_queue[queue][doing] += number
        for channel in channels:
            _available(present, profile, channel, number if channel in room else 0)


def _available(present: Present, profile: Profile, channel: str, number: int) -> None:
    """Count agents of one kind who have room for a channel; also when there are none, so that a 0 is shown."""
    present.available[channel] += number
    for skill in profile.skills:
        present.skilled[skill, channel] = present.skilled.get((skill, channel), 0) + number
    for queue in profile.queues:
        place = present.places[queue, channel]
        place.available += number
        for skill in profile.skills:
            place.available_with[skill] = place.available_with.get(skill, 0) + number


def state_of(agent: Agent) -> AgentState:
    """Return what an agent is doing."""
    match agent:
        case LoggedOut():
            return "logged_out"
        case Paused():
            return "paused"
        case NotResponding():
            return "not_responding"
        case Reserved():
            return "reserved"
        case Ready():
            if not agent.desk.work:
                return "free"
            return "wrap_up" if all(item.wrapping_up for item in agent.desk.work) else "serving"
