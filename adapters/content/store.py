"""Letters and their files on disk: `<contact>/<key>/`, each folder written whole or not at all.

A folder is made beside its place, every file of it synced, then moved there: after a crash it is there with all that
belongs to it, or it is not. Names on disk are words of ours, never the sender's.
"""

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from adapters.durable import sync_folder
from router.inputs import Refused
from router.letters import Letter

LETTER: Final = "letter.json"
ORIGINAL: Final = "original.eml"
"""What arrived, byte for byte."""
SENT: Final = "sent.eml"
"""What left."""
PART: Final = ".part-"
"""Begins the name of what is being written."""
ARRIVING: Final = ".arriving"
"""The folder of letters that nobody has yet found a contact for."""
PRIVATE: Final = 0o700

_SAFE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class ContentStore:
    """The port `router.letters.Contents`, with what only adapters and the sweep need besides."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def letter(self, contact: str, key: str) -> Letter | None:
        """Return a letter, None when it is not kept any more."""
        data = await self.file(contact, key, LETTER)
        return msgspec.json.decode(data, type=Letter) if data is not None else None

    async def file(self, contact: str, key: str, file: str) -> bytes | None:
        """Return a file of a letter, None when it is not kept any more."""
        if not all(map(_SAFE.fullmatch, (contact, key, file))):
            return None
        return await asyncio.to_thread(_read, self.root / contact / key / file)

    async def put(self, contact: str, key: str, letter: Letter, files: dict[str, bytes]) -> None:
        """Keep a letter and its files. Raises Refused when the disk does not take them."""
        try:
            await asyncio.to_thread(write, self.root, contact, key, letter, files)
        except OSError as error:
            raise Refused("disk_full", f"the content store takes nothing: {error.strerror}", retryable=True) from error

    async def drop(self, contact: str, key: str) -> None:
        """Delete a letter and its files, if it is kept. Raises ValueError for names that could lead elsewhere."""
        await asyncio.to_thread(shutil.rmtree, folder_of(folder_of(self.root, contact), key), ignore_errors=True)

    def files(self, contact: str, key: str) -> list[str]:
        """Return the names of a letter's files, the letter itself apart. Blocks."""
        if not all(map(_SAFE.fullmatch, (contact, key))):
            return []
        folder = self.root / contact / key
        return sorted(path.name for path in folder.glob("*") if path.name != LETTER and not path.name.startswith("."))

    async def forget(self, contact: str) -> None:
        """Delete all that is kept of a contact."""
        await asyncio.to_thread(shutil.rmtree, folder_of(self.root, contact), ignore_errors=True)

    def sweep(self, needed: Callable[[str], bool], before: float) -> int:
        """Delete contacts not `needed` to which nothing was added after `before`; return how many. It takes long."""
        swept = 0
        for folder in _folders(self.root):
            if not needed(folder.name) and max(_times(folder)) < before:
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
        return swept

    def tidy(self, before: float) -> None:
        """Delete what was laid down before a time by an engine that died, and is gone from its mailbox since."""
        for letter in _folders(self.root / ARRIVING):
            if letter.stat().st_mtime < before:
                shutil.rmtree(letter, ignore_errors=True)


def folder_of(root: Path, contact: str) -> Path:
    """Return the folder of a contact. Raises ValueError for a name that could lead elsewhere."""
    if not _SAFE.fullmatch(contact):
        raise ValueError("this cannot be the name of a folder")
    return root / contact


def write(root: Path, contact: str, key: str, letter: Letter, files: dict[str, bytes]) -> None:
    """Keep a letter and its files; one that is there already stays as it is. Raises OSError, ValueError."""
    lay_down(root, key, letter, files)
    file_away(root, contact, key)


def lay_down(root: Path, key: str, letter: Letter, files: dict[str, bytes]) -> None:
    """Write a letter that has no contact yet; `file_away` gives it one. Raises OSError, ValueError."""
    part = folder_of(root / ARRIVING, key)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=PRIVATE, parents=True)
    for name, data in {**files, LETTER: msgspec.json.encode(letter)}.items():
        _write(folder_of(part, name), data)
    sync_folder(part)


def file_away(root: Path, contact: str, key: str) -> None:
    """Move a letter to its contact; one that is there already stays as it is. Raises OSError, ValueError."""
    folder = folder_of(root, contact)
    place = folder_of(folder, key)
    arriving = folder_of(root / ARRIVING, key)
    if place.exists():
        shutil.rmtree(arriving, ignore_errors=True)
        return
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    arriving.rename(place)
    sync_folder(folder)
    sync_folder(root)


def give_up(root: Path, key: str) -> None:
    """Delete a letter for which no contact was found."""
    shutil.rmtree(folder_of(root / ARRIVING, key), ignore_errors=True)


def add(root: Path, contact: str, key: str, file: str, data: bytes) -> None:
    """Put one more file beside a letter, in place of one by the same name. Raises OSError, ValueError."""
    place = folder_of(folder_of(root, contact), key)
    place.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    part = place / f"{PART}{file}"
    _write(part, data)
    part.replace(folder_of(place, file))
    sync_folder(place)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _folders(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from (entry for entry in root.iterdir() if entry.is_dir() and entry.name != ARRIVING)


def _times(folder: Path) -> Iterator[float]:
    yield folder.stat().st_mtime
    yield from (entry.stat().st_mtime for entry in folder.iterdir())
