"""What a page registers its phone with: a name that says until when, and a password that follows from it.

The form of TURN's REST API, which Kamailio's auth_ephemeral checks: `<UTC seconds>:<phone>`, and the name's HMAC-SHA1
under a key that only engine and edge have. Nothing is stored, so nothing has to be forgotten.
"""

import base64
import hashlib
import hmac
from typing import Final

from msgspec import Struct

LIVE_S: Final = 900
"""A page that stays open asks for others in time."""


class Credentials(Struct, frozen=True):
    """Name and password for digest."""

    user: str
    password: str
    until: int
    """UTC seconds."""


def issue(phone: str, key: str, now: float, live: int = LIVE_S) -> Credentials:
    """Return credentials for a phone."""
    until = int(now) + live
    user = f"{until}:{phone}"
    digest = hmac.new(key.encode(), user.encode(), hashlib.sha1).digest()
    return Credentials(user, base64.b64encode(digest).decode(), until)
