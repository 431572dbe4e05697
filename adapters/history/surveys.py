"""What citizens answered when they were asked how it was: by channel, queue and language, never by agent.

Of groups with fewer than five answers nothing is told. What a dimension leaves out could be found as what the whole has
more than its groups; so where all that is left out is fewer than five answers, the smallest other group is too.
"""

from collections.abc import Iterable
from typing import Final, get_args

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.engine import Connection

from adapters.history import tables as t
from adapters.history.answers import FEW, Question, SurveyDimension, SurveyLine, Surveys

DIMENSIONS: Final[tuple[SurveyDimension, ...]] = get_args(SurveyDimension)
YES_OR_NO: Final = 2
Counted = dict[tuple[str, int], list[int]]
"""Name and scale to how many were asked, how many answered, and the sum of the answers."""


def surveys(connection: Connection, question: Question) -> Surveys:
    """Return what was asked and answered in some days."""
    if question.need or question.entry:
        return Surveys()
    c = t.surveys.c
    chosen = [c.day.between(question.first.isoformat(), question.last.isoformat())]
    chosen += [c[name] == value for name in DIMENSIONS if (value := getattr(question, name))]
    keys = [c[name] for name in DIMENSIONS]
    sums = [sa.func.sum(c[name]) for name in ("asked", "answered", "total")]
    whole: Counted = {}
    by: dict[SurveyDimension, Counted] = {name: {} for name in DIMENSIONS}
    for row in connection.execute(sa.select(*keys, c.scale, *sums).where(*chosen).group_by(*keys, c.scale)):
        scale, counts = int(row[3]), [int(number) for number in row[4:]]
        _add(whole, "", scale, counts)
        for dimension, name in zip(DIMENSIONS, row[:3], strict=True):
            _add(by[dimension], name, scale, counts)
    lines = tuple(_line(key, counts) for key, counts in sorted(whole.items()))
    return Surveys(lines, {dimension: _lines(counted) for dimension, counted in by.items()})


def _add(counted: Counted, name: str, scale: int, counts: Iterable[int]) -> None:
    found = counted.setdefault((name, scale), [0, 0, 0])
    found[:] = [one + more for one, more in zip(found, counts, strict=True)]


def _lines(counted: Counted) -> tuple[SurveyLine, ...]:
    """Return a dimension's lines, the most asked first, without what leads to few answers."""
    lines = [_line(key, one) for key, one in counted.items()]
    for scale in {line.scale for line in lines}:
        left_out = sum(one[1] for key, one in counted.items() if key[1] == scale and one[1] < FEW)
        shown = [line for line in lines if line.scale == scale and line.answered is not None]
        if 0 < left_out < FEW and shown:
            smallest = min(shown, key=lambda line: line.answered or 0)
            lines[lines.index(smallest)] = structs.replace(smallest, answered=None, share=None, mean=None)
    return tuple(sorted(lines, key=lambda line: (-line.asked, line.name, line.scale)))


def _line(key: tuple[str, int], counts: list[int]) -> SurveyLine:
    (name, scale), (asked, answered, total) = key, counts
    if answered < FEW:
        return SurveyLine(name, scale, asked, None, None, None)
    mean = total / answered
    return SurveyLine(
        name, scale, asked, answered, answered / asked if asked else None, 2 - mean if scale == YES_OR_NO else mean
    )
