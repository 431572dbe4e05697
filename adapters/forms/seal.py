"""The token of one page with a form: by it what is sent twice is taken once, and its citizen may look how it goes.

It says when the page was made, and vouches for itself, so that nothing is kept of pages that nobody sends.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

from msgspec import Struct

RANDOM_BYTES: Final = 16
TAG_CHARACTERS: Final = 20
LEAST_S: Final = 2.0
"""Nobody fills in a form faster than that; programs do."""
MOST_S: Final = 20 * 3600.0
"""Less than the day for which the router knows again what came (`router.applying.MARKED_FOR`)."""
_TOKEN: Final = re.compile(r"([0-9a-f]{32})-([0-9a-f]{1,12})-([0-9a-f]{20})")


class Sealed(Struct, frozen=True):
    """A token that is ours."""

    contact: str
    """The contact that the form becomes, or has become."""
    mark: str
    made: float
    """UTC seconds."""


class Seal:
    """Makes and reads tokens, by the store's own secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, form: str, now: float) -> str:
        """Return the token of a page that is made now."""
        begun = f"{secrets.token_hex(RANDOM_BYTES)}-{int(now):x}"
        return f"{begun}-{self._tag(form, begun)}"

    def read(self, form: str, token: str) -> Sealed | None:
        """Return what a token of a form says; None when we did not make it."""
        found = _TOKEN.fullmatch(token)
        if found is None or not hmac.compare_digest(found[3], self._tag(form, token.rpartition("-")[0])):
            return None
        mark = hashlib.sha256(token.encode()).hexdigest()[:32]
        return Sealed(contact_of(form, mark), mark, float(int(found[2], 16)))

    def _tag(self, form: str, begun: str) -> str:
        return hmac.digest(self._secret, f"form {form} {begun}".encode(), hashlib.sha256).hex()[:TAG_CHARACTERS]


def contact_of(form: str, mark: str) -> str:
    """Return the id of the contact that a form becomes; it leads back to nobody's token."""
    return f"f-{form}-{mark[:24]}"
