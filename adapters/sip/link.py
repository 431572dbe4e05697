"""The engine's connection: who may command, which commands are new, which events it has not heard of yet."""

import asyncio
import errno
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, cast

from adapters.sip.logs import log
from adapters.sip.protocol import (
    BEAT_EVERY,
    EVENTS_KEPT,
    FRAME_MAX,
    SILENT_AFTER,
    VERSION,
    Ack,
    Attach,
    Attached,
    BadFrame,
    Beat,
    Command,
    Compare,
    Drain,
    Event,
    FromWorker,
    Leg,
    Rejected,
    ToWorker,
    Trunk,
    encode,
    frames_to_worker,
)

UNREAD_MAX: Final = 4 * FRAME_MAX
"""Bytes an engine may leave unread before it counts as gone."""
REJECTED_STAYS: Final = 0.3
"""Seconds a rejected connection stays open, so that the reason is read."""
EVENTS_PER_FRAME: Final = 5_000


class Served(Protocol):
    """What an engine is served with."""

    @property
    def draining(self) -> bool: ...
    def execute(self, command: Command) -> None: ...
    def picture(self) -> tuple[Leg, ...]: ...
    def trunks(self) -> tuple[Trunk, ...]: ...
    def beat(self) -> Beat: ...
    def drain(self, stop: bool) -> None: ...
    def engine_came(self) -> None: ...
    def engine_went(self) -> None: ...


class Connection(asyncio.Protocol):
    """One connection of an engine."""

    def __init__(self, owner: "EngineLink") -> None:
        self._owner = owner
        self._frames = frames_to_worker()
        self.transport: asyncio.Transport | None = None
        self.epoch = -1
        """Set by Attach."""
        self._rejected = False
        self.heard_at = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._owner.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        if self._served_no_more():
            return
        try:
            messages = self._frames.feed(data)
        except BadFrame:
            log("engine_bad_frame")
            self.reject("bad_frame")
            return
        for message in messages:
            if self._served_no_more():
                return
            self._owner.take(self, message)

    def _served_no_more(self) -> bool:
        return self._rejected or self.transport is None

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._owner.left(self)

    def send(self, messages: "list[FromWorker]") -> None:
        """Send one frame; an engine that does not read is cut off."""
        if self.transport is None:
            return
        self.transport.write(encode(messages))
        if self.transport.get_write_buffer_size() > UNREAD_MAX:
            log("engine_does_not_read")
            self.transport.abort()

    def reject(self, error_id: str) -> None:
        """Say why, listen no more, and close in a moment: whoever is writing meanwhile would not read the reason."""
        if not self._rejected:
            self._rejected = True
            self.send([Rejected(error_id)])
            self._owner.left(self, close_after=REJECTED_STAYS)

    def close(self) -> None:
        """Close once what was written has gone."""
        if self.transport is not None:
            self.transport.close()
            self.connection_lost(None)


