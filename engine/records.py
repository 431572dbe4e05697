"""Pid files: what a supervisor writes of each process, so that the next one and `vaxel status` find it."""

import contextlib
import json
from pathlib import Path
from typing import NamedTuple

from engine import procfs
from engine.datafolder import DataFolder

SUFFIX = ".pid"


class Record(NamedTuple):
    """One process, alive or not."""

    name: str
    argv: list[str]
    pid: int = 0
    """0 when it does not run."""
    start: int = 0
    """`procfs.Stat.start`."""
    boot: str = ""
    restarts: int = 0
    last_exit: str = ""
    """How it last ended: `exit 1`, `signal 9`, `unknown`."""

    def living(self) -> procfs.Stat | None:
        """Return the kernel's word on this very process, None when it is gone."""
        if not self.pid or self.boot != procfs.boot():
            return None
        stat = procfs.stat(self.pid)
        return stat if stat is not None and stat.start == self.start else None


def write(folder: DataFolder, record: Record) -> None:
    """Write the process's pid file."""
    folder.write_private(record.name + SUFFIX, json.dumps(record._asdict()).encode())


def remove(folder: DataFolder, name: str) -> None:
    """Delete the process's pid file."""
    (folder.run / (name + SUFFIX)).unlink(missing_ok=True)


def read_all(folder: DataFolder) -> list[Record]:
    """Return all records, by name; a damaged file counts as none."""
    records = []
    for path in sorted(Path(folder.run).glob(f"[!.]*{SUFFIX}")):
        with contextlib.suppress(ValueError, TypeError, OSError):
            records.append(Record(**json.loads(path.read_text())))
    return records
