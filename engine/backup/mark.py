"""What stays in a data folder of the last backup made of it, so that somebody notices when none is made any more."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec

from engine.datafolder import DataFolder
from engine.doctor.seen import Backup

FILE: Final = "last-backup"
UNWRITTEN: Final = "-"


def leave(folder: DataFolder, at: float, path: Path | None) -> None:
    """Note a backup; None when it went to standard output. What cannot be written must not spoil the backup."""
    made = Backup(at=at, path=str(path.absolute()) if path is not None else UNWRITTEN)
    with contextlib.suppress(OSError):
        folder.write_private(FILE, msgspec.json.encode(made))


def read(folder: DataFolder) -> Backup | None:
    """Return the last one."""
    try:
        return msgspec.json.decode((folder.run / FILE).read_bytes(), type=Backup)
    except (OSError, msgspec.DecodeError):
        return None
