"""What the chat offers over HTTP: to citizens' pages, and to the agents who write with them."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from adapters.chat.desks import Desks
from adapters.chat.page import embedding, render
from adapters.chat.serving import Chat
from adapters.chat.settings import Page
from router.api import CONFIDANTS, Asked, Caller, Content, Id, Pace, Route, Socket, Visitor, public, route, routes_of
from router.contact import Contact
from router.inputs import Refused
from router.looking import AccessLog, Ground, Looked
from router.secrecy import is_secret, may_see
from router.state import State

BEGIN = Pace(rate=2, burst=40)
"""A class begins to chat, or a train comes out of a tunnel; then it is enough."""
FILES = Pace(rate=1, burst=20)
FILE_MAX = 10 * 1024 * 1024
"""Bytes."""
OCTETS = "application/octet-stream"
SECRET = "x-vaxel-chat"
"""The header with a chat's secret, in small letters: it may stand in no URL."""
STATUSES = {"unknown_page": 404, "unknown_attachment": 404}


class AtPage(Asked, frozen=True):
    """Which page."""

    page: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s/]+$")]


class Shown(AtPage, frozen=True):
    """Which page, and in which language."""

    language: Annotated[str, Meta(max_length=16)] = ""


class Upload(AtPage, frozen=True):
    """A file that is to go with a message."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r'^[^\x00-\x1f\x7f/\\:*?"<>|]+$')]
    media: Annotated[str, Meta(max_length=127, pattern=r"^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$")] = OCTETS
    body: bytes = b""


class WhichFile(AtPage, frozen=True):
    """A file that goes with a message."""

    message: Annotated[int, Meta(ge=1)]
    file: Id


class Uploaded(Struct, frozen=True):
    """A file that waits for its message."""

    file: str


class ChatRoutes:
    """What citizens' pages ask for."""

    def __init__(self, chat: Callable[[], Chat]) -> None:
        """`chat` raises Refused before there is one."""
        self._chat = chat

    @public("GET", "/chat/{page}/socket", BEGIN, socket=True, refusals=("unknown_page", "too_busy"))
    async def talk(self, _: Visitor, socket: Socket, asked: AtPage) -> None:
        """Chat. docs/chat.md says what is told, both ways."""
        await self._page(asked.page)[0].serve(socket, asked.page)

    @public("GET", "/chat/{page}", BEGIN, gives="text/html", refusals=("unknown_page",))
    async def show(self, _: Visitor, asked: Shown) -> Content:
        """Give a page to try a chat with."""
        data, policy = render(self._page(asked.page)[1], asked.language)
        return Content("text/html; charset=utf-8", data, policy)

    @public("GET", "/chat/{page}/embed.js", BEGIN, gives="text/javascript", refusals=("unknown_page",))
    async def embed(self, _: Visitor, asked: AtPage) -> Content:
        """Give the script by which another site has a button that opens the chat."""
        data = embedding(asked.page, self._page(asked.page)[1])
        return Content("text/javascript; charset=utf-8", data, shared=True)

    @public(
        "POST",
        "/chat/{page}/files",
        FILES,
        takes=OCTETS,
        body_max=FILE_MAX,
        refusals=("unknown_page", "chat_over", "too_many_files", "disk_full"),
    )
    async def upload(self, visitor: Visitor, asked: Upload) -> Uploaded:
        """Give a file that is to go with the next message; `X-Vaxel-Chat` is the chat's secret."""
        chat, _ = self._page(asked.page)
        secret = visitor.headers.get(SECRET, "")
        return Uploaded(await chat.upload(secret, asked.name, asked.media, asked.body))

    @public(
        "GET",
        "/chat/{page}/files/{message}/{file}",
        FILES,
        gives=OCTETS,
        refusals=("unknown_page", "chat_over", "unknown_attachment"),
    )
    async def file(self, visitor: Visitor, asked: WhichFile) -> Content:
        """Give a file that goes with a message; always as bytes to save, never as what a browser would show."""
        chat, _ = self._page(asked.page)
        return Content(OCTETS, await chat.file(visitor.headers.get(SECRET, ""), asked.message, asked.file))

    def _page(self, name: str) -> tuple[Chat, Page]:
        chat = self._chat()
        page = chat.settings.pages.get(name)
        if page is None:
            raise Refused("unknown_page", "there is no such page to chat from")
        return chat, page


class AtDesk(Asked, frozen=True):
    """Whose contacts."""

    agent: Id


class DeskRoutes:
    """What agents' pages ask for."""

    def __init__(self, desks: Callable[[], Desks], log: Callable[[], AccessLog], secret_roles: Collection[str]) -> None:
        """`desks` raises Refused before there are any; `secret_roles` see what is secret without serving it."""
        self._desks = desks
        self._log = log
        self._secret_roles = secret_roles

    @route("GET", "/agents/{agent}/messages/socket", roles=CONFIDANTS, socket=True, refusals=("not_yours",))
    async def listen(self, caller: Caller, socket: Socket, asked: AtDesk) -> None:
        """Hear at once what is written in an agent's contacts. docs/chat.md says what is told, both ways."""
        caller.speaks_for(asked.agent)
        serves = caller.agent == asked.agent
        ground: Ground = "desk" if serves else "leads"
        look = Looked(by=caller.name, role=caller.role, agent=asked.agent, ground=ground, kinds=("messages",))

        def sees(state: State, contact: Contact) -> bool:
            secret = is_secret(state, contact)
            return may_see(secret=secret, serves=serves, role=caller.role, roles=self._secret_roles)

        await self._desks().serve(socket, asked.agent, sees, partial(self._log().looked, look))


def desk_routes(desks: Callable[[], Desks], log: Callable[[], AccessLog], secret_roles: Collection[str]) -> list[Route]:
    """Return what is offered to agents, behind sign-in."""
    return routes_of(DeskRoutes(desks, log, secret_roles), "chat")


def routes(chat: Callable[[], Chat]) -> list[Route]:
    """Return the routes of the chat."""
    return routes_of(ChatRoutes(chat), "chat")
