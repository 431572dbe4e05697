"""Short messages from one agent to another, over HTTP: no contacts, and nobody waits for them.

They are notices (`web.leading`) to one agent alone: shown on that one's desk until they are read or the day is over.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from metrics.days import day_of
from router import inputs as i
from router.agent import LoggedOut
from router.api import STAFF, Asked, Caller, Example, Id, Role, route
from router.inputs import Refused
from router.led import KIND
from router.ports import Secret
from router.state import State
from web.house import House
from web.leading import Posted
from web.limits import Limit

NOTE_MAX: Final = 500
"""Characters: what is longer is better said, or is a remark on a contact."""
NOTES_PER_SECOND: Final = 0.1
NOTES_AT_ONCE: Final = 6
COLLEAGUES: Final[frozenset[Role]] = STAFF - {"admin"}

Words = Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, pattern=r"\S")]


class ForColleague(Asked, frozen=True):
    """What an agent writes to another."""

    agent: Id
    """To whom."""
    text: Words


class Colleague(Struct, frozen=True):
    """Somebody who may be written to."""

    agent: str
    name: str
    """As colleagues read it; the agent's id where nobody signs in as that one."""
    at_work: bool


class Colleagues(Struct, frozen=True):
    """All of them but who asks, by name."""

    colleagues: tuple[Colleague, ...]


class NoteRoutes:
    """Carries out what agents write to each other."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._limit = Limit(NOTES_PER_SECOND, NOTES_AT_ONCE, house.now)

    @route("GET", "/colleagues", roles=STAFF, examples=(Example(summary="Who is there", asked=Asked()),))
    async def colleagues(self, caller: Caller, asked: Asked) -> Colleagues:
        """List whom an agent may write to, and whether they are at work; nothing else about them."""
        reach, names = self._house.reach(caller), self._house.colleagues

        def look(state: State, _: str) -> Colleagues:
            found = (
                Colleague(id_, names.get(id_, id_), not isinstance(agent, LoggedOut))
                for id_, agent in state.agents.items()
                if id_ != caller.agent and reach.has_agent(state, id_)
            )
            return Colleagues(tuple(sorted(found, key=lambda one: (one.name.casefold(), one.agent))))

        return await self._house.read(look)

    @route(
        "POST",
        "/agents/{agent}/notices",
        roles=COLLEAGUES,
        refusals=("unknown_agent", "not_yours", "too_many_messages", "store_away"),
        status=201,
        examples=(
            Example(summary="To a colleague", asked=ForColleague(agent="guide02", text="Kan du ta lunchen först?")),
        ),
    )
    async def write(self, caller: Caller, asked: ForColleague) -> Posted:
        """Write something short to a colleague, who is shown it with who wrote it until it is read or the day is over.

        It is about no contact: for that there are remarks. No citizen's values belong into it. Of who leads and is no
        agent it says no more than that.
        """
        if caller.agent == asked.agent:
            raise Refused("not_yours", "an agent writes to another one")
        if not self._limit.spend(caller.agent or caller.name):
            raise Refused("too_many_messages", "too many messages in a short time", retryable=True)
        notice, until = self._house.new_contact(), day_of(self._house.local, self._house.now())[1]
        words = (Secret(notice, KIND, asked.text.strip()),)
        await self._house.ask(lambda _: (i.PostBulletin(notice, (), until, asked.agent, caller.agent), words))
        return Posted(notice)
