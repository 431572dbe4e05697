"""The archive: journal segments that were trimmed off the stream, and the snapshots between them.

`<first>_<last>.vxj.gz` holds entries (`adapters.redis.segments`), `<id>.vxs.gz` the state after the entry `id`. From
the snapshot before a moment and the entries up to it any state of the past comes back at a bounded cost.
"""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from adapters.redis import segments
from adapters.redis.segments import BadSegment, Kept

SNAPSHOT_SUFFIX: Final = ".vxs.gz"

Id = tuple[int, int]
"""Epoch and number of an entry."""


class Segment(NamedTuple):
    """A file of entries."""

    first: Id
    last: Id
    path: Path


class Archive:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep_snapshot(self, id_: Id, data: bytes) -> None:
        """Keep the state after an entry, unless it is kept already."""
        path = self.snapshot_path(id_)
        if path.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(gzip.compress(data, segments.LEVEL, mtime=0))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)

    def snapshots(self) -> list[Id]:
        """Return after which entries there are snapshots, in order."""
        return sorted(_id(path.name.removesuffix(SNAPSHOT_SUFFIX)) for path in self.folder.glob(f"*{SNAPSHOT_SUFFIX}"))

    def snapshot_path(self, id_: Id) -> Path:
        """Return where the state after an entry lies, if it is kept."""
        return self.folder / f"{_text(id_)}{SNAPSHOT_SUFFIX}"

    def snapshot(self, id_: Id) -> bytes:
        """Return the state after an entry. Raises BadSegment."""
        path = self.snapshot_path(id_)
        try:
            return gzip.decompress(path.read_bytes())
        except (OSError, EOFError) as error:
            raise BadSegment(f"{path}: {error}") from error

    def segments(self) -> list[Segment]:
        """Return the files of entries, in order."""
        found = []
        for path in self.folder.glob(f"*{segments.SUFFIX}"):
            first, _, last = path.name.removesuffix(segments.SUFFIX).partition("_")
            found.append(Segment(_id(first), _id(last), path))
        return sorted(found)

    def entries(self, after: Id) -> Iterator[Kept]:
        """Yield the entries after one, in order. Raises BadSegment."""
        for segment in self.segments():
            if segment.last > after:
                for kept in segments.read(segment.path):
                    if (kept.epoch, kept.seq) > after:
                        after = kept.epoch, kept.seq
                        yield kept

    def expire(self, before: float) -> int:
        """Delete what was last written before a time (UTC seconds); return how many files."""
        deleted = 0
        for suffix in (segments.SUFFIX, SNAPSHOT_SUFFIX):
            for path in self.folder.glob(f"*{suffix}"):
                if path.stat().st_mtime < before:
                    path.unlink()
                    deleted += 1
        return deleted


def _id(text: str) -> Id:
    epoch, _, seq = text.partition("-")
    return int(epoch), int(seq)


def _text(id_: Id) -> str:
    return f"{id_[0]}-{id_[1]}"
