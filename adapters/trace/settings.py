"""What is traced, and for how long it is kept."""

from typing import Final

from msgspec import Struct

MIB: Final = 1024 * 1024


class TraceSettings(Struct, frozen=True, kw_only=True):
    """How long traces are kept."""

    keep: float = 72 * 3600.0
    """Seconds; 0 for no tracing at all."""
    megabytes: int = 64
    """MiB at most, compressed; the oldest goes first."""


class TracerSettings(Struct, frozen=True, kw_only=True):
    """What the tracer is told at its start."""

    listen: tuple[str, int]
    """Where Kamailio sends to."""
    edge: tuple[str, int]
    """Where it sends from; nobody else is heard."""
    folder: str
    names: dict[str, str]
    """`address:port` to who is there: the edge and its workers."""
    plain: frozenset[str]
    """Users of URIs that are nobody's: phones, and numbers of the house."""
    limits: TraceSettings
