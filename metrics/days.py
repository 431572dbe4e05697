"""Local time, and where its days begin and end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def local_time(zone: str) -> Callable[[float], datetime]:
    """Return the function from UTC seconds to naive local time in `zone`. Raises ZoneInfoNotFoundError."""
    tz = ZoneInfo(zone)

    def local(now: float) -> datetime:
        return datetime.fromtimestamp(now, tz).replace(tzinfo=None)

    return local


def day_of(local: Callable[[float], datetime], at: float) -> tuple[float, float]:
    """Return begin and end (UTC) of the local day of `at`, also when clocks are put forward or back on it."""
    midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = _when(local, midnight, at)
    return begin, _when(local, midnight + timedelta(days=1), at)


def _when(local: Callable[[float], datetime], wanted: datetime, near: float) -> float:
    """Return the UTC seconds at which it is `wanted`, from a time less than a day away."""
    for _ in range(2):  # the second time sets right what a clock put forward or back in between had put wrong
        near += (wanted - local(near)).total_seconds()
    return near
