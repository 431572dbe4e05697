"""Opening hours in local time: a week, and special days that replace it (rule 3 counts waiting in open time only)."""

from datetime import date, datetime, time, timedelta
from itertools import chain

from msgspec import Struct, field

Span = tuple[time, time]
"""From (included) to (excluded), the same day; midnight at the end is written `time.max`."""

HORIZON_DAYS = 370
"""How far ahead the next opening is looked for; later counts as never."""


class Hours(Struct, frozen=True, forbid_unknown_fields=True):
    """When a service is open. `always` overrides the rest."""

    always: bool = False
    week: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    """ISO weekday (1 Monday to 7 Sunday) to spans."""
    special: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    """A date's own spans; an empty tuple closes the day."""
    names: dict[date, str] = field(default_factory=dict)
    """A date of `special` to the name of the special days it comes from."""

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the open spans of `day`."""
        return self.special.get(day, self.week.get(day.isoweekday(), ()))


ALWAYS = Hours(always=True)


def is_open(hours: Hours, local: datetime) -> bool:
    """Tell whether the service is open at the naive local time `local`."""
    if hours.always:
        return True
    moment = local.time()
    return any(start <= moment and (moment < end or end == time.max) for start, end in hours.spans(local.date()))


def seconds_to_change(hours: Hours, local: datetime) -> float | None:
    """Return the seconds of local time until the service opens or closes next, None if it never does."""
    if hours.always or not (hours.week or hours.special):
        return None
    now_open = is_open(hours, local)
    days = (local.date() + timedelta(days=n) for n in range(HORIZON_DAYS))
    for edge in chain.from_iterable(_edges(hours, day) for day in days):
        if edge > local and is_open(hours, edge) != now_open:
            return (edge - local).total_seconds()
    return None


def _edges(hours: Hours, day: date) -> list[datetime]:
    """Return the starts and ends of a day in order; a span to midnight ends at the next day's start."""
    midnight = datetime.combine(day, time()) + timedelta(days=1)
    edges = [datetime.combine(day, start) for start, _ in hours.spans(day)]
    edges += [midnight if end == time.max else datetime.combine(day, end) for _, end in hours.spans(day)]
    return sorted(edges)
