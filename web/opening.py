"""When a queue opens and closes next, and its hours, in words and figures. Dates and times are local."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from msgspec import Struct

from queues.hours import Hours, Span, is_open, seconds_to_change
from router.state import State

DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}
DATE: Final[Mapping[str, str]] = {
    "sv": "{day} {at.day}/{at.month}", "en": "{day} {at.day}/{at.month}", "fi": "{day} {at.day}.{at.month}.",
    "ar": "{day} {at.day}/{at.month}",
}  # fmt: skip
TIME: Final[Mapping[str, str]] = {"sv": "%H.%M", "en": "%H:%M", "fi": "%H.%M", "ar": "%H:%M"}
MIDNIGHT: Final[Mapping[str, str]] = {"sv": "24.00", "en": "24:00", "fi": "24.00", "ar": "24:00"}
AHEAD: Final = timedelta(days=30)
"""Special days are told so long before."""

Local = Callable[[float], datetime]
Row = tuple[str, str]
"""Days, and their hours."""


class Standing(Struct, frozen=True):
    """Whether something is open, and until when."""

    open: bool
    changes: float | None
    """UTC seconds; None when that is not foreseen."""


def standing(state: State, queue: str, now: float, local: Local) -> Standing:
    """Return whether a queue is open, by its hours or by who leads today (docs/supervising.md), and until when."""
    hours, open_ = state.configuration.queues[queue].hours, state.is_open(queue)
    today = state.today.get(queue)
    since = today.until if today is not None else now
    there = local(since)
    if today is not None and is_open(hours, there) != today.open:
        return Standing(open_, since)
    seconds = seconds_to_change(hours, there)
    return Standing(open_, _after(since, seconds, local) if seconds is not None else None)


def _after(at: float, seconds: float, local: Local) -> float:
    """Return the UTC seconds at which clocks here show so many seconds more, summer time or not."""
    target, found = local(at) + timedelta(seconds=seconds), at + seconds
    return found + (target - local(found)).total_seconds()


def special(hours: Hours, today: date) -> dict[date, tuple[Span, ...]]:
    """Return the days from today on that are unlike their weekday, for a while ahead."""
    ahead = ((day, spans) for day, spans in sorted(hours.special.items()) if today <= day <= today + AHEAD)
    return {day: spans for day, spans in ahead if spans != hours.week.get(day.isoweekday(), ())}


def rows(hours: Hours, today: date, language: str, closed: str) -> Iterator[Row]:
    """Yield the week, days alike taken together, and special days ahead; nothing for what is always open."""
    if hours.always:
        return
    week = [(number, hours.week.get(number, ())) for number in range(1, 8)]
    names = DAYS[language]
    if hours.week:
        for spans, group in groupby(week, key=lambda one: one[1]):
            days = [number for number, _ in group]
            named = names[days[0] - 1] + (f"\u2013{names[days[-1] - 1]}" if len(days) > 1 else "")
            yield named, _times(spans, language, closed)
    for day, spans in special(hours, today).items():
        yield DATE[language].format(day=names[day.weekday()], at=day), _times(spans, language, closed)


def _times(spans: tuple[Span, ...], language: str, closed: str) -> str:
    shown = [f"{_time(start, language)}\u2013{_time(end, language)}" for start, end in spans]
    return ", ".join(shown) or closed


def _time(at: time, language: str) -> str:
    return MIDNIGHT[language] if at == time.max else format(at, TIME[language])


def figures(spans: tuple[Span, ...]) -> tuple[tuple[str, str], ...]:
    """Return opening times as programs read them: `("08:00", "17:00")`; midnight at the end is `24:00`."""
    return tuple((f"{start:%H:%M}", "24:00" if end == time.max else f"{end:%H:%M}") for start, end in spans)
