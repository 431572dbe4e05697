"""How often callers have been connected to whom lately: a number that halves every two weeks."""

from math import exp2, log2
from typing import Final

from msgspec import Struct

from adapters.directory.index import BONUS_MAX

HALF_LIFE_S: Final = 14 * 86_400.0
LEAST: Final = 0.05
"""Below this it is as if nobody ever had been."""


class Use(Struct, frozen=True, array_like=True, gc=False):
    """Connections, weighted by age, as they stood at `at` (UTC seconds)."""

    count: float
    at: float

    def now(self, now: float) -> float:
        """Return the count at another time."""
        return self.count * exp2(-max(0.0, now - self.at) / HALF_LIFE_S)


NEVER: Final = Use(0.0, 0.0)


def once_more(use: Use, now: float) -> Use:
    """Return the use after one more connection."""
    return Use(use.now(now) + 1.0, now)


def bonus(use: Use, now: float) -> float:
    """Return what use takes off the cost of a hit: the first connection a third of it all, a hundred nearly all.

    >>> [round(bonus(Use(count, 0.0), 0.0), 2) for count in (0, 1, 10, 100)]
    [0.0, 0.5, 0.95, 1.15]
    """
    grown = log2(1.0 + use.now(now))
    return BONUS_MAX * grown / (grown + 2.0)
