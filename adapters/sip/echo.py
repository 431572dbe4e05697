"""An echo: somebody at a page hears how it sounds to others. No contact, no leg, and no engine has to know."""

import asyncio
from collections.abc import Callable
from typing import Final

from adapters.sip.logs import log
from adapters.sip.native import Call, SipError
from adapters.sip.protocol import LegStats

CALLED: Final = "echo"
"""What a page rings for it."""
LASTS: Final = 30.0
"""Seconds."""
AT_ONCE: Final = 10
NO_ROOM: Final = 503
NOT_HERE: Final = 603


class Echoes:
    """All echoes of a worker."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._all: set[Echo] = set()

    def begin(self, call: Call) -> None:
        """Take a call."""
        if len(self._all) >= AT_ONCE:
            call.answer(NO_ROOM)
            return
        echo = Echo(call, self._all.discard)
        self._all.add(echo)
        call.listen(echo)
        self._loop.call_soon(echo.answer)
        echo.timer = self._loop.call_later(LASTS, echo.end)


class Echo:
    """One of them; a `native.CallEvents`."""

    def __init__(self, call: Call, over: "Callable[[Echo], None]") -> None:
        self._call = call
        self._over = over
        self.timer: asyncio.TimerHandle | None = None

    def answer(self) -> None:
        """Pick up."""
        self._try(lambda: self._call.answer(200))

    def end(self) -> None:
        """Hang up."""
        self._try(self._call.hang_up)

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except SipError as error:
            log("echo_failed", reason=error.reason)

    def media_changed(self) -> None:
        port = self._call.port()
        if port is not None:
            port.feed(port)

    def call_ended(self, _code: int) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self._over(self)

    def transfer_asked(self, _refer_to: str, _request: str) -> int:
        return NOT_HERE

    def refer_status(self, _code: int, _final: bool) -> bool:
        return False

    def call_rings(self) -> None: ...
    def call_confirmed(self) -> None: ...
    def digit(self, _digit: str) -> None: ...
    def typed(self, _number: int, _block: bytes) -> None: ...
    def stream_ended(self, _stats: LegStats) -> None: ...
