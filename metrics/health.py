"""How the parts of one engine are, as they tell it themselves. No personal values."""

from msgspec import Struct, field


class WorkerHealth(Struct, frozen=True):
    """A SIP worker."""

    up: bool
    """The engine hears it, and has compared its calls with what should be."""
    legs: int = 0
    admitted: int = 0
    """Calls taken in since it started."""
    rejected: int = 0
    """Calls it refused by itself since it started: malformed, from unknown sources, or without room."""
    cpu: float = 0.0
    """Processor seconds since it started."""


class JournalHealth(Struct, frozen=True):
    """The journal; counts are since the engine started, and mean what `adapters.redis.counters` says."""

    degraded: bool = False
    """Facts cannot be written and are buffered."""
    buffered: int = 0
    """Entries not acknowledged."""
    buffered_bytes: int = 0
    entries: dict[str, int] = field(default_factory=dict)
    """What became of entries: `appended`, `reappended`, `dropped`, `lost`, `refused`."""
    troubles: int = 0
    facts_to_replay: int = 0
    """Facts after the last snapshot."""


class Health(Struct, frozen=True):
    """All parts of an engine."""

    epoch: int = 0
    bugs: int = 0
    """Inputs whose handling broke off."""
    doubled: int = 0
    """Reports dropped because they had been taken in before."""
    journal: JournalHealth = JournalHealth()
    voice: dict[str, int] = field(default_factory=dict)
    """Events from workers and commands to them since the engine started; the words are `adapters.sip.voice`'s."""
    workers: dict[str, WorkerHealth] = field(default_factory=dict)
    edge: bool | None = None
    """Whether the edge answers; None where there is none."""
