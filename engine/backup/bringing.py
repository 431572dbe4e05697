"""Bringing a backup back: beside the places where it belongs, and put there in one step once all is well."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec import Struct

from adapters.redis import segments
from adapters.redis.address import Address
from adapters.redis.archive import Archive
from adapters.redis.resuming import split_id
from engine.backup import store
from engine.backup.box import Member, members
from engine.backup.contents import Contents, look
from engine.backup.errors import BackupError, Damaged, InTheWay
from engine.backup.taking import ABOUT, CONFIG, FORMAT, About
from engine.datafolder import DataFolder

PRIVATE: Final = 0o700
ABOUT_MAX: Final = 64 * 1024


class Back(Struct, kw_only=True):
    """What came back."""

    about: About
    contents: Contents | None = None
    """Of Redis; None where the backup holds none."""
    files: dict[str, int] = {}
    """Kind to how many."""
    ghosts: int = 0
    """Archived files of what came after the moment of the backup."""


class Places(Struct, frozen=True, kw_only=True):
    """Where it goes."""

    config: Path
    data: Path
    keep_config: bool = False
    """The configuration is there already, and stays as it is."""


RedisOf = Callable[[Path], Address | None]
"""Tells which Redis a configuration folder names: the city's own, or None for the private one. Raises BackupError."""


def check_free(places: Places) -> None:
    """Raise InTheWay when something would be overwritten."""
    for path, option in ((places.data, "--data"), (places.config, "--config")):
        if option == "--config" and places.keep_config:
            if not path.is_dir():
                raise BackupError(f"there is no configuration folder {path} to keep")
        elif path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise InTheWay(f"{path} is not empty, and nothing is overwritten: name another folder with {option}")


def verify(source: IO[bytes], work: Path) -> Back:
    """Read a whole backup, let Redis read what is its, and keep nothing. Raises BackupError."""
    config, data = work / "config", work / "data"
    config.mkdir()
    data.mkdir()
    return _unpack(source, config, data, lambda _: None)


def bring(source: IO[bytes], places: Places, redis_of: RedisOf) -> Back:
    """Put everything where it belongs, or leave everything as it was. Raises BackupError, OSError."""
    check_free(places)
    with _near(places.data) as data:
        if places.keep_config:
            back = _unpack(source, None, data, lambda _: redis_of(places.config))
        else:
            with _near(places.config) as config:
                back = _unpack(source, config, data, redis_of)
                _put(config, places.config)
        _put(data, places.data)
    return back


@contextmanager
def _near(place: Path) -> Iterator[Path]:
    """Return a new folder in the same file system: within `place` if that is there (and empty), else beside it."""
    place = place.absolute()
    base = place if place.is_dir() else place.parent
    base.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".restoring-", dir=base))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _put(work: Path, place: Path) -> None:
    if work.parent != place.absolute():
        os.rename(work, place)
        return
    for path in list(work.iterdir()):
        os.rename(path, place / path.name)


def _unpack(source: IO[bytes], config: Path | None, data: Path, redis_of: RedisOf) -> Back:
    """Write everything below `config` (nothing where that is None) and `data`, and bring the store back."""
    folder = DataFolder(data)
    folder.root.chmod(PRIVATE)
    folders = (folder.edge, folder.redis, folder.archive, folder.refused, folder.recordings, folder.access)
    for path in (*folders, folder.content, folder.history):
        path.mkdir(mode=PRIVATE)
    back: Back | None = None
    for member in members(source):
        if back is None:
            back = Back(about=_about(member))
        else:
            kind = _write(member, config, data)
            back.files[kind] = back.files.get(kind, 0) + 1
    if back is None:
        raise Damaged("it is empty")
    if back.about.store:
        back.contents = _bring_store(data / store.RDB, folder, redis_of(config or data))
        back.ghosts = _forget_after(folder, back.contents.journal)
    return back


def _about(member: Member) -> About:
    """Read what a backup says of itself. Raises Damaged."""
    if member.name != ABOUT or member.size > ABOUT_MAX:
        raise Damaged("it is no backup of Vaxel")
    try:
        about = msgspec.json.decode(b"".join(member.chunks()), type=About)
    except msgspec.MsgspecError:
        raise Damaged("it does not say what it is") from None
    if about.format != FORMAT:
        raise Damaged(f"it is of format {about.format}, this version reads {FORMAT}: use Vaxel {about.version}")
    return about


def _write(member: Member, config: Path | None, data: Path) -> str:
    """Write one file to its place; return which kind it is. Raises Damaged."""
    top, _, rest = member.name.partition("/")
    if member.name == store.RDB:
        member.write(data / store.RDB)
        return "store"
    if top == CONFIG and rest:
        if config is not None:
            member.write(config / rest, member.mode)
        return CONFIG
    if top == "data" and rest:
        member.write(data / rest)
        return rest.partition("/")[0]
    raise Damaged(f"it holds something that no backup holds: {member.name[:80]!r}")


def _bring_store(rdb: Path, folder: DataFolder, redis: Address | None) -> Contents:
    """Let a Redis read the file; make it the private one's, or copy it into the city's own."""
    if not rdb.exists():
        raise Damaged("it lacks what was in Redis")
    if redis is not None:
        store.refuse_taken(redis)
    with store.loaded(rdb, folder.redis) as address:
        contents = look(address)
        if redis is None:
            store.make_durable(address)
        else:
            store.copy(address, redis)
    rdb.unlink()
    return contents


def _forget_after(folder: DataFolder, last: str) -> int:
    """Take out of the archive what was decided after the moment that came back: it will not have happened."""
    archive, after = Archive(folder.archive), split_id(last)
    ghosts = [archive.snapshot_path(id_) for id_ in archive.snapshots() if id_ > after]
    for segment in archive.segments():
        if segment.last > after:
            if before := [kept for kept in segments.read(segment.path) if (kept.epoch, kept.seq) <= after]:
                segments.write(folder.archive, before)
            ghosts.append(segment.path)
    for path in ghosts:
        path.unlink()
    return len(ghosts)
