"""How often somebody may do something: a bucket for each, which fills with time and never takes much memory."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

BUCKETS_MAX: Final = 10_000
"""Who was not seen for the longest time is forgotten beyond that."""


class Limit:
    """`rate` a second, and `burst` at once, for each key."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Key to what it had left, and when."""

    def spend(self, key: str) -> bool:
        """Take one; tell whether there was one."""
        left = self._left(key)
        self._buckets[key] = max(left - 1, 0.0), self._now()
        self._buckets.move_to_end(key)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return left >= 1

    def spent(self, key: str) -> bool:
        """Tell whether there is none to take."""
        return self._left(key) < 1

    def _left(self, key: str) -> float:
        left, at = self._buckets.get(key, (self._burst, 0.0))
        return min(self._burst, left + max(self._now() - at, 0.0) * self._rate)
