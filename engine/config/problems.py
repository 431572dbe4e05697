"""What is wrong with a configuration, said so that whoever wrote it can put it right."""

import difflib
from collections.abc import Collection, Iterable

from msgspec import Struct


class Problem(Struct, frozen=True, order=True):
    """One mistake."""

    file: str
    """Relative to the configuration folder."""
    line: int
    """From 1; 0 when the whole file or folder is meant."""
    field: str
    """Dotted path within the file, such as `queues.vaxel.hours`; may be empty."""
    text: str
    """What is wrong, and what would be right."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.field, self.text) if part)


class ConfigError(Exception):
    """The configuration cannot be used; `problems` holds every mistake found, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Say that there is no `kind` called `name`, and which name may have been meant.

    >>> unknown("queue", "skol", ["skola", "vaxel"])
    'there is no queue "skol"; did you mean "skola"?'
    """
    near = difflib.get_close_matches(name, known, n=1)
    said = f'there is no {kind} "{name}"'
    if near:
        return f'{said}; did you mean "{near[0]}"?'
    return f"{said}; known: {listed(known)}" if known else f"{said}, and none is configured"


def listed(names: Collection[str], most: int = 12) -> str:
    """Return the names in order, at most `most` of them."""
    ordered = sorted(names)
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")
