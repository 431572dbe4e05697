"""Small records in a JSON file that only Vaxel's user may read: tokens, accounts, sessions.

The file is the one truth: the command line changes it whether or not an engine runs, and a running engine looks at it
within `LOOK_EVERY_S`.
"""

import contextlib
import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec
from msgspec import Raw, Struct

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
FORMAT: Final = 1


class Named(Protocol):
    """What each record has."""

    @property
    def name(self) -> str:
        """By which it is known; no two have the same."""


R = TypeVar("R", bound=Named)


class RecordError(Exception):
    """A record cannot be made or forgotten, or the file cannot be read; the text says what would be right."""

    error_id = "record"
    retryable = False


class Head(Struct, frozen=True):
    """What every such file begins with."""

    format: int


class RecordFile(Generic[R]):
    """One file. Methods raise `wrong`."""

    def __init__(self, path: Path, kind: type[R], noun: str, wrong: type[RecordError] = RecordError) -> None:
        """`noun` is what people call a record; its plural names the list in the file."""
        self.path = path
        self.noun = noun
        self._many = f"{noun}s"
        self._wrong = wrong
        self._decoder: msgspec.json.Decoder[tuple[R, ...]] = msgspec.json.Decoder(tuple[kind, ...])  # type: ignore[valid-type]

    def read(self) -> tuple[R, ...]:
        """Return all records, ended ones too."""
        try:
            data = self.path.read_bytes()
            head = msgspec.json.decode(data, type=Head)
            if head.format != FORMAT:
                raise self._wrong(f"{self.path} has format {head.format}, this version reads {FORMAT}")
            listed = msgspec.json.decode(data, type=dict[str, Raw]).get(self._many)
            return self._decoder.decode(listed) if listed is not None else ()
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.MsgspecError) as error:
            raise self._wrong(f"{self.path} cannot be read: {error}") from error

    def add(self, record: R, keep: Callable[[R], bool] = lambda _: True) -> None:
        """Keep a record; its name must be new. Older ones that `keep` does not tell are forgotten."""
        with self._locked():
            records = self.read()
            if any(one.name == record.name for one in records):
                hint = "revoke it first, or choose another name"
                raise self._wrong(f'there is {_a(self.noun)} "{record.name}" already: {hint}')
            self._write((*(one for one in records if keep(one)), record))

    def change(self, name: str, make: Callable[[R], R]) -> R:
        """Put what `make` makes of a record in its place, and return it."""
        with self._locked():
            records = {one.name: one for one in self.read()}
            if name not in records:
                raise self._unknown(name, records)
            changed = records[name] = make(records[name])
            self._write(tuple(records.values()))
            return changed

    def remove(self, name: str) -> None:
        """Forget a record."""
        with self._locked():
            records = {one.name: one for one in self.read()}
            if records.pop(name, None) is None:
                raise self._unknown(name, records)
            self._write(tuple(records.values()))

    def forget(self, ended: Callable[[R], bool]) -> None:
        """Forget all records of which `ended` tells so."""
        with self._locked():
            records = self.read()
            left = tuple(one for one in records if not ended(one))
            if len(left) < len(records):
                self._write(left)

    def _unknown(self, name: str, known: Mapping[str, R]) -> RecordError:
        return self._wrong(f'there is no {self.noun} "{name}"; there are: {", ".join(known) or "none"}')

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise self._wrong(f"{self.path.parent} cannot be opened: {(error.strerror or '').lower()}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, records: tuple[R, ...]) -> None:
        """Replace the file, whole or not at all."""
        part = self.path.with_name(f".{self.path.name}.part")
        kept: dict[str, Any] = {"format": FORMAT, self._many: records}
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(kept)))
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self.path)
        except OSError as error:
            raise self._wrong(f"{self.path} cannot be written: {(error.strerror or '').lower()}") from error


class Watched(Generic[R]):
    """The records of a file, read again when it has changed. One that cannot be read holds none."""

    def __init__(self, file: RecordFile[R], now: Callable[[], float]) -> None:
        self.file = file
        self._now = now
        self._kept: dict[str, R] = {}
        self._seen: tuple[int, int] | None = None
        self._looked = float("-inf")

    def get(self, name: str) -> R | None:
        """Return a record by its name."""
        return self.all().get(name)

    def all(self) -> Mapping[str, R]:
        """Return all records by their names."""
        now = self._now()
        if now >= self._looked + LOOK_EVERY_S:
            self._looked = now
            self._look()
        return self._kept

    def look_again(self) -> None:
        """Look at the file when next asked, however short ago that was."""
        self._looked = float("-inf")

    def _look(self) -> None:
        try:
            stat = self.file.path.stat()
            seen = stat.st_mtime_ns, stat.st_ino
        except OSError:
            seen = None
        if seen == self._seen and seen is not None:
            return
        try:
            self._kept = {one.name: one for one in self.file.read()}
        except RecordError as error:
            self._kept = {}
            if seen != self._seen:
                noun = self.file.noun
                log.error("no %s of the file is valid: %s", noun, error, extra={"action": f"api.{noun}s_unreadable"})
        self._seen = seen


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
