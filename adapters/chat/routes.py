"""What the chat offers over HTTP: to citizens' pages, and to the agents who write with them."""

import logging
from collections.abc import Callable
from typing import Annotated

from msgspec import Meta

from adapters.chat.desks import Desks
from adapters.chat.serving import Chat
from router.api import CONFIDANTS, Asked, Caller, Id, Pace, Route, Socket, Visitor, public, route, routes_of
from router.inputs import Refused

log = logging.getLogger("vaxel.chat")

BEGIN = Pace(rate=2, burst=40)
"""A class begins to chat, or a train comes out of a tunnel; then it is enough."""
STATUSES = {"unknown_page": 404}


class AtPage(Asked, frozen=True):
    """Which page."""

    page: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s/]+$")]


class ChatRoutes:
    """What citizens' pages ask for."""

    def __init__(self, chat: Callable[[], Chat]) -> None:
        """`chat` raises Refused before there is one."""
        self._chat = chat

    @public("GET", "/chat/{page}/socket", BEGIN, socket=True, refusals=("unknown_page", "too_busy"))
    async def talk(self, _: Visitor, socket: Socket, asked: AtPage) -> None:
        """Chat. docs/chat.md says what is told, both ways."""
        chat = self._chat()
        if asked.page not in chat.settings.pages:
            raise Refused("unknown_page", "there is no such page to chat from")
        await chat.serve(socket, asked.page)


class AtDesk(Asked, frozen=True):
    """Whose contacts."""

    agent: Id


class DeskRoutes:
    """What agents' pages ask for."""

    def __init__(self, desks: Callable[[], Desks]) -> None:
        """`desks` raises Refused before there are any."""
        self._desks = desks

    @route("GET", "/agents/{agent}/messages/socket", roles=CONFIDANTS, socket=True, refusals=("not_yours",))
    async def listen(self, caller: Caller, socket: Socket, asked: AtDesk) -> None:
        """Hear at once what is written in an agent's contacts. docs/chat.md says what is told, both ways."""
        caller.speaks_for(asked.agent)
        extra = {"action": "api.personal_seen", "by": caller.name, "kinds": ["messages"]}
        log.info("%s listens to conversations", caller.name, extra=extra)
        await self._desks().serve(socket, asked.agent)


def desk_routes(desks: Callable[[], Desks]) -> list[Route]:
    """Return what is offered to agents, behind sign-in."""
    return routes_of(DeskRoutes(desks), "chat")


def routes(chat: Callable[[], Chat]) -> list[Route]:
    """Return the routes of the chat."""
    return routes_of(ChatRoutes(chat), "chat")
