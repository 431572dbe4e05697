"""Recordings of talks on disk, encrypted: `<contact>/<stretch>~<track>.vxt`, and beside each what it is.

Workers write plain WAV files into `.new`; each is encrypted and moved to its place as soon as it is complete, and only
then deleted, so that a crash at any moment leaves it in one of the two, and taking it again changes nothing.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from adapters.durable import sync_folder
from adapters.speech import wav

NEW: Final = ".new"
SUFFIX: Final = ".vxt"
ABOUT: Final = ".json"
PART: Final = ".part"
MAGIC: Final = b"VXT1"
NONCE_BYTES: Final = 12
KEY_BITS: Final = 256
PRIVATE: Final = 0o700
_TRACK: Final = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})~(\d{1,16}~(?:citizen|agent))")
_NAME: Final = re.compile(r"\d{1,16}~(?:citizen|agent)")
_CONTACT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class Tape(Struct, frozen=True, kw_only=True):
    """A recording, told without a word of it."""

    recording: str
    began: float
    """UTC seconds."""
    track: str
    """`citizen` or `agent`."""
    seconds: float
    matter: str


class TapeKey(Exception):
    """The key of recordings cannot be used; the text says why."""

    error_id = "tape_key"
    retryable = False


def key_in(path: Path) -> bytes:
    """Return the key of a file, made once. Raises TapeKey."""
    try:
        if not path.exists():
            part = path.with_name(f".{path.name}{PART}")
            part.unlink(missing_ok=True)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(AESGCM.generate_key(KEY_BITS))
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        key = path.read_bytes()
    except OSError as error:
        raise TapeKey(f"the key of recordings, {path}: {error.strerror}") from error
    if len(key) * 8 != KEY_BITS:
        raise TapeKey(f"the key of recordings, {path}, must have {KEY_BITS // 8} bytes")
    return key


class Tapes:
    """The recordings of one house. Methods block."""

    def __init__(self, root: Path, key: Path) -> None:
        self._root = root
        self._key_path = key
        self._key: AESGCM | None = None

    def path(self, track: str) -> str:
        """Return where a worker writes a track, `<contact>~<milliseconds>~<side>`."""
        return str(self._root / NEW / f"{track}.wav")

    def prepare(self) -> None:
        """Make ready for workers."""
        (self._root / NEW).mkdir(mode=PRIVATE, parents=True, exist_ok=True)

    def waiting(self, before: float) -> list[str]:
        """Return the tracks that were last written before a time, complete or not."""
        return [path.stem for path in sorted((self._root / NEW).glob("*.wav")) if path.stat().st_mtime < before]

    def take(self, track: str, matter: str) -> float:
        """Encrypt a complete track and put it to its place; return its seconds, 0 for one that nobody can hear.

        Raises OSError, TapeKey.
        """
        source = Path(self.path(track))
        named = _TRACK.fullmatch(track)
        try:
            sound = wav.mended(source.read_bytes())
            samples, rate = wav.read(sound)
        except (ValueError, EOFError):
            sound, samples, rate = b"", None, 1
        if named is None or samples is None or not len(samples):
            source.unlink(missing_ok=True)
            return 0.0
        contact, name = named[1], named[2]
        folder, seconds = self._root / contact, len(samples) / rate
        folder.mkdir(mode=PRIVATE, exist_ok=True)
        began, _, side = name.partition("~")
        tape = Tape(recording=name, began=int(began) / 1000, track=side, seconds=seconds, matter=matter or contact)
        _write(folder / f"{name}{ABOUT}", msgspec.json.encode(tape))
        nonce = secrets.token_bytes(NONCE_BYTES)
        _write(folder / f"{name}{SUFFIX}", MAGIC + nonce + self._cipher().encrypt(nonce, sound, track.encode()))
        source.unlink()
        return seconds

    def of(self, contact: str) -> list[Tape]:
        """Return the recordings of a contact, the oldest first."""
        if not _CONTACT.fullmatch(contact):
            return []
        found = []
        for path in sorted((self._root / contact).glob(f"*{SUFFIX}")):
            about = path.with_suffix(ABOUT)
            if about.exists():
                found.append(msgspec.json.decode(about.read_bytes(), type=Tape))
        return found

    def sound(self, contact: str, name: str) -> bytes | None:
        """Return a recording as a WAV file, None when there is none. Raises TapeKey."""
        if not (_CONTACT.fullmatch(contact) and _NAME.fullmatch(name)):
            return None
        try:
            data = (self._root / contact / f"{name}{SUFFIX}").read_bytes()
        except FileNotFoundError:
            return None
        nonce, body = data[len(MAGIC) : len(MAGIC) + NONCE_BYTES], data[len(MAGIC) + NONCE_BYTES :]
        try:
            return self._cipher().decrypt(nonce, body, f"{contact}~{name}".encode())
        except InvalidTag as error:
            raise TapeKey("this recording was encrypted with another key, or was changed") from error

    def sweep(self, needed: Callable[[str], bool], before: float) -> int:
        """Delete the recordings of contacts not `needed` that were made before a time; return how many."""
        swept = 0
        for folder in self._folders():
            if needed(folder.name):
                continue
            for path in folder.glob(f"*{SUFFIX}"):
                if path.stat().st_mtime < before:
                    path.unlink()
                    path.with_suffix(ABOUT).unlink(missing_ok=True)
                    swept += 1
            if not any(folder.glob(f"*{SUFFIX}")):
                shutil.rmtree(folder, ignore_errors=True)
        return swept

    def _folders(self) -> Iterator[Path]:
        if self._root.is_dir():
            yield from (path for path in self._root.iterdir() if path.is_dir() and path.name != NEW)

    def _cipher(self) -> AESGCM:
        if self._key is None:
            self._key = AESGCM(key_in(self._key_path))
        return self._key


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}{PART}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(path.parent)
