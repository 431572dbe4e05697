"""Special days: dates, and public holidays by the rules of a country, so that nobody types them year after year."""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

from msgspec import Struct, field

from queues.hours import Span

YEARS_AHEAD: Final = 5
"""So many years after the present one are known; Vaxel looks again at each start."""
_REMARK: Final = re.compile(r"\s*\(.*\)$")
"""Such as `(from 2pm)`: the times are the configuration's own."""


Special = dict[str, dict[date, tuple[Span, ...]]]
"""Name of special days to the times of each."""


class Day(Struct, frozen=True):
    """A day that the rules of a country name."""

    date: date
    names: tuple[str, ...]
    """In English and in the country's language."""
    public: bool


class SpecialDays(Struct, frozen=True):
    """Special days as written."""

    holidays: str = ""
    """Country, and part of it, whose public holidays are closed: `SE`, `DE-BY`; empty for none."""
    named: dict[str, tuple[Span, ...] | None] = field(default_factory=dict)
    """A named day's own times; None for an ordinary day."""
    dates: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    """A date's own times: they win over everything else."""

    def resolve(self, years: Iterable[int]) -> dict[date, tuple[Span, ...]]:
        """Return each special day's times."""
        found: dict[date, tuple[Span, ...]] = {}
        for day in calendar(self.holidays, tuple(years)) if self.holidays else ():
            own = next((name for name in self.named if name in day.names), None)
            spans = self.named[own] if own is not None else () if day.public else None
            if spans is not None:
                found[day.date] = spans
        return dict(sorted((found | self.dates).items()))


def known_country(text: str) -> bool:
    """Tell whether the rules of a country, or of a part of it (`DE-BY`), are known."""
    import holidays

    country, _, part = text.partition("-")
    parts = holidays.list_supported_countries().get(country)
    return parts is not None and (not part or part in parts)


@lru_cache
def names(country: str, year: int) -> frozenset[str]:
    """Return the names of the days that a country knows in a year."""
    return frozenset(name for day in calendar(country, (year,)) for name in day.names)


@lru_cache
def calendar(country: str, years: tuple[int, ...]) -> tuple[Day, ...]:
    """Return the days that the rules of `country` name, of every kind, in order."""
    import holidays

    code, _, part = country.partition("-")
    own = holidays.country_holidays(code, subdiv=part or None)
    public = set(holidays.country_holidays(code, subdiv=part or None, years=years))
    spoken = {own.default_language, "en_US"} & {*own.supported_languages, None}
    found: dict[date, list[str]] = {}
    for language in sorted(spoken, key=str):
        for category in own.supported_categories:
            days = holidays.country_holidays(
                code, subdiv=part or None, years=years, categories=category, language=language
            )
            for day in days:
                found.setdefault(day, []).extend(_REMARK.sub("", name) for name in days.get_list(day))
    return tuple(Day(day, tuple(dict.fromkeys(found[day])), day in public) for day in sorted(found))
