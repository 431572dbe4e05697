"""Journal entries in files: `<first>_<last>.vxj.gz`, gzip over (4 bytes length, msgpack [epoch, seq, entry])."""

import gzip
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from adapters.redis.errors import StoreError

SUFFIX: Final = ".vxj.gz"
LENGTH_BYTES: Final = 4
LEVEL: Final = 6


class Kept(NamedTuple):
    """One entry as Redis has it."""

    epoch: int
    seq: int
    data: bytes
    """As made by `router.journal.encode`."""


class BadSegment(StoreError):
    """The file is not a whole segment."""

    error_id = "bad_segment"


def write(folder: Path, entries: Iterable[Kept], prefix: str = "") -> Path:
    """Write the entries (at least one) into one new file, which is there whole or not at all."""
    kept = list(entries)
    first, last = kept[0], kept[-1]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{prefix}{first.epoch}-{first.seq}_{last.epoch}-{last.seq}{SUFFIX}"
    encode = msgspec.msgpack.Encoder().encode
    frames = bytearray()
    for entry in kept:
        body = encode(entry)
        frames += len(body).to_bytes(LENGTH_BYTES, "big")
        frames += body
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        # No time stamp: the same entries make the same file.
        file.write(gzip.compress(frames, LEVEL, mtime=0))
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    return path


def read(path: Path) -> Iterator[Kept]:
    """Yield the entries of a file. Raises `BadSegment`."""
    try:
        frames = gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise BadSegment(f"{path}: {error}") from error
    decode = msgspec.msgpack.Decoder(Kept).decode
    at = 0
    while at < len(frames):
        end = at + LENGTH_BYTES + int.from_bytes(frames[at : at + LENGTH_BYTES], "big")
        try:
            yield decode(frames[at + LENGTH_BYTES : end])
        except msgspec.MsgspecError as error:
            raise BadSegment(f"{path}: {error}") from error
        at = end
