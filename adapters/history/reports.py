"""Reports: figures of days, by every formula, for the whole and for each channel, queue, language, need and way in.

Everything is added up from the tallies of days, so a year costs hardly more than a day; only the course of a single day
is read off its contacts. The formulas are those of `metrics.formulas`, with which the API and Prometheus tell theirs.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy.engine import Connection

from adapters.history import tables as t
from adapters.history.answers import (
    DIMENSIONS,
    Counts,
    CrisisPeriod,
    Dimension,
    Hour,
    Line,
    Question,
    Report,
    Subject,
)
from adapters.history.batch import Kind, Tally
from adapters.history.surveys import surveys
from metrics.days import day_of
from metrics.formulas import all_figures, occupancies

HOURS: Final = 24


class _Sums(Struct):
    """Tallies by each dimension."""

    whole: Tally = field(default_factory=Tally)
    by: dict[Dimension, dict[str, Tally]] = field(default_factory=lambda: {one: {} for one in DIMENSIONS})

    def add(self, kind: Kind, tally: Tally) -> None:
        """Add a kind of contact wherever it belongs."""
        _merge(self.whole, tally)
        for dimension, names in _names(kind):
            for name in names:
                _merge(self.by[dimension].setdefault(name, Tally()), tally)


def report(connection: Connection, question: Question, local: Callable[[float], datetime]) -> Report:
    """Answer a question; `local` turns UTC seconds into naive local time."""
    sums = _sums(connection, question)
    seconds = _presence(connection, question)
    at = connection.execute(sa.select(t.progress.c.at)).scalar()
    return Report(
        first=question.first.isoformat(),
        last=question.last.isoformat(),
        through=at or 0.0,
        whole=_line("", sums.whole),
        by={
            dimension: tuple(_line(name, tally) for name, tally in _most_first(tallies.items()))
            for dimension, tallies in sums.by.items()
        },
        occupancy=occupancies(seconds),
        agents=seconds,
        hours=_hours(connection, question, local) if question.first == question.last else (),
        subjects=_subjects(connection, question),
        crises=tuple(_crises(connection, question, local)),
        surveys=surveys(connection, question),
    )


def days(connection: Connection, question: Question) -> list[Line]:
    """Return a line for each day, for tables that others go on with."""
    chosen = _chosen(t.tallies, question)
    columns = [sa.func.sum(t.tallies.c[name]).label(name) for name in t.MEASURES]
    asked = sa.select(t.tallies.c.day, *columns).where(*chosen).group_by(t.tallies.c.day).order_by(t.tallies.c.day)
    return [_line(row.day, Tally(*t.unflat(dict(row._mapping)))) for row in connection.execute(asked)]


# ---- adding up -------------------------------------------------------------------------------------------------------


def _chosen(table: sa.Table, question: Question) -> list[sa.ColumnElement[bool]]:
    """Return what holds the rows of a table of days to the question."""
    return [table.c.day.between(question.first.isoformat(), question.last.isoformat()), *_held(table, question)]


def _held(table: sa.Table, question: Question) -> list[sa.ColumnElement[bool]]:
    """Return what the contacts are to have in common."""
    names = ("channel", "queue", "language", "entry")
    chosen = [table.c[name] == value for name in names if (value := getattr(question, name))]
    if question.need:
        # Needs stand with spaces between, so a whole word is looked for.
        chosen.append((sa.literal(" ") + table.c.needs + " ").contains(f" {question.need} ", autoescape=True))
    return chosen


def _sums(connection: Connection, question: Question) -> _Sums:
    dimensions = [t.tallies.c[name] for name in Kind._fields]
    columns = [sa.func.sum(t.tallies.c[name]).label(name) for name in t.MEASURES]
    asked = sa.select(*dimensions, *columns).where(*_chosen(t.tallies, question)).group_by(*dimensions)
    sums = _Sums()
    for row in connection.execute(asked):
        sums.add(Kind(*row[: len(dimensions)]), Tally(*t.unflat(dict(row._mapping))))
    return sums


def _names(kind: Kind) -> Iterable[tuple[Dimension, list[str]]]:
    """Yield under which names a kind of contact stands in each dimension; nothing asked for is no name."""
    yield "channel", [kind.channel]
    yield "queue", [kind.queue] if kind.queue else []
    yield "language", [kind.language] if kind.language else []
    yield "need", kind.needs.split()
    yield "entry", [kind.entry] if kind.entry else []


def _merge(to: Tally, other: Tally) -> None:
    to.figures.merge(other.figures)
    to.work.merge(other.work)


def _most_first(tallies: Iterable[tuple[str, Tally]]) -> list[tuple[str, Tally]]:
    return sorted(tallies, key=lambda one: (-one[1].figures.arrived, one[0]))


def _line(name: str, tally: Tally) -> Line:
    figures, work = tally.figures, tally.work
    counts = {
        one: getattr(figures if one in figures.__struct_fields__ else work, one) for one in Counts.__struct_fields__
    }
    return Line(name, Counts(**counts), all_figures(figures, work))


def _presence(connection: Connection, question: Question) -> dict[str, float]:
    between = t.presence.c.day.between(question.first.isoformat(), question.last.isoformat())
    asked = sa.select(t.presence.c.state, sa.func.sum(t.presence.c.seconds).label("seconds")).where(between)
    return {row.state: row.seconds for row in connection.execute(asked.group_by(t.presence.c.state))}


def _subjects(connection: Connection, question: Question) -> tuple[Subject, ...]:
    c = t.subjects.c
    asked = (
        sa.select(c.reason, c.avoidable, c.gap, sa.func.sum(c.number))
        .where(*_chosen(t.subjects, question))
        .group_by(c.reason, c.avoidable, c.gap)
    )
    found: dict[str, list[int]] = {}
    gaps: dict[str, dict[str, int]] = {}
    for reason, avoidable, gap, number in connection.execute(asked):
        counted = found.setdefault(reason, [0, 0])
        counted[0] += int(number)
        counted[1] += int(number) * (avoidable == "yes")
        if gap and number:
            told = gaps.setdefault(reason, {})
            told[gap] = told.get(gap, 0) + int(number)
    ordered = sorted(found.items(), key=lambda one: (-one[1][0], one[0]))
    return tuple(
        Subject(reason, said, avoidable, gaps.get(reason, {})) for reason, (said, avoidable) in ordered if said
    )


def _crises(connection: Connection, question: Question, local: Callable[[float], datetime]) -> Iterator[CrisisPeriod]:
    """Yield the crises that ran in these days."""
    (begin, _), (_, end) = bounds(question.first, local), bounds(question.last, local)
    c = t.crises.c
    there = (c.began < end) & (c.ended.is_(None) | (c.ended >= begin))
    for row in connection.execute(sa.select(t.crises).where(there).order_by(c.began, c.id)):
        kept = dict(row._mapping)
        kept |= {"queues": tuple(row.queues.split()), "places": tuple(row.places.split())}
        del kept["cause"]
        if not question.queue or not row.queues or question.queue in (*kept["queues"], row.triage):
            yield CrisisPeriod(**kept)


def _hours(connection: Connection, question: Question, local: Callable[[float], datetime]) -> tuple[Hour, ...]:
    """Return the course of a day: what became of those who asked in each hour."""
    begin, end = bounds(question.first, local)
    c = t.asks.c
    chosen = [c.asked >= begin, c.asked < end]
    chosen += _held(t.asks, question)
    counted = [[0, 0, 0, 0] for _ in range(HOURS)]
    for asked, outcome, in_target in connection.execute(sa.select(c.asked, c.outcome, c.in_target).where(*chosen)):
        hour = counted[local(asked).hour]
        hour[0] += 1
        hour[1] += outcome == "answered"
        hour[2] += outcome == "answered" and bool(in_target)
        hour[3] += outcome == "abandoned"
    return tuple(Hour(number, *counts) for number, counts in enumerate(counted) if counts[0])


def bounds(day: date, local: Callable[[float], datetime]) -> tuple[float, float]:
    """Return begin and end (UTC seconds) of a local day."""
    noon = (datetime(day.year, day.month, day.day, 12) - datetime(1970, 1, 1)) / timedelta(seconds=1)  # noqa: DTZ001
    return day_of(local, noon)
