"""A lean connection to Redis for the journal: hiredis on an asyncio transport, no pool, no futures per command.

docs/decisions/journal-connection.md has the measurement against redis-py's own client.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, cast

import hiredis

from adapters.redis.address import Address
from adapters.redis.errors import StoreAway

Part = str | bytes | int
MORE: Final = object()
"""The reader needs more bytes."""
CONNECT_S: Final = 2.0

pack: Callable[[tuple[Part, ...]], bytes] = hiredis.pack_command  # type: ignore[assignment]
"""hiredis' stub knows tuples of one only."""


class Wire(asyncio.Protocol):
    """Replies go, in order, to whoever is waiting in `call`, else to `replied`."""

    def __init__(self, replied: Callable[[object], None]) -> None:
        self._replied = replied
        self._reader = hiredis.Reader(notEnoughData=MORE)
        self._calls: deque[asyncio.Future[object]] = deque()
        self._transport: asyncio.WriteTransport | None = None
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[str] = loop.create_future()
        """Done, with the cause, when the connection is gone."""
        self.heard = loop.time()
        """Loop time of the last bytes from Redis."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        # uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        reader = self._reader
        reader.feed(data)
        self.heard = asyncio.get_running_loop().time()
        while self._transport is not None:
            reply = reader.gets()
            if reply is MORE:
                return
            if not self._calls:
                self._replied(reply)
            elif not (call := self._calls.popleft()).done():
                call.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.abort(str(exc) if exc else "connection closed")

    def abort(self, cause: str) -> None:
        """Give the connection up; nothing more is reported of it but `lost`."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        while self._calls:
            call = self._calls.popleft()
            if not call.done():
                call.set_exception(StoreAway(cause))
        if not self.lost.done():
            self.lost.set_result(cause)

    def write(self, data: bytes) -> None:
        """Send packed commands whose replies go to `replied`."""
        if self._transport is not None:
            self._transport.write(data)

    async def call(self, *command: Part) -> object:
        """Send one command and return its reply. Only while nothing else is in flight. Raises `StoreAway`."""
        if self._transport is None:
            raise StoreAway("not connected")
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._calls.append(future)
        self._transport.write(pack(command))
        reply = await future
        if isinstance(reply, hiredis.ReplyError):
            raise StoreAway(cause_of(reply)) from reply
        return reply


async def connect(address: Address, replied: Callable[[object], None]) -> Wire:
    """Connect and introduce ourselves. Raises `StoreAway`."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_S):
            if address.path:
                _, wire = await loop.create_unix_connection(lambda: Wire(replied), address.path)
            else:
                _, wire = await loop.create_connection(lambda: Wire(replied), address.host, address.port)
    except (OSError, TimeoutError) as error:
        raise StoreAway(f"{address.path or address.host}: {str(error) or 'no answer'}") from error
    try:
        async with asyncio.timeout(CONNECT_S):
            if address.password:
                user = (address.username,) if address.username else ()
                await wire.call("AUTH", *user, address.password)
            if address.db:
                await wire.call("SELECT", address.db)
            await wire.call("CLIENT", "SETNAME", "vaxel-journal")
    except (StoreAway, TimeoutError) as error:
        wire.abort("introduction failed")
        raise StoreAway(str(error) or "no answer") from error
    return wire


def cause_of(error: Exception) -> str:
    """Return what of an error reply may be logged: an unknown command's reply quotes its arguments."""
    text = str(error)
    return text.split(", with args", 1)[0][:120]
