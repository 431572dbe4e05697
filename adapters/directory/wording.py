"""An absence in words, to be read or spoken: `på lunch till 13.00, hänvisas till Anna Berg`.

The sentence's frame is known in Swedish, English and Finnish; the reasons' words are the configuration's. Who is asked
for meanwhile is a personal value, so the sentence is one too.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from adapters.directory.record import Absence
from adapters.directory.settings import AWAY, Reason

FALLBACK: Final = "sv"
MONTHS_PLAIN: Final = 11
"""Months ahead up to which a date needs no year."""


class Frame(Struct, frozen=True, kw_only=True):
    """What a language puts around the reason."""

    clock: Callable[[datetime], str]
    today: str
    """`{clock}` is the time."""
    tomorrow: str
    weekday: str
    """`{day}` is one of `days`."""
    date: str
    """`{day}`, `{month}`, and `{year}` where that is not plain. A time of day follows only where no day begins."""
    at: str
    """Joins a day and a time."""
    open_end: str
    refer: str
    days: tuple[str, ...]
    months: tuple[str, ...]


FRAMES: Final[dict[str, Frame]] = {
    "sv": Frame(
        clock=lambda moment: f"{moment:%H.%M}",
        today="till {clock}",
        tomorrow="till i morgon",
        weekday="till {day}",
        date="till den {day} {month}{year}",
        at="{day} {clock}",
        open_end="tills vidare",
        refer="hänvisas till {name}",
        days=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
        months=tuple("januari februari mars april maj juni juli augusti september oktober november december".split()),
    ),
    "en": Frame(
        clock=lambda moment: f"{moment:%H:%M}",
        today="until {clock}",
        tomorrow="until tomorrow",
        weekday="until {day}",
        date="until {day} {month}{year}",
        at="{day}, {clock}",
        open_end="until further notice",
        refer="please ask for {name}",
        days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=tuple("January February March April May June July August September October November December".split()),
    ),
    "fi": Frame(
        clock=lambda moment: f"klo {moment.hour}.{moment:%M}",
        today="{clock} asti",
        tomorrow="huomiseen asti",
        weekday="{day} asti",
        date="{day}. {month}{year} asti",
        at="{day}, {clock}",
        open_end="toistaiseksi",
        refer="puhelut hoitaa {name}",
        days=(
            "maanantaihin",
            "tiistaihin",
            "keskiviikkoon",
            "torstaihin",
            "perjantaihin",
            "lauantaihin",
            "sunnuntaihin",
        ),
        months=tuple(
            "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
            "marraskuuta joulukuuta".split()
        ),
    ),
}


def sentence(
    absence: Absence,
    reasons: Mapping[str, Reason],
    language: str,
    now: float,
    zone: ZoneInfo,
    *,
    refer: str = "",
    to_callers: bool = True,
) -> str:
    """Return the absence in words, from the moment `now`.

    `refer` is the name of whom to ask for. To callers a private reason is only "not available".
    """
    frame = FRAMES.get(language, FRAMES[FALLBACK])
    reason = reasons.get(absence.reason, AWAY)
    shown = AWAY if reason.private and to_callers else reason
    said = shown.words.get(language) or shown.words.get(FALLBACK) or next(iter(shown.words.values()))
    until = frame.open_end if absence.until is None else _until(frame, absence.until, now, zone)
    return f"{said} {until}" + (f", {frame.refer.format(name=refer)}" if refer else "")


def _until(frame: Frame, until: float, now: float, zone: ZoneInfo) -> str:
    end, today = datetime.fromtimestamp(until, zone), datetime.fromtimestamp(now, zone).date()
    clock = frame.clock(end)
    days = (end.date() - today).days
    if days <= 0:
        return frame.today.format(clock=clock)
    if days == 1:
        text = frame.tomorrow
    elif days < 7:
        text = frame.weekday.format(day=frame.days[end.weekday()])
    else:
        year = f" {end.year}" if days > MONTHS_PLAIN * 30 else ""
        text = frame.date.format(day=end.day, month=frame.months[end.month - 1], year=year)
    return text if end.time() == time() else frame.at.format(day=text, clock=clock)
