"""Listeners of the event stream: server-sent events, and WebSocket."""

import asyncio
import contextlib
import logging
import socket as sockets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated, Final, Literal

import msgspec
from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web
from aiohttp.base_protocol import BaseProtocol
from msgspec import Meta, Struct, field, structs

from router.api import INSIDERS, Asked, Caller, Example, route
from router.inputs import Refused
from web.boundary import Boundary
from web.connection import Connection
from web.door import Door
from web.events import Event, position
from web.limits import Limit
from web.meters import Meters
from web.stream import Kind, Stream, Wanted, told

log = logging.getLogger(__name__)

EVENT_STREAM: Final = "text/event-stream"
LISTENERS_MAX: Final = 1000
LISTENERS_OF_A_TOKEN: Final = 500
WRITE_S: Final = 20.0
"""Who has not taken a piece after so long is cut off."""
LAST_WORD_S: Final = 1.0
FIRST_WORD_S: Final = 10.0
"""How long a WebSocket may take to say what it wants."""
STANDS_S: Final = 1.0
"""So often it is looked at who may listen."""
AT_ONCE: Final = 50
"""Listeners looked at without giving way."""
MESSAGE_MAX: Final = 16 * 1024
"""Bytes of a message from a listener."""
WORDS_A_SECOND: Final = 1.0
WORDS_AT_ONCE: Final = 10
"""Messages from a listener, who has nothing to say after the first."""
UNSENT_MAX: Final = 64 * 1024
"""Bytes for one listener that the kernel may hold; above it, aiohttp holds as many, and one piece of the stream."""
HEARTBEAT_S: Final = 30.0
"""Who does not answer a ping within half of it is gone."""
LOOK: Final = "/api/v1/live"

Reason = Literal["slow", "silent", "too_fast", "too_large", "signed_out", "bad_request", "stopping"]
CLOSE_CODES: Final[dict[Reason, int]] = {
    "slow": WSCloseCode.TRY_AGAIN_LATER,
    "silent": WSCloseCode.TRY_AGAIN_LATER,
    "too_fast": WSCloseCode.POLICY_VIOLATION,
    "too_large": WSCloseCode.MESSAGE_TOO_BIG,
    "signed_out": WSCloseCode.POLICY_VIOLATION,
    "bad_request": WSCloseCode.POLICY_VIOLATION,
    "stopping": WSCloseCode.SERVICE_RESTART,
}

Names = Annotated[tuple[Annotated[str, Meta(max_length=128)], ...], Meta(max_length=200)]


class Listen(Asked, frozen=True):
    """What somebody wants to hear of."""

    types: Names = ()
    """Types of events, or their first word: `contact,offer.made`."""
    queues: Names = ()
    """Only events in one of these queues."""
    agents: Names = ()
    """Only events about one of these agents."""
    after: Annotated[str, Meta(max_length=64)] = ""
    """Go on behind this event, or this position of `/live`. Server-sent events may use `Last-Event-ID` instead."""


