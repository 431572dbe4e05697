"""Whole messages, names and numbers included, are kept only when an admin switched that on for a time."""

import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from adapters.sip.logs import log

FILE: Final = "full.json"
LONGEST: Final = 24 * 3600.0


class On(Struct, frozen=True, kw_only=True):
    """The switch, as the command line sets it."""

    since: float
    """UTC seconds."""
    until: float


class Switch:
    """The switch of a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.on = False
        """As it was at the last look."""

    def read(self) -> On | None:
        """Return how it is set, whether or not that has run out."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=On)
        except (OSError, msgspec.MsgspecError):
            return None

    def set(self, since: float, seconds: float) -> On:
        """Switch on. Raises OSError."""
        on = On(since=since, until=since + min(seconds, LONGEST))
        part = self._path.with_suffix(".part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(on))
        os.replace(part, self._path)
        return on

    def clear(self) -> bool:
        """Switch off; tell whether it was on. Raises OSError."""
        was = self._path.exists()
        self._path.unlink(missing_ok=True)
        return was

    def look(self, now: float) -> None:
        """Look how it is; switch off what has run out. Each change is logged."""
        set_to = self.read()
        on = set_to is not None and set_to.since <= now < set_to.until
        if set_to is not None and now >= set_to.until:
            self.clear()
        if on != self.on:
            log("trace.full_on" if on else "trace.full_off", until=round(set_to.until) if set_to is not None else 0)
        self.on = on
