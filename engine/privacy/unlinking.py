"""Taking a person's pseudonym out of the archived journal: its entries stay, and nothing leads to the person any more.

A pseudonym is replaced by another of the same length that nobody can compute, so that files keep their form and replay
as before. Blocks for long; runs in the pool's process.
"""

import gzip
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from adapters.redis import segments
from adapters.redis.archive import SNAPSHOT_SUFFIX
from adapters.redis.vault import PSEUDONYM_BYTES
from engine.privacy.erasures import Erased, known
from router.journal import decode

PSEUDONYM: Final = re.compile(rb"p[0-9a-f]{%d}" % (2 * PSEUDONYM_BYTES))


def unlink(folder: str, erasures: list[Erased], pepper: bytes) -> int:
    """Replace all erased persons in the archive's files; return how many files that changed."""
    whom, others = known(erasures, pepper), dict[bytes, bytes]()

    def other(found: bytes, at: float) -> bytes:
        erased = whom.person(found.decode())
        if erased is None or at > erased.at:
            return found
        return others.setdefault(found, b"p" + secrets.token_hex(PSEUDONYM_BYTES).encode())

    changed = 0
    for path in sorted(Path(folder).glob(f"*{segments.SUFFIX}")):
        changed += _segment(path, other)
    for path in sorted(Path(folder).glob(f"*{SNAPSHOT_SUFFIX}")):
        changed += _snapshot(path, other)
    return changed


def _segment(path: Path, other: Callable[[bytes, float], bytes]) -> bool:
    entries, changed = [], False
    for kept in segments.read(path):
        data = kept.data
        if PSEUDONYM.search(data):
            at = decode(data).facts[-1].at
            data = PSEUDONYM.sub(lambda found, at=at: other(found[0], at), data)  # type: ignore[misc]
        changed |= data != kept.data
        entries.append(kept._replace(data=data))
    if changed:
        stat = path.stat()
        # It gets the same name: what is named by its first and last entry holds those still.
        segments.write(path.parent, entries)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return changed


def _snapshot(path: Path, other: Callable[[bytes, float], bytes]) -> bool:
    stat = path.stat()
    before = gzip.decompress(path.read_bytes())
    after = PSEUDONYM.sub(lambda found: other(found[0], stat.st_mtime), before)
    if after == before:
        return False
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(gzip.compress(after, segments.LEVEL, mtime=0))
        file.flush()
        os.fsync(file.fileno())
    os.utime(part, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.replace(part, path)
    return True
