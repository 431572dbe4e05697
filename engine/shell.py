"""The asyncio shell of a spine: the next turn soon, and one timer."""

import asyncio
from collections.abc import Callable

from router.ports import Clock


class LoopShell:
    """Drives a spine from the running event loop."""

    def __init__(self, clock: Clock) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None
        self._when: float | None = None

    def soon(self, call: Callable[[], None]) -> None:
        """Run `call` after whatever is being done now."""
        self._loop.call_soon(call)

    def at(self, when: float | None, call: Callable[[], None]) -> None:
        """Run `call` at the UTC time `when`, instead of at the time asked for before; None for never."""
        if when == self._when and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._when = when
        self._timer = None
        if when is not None:
            self._timer = self._loop.call_later(max(0.0, when - self._clock.now()), self._ring, call)

    def _ring(self, call: Callable[[], None]) -> None:
        self._timer = None
        call()
