"""A small engine for tests: speaks the protocol to a real worker."""

import asyncio
import itertools
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from adapters.sip import protocol as p
from router.dialling import Gate, Permit

E = TypeVar("E")
KEY = bytes(range(32))


class Engine(asyncio.Protocol):
    """One connection in the name of an epoch; keeps every message in order."""

    _epochs = itertools.count(1)

    def __init__(self) -> None:
        self.frames = p.frames_from_worker()
        self.transport: asyncio.Transport | None = None
        self.messages: list[p.FromWorker] = []
        self._taken: set[int] = set()
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self.gate = Gate(KEY)
        self.epoch = 0
        self.n = 0
        self.closed = False

    @classmethod
    async def connect(
        cls, path: str, epoch: int = 1, heard: int = 0, generation: str = "", beats: bool = True
    ) -> "Engine":
        """Connect and attach; the answer is among `messages`."""
        _, engine = await asyncio.get_running_loop().create_unix_connection(cls, path)
        engine.epoch = epoch
        engine.tell(p.Attach(epoch, heard, generation))
        if beats:
            engine._beats()
        return engine

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.messages += self.frames.feed(data)
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._changed.set()

    def _beats(self) -> None:
        self.tell(p.Beat())
        self._timer = asyncio.get_running_loop().call_later(p.BEAT_EVERY, self._beats)

    def kill(self) -> None:
        """Go without a word, as a process that dies."""
        if self._timer is not None:
            self._timer.cancel()
        if self.transport is not None:
            self.transport.abort()

    # ---- telling -----------------------------------------------------------------------------------------------

    def tell(self, *messages: p.ToWorker) -> None:
        """Send one frame."""
        assert self.transport is not None
        self.transport.write(p.encode(list(messages)))

    def do(self, *commands: p.Command) -> int:
        """Send commands in one frame, numbered here; return the number of the last."""
        numbered = []
        for command in commands:
            self.n += 1
            numbered.append(replace(command, n=self.n))
        self.tell(*cast(list[Any], numbered))
        return self.n

    def permit(self, leg: str, target: str) -> Permit:
        """Return leave to dial."""
        return self.gate.phone(leg, target, self.epoch)

    def dial(self, leg: str, target: str, media: p.Media = p.SILENCE, timeout: float = 10.0, **more: Any) -> int:
        """Have the worker ring `target`."""
        fields = {"caller": "4600", "display": "A Caller", **more}
        return self.do(p.Dial(0, self.permit(leg, target), timeout=timeout, media=media, **fields))

    # ---- hearing -----------------------------------------------------------------------------------------------

    async def next(self, kind: type[E], within: float = 3.0, **fields: object) -> E:
        """Wait for the next message of a kind with these fields that was not returned yet."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for i, message in enumerate(self.messages):
                        fits = isinstance(message, kind) and i not in self._taken
                        if fits and all(getattr(message, k) == v for k, v in fields.items()):
                            self._taken.add(i)
                            return cast(E, message)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            seen = [m for m in self.messages if not isinstance(m, p.Beat)]
            raise AssertionError(f"no {kind.__name__} {fields} within {within} s, but {seen}") from None

    async def gone(self, within: float = 3.0) -> None:
        """Wait until the worker closed the connection."""
        async with asyncio.timeout(within):
            while not self.closed:
                self._changed.clear()
                await self._changed.wait()

    def all(self, kind: type[E]) -> list[E]:
        """Return all messages of a kind so far."""
        return [message for message in self.messages if isinstance(message, kind)]

    async def picture(self) -> p.Attached:
        """Ask what is."""
        self.tell(p.Compare())
        before = len(self.messages)
        async with asyncio.timeout(3):
            while True:
                for message in self.messages[before:]:
                    if isinstance(message, p.Attached):
                        return message
                self._changed.clear()
                await self._changed.wait()
