"""The one place that reads the wall clock: UTC, anchored once and carried on by the monotonic clock."""

import time

from metrics.days import local_time

__all__ = ["MonotonicClock", "local_time", "this_year"]


class MonotonicClock:
    """UTC seconds that never go back, whatever is done to the machine's clock meanwhile."""

    def __init__(self, not_before: float = 0.0) -> None:
        """`not_before` is the time of the last fact known: a clock set back during a stop does not turn time around."""
        anchor = max(time.time(), not_before)  # noqa: TID251 - the anchor
        self._offset = anchor - time.monotonic()

    def now(self) -> float:
        """Return the time."""
        return time.monotonic() + self._offset


def this_year() -> int:
    """Return the year, by UTC."""
    return time.gmtime().tm_year
