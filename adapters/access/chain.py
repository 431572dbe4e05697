"""Lines that hold on to each other: each carries the hash of the one before, so that none can be changed, taken out or
put in without all later hashes changing too.

Whoever can write the files can write a whole new chain; so its end is told to the system's log now and then, where it
stands outside of Vaxel's reach.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Struct

BEGINNING: Final = "0" * 64
"""Stands before the first line ever."""
ENCODER: Final = msgspec.json.Encoder(order="deterministic")


Kind = Literal["looked", "exported", "erased", "deleted", "signed_in", "signed_out", "acted", "refused"]


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the access log."""

    n: int
    """From 1, without gaps."""
    at: float
    """UTC seconds."""
    kind: Kind
    what: dict[str, Any]
    before: str
    """Hash of the line before."""
    hash: str = ""
    """SHA-256 of all of this but itself."""


class Broken(NamedTuple):
    """A place at which the chain does not hold."""

    n: int
    why: str


def sealed(n: int, at: float, kind: Any, what: dict[str, Any], before: str) -> Line:
    """Return a line with its hash."""
    line = Line(n=n, at=at, kind=kind, what=what, before=before)
    return msgspec.structs.replace(line, hash=digest(line))


def digest(line: Line) -> str:
    """Return the hash of a line."""
    bare = msgspec.structs.replace(line, hash="")
    return hashlib.sha256(ENCODER.encode(bare)).hexdigest()


def breaks(lines: Iterable[Line]) -> Iterator[Broken]:
    """Yield where a chain does not hold. The first line may follow one that is not kept any more."""
    before: Line | None = None
    for line in lines:
        if digest(line) != line.hash:
            yield Broken(line.n, "the line was changed")
        if before is not None and line.n != before.n + 1:
            yield Broken(line.n, f"lines {before.n + 1} to {line.n - 1} are missing" if line.n > before.n else "order")
        elif before is not None and line.before != before.hash:
            yield Broken(line.n, "it does not follow the line before it")
        before = line
