"""WebSockets as the house sees them (`router.api.Socket`): bounded texts, nobody is waited for who takes nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web

from router.api import Gone
from router.inputs import Refused
from web.limits import Limit

MESSAGE_MAX: Final = 32 * 1024
"""Bytes of a message."""
MESSAGES_A_SECOND: Final = 50
MESSAGES_AT_ONCE: Final = 200
"""Of one socket, whatever they say; who reads them may set limits of its own."""
HEARTBEAT_S: Final = 20.0
"""Who does not answer a ping within half of it is gone."""
WRITE_S: Final = 10.0
LAST_WORD_S: Final = 1.0


class WebSocket:
    """One WebSocket. Its socket is closed by whoever made it."""

    def __init__(self) -> None:
        self.response = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_MAX, compress=False, timeout=LAST_WORD_S
        )
        self._limit = Limit(MESSAGES_A_SECOND, MESSAGES_AT_ONCE, time.monotonic)

    async def receive(self) -> str:
        """Return the next message. Raises Gone, Refused."""
        message = await self.response.receive()
        if not self._limit.spend(""):
            raise Refused("too_many_requests", "this is more often than one may say something", retryable=True)
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            raise Refused("bad_request", "messages are texts")
        if message.type is WSMsgType.ERROR and isinstance(message.data, WebSocketError):
            if message.data.code == WSCloseCode.MESSAGE_TOO_BIG:
                raise Refused("body_too_large", f"a message has at most {MESSAGE_MAX} bytes")
        raise Gone

    async def send(self, text: str) -> None:
        """Send a message. Raises Gone."""
        try:
            async with asyncio.timeout(WRITE_S):
                await self.response.send_str(text)
        except (TimeoutError, ConnectionError) as error:
            raise Gone from error

    async def close(self, refused: Refused | None = None) -> None:
        """End it; say why when it was refused."""
        code = WSCloseCode.OK if refused is None else WSCloseCode.POLICY_VIOLATION
        await self._close(code, refused.error_id if refused else "")

    async def let_go(self) -> None:
        """End it because we stop; whoever receives from it hears that it is gone."""
        await self._close(WSCloseCode.SERVICE_RESTART, "")

    async def _close(self, code: WSCloseCode, reason: str) -> None:
        try:
            async with asyncio.timeout(LAST_WORD_S):
                await self.response.close(code=code, message=reason.encode())
        except (TimeoutError, ConnectionError):
            pass


OPEN: Final = web.AppKey("open_sockets", set[WebSocket])
"""Sockets that are being served, so that whoever stops lets them go at once instead of waiting for their time."""


def follow(app: web.Application) -> None:
    """Let an application end its sockets when it stops: pages come back to whoever serves next."""
    app[OPEN] = set()

    async def let_go(_: web.Application) -> None:
        await asyncio.gather(*(socket.let_go() for socket in app[OPEN]))

    app.on_shutdown.append(let_go)


async def serve_socket(
    request: web.Request,
    talk: Callable[[WebSocket], Awaitable[None]],
    on_refused: Callable[[Refused], object] = lambda _refused: None,
) -> web.StreamResponse:
    """Let `talk` have a WebSocket, and end it afterwards. Raises Refused for a request that wants none."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise Refused("bad_request", "this is a WebSocket")
    socket = WebSocket()
    await socket.response.prepare(request)
    refused: Refused | None = None
    request.app[OPEN].add(socket)
    try:
        await talk(socket)
    except Gone:
        pass
    except Refused as refusal:
        refused = refusal
        on_refused(refusal)
    finally:
        request.app[OPEN].discard(socket)
    await socket.close(refused)
    return socket.response
