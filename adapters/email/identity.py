"""By what mails are known again: hashed ids of those that arrived, signed ids of ours, reference numbers.

What we send carries an id that vouches for itself: nobody can make one up, and it needs no record to be read back.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing in it is taken for something else when it is read aloud."""
REFERENCE_LETTERS: Final = 10
TAG_BYTES: Final = 10

_OURS: Final = re.compile(r"<?([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})\.m(\d{1,6})\.([a-z2-7]{16})@[^@\s<>]+>?")
_REFERENCE: Final = re.compile(rf"\[#([{ALPHABET}]{{5}})-?([{ALPHABET}]{{5}})\]", re.IGNORECASE)

_WRITTEN: Final = re.compile(rf"\b([{ALPHABET}]{{5}})-([{ALPHABET}]{{5}})\b", re.IGNORECASE)
WRITTEN_MAX: Final = 3
"""Reference numbers of one text that are looked up."""


class Ours(Struct, frozen=True):
    """Which message of ours an id names."""

    contact: str
    message: int


class Identity:
    """Makes and recognises ids, by the store's own secret."""

    def __init__(self, pepper: bytes) -> None:
        self._key = pepper

    def message_id(self, contact: str, message: int, domain: str) -> str:
        """Return the Message-ID of a message of ours, the same at each attempt to send it."""
        return f"<{contact}.m{message}.{self._tag(contact, message)}@{domain}>"

    def ours(self, message_id: str) -> Ours | None:
        """Return which message of ours an id names; None when we did not make it."""
        found = _OURS.fullmatch(message_id.strip())
        if found is None:
            return None
        contact, message = found[1], int(found[2])
        return Ours(contact, message) if hmac.compare_digest(found[3], self._tag(contact, message)) else None

    def reference(self, matter: str) -> str:
        """Return the reference number of a matter, as citizens see it."""
        number = int.from_bytes(hmac.digest(self._key, f"reference {matter}".encode(), hashlib.sha256)[:8], "big")
        letters = "".join(ALPHABET[(number >> 5 * place) % 32] for place in range(REFERENCE_LETTERS))
        return f"{letters[:5]}-{letters[5:]}"

    def owner(self, kind: str, value: str) -> str:
        """Return under which name the vault keeps what is known of an id (`mail`, `seen`) or `reference`."""
        return f"{kind}.{hmac.digest(self._key, f'{kind} {value}'.encode(), hashlib.sha256)[:16].hex()}"

    def _tag(self, contact: str, message: int) -> str:
        digest = hmac.digest(self._key, f"message {contact}.m{message}".encode(), hashlib.sha256)
        return base64.b32encode(digest[:TAG_BYTES]).decode().lower()


def references_in(subject: str) -> Iterator[str]:
    """Yield the reference numbers in a subject."""
    for found in _REFERENCE.finditer(subject):
        yield f"{found[1]}-{found[2]}".upper()


def references_written(text: str) -> list[str]:
    """Return the reference numbers in what somebody wrote by other means than mail, the first few.

    >>> references_written("mitt nummer är 7xk42-m9pqr")
    ['7XK42-M9PQR']
    """
    found = (f"{match[1]}-{match[2]}".upper() for match in _WRITTEN.finditer(text))
    return list(dict.fromkeys(found))[:WRITTEN_MAX]


def with_reference(subject: str, reference: str) -> str:
    """Return the subject of an answer: `Re:` once, and the reference number once."""
    bare = _REFERENCE.sub("", subject)
    bare = re.sub(r"^(?:\s*(?:re|sv|aw|vs|ang)\s*(?:\[\d+\])?:)+", "", bare, flags=re.IGNORECASE).strip()
    return f"Re: {bare} [#{reference}]" if bare else f"Re: [#{reference}]"
