"""The token that leads from a mail, or the page of a ticket, to the question how it was.

It names the contact and when the question closes, and vouches for itself; nothing is kept of it. That an answer counts
once, the router sees to (`router.invitations`).
"""

import hashlib
import hmac
import re
from typing import Final

from msgspec import Struct

TAG_CHARACTERS: Final = 32
_TOKEN: Final = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{32})-([^\s/]{1,128})")


class Sealed(Struct, frozen=True):
    """A token that is ours."""

    contact: str
    until: float
    """UTC seconds."""


class Seal:
    """Makes and reads tokens, by the store's own secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, contact: str, until: float) -> str:
        """Return the token for the question about a contact."""
        closes = f"{int(until):x}"
        return f"{closes}-{self._tag(contact, closes)}-{contact}"

    def read(self, token: str) -> Sealed | None:
        """Return what a token says; None when we did not make it."""
        found = _TOKEN.fullmatch(token)
        if found is None or not hmac.compare_digest(found[2], self._tag(found[3], found[1])):
            return None
        return Sealed(found[3], float(int(found[1], 16)))

    def _tag(self, contact: str, closes: str) -> str:
        said = f"survey {closes} {contact}".encode()
        return hmac.digest(self._secret, said, hashlib.sha256).hex()[:TAG_CHARACTERS]
