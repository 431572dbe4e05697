"""Who was erased, so that a restored backup does not bring them back: keyed hashes in a file that only grows.

A hash leads to nobody; but asked whether *this* person or contact was erased, the file knows. The key is the store's
pepper, which backups hold too. Keep the file on another disk than the backups' source, and name it in privacy.yaml.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

HASH_BYTES: Final = 16


class Erased(Struct, frozen=True, kw_only=True):
    """One erasure."""

    at: float
    """UTC seconds: what was written later is not meant."""
    rule: str
    persons: tuple[str, ...] = ()
    """Keyed hashes."""
    contacts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    """What was erased."""


class UnreadableErasures(Exception):
    """The file of erasures cannot be read; the text says where."""

    error_id = "erasures_unreadable"
    retryable = False


_READER: Final = msgspec.json.Decoder(Erased)


def hashed(id_: str, pepper: bytes) -> str:
    """Return under what a person or contact stands in the file.

    >>> len(hashed("p7f3a", bytes(32)))
    32
    """
    return hmac.digest(pepper, b"erased " + id_.encode(), hashlib.sha256)[:HASH_BYTES].hex()


class Erasures:
    """The file. Methods block."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Erased]:
        """Return all erasures, the oldest first. Raises UnreadableErasures, OSError."""
        try:
            lines = self.path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        found = []
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                continue  # a crash left it so, before anything was erased by it
            try:
                found.append(_READER.decode(line))
            except msgspec.MsgspecError as error:
                raise UnreadableErasures(f"line {number} of {self.path.name} is no erasure") from error
        return found

    def add(self, erased: Erased) -> None:
        """Note an erasure, before anything is erased. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            if torn:
                data = os.pread(descriptor, size, 0)
                os.ftruncate(descriptor, data.rfind(b"\n") + 1)
            os.write(descriptor, msgspec.json.encode(erased) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Known(Struct, frozen=True):
    """All erasures, for looking things up."""

    pepper: bytes
    persons: dict[str, Erased]
    """Hash to its last erasure."""
    contacts: dict[str, frozenset[str]]
    """Hash to the classes that were erased."""

    def person(self, person: str) -> Erased | None:
        """Return somebody's last erasure, None when there was none."""
        return self.persons.get(hashed(person, self.pepper))

    def contact(self, contact: str) -> frozenset[str]:
        """Return the classes that were erased of a contact."""
        return self.contacts.get(hashed(contact, self.pepper), frozenset())


def known(erasures: Iterable[Erased], pepper: bytes) -> Known:
    """Return what tells who was erased."""
    persons: dict[str, Erased] = {}
    contacts: dict[str, frozenset[str]] = {}
    for one in erasures:
        persons |= dict.fromkeys(one.persons, one)
        for contact in one.contacts:
            contacts[contact] = contacts.get(contact, frozenset()) | frozenset(one.classes)
    return Known(pepper, persons, contacts)
