"""The public form of agents."""

from typing import Final, Literal

from msgspec import Struct

from router import agent as agents
from router import contact as contacts
from router.boundary import EVERYTHING, Reach
from router.dialling import PHONE
from router.facts import OfferRule
from router.offer import Standing
from router.state import State
from web.contactview import queue_of

AgentState = Literal["logged_out", "ready", "reserved", "paused", "not_responding"]

AGENT_STATES: Final[dict[type[agents.Agent], AgentState]] = {
    agents.LoggedOut: "logged_out",
    agents.Ready: "ready",
    agents.Reserved: "reserved",
    agents.Paused: "paused",
    agents.NotResponding: "not_responding",
}


class OfferView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An agent is being asked to take a contact."""

    offer: str
    contact: str
    channel: str
    queue: str
    deadline: float
    """UTC seconds until which the agent may answer."""
    calling: bool = False
    """The citizen is being rung first; the agent's phone rings once the citizen is there."""
    rule: OfferRule | None = None
    """Why this agent is asked (rules 3 and 4): nothing in it is about a colleague."""


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
    """That phone is not registered, or there is none: nothing that needs one is offered."""
    desk: str = ""
    """`PLACE/DESK`, when the agent works where people come."""
    room: tuple[str, ...] = ()
    """Channels of which the agent could take a contact now."""
    offer: OfferView | None = None
    work: tuple[WorkView, ...] = ()
    queues: dict[str, int] = {}
    """Queue to tier."""
    skills: dict[str, int] = {}
    """Skill to level, 1 to 5."""
    assigned: bool = False
    """Queues or skills are others than configured, for now."""


def agent_view(state: State, id_: str, reach: Reach = EVERYTHING) -> AgentView:
    """Return how an agent is; of contacts beyond `reach` it is told that there are some. Raises KeyError."""
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
        desk=desk.seat,
        room=tuple(sorted(state.crew.room(agent))) if id_ in state.crew.profile_of else (),
        offer=_offer_to(state, agent.offer, reach) if isinstance(agent, agents.Reserved) else None,
        work=tuple(_work(state, id_, item, reach) for item in desk.work),
        queues=settings.queues,
        skills=settings.skills,
        assigned=id_ in state.assignments,
    )


def _offer_to(state: State, offer: str, reach: Reach) -> OfferView | None:
    standing = state.offers[offer]
    contact = state.contacts[standing.contact]  # type: ignore[union-attr]
    rule = standing.rule if isinstance(standing, Standing) else None
    if not isinstance(contact, contacts.Offered) or not reach.contact(state, contact):
        return None
    return OfferView(
        offer=offer,
        contact=contact.card.id,
        channel=contact.card.channel,
        queue=contact.spot.queue,
        deadline=contact.deadline,
        calling=contact.calling,
        rule=rule,
    )


def _work(state: State, id_: str, item: agents.Work, reach: Reach) -> WorkView:
    contact = state.contacts.get(item.contact)
    mine = isinstance(contact, contacts.Connected) and contact.agent == id_
    within = contact is not None and reach.contact(state, contact)
    return WorkView(
        contact=item.contact if reach.whole or within else "",
        channel=item.channel,
        queue=queue_of(contact) if contact is not None and within else "",
        state="wrapping_up" if item.wrapping_up else "connected",
        since=contact.since if isinstance(contact, contacts.Connected) and mine else None,
        until=item.until,
        aside=item.aside,
    )
