"""What a configuration comes to, in lines for people."""

from collections.abc import Iterator
from pathlib import Path

from engine.config import routing
from engine.config.days import calendar
from engine.config.document import Document
from queues.hours import Span


def special_days(folder: Path, year: int) -> Iterator[str]:
    """Yield the special days of a year, set by set, and the days that their countries name besides."""
    file = routing.queues_file(Document(folder, "queues.yaml"))
    for name, days in file.special_days.items():
        yield f"{name}{f' ({days.holidays})' if days.holidays else ''}"
        called = {day.date: day.names for day in (calendar(days.holidays, (year,)) if days.holidays else ())}
        special = {day: spans for day, spans in days.resolve((year,)).items() if day.year == year}
        for day in sorted({*called, *special}):
            times = _times(special[day]) if day in special else "as usual"
            yield f"  {day:%a %Y-%m-%d}  {times:<24} {' / '.join(called.get(day, ()))}".rstrip()


def _times(spans: tuple[Span, ...]) -> str:
    return ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in spans) or "closed"
