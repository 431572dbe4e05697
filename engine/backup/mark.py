"""What stays in a data folder of the last backup made of it, so that somebody notices when none is made any more."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from engine.datafolder import DataFolder

FILE: Final = "last-backup"


class Mark(Struct, frozen=True, kw_only=True):
    """The last backup."""

    at: float
    """UTC seconds; what was decided before is in it."""
    path: str
    """Empty when it went to standard output."""


def leave(folder: DataFolder, at: float, path: Path | None) -> None:
    """Note a backup. What cannot be written must not spoil it."""
    mark = Mark(at=at, path=str(path.absolute()) if path is not None else "")
    with contextlib.suppress(OSError):
        folder.write_private(FILE, msgspec.json.encode(mark))


def read(folder: DataFolder) -> Mark | None:
    """Return what was noted last."""
    try:
        return msgspec.json.decode((folder.run / FILE).read_bytes(), type=Mark)
    except (OSError, msgspec.DecodeError):
        return None
