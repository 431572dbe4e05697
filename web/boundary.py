"""Holds whoever has departments to them: what is asked about has to be within reach (`router.boundary`)."""

from collections.abc import Mapping
from typing import Final

from router.api import Caller, Route
from router.boundary import NAMED, refusal
from router.state import State
from web.house import House
from web.stream import Heard

PAST: Final = frozenset({"contact", "visit", "offer"})
"""What a path may name that is over: the history tells whose it was."""


class Boundary:
    """The check that every request passes before it is carried out."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def check(self, caller: Caller, route: Route, asked: object) -> None:
        """Refuse what is the business of other departments. Raises Refused."""
        reach = self._house.reach(caller)
        named = {name: str(getattr(asked, name)) for name in route.parameters if name in NAMED}
        if beside := getattr(asked, "contact", ""):
            named["contact"] = str(
                beside
            )  # also where the path names something else: a form, for the matter of a contact
        if reach.whole or not named:
            return

        def look(state: State, _: str) -> Mapping[str, bool | None]:
            return {name: NAMED[name](state, reach, value) for name, value in named.items()}

        for name, within in (await self._house.read(look)).items():
            if within is None and name in PAST:
                contact = named[name].rpartition(".")[0] if name == "offer" else named[name]
                queue = await self._house.past_queue(contact)
                within = queue is not None and reach.queue(queue)
            if within is False:
                raise refusal()

    async def heard(self, caller: Caller) -> Heard:
        """Return whose queues and agents a caller may hear of just now. Raises Refused."""
        reach = self._house.reach(caller)
        if reach.whole:
            return Heard()
        return await self._house.read(lambda state, _: Heard(reach.queues, reach.agents(state)))
