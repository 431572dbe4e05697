"""Agents' pages, connected: what is written in the contacts in their hands reaches them as soon as it is kept, and
signs of typing go both ways.

It is the quick way, not the sure one: a page that finds a number missing, or was away, asks for the conversation
(`GET /contacts/{contact}/messages`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct, structs

from adapters.chat.serving import House
from router import facts as f
from router.api import Gone, Socket
from router.contact import Connected, Contact, WrappingUp
from router.inputs import Refused
from router.outbox import message_id
from router.state import State

WAITING_MAX: Final = 1000
"""Frames that a page may leave lying; who has more is let go, and asks for what it missed."""
TYPING_AT_ONCE: Final = 10
"""Signs of typing an agent's page may send within a second."""


class _Frame(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base."""


class Written(_Frame, frozen=True, tag="message"):
    """A message in a contact that the agent has."""

    contact: str
    number: int
    author: Literal["citizen", "agent", "house"]
    at: float
    text: str = ""
    prompt: str = ""
    """What the house says, by its name."""


class Typing(_Frame, frozen=True, tag="typing"):
    """The citizen is writing just now; from the agent's page: the agent is."""

    contact: Annotated[str, Meta(max_length=128)]


_READER: Final = msgspec.json.Decoder(Typing)
_WRITER: Final = msgspec.json.Encoder()


Sees = Callable[[State, Contact], bool]
"""Tells whether secrecy lets whoever looks at a page see a contact's words."""


class Desk:
    """One connected page of an agent."""

    def __init__(self, agent: str, sees: Sees) -> None:
        self.agent = agent
        self.sees = sees
        self.frames: asyncio.Queue[Written | Typing] = asyncio.Queue(WAITING_MAX)
        self.slow = False

    def put(self, frame: Written | Typing) -> None:
        """Have a frame sent."""
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.slow = True


def holder(contact: Contact | None) -> str:
    """Return the agent in whose hands a contact is; nobody when empty."""
    return contact.agent if isinstance(contact, Connected | WrappingUp) else ""


class Desks:
    """All agents' pages. It follows the spine."""

    def __init__(self, house: House, state: Callable[[], State], to_citizen: Callable[[str], None]) -> None:
        """`to_citizen` shows a citizen that the agent is writing."""
        self._house = house
        self._state = state
        self._to_citizen = to_citizen
        self._desks: dict[str, list[Desk]] = {}
        self.cut = 0
        """Pages that were too slow, for metrics."""

    def __len__(self) -> int:
        return sum(map(len, self._desks.values()))

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> Callable[[], None] | None:
        """Look for messages that somebody is to see; return what sends them."""
        if not self._desks:
            return None
        found: list[tuple[Desk, Written]] = []
        for fact in facts:
            if isinstance(fact, f.MessageAdded):
                contact = state.contacts.get(fact.contact)
                desks = self._desks.get(holder(contact), ())
                found += [(desk, _written(fact)) for desk in desks if contact is not None and desk.sees(state, contact)]
        if not found:
            return None

        def release() -> None:
            for desk, frame in found:
                desk.put(frame)

        return release

    def typing(self, contact: str) -> None:
        """The citizen is writing."""
        for desk in self._desks.get(holder(self._state().contacts.get(contact)), ()):
            desk.put(Typing(contact=contact))

    async def serve(self, socket: Socket, agent: str, sees: Sees, noted: Callable[[], Awaitable[None]]) -> None:
        """Serve an agent's page until it goes; nothing is told before `noted` has written the look down.

        Raises Gone, Refused.
        """
        desk = Desk(agent, sees)
        self._desks.setdefault(agent, []).append(desk)
        why: list[Exception] = []
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear(socket, agent))
                tasks.create_task(self._tell(socket, desk, noted))
        except* (Gone, Refused) as group:
            why += group.exceptions
        finally:
            self._desks[agent].remove(desk)
            if not self._desks[agent]:
                del self._desks[agent]
        if why:
            raise why[0]

    async def _hear(self, socket: Socket, agent: str) -> None:
        loop = asyncio.get_running_loop()
        begun, count = loop.time(), 0
        while True:
            try:
                frame = _READER.decode(await socket.receive())
            except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
                raise Refused("bad_request", 'a page tells {"type": "typing", "contact": ...}') from None
            if loop.time() - begun >= 1:
                begun, count = loop.time(), 0
            count += 1
            if count <= TYPING_AT_ONCE and holder(self._state().contacts.get(frame.contact)) == agent:
                self._to_citizen(frame.contact)

    async def _tell(self, socket: Socket, desk: Desk, noted: Callable[[], Awaitable[None]]) -> None:
        await noted()
        while not desk.slow:
            frames = [await desk.frames.get()]
            while not desk.frames.empty():
                frames.append(desk.frames.get_nowait())
            texts = await self._house.texts([_id(one) for one in frames if isinstance(one, Written)])
            for frame in frames:
                said = isinstance(frame, Written) and not frame.prompt
                told = structs.replace(frame, text=texts.get(_id(frame), "")) if said else frame
                await socket.send(_WRITER.encode(told).decode())
        self.cut += 1
        raise Refused("too_slow", "this page takes less than it is sent", retryable=True)


def _written(fact: f.MessageAdded) -> Written:
    return Written(contact=fact.contact, number=fact.number, author=fact.author, at=fact.at, prompt=fact.prompt)


def _id(frame: Written | Typing) -> str:
    return message_id(frame.contact, frame.number) if isinstance(frame, Written) else ""
