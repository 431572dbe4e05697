"""Records in a ring of files: the newest is written to, the oldest goes when there are too many bytes or it is too old.

`<prefix>-<milliseconds of its first record>.vxt` is a row of frames: 4 bytes length (big-endian), then the record. A
file that is full is compressed (`.vxt.gz`). What a crash left unfinished at a file's end is passed over.
"""

import contextlib
import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from struct import Struct as Packed
from typing import Final, NamedTuple

PLAIN: Final = ".vxt"
ZIPPED: Final = ".vxt.gz"
LEVEL: Final = 1
"""Of gzip: a third of the processor that its default costs, for a third more bytes."""
LENGTH: Final = Packed(">I")
RECORD_MAX: Final = 1 << 20
SEGMENT_BYTES: Final = 4 * 1024 * 1024
SEGMENT_S: Final = 3600.0
"""So that what is too old can go within the hour."""
BUFFER_BYTES: Final = 64 * 1024


class Segment(NamedTuple):
    """One file."""

    first: float
    """UTC seconds."""
    path: Path


class Ring:
    """Writes one ring. There must be no other writer of its prefix."""

    def __init__(
        self, folder: Path, prefix: str, *, bytes_max: int, age_max: float, zipped: bool = True,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:  # fmt: skip
        """`zipped` costs some ten milliseconds whenever a file is full."""
        self._folder = folder
        self._prefix = prefix
        self._bytes_max = bytes_max
        self._age_max = age_max
        self._zipped = zipped
        self._segment_bytes = segment_bytes
        self._buffer = bytearray()
        self._path: Path | None = None
        self._first = 0.0
        self._size = 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def append(self, record: bytes, at: float) -> None:
        """Keep a record of the time `at`; it can be read after the next `flush`. Raises OSError."""
        if not self._buffer and self._path is None:
            self._first = at
        self._buffer += LENGTH.pack(len(record))
        self._buffer += record
        if len(self._buffer) >= BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what has come together. Raises OSError; what could not be written is given up."""
        data, self._buffer = self._buffer, bytearray()
        if not data:
            return
        if self._path is None:
            self._path = self._folder / f"{self._prefix}-{round(self._first * 1000):013}{PLAIN}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        with open(os.open(self._path, flags, 0o600), "ab", buffering=0) as file:
            file.write(data)
            self._size = file.tell()

    def tidy(self, now: float) -> None:
        """Begin another file when this one is full, compress, and delete what is too much; call now and then."""
        if self._path is not None and (self._size >= self._segment_bytes or now - self._first > SEGMENT_S):
            self._path, self._size = None, 0
        for segment in segments(self._folder, self._prefix):
            if self._zipped and segment.path.suffix == PLAIN and segment.path != self._path:
                _zip(segment.path)
        self._shorten(now)

    def _shorten(self, now: float) -> None:
        total = 0
        for segment in reversed(segments(self._folder, self._prefix)):
            with contextlib.suppress(FileNotFoundError):
                stat = segment.path.stat()
                total += stat.st_size
                if segment.path != self._path and (total > self._bytes_max or stat.st_mtime < now - self._age_max):
                    segment.path.unlink()


def segments(folder: Path, prefix: str) -> list[Segment]:
    """Return the files of a ring, in order."""
    found = []
    for path in folder.glob(f"{prefix}-*{PLAIN}*"):
        name = path.name.removeprefix(f"{prefix}-").partition(".")[0]
        if name.isdecimal() and path.name.endswith((PLAIN, ZIPPED)):
            found.append(Segment(int(name) / 1000, path))
    return sorted(found)


def between(folder: Path, prefix: str, since: float, until: float) -> list[Segment]:
    """Return the files that may hold records of a time."""
    found = segments(folder, prefix)
    ends = [*(later.first for later in found[1:]), float("inf")]
    return [segment for segment, end in zip(found, ends, strict=False) if segment.first <= until and end >= since]


def records(path: Path) -> Iterator[bytes]:
    """Yield the records of a file; none when it has gone meanwhile, or is none."""
    try:
        data = path.read_bytes()
        frames = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError):
        return
    at = 0
    while at + LENGTH.size <= len(frames):
        (size,) = LENGTH.unpack_from(frames, at)
        end = at + LENGTH.size + size
        if size > RECORD_MAX or end > len(frames):
            return
        yield frames[at + LENGTH.size : end]
        at = end


def _zip(path: Path) -> None:
    zipped, stat = path.with_name(f"{path.name}.gz"), path.stat()
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(gzip.compress(path.read_bytes(), LEVEL, mtime=0))
    os.utime(part, (stat.st_atime, stat.st_mtime))
    os.replace(part, zipped)
    path.unlink()
