"""Agents over HTTP: how they are, and what they, or those who lead them, ask for."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from queues.site import DESK
from router import inputs as i
from router.api import EVERYBODY, STAFF, Asked, Caller, Example, Id, route
from router.dialling import PHONE
from router.inputs import Refused
from router.state import State
from web.agentview import AgentState, AgentView, agent_view
from web.house import House, plain
from web.phones import PhoneDesk

AT_WORK: Final = ("unknown_agent", "not_yours", "agent_logged_out")


class WhichAgents(Asked, frozen=True):
    """Agents to be listed."""

    state: tuple[AgentState, ...] = ()
    """Only those in one of these states."""
    queue: str = ""
    """Only those who serve this queue."""


class OneAgent(Asked, frozen=True):
    """An agent."""

    agent: Id


class StartWork(Asked, frozen=True):
    """An agent begins to work."""

    agent: Id
    phone: Annotated[str, Meta(max_length=64, pattern=r"^[^\s/:]*$")] = ""
    """The phone at which; the agent's own when left out."""
    desk: Annotated[str, Meta(max_length=129, pattern=r"^([^\s/:]+/[^\s/:]+)?$")] = ""
    """Or the desk of a place that people visit, `PLACE/DESK`; its phone rings, if it has one."""


class PutAway(Asked, frozen=True):
    """An agent takes a pause."""

    agent: Id
    reason: Id
    """One of those that `GET /configuration` lists."""


class Agents(Struct, frozen=True):
    """Several agents, by id."""

    agents: tuple[AgentView, ...]


class AgentRoutes:
    """Carries out what is asked about agents."""

    def __init__(self, house: House, phones: PhoneDesk) -> None:
        self._house = house
        self._phones = phones
        self._whole: tuple[int, Agents] = (-1, Agents(()))
        """All agents, and to how many facts that was due."""

    @route(
        "GET",
        "/agents",
        roles=EVERYBODY,
        examples=(
            Example(summary="All", asked=WhichAgents()),
            Example(summary="Those of one queue who are ready", asked=WhichAgents(queue="kontakt", state=("ready",))),
        ),
    )
    async def list_all(self, caller: Caller, asked: WhichAgents) -> Agents:
        """List agents.

        A token of role agent sees its own agent alone, one with departments those who serve a queue of these.
        """

        reach = self._house.reach(caller)

        def look(state: State, _: str) -> Agents:
            if reach.whole and caller.role != "agent" and asked == WhichAgents():
                return self._all(state)
            ids = [caller.agent] if caller.role == "agent" else sorted(reach.agents(state))
            views = [agent_view(state, id_, reach) for id_ in ids if id_ in state.agents]
            return Agents(
                tuple(
                    view
                    for view in views
                    if (not asked.state or view.state in asked.state)
                    and (not asked.queue or asked.queue in view.queues)
                )
            )

        return await self._house.read(look)

    @route(
        "GET",
        "/agents/{agent}",
        roles=EVERYBODY,
        refusals=("unknown_agent", "not_yours"),
        examples=(Example(summary="One", asked=OneAgent(agent="guide01")),),
    )
    async def show(self, caller: Caller, asked: OneAgent) -> AgentView:
        """Show one agent, with what is offered and what is in hand."""
        if caller.role == "agent":
            caller.speaks_for(asked.agent)
        return await self._view(caller, asked.agent)

    @route(
        "POST",
        "/agents/{agent}/log-in",
        roles=STAFF,
        refusals=("unknown_agent", "not_yours", "agent_logged_in", "phone_taken", "phone_not_yours", "unknown_desk"),
        examples=(
            Example(summary="In the morning", asked=StartWork(agent="guide02")),
            Example(summary="At another phone", asked=StartWork(agent="guide02", phone="phone07")),
            Example(summary="Where people come", asked=StartWork(agent="guide02", desk="stadshuset/2")),
        ),
    )
    async def log_in(self, caller: Caller, asked: StartWork) -> AgentView:
        """Begin to work, at the agent's own phone, at another or at a desk; paused until ready.

        Whoever sits at that phone or desk with nothing in hand is logged out.
        """
        if self._phones.owners.get(asked.phone, asked.agent) != asked.agent:
            raise Refused("phone_not_yours", "this phone is another agent's own number")
        where = DESK + asked.desk if asked.desk else PHONE + asked.phone if asked.phone else ""
        return await self._ask(caller, i.LogIn(asked.agent, where))

    @route(
        "POST",
        "/agents/{agent}/log-out",
        roles=STAFF,
        refusals=AT_WORK,
        examples=(Example(summary="In the evening", asked=OneAgent(agent="guide01")),),
    )
    async def log_out(self, caller: Caller, asked: OneAgent) -> AgentView:
        """Leave; what is in hand is finished first."""
        return await self._ask(caller, i.LogOut(asked.agent))

    @route(
        "POST",
        "/agents/{agent}/ready",
        roles=STAFF,
        refusals=(*AT_WORK, "agent_not_configured"),
        examples=(Example(summary="After a pause", asked=OneAgent(agent="guide01"), given="guide01 has a pause"),),
    )
    async def ready(self, caller: Caller, asked: OneAgent) -> AgentView:
        """Take offers."""
        return await self._ask(caller, i.GoReady(asked.agent))

    @route(
        "POST",
        "/agents/{agent}/pause",
        roles=STAFF,
        refusals=(*AT_WORK, "agent_not_configured", "unknown_pause"),
        examples=(Example(summary="To lunch", asked=PutAway(agent="guide01", reason="lunch")),),
    )
    async def pause(self, caller: Caller, asked: PutAway) -> AgentView:
        """Take no offers for a while; what is in hand goes on."""
        return await self._ask(caller, i.Pause(asked.agent, asked.reason))

    def _all(self, state: State) -> Agents:
        """Return how all are. It is drawn once for as long as nothing happens: an event lets many look at once."""
        changes, whole = self._whole
        if changes != state.changes:
            whole = Agents(tuple(agent_view(state, id_) for id_ in sorted(state.agents)))
            self._whole = state.changes, whole
        return whole

    async def _ask(self, caller: Caller, request: i.LogIn | i.LogOut | i.GoReady | i.Pause) -> AgentView:
        caller.speaks_for(request.agent)
        await self._house.ask(plain(request))
        return await self._view(caller, request.agent)

    async def _view(self, caller: Caller, id_: str) -> AgentView:
        reach = self._house.reach(caller)

        def look(state: State, _: str) -> AgentView:
            if id_ not in state.agents:
                raise Refused("unknown_agent", "there is no such agent")
            return agent_view(state, id_, reach)

        return await self._house.read(look)
