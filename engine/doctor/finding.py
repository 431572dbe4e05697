"""What a check finds."""

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from engine.doctor.seen import Seen

Level = Literal["wrong", "beware"]
"""Citizens or data are in danger now; or they will be if nobody looks."""


class Finding(Struct, frozen=True):
    """One thing that is not as it should be."""

    level: Level
    what: str
    """In the operator's words, without personal values."""
    do: str
    """What mends it."""


Findings = Iterator[Finding]
Check = Callable[[Seen], Findings]


def wrong(what: str, do: str) -> Finding:
    """Return what must be mended now."""
    return Finding("wrong", what, do)


def beware(what: str, do: str) -> Finding:
    """Return what should be mended soon."""
    return Finding("beware", what, do)


def count(number: int, word: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def some(names: tuple[str, ...] | list[str], most: int = 5) -> str:
    """Return names in a row, not endlessly many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
