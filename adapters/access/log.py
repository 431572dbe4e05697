"""The access log on disk: a file for each day, `2026-11-27.jsonl`, written at its end alone.

What is asked for at the same time is written and synced together, so that many who look cost one sync.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from adapters.access.chain import BEGINNING, ENCODER, Broken, Line, breaks, sealed
from adapters.durable import sync_folder
from router.inputs import Refused
from router.looking import Deed, Done, Looked

log = logging.getLogger(__name__)

SUFFIX: Final = ".jsonl"
AT_ONCE: Final = 1000
"""Lines written with one sync."""
DRAIN_S: Final = 5.0
"""Longer nobody waits who stops."""
NOTED_MAX: Final = 10_000
"""Lines that may wait before deeds are not noted any more."""
_READER: Final = msgspec.json.Decoder(Line)


class UnreadableLog(Exception):
    """The access log cannot be read; the text says where."""

    error_id = "access_log_unreadable"
    retryable = False


class _Wish(NamedTuple):
    at: float
    kind: str
    what: dict[str, Any]
    kept: "asyncio.Future[None]"


class AccessLog:
    """The ports `router.looking.AccessLog` and `DeedLog`, with what else is written there."""

    def __init__(
        self, folder: Path, now: Callable[[], float], spawn: Callable[[str, Coroutine[Any, Any, None]], object]
    ) -> None:
        self.folder = folder
        self.written = 0
        """Lines since the start, for metrics."""
        self.lost = 0
        """Deeds that could not be kept."""
        self.refused = 0
        """Looks that were not let through, as they could not be kept."""
        self._now = now
        self._spawn = spawn
        self._end: tuple[int, str] | None = None
        """Number and hash of the last line; None until it was read, and after trouble."""
        self._wishes: list[_Wish] = []
        self._writing = False
        self._last: asyncio.Future[None] | None = None
        """Done once all is on disk."""

    async def drain(self) -> None:
        """Wait until what was noted is on disk, or cannot be; not for ever."""
        if self._last is not None and not self._last.done():
            await asyncio.wait((self._last,), timeout=DRAIN_S)

    async def looked(self, look: Looked) -> None:
        """Keep a look. Raises Refused."""
        await self.keep("looked", msgspec.to_builtins(look))

    def note(self, kind: Done, deed: Deed) -> None:
        """Write down what somebody did, without anybody waiting for it; it is told and counted where that fails."""
        if len(self._wishes) >= NOTED_MAX:
            self.lost += 1
            return
        self._wish(kind, msgspec.to_builtins(deed)).add_done_callback(self._noted)

    def _noted(self, kept: "asyncio.Future[None]") -> None:
        self.lost += kept.cancelled() or kept.exception() is not None

    async def keep(self, kind: str, what: dict[str, Any]) -> None:
        """Write a line; return once it is on disk. Raises Refused."""
        try:
            await self._wish(kind, what)
        except OSError as error:
            self.refused += 1
            text = f"the access log takes nothing, so nothing is shown: {error.strerror}"
            raise Refused("access_log_away", text, retryable=True) from error
        except UnreadableLog as error:
            self.refused += 1
            raise Refused("access_log_away", f"nothing is shown: {error}", retryable=True) from error

    def _wish(self, kind: str, what: dict[str, Any]) -> "asyncio.Future[None]":
        """Return what is done once a line is on disk."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wishes.append(_Wish(self._now(), kind, what, kept))
        self._last = kept
        if not self._writing:
            self._writing = True
            self._spawn("access-log", self._write_all())
        return kept

    async def _write_all(self) -> None:
        try:
            while self._wishes:
                wishes, self._wishes = self._wishes[:AT_ONCE], self._wishes[AT_ONCE:]
                trouble: Exception | None = None
                try:
                    await asyncio.to_thread(self._write, wishes)
                except (OSError, UnreadableLog) as error:
                    self._end, trouble = None, error
                    log.error("the access log cannot be written", extra={"action": "access_log.away"})
                for wish in wishes:
                    if wish.kept.done():
                        continue
                    if trouble is None:
                        wish.kept.set_result(None)
                    else:
                        wish.kept.set_exception(trouble)
        finally:
            self._writing = False

    # ---- in a thread of its own ------------------------------------------------------------------------------

    def _write(self, wishes: list[_Wish]) -> None:
        number, before = self._end if self._end is not None else self._mend()
        day, data = "", b""
        for wish in wishes:
            today = _day(wish.at)
            if day and today != day:
                self._append(day, data)
                data = b""
            day = today
            number += 1
            line = sealed(number, wish.at, wish.kind, wish.what, before)
            before = line.hash
            data += ENCODER.encode(line) + b"\n"
        self._append(day, data)
        self._end = number, before
        self.written += len(wishes)

    def _append(self, day: str, data: bytes) -> None:
        path = self.folder / f"{day}{SUFFIX}"
        new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            written = 0
            while written < len(data):
                written += os.write(descriptor, data[written:])
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            sync_folder(self.folder)
            if self._end is not None:
                extra = {"action": "access_log.end", "line": self._end[0], "hash": self._end[1]}
                log.info("the access log so far ends in %s", self._end[1], extra=extra)

    def _mend(self) -> tuple[int, str]:
        """Return number and hash of the last line; cut off one that a crash left half written: nobody saw its look."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in reversed(self._files()):
            data = path.read_bytes()
            whole = data.rfind(b"\n") + 1
            if whole < len(data):
                os.truncate(path, whole)
            if whole:
                last = _line(path, data[data.rfind(b"\n", 0, whole - 1) + 1 : whole])
                return last.n, last.hash
        return 0, BEGINNING

    # ---- reading, deleting -----------------------------------------------------------------------------------

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"????-??-??{SUFFIX}"))

    def read(self, after: float = 0.0, before: float = float("inf")) -> Iterator[Line]:
        """Yield the lines of a time, the oldest first. It takes long. Raises UnreadableLog."""
        for path in self._files():
            if not _day(after) <= path.stem <= (_day(before) if before < float("inf") else "9"):
                continue
            for data in path.read_bytes().splitlines(keepends=True):
                if not data.endswith(b"\n"):
                    continue  # being written just now
                line = _line(path, data)
                if after <= line.at < before:
                    yield line

    def verify(self) -> tuple[int, list[Broken]]:
        """Return how many lines there are, and where the chain does not hold. It takes long. Raises UnreadableLog."""
        count = 0

        def counted() -> Iterator[Line]:
            nonlocal count
            for line in self.read():
                count += 1
                yield line

        broken = list(breaks(counted()))
        return count, broken

    def expire(self, before: float) -> int:
        """Delete files of days that ended before a time, but the newest; return how many."""
        old = [path for path in self._files()[:-1] if path.stem < _day(before)]
        for path in old:
            path.unlink()
        return len(old)


def _line(path: Path, data: bytes) -> Line:
    try:
        return _READER.decode(data)
    except msgspec.MsgspecError as error:
        raise UnreadableLog(f"{path.name} of the access log holds a line that is none") from error


def _day(at: float) -> str:
    return datetime.fromtimestamp(max(at, 0.0), UTC).date().isoformat()
