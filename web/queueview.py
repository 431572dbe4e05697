"""The public form of queues."""

from msgspec import Struct

from queues.channels import CHANNELS
from queues.skills import Need
from router import agent as agents
from router import contact as contacts
from router.state import State
from web.agentview import AGENT_STATES, AgentState


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


def channels() -> tuple[str, ...]:
    """Return the channels by which contacts come."""
    return tuple(CHANNELS)
