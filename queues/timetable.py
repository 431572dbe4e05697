"""Days of the week and times of day as people write them. Functions raise ValueError saying what would be right."""

import itertools
import re
from datetime import time
from typing import Final

from queues.hours import Span

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weekdays(text: str) -> range | None:
    """Read `mon` or `mon-fri` as ISO weekdays; None when it is neither."""
    first, _, last = text.lower().partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        return None
    return range(DAYS.index(first) + 1, DAYS.index(last or first) + 2) or None


def spans(text: str) -> tuple[Span, ...]:
    """Read the open times of a day.

    >>> spans("08:00-12:00, 13:00-24:00") == ((time(8), time(12)), (time(13), time.max)), spans("closed")
    (True, ())
    """
    if text.lower() == "closed":
        return ()
    found = tuple(_span(part.strip()) for part in text.split(","))
    for before, after in itertools.pairwise(found):
        if after[0] < before[1]:
            raise ValueError(f'"{text}" overlaps itself; write the times in order')
    return found


def _span(text: str) -> Span:
    match = re.fullmatch(r"(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)", text)
    try:
        start, end = (_moment(match[1]), _moment(match[2])) if match else (time(), time())
    except ValueError:
        start = end = time()
    if start >= end:
        like = "08:00-16:30, or 08:00-12:00, 13:00-17:00, or closed"
        raise ValueError(f'"{text}" is no opening time; write it like {like}')
    return start, end


def _moment(text: str) -> time:
    if text == "24:00":
        return time.max
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
