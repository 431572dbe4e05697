"""The file itself: a gzipped tar, written and read as a stream, with the sums of all its members at its end."""

import gzip
import hashlib
import io
import os
import re
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Final, Self

from engine.backup.errors import Damaged

LEVEL: Final = 5
"""Of gzip: within a few per cent of the smallest, in half the time."""
SUMS: Final = "SHA256SUMS"
SUMS_MAX: Final = 64 * 1024 * 1024
CHUNK: Final = 1 << 20
PRIVATE: Final = 0o600
NAME_MAX: Final = 1024
LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")

BROKEN: Final = (tarfile.TarError, EOFError, OSError, zlib.error)
"""How reading a file that is cut short, or something else, ends."""

Heed = Callable[[int], None]
"""Is told how many bytes went through."""


def unheeded(_: int) -> None:
    """Tell nobody."""


class Packer:
    """Writes a backup into a stream. Leaving the `with` block without an error completes it."""

    def __init__(self, out: IO[bytes], heed: Heed = unheeded) -> None:
        self._zipped = gzip.GzipFile(fileobj=out, mode="wb", compresslevel=LEVEL, mtime=0)
        self._tar = tarfile.open(fileobj=self._zipped, mode="w|", format=tarfile.PAX_FORMAT)
        self._heed = heed
        self._sums: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if kind is None:
            self._add(SUMS, io.BytesIO("".join(self._sums).encode()), len("".join(self._sums).encode()), PRIVATE, 0)
            self._tar.close()
        self._zipped.close()

    def small(self, name: str, data: bytes, at: float) -> None:
        """Add a file of this content; `at` is its time (UTC seconds)."""
        self._add(name, io.BytesIO(data), len(data), PRIVATE, at)

    def file(self, name: str, path: Path) -> bool:
        """Add a file as it is now; tell whether it was there. What is appended to it meanwhile is left out."""
        try:
            opened = path.open("rb")
        except FileNotFoundError:
            return False
        with opened:
            stat = os.fstat(opened.fileno())
            self._add(name, opened, stat.st_size, stat.st_mode & 0o777, stat.st_mtime)
        return True

    def _add(self, name: str, content: IO[bytes], size: int, mode: int, at: float) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, mode, int(at)
        summed = _Summed(content, size, self._heed)
        self._tar.addfile(info, summed)
        self._sums.append(f"{summed.sum.hexdigest()}  {name}\n")


class _Summed(io.RawIOBase):
    """Reads exactly `size` bytes of a file and sums them up; a file that was cut meanwhile goes on with zeros."""

    def __init__(self, content: IO[bytes], size: int, heed: Heed) -> None:
        super().__init__()
        self.sum = hashlib.sha256()
        self._content = content
        self._left = size
        self._heed = heed

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._content.read(wanted)
        data += bytes(wanted - len(data))
        self._left -= wanted
        self.sum.update(data)
        self._heed(wanted)
        return data


class Member:
    """One file of a backup. Take its content before the next one."""

    def __init__(self, name: str, mode: int, at: float, content: IO[bytes], size: int) -> None:
        self.name = name
        self.mode = mode
        self.at = at
        self.size = size
        self._content = content
        self._sum = hashlib.sha256()
        self._left = size

    def chunks(self) -> Iterator[bytes]:
        """Yield the content. Raises Damaged."""
        while self._left:
            try:
                data = self._content.read(min(CHUNK, self._left))
            except BROKEN as error:
                raise _broken(error) from error
            if not data:
                raise Damaged(f"it ends within {self.name}")
            self._left -= len(data)
            self._sum.update(data)
            yield data

    def finish(self) -> str:
        """Read what nobody wanted; return the sum of the whole. Raises Damaged."""
        for _ in self.chunks():
            pass
        return self._sum.hexdigest()

    def write(self, path: Path, mode: int = PRIVATE) -> None:
        """Write the content into a new file with its time. Raises Damaged, OSError."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
            for data in self.chunks():
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.utime(path, (self.at, self.at))


def members(source: IO[bytes]) -> Iterator[Member]:
    """Yield each file of a backup; that they are what was written is known only once all have been asked for.

    Nothing but plain files below one folder is let through. Raises Damaged.
    """
    sums: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=source, mode="r|gz") as tar:
            for info in tar:
                content = tar.extractfile(info) if info.isreg() else None
                if content is None or not is_plain(info.name):
                    raise Damaged(f"it holds something that no backup holds: {info.name[:80]!r}")
                member = Member(info.name, info.mode & 0o777, float(info.mtime), content, info.size)
                if info.name == SUMS:
                    _compare(sums, _read_sums(member))
                    return
                if info.name in sums:
                    raise Damaged(f"it holds {info.name} twice")
                yield member
                sums[info.name] = member.finish()
    except BROKEN as error:
        raise _broken(error) from error
    raise Damaged("it ends too early: the sums are missing")


def _broken(error: Exception) -> Damaged:
    return Damaged(f"it is not a whole backup: {str(error).lower()}")


def is_plain(name: str) -> bool:
    """Tell whether a name stays below the folder that it is put into."""
    parts = PurePosixPath(name).parts
    return bool(parts) and len(name) <= NAME_MAX and name.isprintable() and ".." not in parts and parts[0] != "/"


def _read_sums(member: Member) -> dict[str, str]:
    if member.size > SUMS_MAX:
        raise Damaged("its sums are too many")
    lines = b"".join(member.chunks()).decode(errors="replace").splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    return {match[2]: match[1] for match in found if match is not None}


def _compare(found: dict[str, str], told: dict[str, str]) -> None:
    wrong = [name for name in found.keys() | told.keys() if found.get(name) != told.get(name)]
    if wrong:
        raise Damaged(f"its content is not what was written: {min(wrong)}")


def stamp(now: float) -> str:
    """Return a time as it stands in file names, UTC.

    >>> stamp(0)
    '19700101T000000Z'
    """
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