class EngineLink:
    """Listens for engines, keeps the events, and lets one engine at a time command."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str, generation: str) -> None:
        self._loop = loop
        self._name = name
        self._generation = generation
        self._served: Served | None = None
        self._server: asyncio.AbstractServer | None = None
        self._path = ""
        self.connections: set[Connection] = set()
        self._engine: Connection | None = None
        self._epoch = -1
        self._executed = 0
        self._number = 0
        self._kept: deque[Event] = deque()
        self._lost = 0
        self._unsent: list[Event] = []
        self._beat: asyncio.TimerHandle | None = None

    # ---- life --------------------------------------------------------------------------------------------------

    async def listen(self, path: str, served: Served) -> None:
        """Listen on a Unix socket that only this user may open. Raises OSError."""
        self._served = served
        _remove_dead(path)
        before = os.umask(0o177)
        try:
            self._server = await self._loop.create_unix_server(lambda: Connection(self), path)
        finally:
            os.umask(before)
        self._path = path
        self._beat = self._loop.call_later(BEAT_EVERY, self._beats)

    def close(self) -> None:
        """Send what is left, hang up on engines, remove the socket."""
        self._flush()
        if self._beat is not None:
            self._beat.cancel()
        for connection in tuple(self.connections):
            connection.close()
        if self._server is not None:
            self._server.close()
        Path(self._path).unlink(missing_ok=True)

    @property
    def epoch(self) -> int:
        """The epoch of the engine that is, or was last, in command."""
        return self._epoch

    @property
    def attached(self) -> bool:
        """Tell whether an engine is in command."""
        return self._engine is not None

    # ---- events ------------------------------------------------------------------------------------------------

    def emit(self, kind: Callable[..., Event], *fields: object) -> None:
        """Number an event, keep it until it is acknowledged, and send it at the end of this turn."""
        self._number += 1
        event = kind(self._number, time.clock_gettime(time.CLOCK_REALTIME), *fields)
        if len(self._kept) >= EVENTS_KEPT:
            self._kept.popleft()
            self._lost += 1
        self._kept.append(event)
        if self._engine is not None:
            if not self._unsent:
                self._loop.call_soon(self._flush)
            self._unsent.append(event)

    def _flush(self) -> None:
        events, self._unsent = self._unsent, []
        if events and self._engine is not None:
            self._engine.send(cast(list[FromWorker], events))

    # ---- engines -----------------------------------------------------------------------------------------------

    def take(self, connection: Connection, message: ToWorker) -> None:
        """Act on one message."""
        served = self._served
        if served is None:
            return
        if isinstance(message, Attach):
            self._attach(connection, message, served)
        elif connection is not self._engine:
            connection.reject("epoch_passed")
        elif isinstance(message, Command):
            if message.n > self._executed:
                self._executed = message.n
                served.execute(message)
        elif isinstance(message, Ack):
            while self._kept and self._kept[0].n <= message.n:
                self._kept.popleft()
        elif isinstance(message, Compare):
            self._flush()
            connection.send([self._picture(served)])
        elif isinstance(message, Drain):
            served.drain(message.stop)

    def left(self, connection: Connection, close_after: float = 0.0) -> None:
        """An engine's connection is gone, or no longer served and to be closed."""
        if close_after:
            self._loop.call_later(close_after, connection.close)
        else:
            self.connections.discard(connection)
        if connection is self._engine:
            self._engine = None
            self._unsent.clear()
            log("engine_went", epoch=connection.epoch)
            if self._served is not None:
                self._served.engine_went()

    def _attach(self, connection: Connection, attach: Attach, served: Served) -> None:
        if attach.epoch < self._epoch:
            log("engine_rejected", epoch=attach.epoch)
            connection.reject("epoch_passed")
            return
        if attach.epoch > self._epoch:
            self._epoch = attach.epoch
            self._executed = 0
        before, self._engine = self._engine, connection
        connection.epoch = attach.epoch
        if before is not None and before is not connection:
            before.reject("epoch_passed")
        self._unsent.clear()
        heard = attach.heard if attach.generation == self._generation else 0
        while self._kept and self._kept[0].n <= heard:
            self._kept.popleft()
        log("engine_came", epoch=attach.epoch, events=len(self._kept))
        connection.send([self._picture(served)])
        kept = list(self._kept)
        for start in range(0, len(kept), EVENTS_PER_FRAME):
            connection.send(cast(list[FromWorker], kept[start : start + EVENTS_PER_FRAME]))
        served.engine_came()

    def _picture(self, served: Served) -> Attached:
        numbers = self._number, self._executed, self._lost
        now = served.picture(), *numbers, served.trunks(), served.draining
        return Attached(self._name, self._generation, *now, VERSION)

    def _beats(self) -> None:
        self._beat = self._loop.call_later(BEAT_EVERY, self._beats)
        now = time.monotonic()
        for connection in tuple(self.connections):
            if now - connection.heard_at > SILENT_AFTER:
                log("engine_silent", epoch=connection.epoch)
                connection.close()
        if self._engine is not None and self._served is not None:
            self._engine.send([self._served.beat()])


def _remove_dead(path: str) -> None:
    """Remove a socket on which nobody listens: a worker that was killed left it. Raises OSError if somebody does."""
    if not Path(path).is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(path)
        except OSError:
            Path(path).unlink()
            return
    raise OSError(errno.EADDRINUSE, "another worker listens there; stop it, or set another `socket`")
