"""What a measurement gives back, and what it is given."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Measured:
    """One row."""

    key: str
    repeats: Sequence[tuple[float, ...]]
    """One tuple of the row's parts for each repeat."""
    commands: Sequence[str] = ()
    counted: str = ""
    """What the figures count."""
    detail: dict[str, float] = field(default_factory=dict)
    """Where the sum comes from."""
    note: str = ""

    @property
    def value(self) -> tuple[float, ...]:
        """The median of each part."""
        return tuple(statistics.median(column) for column in zip(*self.repeats, strict=True))

    @property
    def spread(self) -> tuple[tuple[float, float], ...]:
        """The lowest and highest of each part."""
        return tuple((min(column), max(column)) for column in zip(*self.repeats, strict=True))


class Context(NamedTuple):
    """How to measure."""

    quick: bool
    port: int
    say: Callable[[str], None]
    """Shows what is going on."""

    def choose(self, full: float, quick: float) -> float:
        """Return the one or the other."""
        return quick if self.quick else full

    @property
    def repeats(self) -> int:
        """How often each row is measured."""
        return 2 if self.quick else 3


class Group(NamedTuple):
    """Rows that are measured together."""

    keys: tuple[str, ...]
    seconds: float
    """About how long it takes."""
    quick_seconds: float
    run: Callable[[Context], list[Measured]]


def mean_of(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each entry."""
    return {name: statistics.fmean(part.get(name, 0.0) for part in parts) for name in parts[0]} if parts else {}


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of all do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