class Cut(Exception):
    """A listener is let go."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Listener(Struct, eq=False):
    """Somebody who listens."""

    kind: Kind
    caller: Caller
    wanted: Wanted
    offset: int
    send: Callable[[bytes], Awaitable[None]]
    stay: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    """Ends when the listener may not listen any more."""


class Feeds:
    """Serves the event stream."""

    def __init__(
        self, stream: Stream, door: Door, meters: Meters, now: Callable[[], float], boundary: Boundary
    ) -> None:
        self._stream = stream
        self._door = door
        self._boundary = boundary
        self._present: set[Listener] = set()
        self._staying: dict[asyncio.Timeout, Caller] = {}
        """Who is on a socket of another kind."""
        self._meters = meters
        self._now = now
        self._listeners: Counter[str] = Counter()

    @route(
        "GET",
        "/events",
        roles=INSIDERS | {"kiosk"},
        refusals=("too_many_streams", "store_away"),
        gives=EVENT_STREAM,
        examples=(Example(summary="What goes on in a queue", asked=Listen(queues=("kontakt",), types=("contact",))),),
    )
    async def events(self, caller: Caller, asked: Listen) -> Event:
        """Listen to what happens, as server-sent events or through a WebSocket.

        As WebSocket, the first message says what is wanted: a JSON object with the same fields as the query. Each
        message then is a JSON array of events. docs/events.md describes all events, resuming and what listeners can
        rely on. A token of role agent hears of its own agent and of the contacts in its hands, one with departments
        of the queues of these and of who serves them.
        """
        raise NotImplementedError  # `serve` stands in for it

    async def serve(self, request: web.Request, caller: Caller, asked: Listen) -> web.StreamResponse:
        """Feed a listener until it goes. Raises Refused before anything is sent."""
        self._check_room(caller)
        _bound(request)
        kind: Kind = "websocket" if request.headers.get("Upgrade", "").lower() == "websocket" else "sse"
        self._listeners[caller.name] += 1
        self._meters.streams.labels(kind).inc()
        try:
            return await (
                self._websocket(request, caller) if kind == "websocket" else self._sse(request, caller, asked)
            )
        finally:
            self._listeners[caller.name] -= 1
            self._meters.streams.labels(kind).dec()

    def _check_room(self, caller: Caller) -> None:
        full = self._listeners.total() >= LISTENERS_MAX or self._listeners[caller.name] >= LISTENERS_OF_A_TOKEN
        if full or self._stream.closing:
            raise Refused("too_many_streams", "nobody else can listen just now", retryable=True)
        if not self._stream.begun:
            raise Refused("not_ready", "the engine is still starting", retryable=True)

    # ---- forms ---------------------------------------------------------------------------------------------------

    async def _sse(self, request: web.Request, caller: Caller, asked: Listen) -> web.StreamResponse:
        after = request.headers.get("Last-Event-ID", "") or asked.after
        wanted, begun = await self._wanted(caller, asked), await self._begin(after)
        response = web.StreamResponse(headers={"Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no"})
        await response.prepare(request)
        listener = Listener("sse", caller, wanted, begun.offset, response.write)
        try:
            with _ended_with(request.protocol):
                await self._feed(listener, begun)
        except Cut as cut:
            self._meters.cut.labels(cut.reason).inc()
            await _quietly(response.write(told("sse", self._word("stream.ended", listener.offset, reason=cut.reason))))
            _let_go(request, cut.reason)
        except ConnectionError:
            pass
        return response

    async def _websocket(self, request: web.Request, caller: Caller) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_MAX, compress=False)
        await socket.prepare(request)
        try:
            asked = await _first_word(socket)
            wanted, begun = await self._wanted(caller, asked), await self._begin(asked.after)
        except (Refused, Cut) as error:
            await _quietly(socket.close(code=WSCloseCode.POLICY_VIOLATION, message=str(error)[:120].encode()))
            return socket

        async def send(data: bytes) -> None:
            await socket.send_frame(data, WSMsgType.TEXT)

        listener = Listener("websocket", caller, wanted, begun.offset, send)
        reason: Reason | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                feeding = tasks.create_task(self._feed(listener, begun))
                await self._hear(socket)
                feeding.cancel()
        except* Cut as cuts:
            reason = cuts.exceptions[0].reason  # type: ignore[union-attr]
        except* ConnectionError:
            pass
        if reason is not None:
            self._meters.cut.labels(reason).inc()
            await _quietly(socket.close(code=CLOSE_CODES[reason], message=reason.encode()))
            _let_go(request, reason)
        return socket

    async def _hear(self, socket: web.WebSocketResponse) -> None:
        """Read until a listener goes, which answers pings; what it says after its first word means nothing.

        Raises Cut.
        """
        limit = Limit(WORDS_A_SECOND, WORDS_AT_ONCE, asyncio.get_running_loop().time)
        async for message in socket:
            if isinstance(message.data, TimeoutError):
                raise Cut("silent")
            if isinstance(message.data, WebSocketError) and message.data.code == WSCloseCode.MESSAGE_TOO_BIG:
                raise Cut("too_large")
            if not limit.spend(""):
                raise Cut("too_fast")

    # ---- feeding -------------------------------------------------------------------------------------------------

    async def _wanted(self, caller: Caller, asked: Listen) -> Wanted:
        """Return what a listener may hear of what it wants to. Raises Refused."""
        agents = frozenset({caller.agent}) if caller.role == "agent" else frozenset(asked.agents)
        return Wanted(frozenset(asked.types), frozenset(asked.queues), agents, await self._boundary.heard(caller))

    async def _begin(self, after: str) -> "Begun":
        """Find where to begin. Raises Refused."""
        if not after:
            return Begun(self._stream.end, "")
        try:
            wanted = position(after)
        except ValueError as error:
            raise Refused("bad_request", str(error)) from None
        offset = await self._stream.offset_after(wanted)
        return Begun(self._stream.end, "gone") if offset is None else Begun(offset, "")

    @contextlib.asynccontextmanager
    async def staying(self, caller: Caller) -> AsyncIterator[None]:
        """Let somebody stay on a socket for as long as one may. Raises Refused (`not_signed_in`) when that is over."""
        stay = asyncio.timeout(None)
        self._staying[stay] = caller
        try:
            async with stay:
                yield
        except TimeoutError:
            if not stay.expired():
                raise
            raise Refused("not_signed_in", "this session has ended: sign in again") from None
        finally:
            del self._staying[stay]

    async def watch(self) -> None:
        """See to it, for as long as the engine lives, that nobody listens who may not any more."""
        while True:
            await asyncio.sleep(STANDS_S)
            for stay, caller in tuple(self._staying.items()):
                if not stay.expired() and not self._door.sign_in.stands(caller):
                    stay.reschedule(0.0)
            for number, listener in enumerate(tuple(self._present)):
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
                if listener in self._present and not listener.stay.expired():
                    await self._look_at(listener)

    async def _look_at(self, listener: Listener) -> None:
        if not self._door.sign_in.stands(listener.caller):
            listener.stay.reschedule(0.0)
            return
        with contextlib.suppress(Refused):  # the engine stops
            heard = await self._boundary.heard(listener.caller)
            if heard != listener.wanted.heard:
                listener.wanted = structs.replace(listener.wanted, heard=heard)

    async def _feed(self, listener: Listener, begun: "Begun") -> None:
        """Send what happens. Raises Cut, ConnectionError."""
        self._present.add(listener)
        try:
            async with listener.stay:
                await self._tell(listener, begun)
        except TimeoutError:
            raise Cut("signed_out") from None
        finally:
            self._present.discard(listener)

    async def _tell(self, listener: Listener, begun: "Begun") -> None:
        if begun.lack:
            await self._send(listener, told(listener.kind, self._word("stream.gone", begun.offset, look=LOOK)))
        else:
            await self._send(listener, told(listener.kind, self._word("stream.started", begun.offset)))
        while not self._stream.closing:
            page = await self._stream.next(listener.wanted, listener.kind, listener.offset)
            if self._stream.closing:
                break
            if page is None:
                raise Cut("slow")
            listener.offset = page.end
            if page.data:
                await self._send(listener, page.data)
            else:
                await self._send(listener, told(listener.kind, self._word("stream.beat", page.end)))
        raise Cut("stopping")

    async def _send(self, listener: Listener, data: bytes) -> None:
        try:
            async with asyncio.timeout(WRITE_S):
                await listener.send(data)
        except TimeoutError:
            raise Cut("slow") from None

    def _word(self, type_: str, offset: int, *, reason: str = "", look: str = "") -> Event:
        return Event(id=self._stream.id_at(offset), type=type_, at=self._now(), reason=reason, look=look)


class Begun(Struct, frozen=True):
    """Where a listener begins."""

    offset: int
    lack: str
    """`gone` when events before the offset are missing."""


async def _first_word(socket: web.WebSocketResponse) -> Listen:
    """Return what a WebSocket wants. Raises Cut, Refused."""
    try:
        message = await socket.receive(timeout=FIRST_WORD_S)
    except TimeoutError:
        raise Cut("bad_request") from None
    if message.type is not WSMsgType.TEXT:
        raise Refused("bad_request", "the first message is a JSON object that says what is wanted")
    try:
        return msgspec.json.decode(message.data, type=Listen)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise Refused("bad_request", str(error)) from None


@contextlib.contextmanager
def _ended_with(connection: BaseProtocol | None) -> Iterator[None]:
    """Cancel what runs inside when the connection is lost: nobody would notice before the next write."""
    task = asyncio.current_task()
    assert task is not None
    assert isinstance(connection, Connection)
    connection.on_lost = task.cancel
    try:
        yield
    finally:
        connection.on_lost = None


def _bound(request: web.Request) -> None:
    """See to it that who takes nothing costs little: the kernel would hold megabytes for each."""
    wire = request.transport.get_extra_info("socket") if request.transport is not None else None
    if wire is not None:
        wire.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, UNSENT_MAX)


async def _quietly(last_word: Awaitable[object]) -> None:
    """Say a last word, to whoever may not listen any more."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(LAST_WORD_S):
            await last_word


def _let_go(request: web.Request, reason: Reason) -> None:
    """End a connection that takes nothing, whatever still waits to be sent."""
    if reason in ("slow", "silent") and request.transport is not None:
        request.transport.abort()
