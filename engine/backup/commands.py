"""What `vaxel backup` and `vaxel restore` do. Each returns the exit code: 0 well, 2 cannot be done."""

import importlib.metadata
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from adapters.redis.address import Address
from engine.backup import bringing, mark, taking
from engine.backup.box import Heed, unheeded
from engine.backup.contents import Contents
from engine.backup.errors import BackupError
from engine.config import ConfigError, load
from engine.datafolder import DataFolder

if TYPE_CHECKING:
    from rich.progress import Progress

WELL: Final = 0
CANNOT: Final = 2
KIB: Final = 1024
MIB: Final = 1024 * 1024


def backup(target: str, config: Path, data: Path, *, keep: int | None, with_store: bool) -> int:
    """Back everything up; say on stderr what went in, as the backup itself may go to standard output."""
    begun, now = time.monotonic(), time.time()  # noqa: TID251 - there is no engine here
    about = taking.About(format=taking.FORMAT, version=_version(), made=now, store=with_store)
    try:
        redis = _redis(config) if with_store else None
        plan = taking.Plan(config=config, data=data, redis=redis, with_store=with_store)
        with taking.opened(target, now) as (out, finish):
            with _shown("Backing up") as heed:
                count = taking.make(plan, out, about, heed)
            path = finish()
        gone = taking.thin_out(path.parent, keep) if keep is not None and path is not None else []
    except BackupError as error:
        return _cannot("No backup was made", str(error))
    except OSError as error:
        return _cannot("No backup was made", _reason(error))
    mark.leave(DataFolder(data), now, path)
    size = f" ({_size(path.stat().st_size)})" if path is not None else ""
    _tell(
        f"Backed up {_count(count.files, 'file')}, {_size(count.bytes)}, in {time.monotonic() - begun:.1f} s"
        f"{f': {path}{size}' if path is not None else ''}."
    )
    if not with_store:
        _tell("What Redis holds is not in it: back that up by its own means.")
    if gone:
        _tell(f"{_count(len(gone), 'older backup')} deleted.")
    return WELL


def restore(source: str, config: Path, data: Path, *, keep_config: bool) -> int:
    """Bring a backup back."""
    places = bringing.Places(config=config, data=data, keep_config=keep_config)
    code = _read(source, "restored", lambda file: bringing.bring(file, places, _redis))
    if code == WELL:
        _tell(f"Now look it over with `vaxel doctor --config {config} --data {data}`, and start Vaxel there.")
    return code


def verify(source: str) -> int:
    """Only look whether a backup could be brought back."""
    with tempfile.TemporaryDirectory(prefix="vaxel-") as work:
        return _read(source, "checked", lambda file: bringing.verify(file, Path(work)))


def _read(source: str, done: str, way: Callable[[IO[bytes]], bringing.Back]) -> int:
    begun = time.monotonic()
    try:
        with _source(source) as file:
            back = way(file)
    except BackupError as error:
        return _cannot(f"{source} was not {done}", str(error))
    except OSError as error:
        return _cannot(f"{source} was not {done}", _reason(error))
    made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(back.about.made))
    state = "is whole" if done == "checked" else "is back"
    took = time.monotonic() - begun
    _tell(f"The backup of {made}, made by Vaxel {back.about.version}, {state}, {done} in {took:.1f} s:")
    for line in _lines(back):
        _tell(f"  {line}")
    return WELL


def _lines(back: bringing.Back) -> Iterator[str]:
    """Yield what came back, kind by kind."""
    kinds = {
        "config": "file of the configuration",
        "recordings": "recording",
        "content": "file of letters",
        "archive": "file of older journal",
    }
    for kind, word in kinds.items():
        yield _count(back.files.get(kind, 0), word)
    if back.contents is None:
        yield "nothing of Redis: bring that back by its own means"
    else:
        yield from _told(back.contents)
    if back.ghosts:
        yield f"{_count(back.ghosts, 'file')} of older journal left out or cut: younger than the rest"


def _told(contents: Contents) -> Iterator[str]:
    yield f"the journal up to entry {contents.journal}"
    yield f"{_count(contents.contacts, 'contact')} present then, {_count(contents.callbacks, 'callback')} promised"
    yield f"{_count(contents.directory, 'record')} of the directory, {_count(contents.values, 'personal value')}"


@contextmanager
def _source(source: str) -> Iterator[IO[bytes]]:
    if source == "-":
        yield sys.stdin.buffer
        return
    with Path(source).open("rb") as file:
        yield file


@contextmanager
def _shown(title: str) -> Iterator[Heed]:
    """Show on a terminal how far it is."""
    if not sys.stderr.isatty():
        yield unheeded
        return
    with _progress() as progress:
        task = progress.add_task(title, total=None)
        yield lambda size: progress.advance(task, size)


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn(), TimeElapsedColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _redis(config: Path) -> Address | None:
    """Return the Redis that a configuration names. One with mistakes shall not keep anybody from a backup."""
    try:
        installation = load(config).installation
    except ConfigError:
        _tell(f"Note: the configuration in {config} has mistakes (`vaxel check`), so the private Redis is taken.")
        return None
    return taking.address_of(installation.redis_url, installation.redis_password_file)


def _version() -> str:
    try:
        return importlib.metadata.version("vaxel")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _reason(error: OSError) -> str:
    what = (error.strerror or str(error)).lower()
    return f"{error.filename}: {what}" if error.filename else what


def _count(number: int, word: str) -> str:
    head, space, tail = word.partition(" of ")
    return f"{number:,} {head}{'' if number == 1 else 's'}{space}{tail}"


def _size(number: int) -> str:
    return f"{number / MIB:.1f} MiB" if number >= MIB else f"{number / KIB:.0f} KiB"


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _cannot(what: str, why: str) -> int:
    _tell(f"{what}: {why}.")
    return CANNOT
