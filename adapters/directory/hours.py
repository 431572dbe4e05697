"""When somebody is at work, in one line of text: `mon-thu 08:00-16:30; fri 08:00-12:00, 13:00-15:00`."""

import itertools
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from queues.hours import HORIZON_DAYS, Hours, Span
from queues.timetable import DAYS, spans, weekdays

LIKE: Final = "mon-thu 08:00-16:30; fri 08:00-15:00"
_SWEDISH: Final = {
    "mån": "mon",
    "tis": "tue",
    "ons": "wed",
    "tor": "thu",
    "tors": "thu",
    "fre": "fri",
    "lör": "sat",
    "sön": "sun",
}
_DAY_WORD: Final = re.compile(r"[a-zåäö]+")
_WHOLE_HOUR: Final = re.compile(r"(?<![:\d])(\d{1,2})(?![:\d])")

Special = Mapping[date, tuple[Span, ...]]


@lru_cache(maxsize=4096)
def read(text: str) -> Hours:
    """Read hours; English and Swedish days, `8` and `08.00` for 08:00. Raises ValueError with what would be right."""
    week: dict[int, tuple[Span, ...]] = {}
    for part in filter(None, (part.strip() for part in text.lower().split(";"))):
        match = re.match(r"([a-zåäö]+(?:\s*[-,]\s*[a-zåäö]+)*)\s+(.+)", part)
        days = _days(match[1]) if match else None
        if match is None or days is None:
            raise ValueError(f'"{part}" are no working hours; write them like {LIKE}')
        open_ = spans(_WHOLE_HOUR.sub(r"\1:00", match[2].replace(".", ":")))
        for day in days:
            if day in week:
                raise ValueError(f'"{text}" names {DAYS[day - 1]} twice')
            week[day] = open_
    return Hours(week=dict(sorted(week.items())))


def _days(text: str) -> list[int] | None:
    """Return ISO weekdays of `mon-wed, fri`."""
    english = _DAY_WORD.sub(lambda word: _SWEDISH.get(word[0], word[0]), text)
    found: list[int] = []
    for part in english.split(","):
        days = weekdays(re.sub(r"\s", "", part))
        if days is None:
            return None
        found += days
    return found


def write(hours: Hours) -> str:
    """Return the text of hours in its one form: `read` gives them back."""
    runs = [list(run) for _, run in itertools.groupby(sorted(hours.week.items()), key=_Run())]
    return "; ".join(f"{_span_of_days(run[0][0], run[-1][0])} {_times(run[0][1])}" for run in runs)


class _Run:
    """Gives days the same key while each follows the one before with the same times."""

    def __init__(self) -> None:
        self._last: tuple[int, tuple[Span, ...]] | None = None
        self._key = 0

    def __call__(self, item: tuple[int, tuple[Span, ...]]) -> int:
        if self._last is None or item != (self._last[0] + 1, self._last[1]):
            self._key += 1
        self._last = item
        return self._key


def _span_of_days(first: int, last: int) -> str:
    return DAYS[first - 1] if first == last else f"{DAYS[first - 1]}-{DAYS[last - 1]}"


def _times(open_: tuple[Span, ...]) -> str:
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in open_) or "closed"


def _clock(moment: time) -> str:
    return "24:00" if moment == time.max else f"{moment:%H:%M}"


def at_work(text: str, special: Special, local: datetime) -> bool:
    """Tell whether somebody with these hours is at work at naive local time; without hours always."""
    return not text or any(start <= local < end for start, end in _day(read(text), special, local.date()))


def next_start(text: str, special: Special, local: datetime) -> datetime | None:
    """Return when work begins next after `local`; None when it never does, or no hours are known."""
    if not text:
        return None
    known = read(text)
    days = (local.date() + timedelta(days=n) for n in range(HORIZON_DAYS))
    starts = itertools.chain.from_iterable(_day(known, special, day) for day in days)
    return next((start for start, _ in starts if start > local), None)


def next_edge(text: str, special: Special, local: datetime) -> datetime | None:
    """Return when work begins or ends next after `local`, within a week; None when it does not."""
    if not text:
        return None
    known = read(text)
    days = (local.date() + timedelta(days=n) for n in range(8))
    edges = itertools.chain.from_iterable(itertools.chain.from_iterable(_day(known, special, day)) for day in days)
    return next((edge for edge in edges if edge > local), None)


def _day(hours: Hours, special: Special, day: date) -> list[tuple[datetime, datetime]]:
    """Return the times of one day; a special day leaves of them what falls within its own."""
    own = hours.spans(day)
    if day in special:
        pairs = itertools.product(own, special[day])
        own = tuple((max(a[0], b[0]), min(a[1], b[1])) for a, b in pairs if max(a[0], b[0]) < min(a[1], b[1]))
    return [(datetime.combine(day, start), _end(day, end)) for start, end in own]


def _end(day: date, end: time) -> datetime:
    return datetime.combine(day + timedelta(days=1), time()) if end == time.max else datetime.combine(day, end)
