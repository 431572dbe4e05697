"""The public form of what the router knows: agents, queues, contacts. It holds no personal value."""

from typing import Any, Final, Literal, assert_never

from msgspec import Struct

from queues.channels import CHANNELS
from queues.queue import Obstacle
from queues.skills import Need
from router import agent as agents
from router import callback as callbacks
from router import contact as contacts
from router.state import State

AgentState = Literal["logged_out", "ready", "reserved", "paused", "not_responding"]
ContactState = Literal["arrived", "in_flow", "waiting", "offered", "connected", "wrapping_up", "leaving", "away"]

AGENT_STATES: Final[dict[type[agents.Agent], AgentState]] = {
    agents.LoggedOut: "logged_out",
    agents.Ready: "ready",
    agents.Reserved: "reserved",
    agents.Paused: "paused",
    agents.NotResponding: "not_responding",
}
CONTACT_STATES: Final[dict[type[contacts.Contact], ContactState]] = {
    contacts.Arrived: "arrived",
    contacts.InFlow: "in_flow",
    contacts.Waiting: "waiting",
    contacts.Offered: "offered",
    contacts.Connected: "connected",
    contacts.WrappingUp: "wrapping_up",
    contacts.Leaving: "leaving",
    contacts.Away: "away",
}


class OfferView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An agent is being asked to take a contact."""

    offer: str
    contact: str
    channel: str
    queue: str
    deadline: float
    """UTC seconds until which the agent may answer."""


class WorkView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contact in an agent's hands."""

    contact: str
    channel: str
    queue: str
    state: Literal["connected", "wrapping_up"]
    since: float | None = None
    """UTC seconds since when they are connected."""
    until: float | None = None
    """UTC seconds at which the wrap-up ends."""
    aside: bool = False
    """Set aside for a live contact."""


class AgentView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An agent, by an id that is no name."""

    id: str
    state: AgentState
    pause: str = ""
    """The reason, when paused."""
    leaving: bool = False
    """Logs out once what is in hand is finished."""
    until: float | None = None
    """UTC seconds at which *not responding* ends; absent when it ends by the agent's word."""
    idle_since: float | None = None
    """UTC seconds since when the agent was not given anything, or relieved of something."""
    room: tuple[str, ...] = ()
    """Channels of which the agent could take a contact now."""
    offer: OfferView | None = None
    work: tuple[WorkView, ...] = ()
    queues: dict[str, int] = {}
    """Queue to tier."""
    skills: dict[str, int] = {}
    """Skill to level, 1 to 5."""


class ContactView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contact that lives."""

    id: str
    channel: str
    state: ContactState
    arrived: float
    """UTC seconds."""
    entry: str = ""
    """The number, mailbox or page that was reached."""
    queue: str = ""
    waited: float | None = None
    """Seconds of the queue's open time, while waiting or being offered."""
    needs: tuple[Need, ...] = ()
    """What an agent must be able to do, at the present step."""
    agent: str = ""
    """Who is asked, or has it."""
    offer: str = ""
    since: float | None = None
    """UTC seconds since when it is in this place: in line, connected, in the flow, leaving."""
    until: float | None = None
    """UTC seconds at which this state ends by itself: an offer, wrap-up, a kept place."""
    aside: bool = False
    obstacle: Obstacle | None = None
    """Why it could not wait, when leaving."""


class CallbackView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promise to call somebody back."""

    id: str
    queue: str
    state: Literal["waiting", "calling"]
    attempts: int
    agent: str = ""
    """Who calls."""
    arrived: float | None = None
    """UTC seconds since when it waits."""


class AgentCounts(Struct, frozen=True, kw_only=True):
    """How many agents of a queue are in each state."""

    logged_out: int
    ready: int
    """Ready, whether or not they have room for more."""
    free: int
    """Of these, without any contact in hand."""
    reserved: int
    paused: int
    not_responding: int


class QueueView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A queue, as it is now."""

    id: str
    title: str
    open: bool
    waiting: int
    """Contacts in line, not counting those that are being offered."""
    first_since: float | None = None
    """UTC seconds since when the contact stands in line that has stood longest."""
    agents: AgentCounts
    target_wait: float
    """Seconds of open time within which a contact should be answered."""
    target_share: float
    """The share of contacts for which that should hold."""


class QueueSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is configured for a queue, in short; times in seconds."""

    weight: float
    selection: str
    grace: float
    offer_timeout: float
    wrap_up: float
    keep_place: float
    max_waiting: int | None = None
    max_wait: float | None = None
    steps: tuple[tuple[Need, ...], ...]
    """What is required of an agent, from the first step to the widest."""


# ---- agents ----------------------------------------------------------------------------------------------------------


def agent_view(state: State, id_: str) -> AgentView:
    """Return how an agent is. Raises KeyError."""
    agent = state.agents[id_]
    desk, settings = agent.desk, state.settings(id_)
    return AgentView(
        id=id_,
        state=AGENT_STATES[type(agent)],
        pause=agent.reason if isinstance(agent, agents.Paused) else "",
        leaving=isinstance(agent, agents.Paused) and agent.leaving,
        until=agent.until if isinstance(agent, agents.NotResponding) else None,
        idle_since=None if isinstance(agent, agents.LoggedOut) else desk.idle_since,
        room=tuple(sorted(state.crew.room(agent))) if id_ in state.crew.profile_of else (),
        offer=_offer_to(state, agent.offer) if isinstance(agent, agents.Reserved) else None,
        work=tuple(_work(state, item) for item in desk.work),
        queues=settings.queues,
        skills=settings.skills,
    )


def _offer_to(state: State, offer: str) -> OfferView | None:
    standing = state.offers[offer]
    contact = state.contacts[standing.contact]  # type: ignore[union-attr]
    if not isinstance(contact, contacts.Offered):
        return None
    return OfferView(
        offer=offer,
        contact=contact.card.id,
        channel=contact.card.channel,
        queue=contact.spot.queue,
        deadline=contact.deadline,
    )


def _work(state: State, item: agents.Work) -> WorkView:
    contact = state.contacts[item.contact]
    assert isinstance(contact, contacts.Connected | contacts.WrappingUp)  # by the tables
    wrapping_up = isinstance(contact, contacts.WrappingUp)
    return WorkView(
        contact=item.contact,
        channel=item.channel,
        queue=contact.spot.queue,
        state="wrapping_up" if wrapping_up else "connected",
        since=None if isinstance(contact, contacts.WrappingUp) else contact.since,
        until=contact.until if isinstance(contact, contacts.WrappingUp) else None,
        aside=item.aside,
    )


# ---- queues ----------------------------------------------------------------------------------------------------------


def queue_view(state: State, name: str, title: str) -> QueueView:
    """Return how a queue is. Raises KeyError."""
    queue = state.configuration.queues[name]
    return QueueView(
        id=name,
        title=title,
        open=state.is_open(name),
        waiting=state.lines.waiting.get(name, 0),
        first_since=_first_since(state, name),
        agents=agent_counts(state, name),
        target_wait=queue.target.wait,
        target_share=queue.target.share,
    )


def _first_since(state: State, queue: str) -> float | None:
    """Look at the heads of the queue's lines, and at those who wait for one agent alone."""
    heads = [line.head[1] for line in state.lines.lines_of(queue) if line.head is not None]
    heads += [id_ for held in state.lines.held.values() for id_, where in held.items() if where == queue]
    waiting = [contact for id_ in heads if isinstance(contact := state.contacts[id_], contacts.Waiting)]
    return min((contact.spot.queued for contact in waiting), default=None)


def agent_counts(state: State, queue: str) -> AgentCounts:
    """Count the agents of a queue by state."""
    number: dict[AgentState, int] = dict.fromkeys(AGENT_STATES.values(), 0)
    free = 0
    for id_, profile in state.crew.profile_of.items():
        if queue in profile.queues:
            agent = state.agents[id_]
            number[AGENT_STATES[type(agent)]] += 1
            free += type(agent) is agents.Ready and not agent.desk.work
    return AgentCounts(free=free, **number)


def queue_settings(state: State, name: str) -> QueueSettings:
    """Return what is configured for a queue. Raises KeyError."""
    queue = state.configuration.queues[name]
    return QueueSettings(
        weight=queue.weight,
        selection=queue.selection,
        grace=queue.grace,
        offer_timeout=queue.offer_timeout,
        wrap_up=queue.wrap_up,
        keep_place=queue.keep_place,
        max_waiting=queue.max_waiting,
        max_wait=queue.max_wait,
        steps=tuple(step.needs for step in queue.requirement),
    )


# ---- contacts --------------------------------------------------------------------------------------------------------


def contact_view(state: State, contact: contacts.Contact, now: float) -> ContactView:
    """Return how a contact is."""
    card = contact.card
    return ContactView(
        id=card.id,
        channel=card.channel,
        state=CONTACT_STATES[type(contact)],
        arrived=card.arrived,
        entry=card.entry,
        **_more(state, contact, now),
    )


def _more(state: State, contact: contacts.Contact, now: float) -> dict[str, Any]:
    """Return what only some states have."""
    match contact:
        case contacts.Arrived() | contacts.Ended():
            return {}
        case contacts.InFlow():
            return {"since": contact.since}
        case contacts.Leaving():
            return {"since": contact.since, "obstacle": contact.obstacle}
        case contacts.Waiting():
            return {**_in_line(state, contact, now), "since": contact.spot.queued}
        case contacts.Offered():
            asked = {"agent": contact.agent, "offer": contact.offer, "until": contact.deadline}
            return {**_in_line(state, contact, now), "since": contact.spot.queued, **asked}
        case contacts.Connected():
            taken = {"agent": contact.agent, "offer": contact.offer, "since": contact.since, "aside": contact.aside}
            return {"queue": contact.spot.queue, **taken}
        case contacts.WrappingUp():
            return {"queue": contact.spot.queue, "agent": contact.agent, "until": contact.until}
        case contacts.Away():
            return {"queue": contact.spot.queue, "until": contact.until}
        case _:
            assert_never(contact)


def _in_line(state: State, contact: contacts.Waiting | contacts.Offered, now: float) -> dict[str, Any]:
    return {"queue": contact.spot.queue, "waited": state.waited(contact, now), "needs": contact.spot.needs}


def agent_of(contact: contacts.Contact) -> str:
    """Return who is asked about a contact, or has it."""
    return contact.agent if isinstance(contact, contacts.Offered | contacts.Connected | contacts.WrappingUp) else ""


def callback_view(state: State, callback: callbacks.Callback) -> CallbackView:
    """Return how a promise stands."""
    assert not isinstance(callback, callbacks.Closed)  # the state forgets these
    contact = state.contacts.get(callback.id)
    calling = isinstance(callback, callbacks.Attempting)
    return CallbackView(
        id=callback.id,
        queue=callback.queue,
        state="calling" if calling else "waiting",
        attempts=callback.attempts,
        agent=callback.agent if isinstance(callback, callbacks.Attempting) else "",
        arrived=contact.card.arrived if contact is not None else None,
    )


def channels() -> tuple[str, ...]:
    """Return the channels by which contacts come."""
    return tuple(CHANNELS)
