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
    text_dropped: int = 0
    """Characters of real-time text that were too many since it started."""


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


class EdgeHealth(Struct, frozen=True):
    """The edge (Kamailio); counts are since it started."""

    up: bool
    """It answers the engine."""
    phones: int = 0
    """Phones that are registered."""
    dialogs_ended: int = 0
    """Dialogs ended because their worker died; since the engine started."""
    bans: int = 0
    """Addresses banned for wrong passwords."""
    refused: dict[str, int] = field(default_factory=dict)
    """Requests it refused, by reason."""


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
    edge: EdgeHealth | None = None
    """None where there is none."""
    dial_refused: dict[str, int] = field(default_factory=dict)
    """Numbers not dialled since the engine started, by the id of what stood against it."""
    trunks: dict[str, bool] = field(default_factory=dict)
    """Trunk that Vaxel registers at its provider to whether it is registered."""
