"""Making a backup, while calls run or while Vaxel does not."""

import contextlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec import Struct

from adapters.redis import address as addresses
from adapters.redis.address import Address
from adapters.redis.errors import BadAddress
from engine.backup import store
from engine.backup.box import Heed, Packer, stamp, unheeded
from engine.backup.errors import BackupError
from engine.datafolder import DataFolder, DataFolderError

FORMAT: Final = 1
ABOUT: Final = "about.json"
CONFIG: Final = "config"
FOLDERS: Final = ("archive", "refused", "recordings", "access")
CONTENT: Final = "content"
"""Letters lie deeper: contact, letter, file."""
PHONES: Final = "edge/phones.sqlite"
HISTORY: Final = "data/history/history.sqlite"
LEFT_OUT: Final = frozenset({".git", "__pycache__"})
SUFFIX: Final = ".vaxel.tar.gz"


class About(Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    format: int
    version: str
    """Of the Vaxel that made it."""
    made: float
    """UTC seconds."""
    store: bool
    """Whether it holds what was in Redis."""


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be backed up."""

    config: Path
    data: Path
    redis: Address | None = None
    """The city's own; None for the private one of the data folder."""
    with_store: bool = True


class Count(Struct):
    """What went in."""

    files: int = 0
    bytes: int = 0
    """Before they were compressed."""
    store: int = 0
    """Of these, Redis'."""


def address_of(url: str, password_file: str) -> Address | None:
    """Return the Redis that a configuration names, None for the private one. Raises BackupError."""
    try:
        return addresses.read(url, os.environ, password_file) if url else None
    except BadAddress as error:
        raise BackupError(str(error)) from None


def make(plan: Plan, out: IO[bytes], about: About, heed: Heed = unheeded) -> Count:
    """Write a backup into a stream. Raises BackupError, OSError."""
    folder = DataFolder(plan.data)
    if not folder.root.is_dir():
        raise BackupError(f"there is no data folder {folder.root}: name it with --data")
    if not plan.config.is_dir():
        raise BackupError(f"there is no configuration folder {plan.config}: name it with --config")
    count = Count()
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder.root) as work, Packer(out, heed) as packer:
        packer.small(ABOUT, msgspec.json.encode(about), about.made)
        for name, path in _config_files(plan.config.resolve()):
            _add(packer, count, name, path)
        # Before the store: a history that knew more than the journal could not go on with it.
        if folder.history_file.exists():
            _add(packer, count, HISTORY, _copied(folder.history_file, Path(work) / folder.history_file.name))
        if plan.with_store:
            count.store = _add(packer, count, store.RDB, _take_store(plan, folder, Path(work)))
        for name, path in _data_files(folder, Path(work)):
            _add(packer, count, name, path)
    return count


def _add(packer: Packer, count: Count, name: str, path: Path) -> int:
    """Add a file; return its bytes. One that went meanwhile (a recording that was swept) is not missed."""
    with contextlib.suppress(FileNotFoundError):
        size = path.stat().st_size
        if packer.file(name, path):
            count.files += 1
            count.bytes += size
            return size
    return 0


def _config_files(config: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of the configuration, and what links there lead to."""
    for root, folders, names in os.walk(config):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted(names):
            path = Path(root, name)
            if path.is_file():
                yield f"{CONFIG}/{path.relative_to(config).as_posix()}", path


def _data_files(folder: DataFolder, work: Path) -> Iterator[tuple[str, Path]]:
    for name in FOLDERS:
        for path in sorted((folder.root / name).glob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != ".part" and path.name != ".probe":
                yield f"data/{name}/{path.name}", path
    for path in sorted((folder.root / CONTENT).glob("[!.]*/[!.]*/[!.]*")):
        if path.is_file() and not path.is_symlink():
            yield f"data/{path.relative_to(folder.root).as_posix()}", path
    for path in sorted(folder.tapes.glob("[!.]*/[!.]*")):
        if path.is_file() and not path.is_symlink():
            yield f"data/{path.relative_to(folder.root).as_posix()}", path
    phones = folder.root / PHONES
    if phones.exists():
        yield f"data/{PHONES}", _copied(phones, work / "phones.sqlite")
    for path in (folder.tokens, folder.accounts, folder.erasures):
        if path.exists():
            yield f"data/{path.name}", path


def _copied(database: Path, copy: Path) -> Path:
    """Copy an SQLite file as it is between two changes."""
    copy.touch(0o600)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _take_store(plan: Plan, folder: DataFolder, work: Path) -> Path:
    rdb = work / store.RDB
    with _reached(plan, folder) as address:
        store.take(address, rdb)
    return rdb


def _reached(plan: Plan, folder: DataFolder) -> AbstractContextManager[Address]:
    """Return where Redis is; the private one is started for a moment when Vaxel does not run."""
    if plan.redis is not None:
        return nullcontext(plan.redis)
    address = Address(path=str(folder.run / "redis.sock"))
    if store.answers(address):
        return nullcontext(address)
    return _started(folder)


@contextlib.contextmanager
def _started(folder: DataFolder) -> Iterator[Address]:
    if not any(folder.redis.glob("appendonlydir/*")):
        raise BackupError(
            f"{folder.root} holds no Redis data: name the folder that Vaxel runs on with --data, or its configuration"
        )
    try:
        lock = folder.lock()
    except DataFolderError:
        raise BackupError("Redis does not answer though Vaxel runs: see `vaxel doctor`, then try again") from None
    try:
        with store.served(folder.redis, "--appendonly", "yes") as address:
            yield address
    finally:
        os.close(lock)


@contextlib.contextmanager
def opened(target: str, now: float) -> Iterator[tuple[IO[bytes], Callable[[], Path | None]]]:
    """Open where a backup goes: `-` for standard output, a folder for a name by the time, else a file's name.

    What is yielded with the stream puts the file in its place, whole or not at all. Raises BackupError, OSError.
    """
    if target == "-":
        yield sys.stdout.buffer, lambda: None
        return
    path = Path(target)
    if path.is_dir():
        path /= f"vaxel-{stamp(now)}{SUFFIX}"
    if path.exists():
        raise BackupError(f"{path} is there already: choose another name, or a folder")
    part = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:

            def finish() -> Path:
                file.flush()
                os.fsync(file.fileno())
                os.rename(part, path)
                return path

            yield file, finish
    finally:
        part.unlink(missing_ok=True)


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups that were made into a folder; return those deleted."""
    # The name says when: it is never later than the file, whatever copied it.
    old = sorted(folder.glob(f"vaxel-*{SUFFIX}"), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return old
