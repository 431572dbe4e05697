"""What an agent's desk shows, at one moment and in one look: it is looked at again whenever something happens."""

from typing import Final

from msgspec import Struct

from metrics.workday import AgentToday
from router.api import EVERYBODY, LEADS, Caller, Example, route
from router.inputs import Refused
from router.led import Bulletin
from router.state import State
from web.agents import OneAgent
from web.agentview import AgentView, agent_view
from web.contacts import ContactRoutes, WhichContacts
from web.contactview import ContactView
from web.house import House
from web.leading import LeadRoutes, Notices, NoticeView, bulletins_for

ALL: Final = WhichContacts(limit=1000)


class DeskView(Struct, frozen=True):
    """An agent's desk."""

    agent: AgentView
    contacts: tuple[ContactView, ...]
    """Those that the agent is asked about, has, or gets back; in the order in which they arrived."""
    notices: tuple[NoticeView, ...]
    """What the agent is told and has not read yet."""
    today: AgentToday | None
    """The agent's own figures of today (docs/desk.md); shown to that one, and to who leads."""


class DeskRoutes:
    """Shows desks."""

    def __init__(self, house: House, contacts: ContactRoutes, leading: LeadRoutes) -> None:
        self._house = house
        self._contacts = contacts
        self._leading = leading

    @route(
        "GET",
        "/agents/{agent}/desk",
        roles=EVERYBODY,
        refusals=("unknown_agent", "not_yours"),
        examples=(Example(summary="One", asked=OneAgent(agent="guide01"), given="guide01 talks with w1-1-1"),),
    )
    async def desk(self, caller: Caller, asked: OneAgent) -> DeskView:
        """Show an agent, the contacts that are that one's business, and what it is told, all at the same moment.

        With it the own figures of the day: contacts taken and mean talk by channel, wrap-ups, and seconds ready and
        paused. Nobody is shown those of a colleague, nor a comparison with any.
        """
        if caller.role == "agent":
            caller.speaks_for(asked.agent)
        reach = self._house.reach(caller)
        is_own = caller.role in LEADS or caller.agent == asked.agent

        def look(state: State, _: str) -> tuple[AgentView, tuple[ContactView, ...], AgentToday | None, list[Bulletin]]:
            if asked.agent not in state.agents:
                raise Refused("unknown_agent", "there is no such agent")
            agent = agent_view(state, asked.agent, reach)
            contacts = self._contacts.page(caller, state, ALL, asked.agent).contacts
            today = self._house.workday(asked.agent) if is_own else None
            return agent, contacts, today, bulletins_for(caller, state)

        agent, contacts, today, bulletins = await self._house.read(look)
        notices = await self._leading.told(caller, bulletins) if bulletins else Notices(())
        return DeskView(agent, contacts, notices.notices, today)
