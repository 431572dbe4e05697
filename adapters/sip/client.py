"""The engine's end of the connection to one SIP worker."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol, cast

from msgspec import structs

from adapters.sip.protocol import (
    BEAT_EVERY,
    SILENT_AFTER,
    SINCE,
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
    Rejected,
    ToWorker,
    encode,
    frames_from_worker,
)

log = logging.getLogger("vaxel.sip")

RETRY_AFTER: Final = 0.1
"""Seconds between attempts to reach a worker that does not listen."""


class Desk(Protocol):
    """Who hears of a worker."""

    def pictured(self, worker: str, picture: Attached) -> None:
        """The worker says what is; all events up to `picture.through` have been given to `event` before."""

    def event(self, worker: str, source: str, event: Event) -> None:
        """Something happened; `source` names the worker's generation."""

    def detached(self, worker: str) -> None:
        """The connection is gone; calls may live on."""

    def rejected(self, worker: str, error_id: str) -> None:
        """The worker serves another engine."""


class Line(Protocol):
    """What the engine's calls need of a connection to a worker; `WorkerClient` is one, `adapters.sip.fake` another."""

    name: str
    sent: int
    """Number of the last command sent."""
    last_beat: Beat | None
    """The worker's last sign of life, with its figures."""

    @property
    def source(self) -> str:
        """Return the name under which this generation's events are numbered."""

    @property
    def connected(self) -> bool:
        """Tell whether the worker has answered the attach."""

    @property
    def life(self) -> str | None:
        """Return the generation that lives; empty when none does, None when that cannot be told just now."""

    def command(self, command: Command) -> None:
        """Number a command and send it; dropped while there is no connection."""

    def compare(self) -> None:
        """Ask what is."""

    def acknowledge(self, number: int) -> None:
        """Let the worker forget its events up to `number`."""


class WorkerClient(asyncio.Protocol):
    """Keeps a connection to a worker's socket; commands are numbered and sent once for each loop turn."""

    def __init__(self, name: str, path: str, epoch: int, desk: Desk) -> None:
        self.name = name
        self.generation = ""
        self.draining = False
        """It admits no new calls, by its own word."""
        self.protocol = 0
        """The version that it speaks; 0 before it has said so."""
        self.sent = 0
        """Number of the last command sent."""
        self.last_beat: Beat | None = None
        self.on_life: Callable[[], None] = lambda: None
        """Called when `life` may have changed."""
        self._path = path
        self._epoch = epoch
        self._desk = desk
        self._frames = frames_from_worker()
        self._transport: asyncio.Transport | None = None
        self._queue: list[ToWorker] = []
        self._flushing = False
        self._acknowledged = 0
        """Event number to be told to the worker; 0 when it has been told."""
        self._lost: asyncio.Event = asyncio.Event()
        self._absent = False
        """Nobody listens on its socket: the process is gone, or has only just begun."""
        self._heard_at = 0.0

    @property
    def source(self) -> str:
        """Return the name under which this generation's events are numbered."""
        return f"{self.name}-{self.generation}"

    @property
    def connected(self) -> bool:
        """Tell whether the worker has answered the attach."""
        return self._transport is not None and bool(self.generation)

    @property
    def life(self) -> str | None:
        """Return the generation that lives; empty when none does, None when that cannot be told just now."""
        if self.connected:
            return self.generation
        return "" if self._absent else None

    async def run(self) -> None:
        """Connect, stay connected, connect again; ends only by cancellation."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.create_unix_connection(lambda: self, self._path)
            except OSError:
                if not self._absent:
                    self._absent = True
                    self.on_life()
                await asyncio.sleep(RETRY_AFTER)
                continue
            await self._beats(loop)
            self.generation = ""
            self.draining = False
            self._desk.detached(self.name)

    async def _beats(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send heartbeats until the connection is lost; cut it when the worker has been silent for too long."""
        while not self._lost.is_set():
            self.send(Beat())
            try:
                async with asyncio.timeout(BEAT_EVERY):
                    await self._lost.wait()
            except TimeoutError:
                if loop.time() - self._heard_at > SILENT_AFTER and self._transport is not None:
                    log.warning("worker silent", extra={"action": "worker.silent", "worker": self.name})
                    self._transport.abort()

    # ---- sending -----------------------------------------------------------------------------------------------

    def command(self, command: Command) -> None:
        """Number a command and send it with all others of this loop turn; dropped while there is no connection, or when
        the worker is too old for it."""
        if self._transport is None or self.protocol < SINCE.get(type(command), 0):
            return
        self.sent += 1
        self.send(cast(ToWorker, structs.replace(command, n=self.sent)))

    def compare(self) -> None:
        """Ask what is."""
        self.send(Compare())

    def drain(self) -> None:
        """Let it admit no new calls, and end once the last is over; it is asked at once what is then."""
        self.send(Drain(stop=True))
        self.compare()

    def acknowledge(self, number: int) -> None:
        """Let the worker forget its events up to `number`; told with the next command or heartbeat."""
        self._acknowledged = number

    def send(self, message: ToWorker) -> None:
        """Send a message with all others of this loop turn."""
        if self._transport is None:
            return
        self._queue.append(message)
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        queue, self._queue = self._queue, []
        if self._acknowledged:
            queue.append(Ack(self._acknowledged))
            self._acknowledged = 0
        if self._transport is not None and queue:
            self._transport.write(encode(queue))

    # ---- receiving ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._absent = False
        self._frames = frames_from_worker()
        self._queue = []
        self._acknowledged = 0
        self._lost.clear()
        self._heard_at = asyncio.get_running_loop().time()
        self.send(Attach(self._epoch, 0, ""))

    def data_received(self, data: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        try:
            messages = self._frames.feed(data)
        except BadFrame:
            log.exception("bad frame", extra={"action": "worker.bad_frame", "worker": self.name})
            if self._transport is not None:
                self._transport.abort()
            return
        for message in messages:
            self._take(message)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost.set()

    def _take(self, message: FromWorker) -> None:
        match message:
            case Attached():
                self._attached(message)
            case Beat():
                self.last_beat = message
            case Rejected():
                self._desk.rejected(self.name, message.error_id)
            case _:
                self._desk.event(self.name, self.source, message)

    def _attached(self, picture: Attached) -> None:
        """Take the first picture for the greeting and ask for another: that one follows all events sent again."""
        self.draining, self.protocol = picture.draining, picture.version
        if self.generation:
            self._desk.pictured(self.name, picture)
            return
        self.generation = picture.generation
        self.on_life()
        self.sent = picture.executed
        self.compare()
