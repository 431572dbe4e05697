"""Counts and spreads of times, and what lies between two readings of them. All only ever grow."""

from bisect import bisect_left
from collections.abc import Hashable, Mapping
from typing import Final, Literal, NamedTuple, TypeVar

from msgspec import Struct, field

WAIT_S: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 14_400.0)
"""Upper edges of the spread of waits: a caller's seconds to a mail's hours."""
TALK_S: Final = (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0)

Truth = Literal["held", "sooner", "later"]
"""Whether an announced wait ended within its range."""
Settlement = Literal["answered", "abandoned", "lost", "resumed", "withdrawn", "turned_away"]
"""What became of a contact that asked for something."""

K = TypeVar("K", bound=Hashable)
N = TypeVar("N", int, float)


class Spread(Struct, array_like=True):
    """A histogram: how many values lie above one edge and up to the next; the last count is beyond all edges."""

    counts: list[int]
    total: float = 0.0
    """Sum of the values."""

    def add(self, value: float, edges: tuple[float, ...]) -> None:
        """Count a value."""
        self.counts[bisect_left(edges, value)] += 1
        self.total += value

    @property
    def number(self) -> int:
        """Return how many values were counted."""
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """Return the mean, None when nothing was counted."""
        number = self.number
        return self.total / number if number else None

    def merge(self, other: "Spread") -> None:
        """Count what another counted."""
        self.counts = [one + more for one, more in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def minus(self, before: "Spread") -> "Spread":
        """Return what was added since `before`."""
        counts = [now - then for now, then in zip(self.counts, before.counts, strict=True)]
        return Spread(counts, self.total - before.total)


def spread(edges: tuple[float, ...]) -> Spread:
    """Return an empty spread over `edges`."""
    return Spread([0] * (len(edges) + 1))


class Settled(NamedTuple):
    """How a contact's asking for a queue came to an end."""

    what: Settlement
    at: float
    waited: float
    in_target: bool
    """Within the wait that the queue promises."""
    obstacle: str = ""
    """Of who left by a way out (rule 9)."""


SHORT_S: Final = 5.0
"""Who leaves this soon did not wait in vain: a wrong number, a change of mind."""


class Figures(Struct, array_like=True, kw_only=True):
    """What became of the contacts that asked for something: a queue, or somebody with a skill.

    `arrived` is `answered`, `abandoned`, `lost`, `turned_away`, `resumed` and `withdrawn` together, and those who have
    not been answered yet. The words are those of docs/metrics.md.
    """

    arrived: int = 0
    answered: int = 0
    in_target: int = 0
    """Among `answered`: within the wait that the queue promises."""
    abandoned: int = 0
    short_abandoned: int = 0
    """Among `abandoned`."""
    abandoned_in_target: int = 0
    """Among `abandoned`."""
    lost: int = 0
    resumed: int = 0
    withdrawn: int = 0
    turned_away: dict[str, int] = field(default_factory=dict)
    """By obstacle (rule 9)."""
    told: dict[Truth, int] = field(default_factory=dict)
    """Waits that were announced, by what became true."""
    told_off: dict[Truth, float] = field(default_factory=dict)
    """Seconds outside of the announced ranges, together."""
    abandoned_wait: float = 0.0
    """Seconds that the abandoned had waited, together."""
    wait: Spread = field(default_factory=lambda: spread(WAIT_S))
    """Of the answered."""
    talk: Spread = field(default_factory=lambda: spread(TALK_S))

    def settle(self, settled: Settled) -> None:
        """Count what became of one that had asked."""
        match settled.what:
            case "answered":
                self.answered += 1
                self.in_target += settled.in_target
                self.wait.add(settled.waited, WAIT_S)
            case "abandoned":
                self.abandoned += 1
                self.short_abandoned += settled.waited < SHORT_S
                self.abandoned_in_target += settled.in_target
                self.abandoned_wait += settled.waited
            case "lost":
                self.lost += 1
            case "resumed":
                self.resumed += 1
            case "withdrawn":
                self.withdrawn += 1
            case "turned_away":
                self.turned_away[settled.obstacle] = self.turned_away.get(settled.obstacle, 0) + 1

    def tell(self, truth: Truth, off: float) -> None:
        """Count a wait that was announced, and the seconds by which it was wrong."""
        self.told[truth] = self.told.get(truth, 0) + 1
        self.told_off[truth] = self.told_off.get(truth, 0.0) + off

    def merge(self, other: "Figures") -> None:
        """Count what another counted."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.turned_away = together(self.turned_away, other.turned_away)
        self.told = together(self.told, other.told)
        self.told_off = together(self.told_off, other.told_off)
        self.abandoned_wait += other.abandoned_wait
        self.wait.merge(other.wait)
        self.talk.merge(other.talk)

    def minus(self, before: "Figures") -> "Figures":
        """Return what was counted since `before`."""
        return Figures(
            turned_away=between(self.turned_away, before.turned_away),
            told=between(self.told, before.told),
            told_off=between(self.told_off, before.told_off),
            abandoned_wait=self.abandoned_wait - before.abandoned_wait,
            wait=self.wait.minus(before.wait),
            talk=self.talk.minus(before.talk),
            **{name: getattr(self, name) - getattr(before, name) for name in COUNTED},
        )


COUNTED: Final = (
    "arrived", "answered", "in_target", "abandoned", "short_abandoned", "abandoned_in_target", "lost", "resumed",
    "withdrawn",
)  # fmt: skip
"""The whole numbers among the figures."""


def together(one: Mapping[K, N], other: Mapping[K, N]) -> dict[K, N]:
    """Return the sums of each."""
    return {**one, **{key: one[key] + number if key in one else number for key, number in other.items()}}


def between(now: Mapping[K, N], before: Mapping[K, N]) -> dict[K, N]:
    """Return by how much each number has grown."""
    return {key: number - before[key] if key in before else number for key, number in now.items()}


def figures_between(now: Mapping[K, Figures], before: Mapping[K, Figures]) -> dict[K, Figures]:
    """Return what was added to each since `before`."""
    nothing = Figures()
    return {key: figures.minus(before.get(key, nothing)) for key, figures in now.items()}
