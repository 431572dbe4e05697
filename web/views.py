"""The public form of what the router knows: agents, queues, contacts. It holds no personal value."""

from typing import Any, Final, Literal, assert_never

from msgspec import Struct

from queues.channels import CHANNELS
from queues.queue import Obstacle
from queues.skills import Need
from router import agent as agents
from router import callback as callbacks
from router import contact as contacts
from router.dialling import Destination
from router.state import State

AgentState = Literal["logged_out", "ready", "reserved", "paused", "not_responding"]
ContactState = Literal[
    "arrived", "in_flow", "waiting", "offered", "connected", "wrapping_up", "forwarded", "parked", "leaving", "away"
]

AGENT_STATES: Final[dict[type[agents.Agent], AgentState]] = {
    agents.LoggedOut: "logged_out",
    agents.Ready: "ready",
    agents.Reserved: "reserved",
    agents.Paused: "paused",
    agents.NotResponding: "not_responding",
}
PHONE: Final = "phone:"
"""Begins the address of a phone that registers."""
CONTACT_STATES: Final[dict[type[contacts.Contact], ContactState]] = {
    contacts.Arrived: "arrived",
    contacts.InFlow: "in_flow",
    contacts.Waiting: "waiting",
    contacts.Offered: "offered",
    contacts.Connected: "connected",
    contacts.WrappingUp: "wrapping_up",
    contacts.Forwarded: "forwarded",
    contacts.Parked: "parked",
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
    queue: str = ""
    state: Literal["connected", "wrapping_up"]
    since: float | None = None
    """UTC seconds since when the agent has it."""
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
    phone: str = ""
    """The phone at which the agent works; empty when it has a fixed address."""
    phone_lost: bool = False
    """That phone is not registered: nothing that needs one is offered."""
    room: tuple[str, ...] = ()
    """Channels of which the agent could take a contact now."""
    offer: OfferView | None = None
    work: tuple[WorkView, ...] = ()
    queues: dict[str, int] = {}
    """Queue to tier."""
    skills: dict[str, int] = {}
    """Skill to level, 1 to 5."""


class DestinationView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is, or was, to be rung. A number is not told here."""

    kind: Literal["phone", "number"]
    phone: str = ""
    """Its name; empty for one with a fixed address."""
    person: str = ""
    """Id in the directory."""
    country: str = ""
    """Of a number: ISO 3166 letters."""


class PartyView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who takes part besides citizen and agent."""

    party: str
    destination: DestinationView
    agent: str = ""
    """The agent at that phone."""
    state: Literal["ringing", "talking", "held"]


class ReturnedView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a contact is back with whoever sent it on."""

    cause: str
    destination: DestinationView | None = None


class ContactView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contact that lives."""

    id: str
    channel: str
    state: ContactState
    arrived: float
    """UTC seconds."""
    entry: str = ""
    """The number, mailbox or page that was reached."""
    language: str = ""
    """In which the citizen wants to be spoken to; empty for the house's own."""
    queue: str = ""
    waited: float | None = None
    """Seconds of the queue's open time, while waiting or being offered."""
    needs: tuple[Need, ...] = ()
    """What an agent must be able to do, at the present step."""
    notes: dict[str, str] = {}
    """Words of the flow for whoever serves it."""
    agent: str = ""
    """Who is asked, has it, or gets it back."""
    offer: str = ""
    since: float | None = None
    """UTC seconds since when it is in this state, or in line."""
    until: float | None = None
    """UTC seconds at which this ends by itself: an offer, ringing, wrap-up, a slot, a kept place."""
    connecting: bool = False
    """The agent's phone, or the citizen whom we call, is still being rung."""
    held: bool = False
    """The citizen hears music though an agent has the contact."""
    parties: tuple[PartyView, ...] = ()
    destination: DestinationView | None = None
    """To whom it was sent on, or whom we call."""
    slot: str = ""
    """Where it is parked."""
    returned: ReturnedView | None = None
    aside: bool = False
    """Set aside for a live contact."""
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
        phone=desk.address.removeprefix(PHONE) if desk.address.startswith(PHONE) else "",
        phone_lost=desk.phone_lost,
        room=tuple(sorted(state.crew.room(agent))) if id_ in state.crew.profile_of else (),
        offer=_offer_to(state, agent.offer) if isinstance(agent, agents.Reserved) else None,
        work=tuple(_work(state, id_, item) for item in desk.work),
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


def _work(state: State, id_: str, item: agents.Work) -> WorkView:
    contact = state.contacts.get(item.contact)
    mine = isinstance(contact, contacts.Connected) and contact.agent == id_
    return WorkView(
        contact=item.contact,
        channel=item.channel,
        queue=queue_of(contact) if contact is not None else "",
        state="wrapping_up" if item.wrapping_up else "connected",
        since=contact.since if isinstance(contact, contacts.Connected) and mine else None,
        until=item.until,
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
    more = _of_state(state, contact, now)
    if card.destination is not None:
        more.setdefault("destination", destination_view(card.destination))
    return ContactView(
        id=card.id,
        channel=card.channel,
        state=CONTACT_STATES[type(contact)],
        arrived=card.arrived,
        entry=card.entry,
        language=card.language,
        queue=queue_of(contact),
        agent=agent_of(contact),
        **more,
    )


def _of_state(state: State, contact: contacts.Contact, now: float) -> dict[str, Any]:
    """Return what only some states have."""
    match contact:
        case contacts.Arrived() | contacts.Ended():
            return {}
        case contacts.InFlow():
            return {"since": contact.since}
        case contacts.Leaving():
            return {"since": contact.since, "obstacle": contact.obstacle}
        case contacts.Waiting():
            return _in_line(state, contact, now)
        case contacts.Offered():
            return {**_in_line(state, contact, now), "offer": contact.offer, "until": contact.deadline}
        case contacts.Connected():
            return _in_talk(contact)
        case contacts.Forwarded():
            return _sent_on(contact)
        case contacts.Parked():
            return {"slot": contact.slot, "until": contact.until}
        case contacts.WrappingUp() | contacts.Away():
            return {"until": contact.until}
        case _:
            assert_never(contact)


def _in_line(state: State, contact: contacts.Waiting | contacts.Offered, now: float) -> dict[str, Any]:
    spot = contact.spot
    returned = spot.returned
    return {
        "since": spot.queued,
        "waited": state.waited(contact, now),
        "needs": spot.needs,
        "notes": dict(spot.notes),
        "returned": None
        if returned is None
        else ReturnedView(
            cause=returned.cause,
            destination=destination_view(returned.destination) if returned.destination is not None else None,
        ),
    }


def _in_talk(contact: contacts.Connected) -> dict[str, Any]:
    ringing = contact.ringing_until if contact.ringing_until is not None else contact.calling_until
    return {
        "offer": contact.offer,
        "since": contact.since,
        "until": ringing,
        "connecting": ringing is not None,
        "held": contact.card.leg in contact.held,
        "parties": tuple(_party(party, contact.held) for party in contact.parties),
        "aside": contact.aside,
        "notes": dict(contact.spot.notes),
    }


def _sent_on(contact: contacts.Forwarded) -> dict[str, Any]:
    party = contact.party
    return {
        "since": contact.since,
        "until": contact.until if party is None else party.deadline,
        "destination": destination_view(contact.destination),
        "parties": (_party(party, ()),) if party is not None else (),
    }


def _party(party: contacts.Party, held: tuple[str, ...]) -> PartyView:
    return PartyView(
        party=party.leg,
        destination=destination_view(party.destination),
        agent=party.agent or "",
        state="ringing" if not party.joined else "held" if party.leg in held else "talking",
    )


def destination_view(destination: Destination) -> DestinationView:
    """Return who is to be rung, without a personal value."""
    address = destination.address
    return DestinationView(
        kind="number" if destination.outside else "phone",
        phone=address.removeprefix(PHONE) if address.startswith(PHONE) else "",
        person=destination.person,
        country=destination.country,
    )


def queue_of(contact: contacts.Contact) -> str:
    """Return in which queue a contact is, or was when it was taken or sent on."""
    spot = getattr(contact, "spot", None)
    return spot.queue if spot is not None else ""


def agent_of(contact: contacts.Contact) -> str:
    """Return who is asked about a contact, has it, or gets it back."""
    if isinstance(contact, contacts.Offered | contacts.Connected | contacts.WrappingUp):
        return contact.agent
    return contact.by if isinstance(contact, contacts.Forwarded | contacts.Parked) else ""


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
