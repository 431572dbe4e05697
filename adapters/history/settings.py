"""What the history is told: where it is kept, and what it reads."""

from msgspec import Struct, field


class HistorySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Written into the data folder at each start, for the process that keeps the history and for `vaxel report`."""

    url: str
    """SQLAlchemy's, without a password."""
    password_file: str = ""
    redis_url: str = ""
    redis_password_file: str = ""
    archive: str = ""
    """Folder of archived journal segments."""
    time_zone: str = "Europe/Stockholm"
    language: str = "sv"
    """In which `vaxel report` speaks, unless it is told."""
    city: str = ""
    keep: float | None = None
    """Seconds for which single contacts are kept after their end; None for good. Figures of days stay."""
    titles: dict[str, str] = field(default_factory=dict)
    """Queue to its name for people."""
    entries: dict[str, str] = field(default_factory=dict)
    """Number, mailbox, page or place to its name for people."""
