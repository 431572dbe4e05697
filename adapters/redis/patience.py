"""How long an acknowledgement is waited for."""

import asyncio
from collections.abc import Callable


class Patience:
    """Calls `ended` when the oldest wait has lasted `seconds`. One timer, however many wait."""

    def __init__(self, seconds: float, oldest: Callable[[], float | None], ended: Callable[[], None]) -> None:
        """`oldest` gives the loop time at which the oldest wait began, None when nothing waits."""
        self._seconds = seconds
        self._oldest = oldest
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Something waits."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._check)

    def cancel(self) -> None:
        """Nothing is waited for any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        since = self._oldest()
        if since is None:
            return
        left = since + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._check)
        else:
            self._ended()
