"""When the people who lead a queue are to be told that it does badly, and when that it does better.

An alarm has hysteresis: it is raised at its threshold, and over only once the figure is well on the right side of it,
so that a figure which swings around the threshold raises it once.
"""

from typing import Final, Literal, get_args

from msgspec import Struct

AlarmKind = Literal["waiting", "longest_wait", "service_level", "nobody_available"]
KINDS: Final[tuple[AlarmKind, ...]] = get_args(AlarmKind)
RELIEF: Final = 0.8
"""The part of a threshold below which an alarm is over."""


class Alarms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Thresholds of one queue; None for no alarm."""

    waiting: int | None = None
    """So many contacts in line, or more."""
    longest_wait: float | None = None
    """Somebody has waited so many seconds, or more."""
    service_level: float | None = None
    """Less than this part of today's contacts were answered in time."""
    nobody_available: bool = False
    """The queue is open, somebody waits, and no agent is there for it."""


class Seen(Struct, frozen=True, kw_only=True):
    """What is looked at of a queue."""

    open: bool
    waiting: int
    longest_wait: float | None
    """Seconds; None when nobody waits."""
    service_level: float | None
    """Of today; None before anybody was answered."""
    available: int
    """Agents who are there for it."""


def alarmed(alarms: Alarms, kind: AlarmKind, seen: Seen, *, raised: bool) -> bool:
    """Tell whether an alarm stands, given whether it stood before.

    alarmed(Alarms(waiting=10), "waiting", Seen(waiting=9, ...), raised=True) -> True    # over at 8
    """
    match kind:
        case "waiting" if alarms.waiting is not None:
            return _beyond(float(seen.waiting), float(alarms.waiting), raised)
        case "longest_wait" if alarms.longest_wait is not None:
            return seen.longest_wait is not None and _beyond(seen.longest_wait, alarms.longest_wait, raised)
        case "service_level" if alarms.service_level is not None and seen.service_level is not None:
            relief = alarms.service_level + (1.0 - alarms.service_level) * (1.0 - RELIEF)
            return seen.service_level < (relief if raised else alarms.service_level)
        case "nobody_available" if alarms.nobody_available:
            return seen.open and seen.available == 0 and (raised or seen.waiting > 0)
        case _:
            return False


def _beyond(value: float, threshold: float, raised: bool) -> bool:
    return value > threshold * RELIEF if raised else value >= threshold
