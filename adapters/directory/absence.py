"""Absences as they stand at a moment: nothing ends them but the time."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from math import inf
from zoneinfo import ZoneInfo

from adapters.directory import hours
from adapters.directory.hours import Special
from adapters.directory.record import Absence, Record
from adapters.directory.settings import Reason


def in_force(absences: Iterable[Absence], now: float) -> Absence | None:
    """Return the absence of the moment; of several the one that ends last, since nobody is back before that."""
    standing = [one for one in absences if one.since <= now < end(one)]
    return max(standing, key=lambda one: (end(one), one.since), default=None)


def back_at(absences: Iterable[Absence], now: float) -> float | None:
    """Return when somebody away now is back, past absences that follow each other; None when nobody knows.

    Who is not away gets `now`.
    """
    back = now
    for one in sorted(absences, key=lambda one: one.since):
        if one.since <= back < end(one):
            back = end(one)
    return None if back == inf else back


def lasting(absences: Iterable[Absence], now: float) -> tuple[Absence, ...]:
    """Return the absences that are not over, in order."""
    return tuple(sorted((one for one in absences if end(one) > now), key=lambda one: (one.since, end(one))))


def next_change(absences: Iterable[Absence], now: float) -> float:
    """Return when an absence begins or ends next; infinity when none does."""
    edges = (edge for one in absences for edge in (one.since, end(one)) if edge > now)
    return min(edges, default=inf)


def usual_end(reason: Reason, record: Record, since: float, zone: ZoneInfo, special: Special) -> float | None:
    """Return when an absence ends for which no end was named."""
    if reason.lasts is None:
        return None
    if reason.lasts != "day":
        return since + reason.lasts
    local = datetime.fromtimestamp(since, zone).replace(tzinfo=None)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), time())
    begins = hours.next_start(record.hours, special, tomorrow - timedelta(microseconds=1))
    return (begins or tomorrow).replace(tzinfo=zone).timestamp()


def end(absence: Absence) -> float:
    """Return when an absence ends; infinity when nobody knows."""
    return inf if absence.until is None else absence.until
