"""Lengths of WAV files (RIFF): linear, A-law and mu-law, as PJSIP plays and writes them."""

from pathlib import Path
from struct import unpack_from
from typing import Final

_HEAD: Final = 4096
"""Bytes in which `fmt ` and the beginning of `data` must lie."""
_KNOWN_MAX: Final = 2000


class BadWav(ValueError):
    """Not a WAV file that can be played."""


def wav_seconds(path: str) -> float:
    """Return the length of a file in seconds. Raises BadWav, or OSError when it cannot be read."""
    with Path(path).open("rb") as file:
        head = file.read(_HEAD)
        size = file.seek(0, 2)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise BadWav("no RIFF header")
    at, per_second = 12, 0
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt " and at + 24 <= len(head):
            (per_second,) = unpack_from("<I", head, at + 16)
        elif name == b"data":
            if not per_second:
                break
            return float(min(length, size - at - 8) / per_second)
        at += 8 + length + length % 2
    raise BadWav("no format or no data")


class Lengths:
    """Remembers the lengths of files, as long as they are not changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, float]] = {}

    def seconds(self, path: str) -> float:
        """Return the length of a file in seconds. Raises BadWav, or OSError when it cannot be read."""
        changed = Path(path).stat().st_mtime_ns
        known = self._known.get(path)
        if known is None or known[0] != changed:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            known = self._known[path] = changed, wav_seconds(path)
        return known[1]
