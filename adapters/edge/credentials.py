"""What a page registers its phone with: a name that says until when, and a password that follows from it.

The form of TURN's REST API, which Kamailio's auth_ephemeral checks: `<UTC seconds>:<phone>`, and the name's HMAC-SHA1
under a key that only engine and edge have. Nothing is stored, so nothing has to be forgotten.

A citizen's page has no phone but a voucher, `~page~language~random`: the edge lets it ring that page's way in, once.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final

from msgspec import Struct

LIVE_S: Final = 900
"""A page that stays open asks for others in time."""
VOUCHER_S: Final = 90
"""A citizen's page rings at once; the rest is for who has yet to allow the microphone."""
AGAIN: Final = "+"
"""Ends the user of a voucher that was renewed: it begins no call."""


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
    return Credentials(user, _digest(user, key), until)


def voucher(way: str) -> str:
    """Return the user of a new voucher: good for one call to `way`, a page's `router.configuration.web_call`."""
    return f"{way}~{secrets.token_hex(8)}"


def way_of(user: str) -> str:
    """Return where a voucher leads to."""
    return user.rpartition("~")[0]


def proved(given: str, password: str, key: str) -> str:
    """Return the user of credentials that we issued, however long ago; empty for any others."""
    until, _, user = given.partition(":")
    if not until.isascii() or not until.isdecimal():
        return ""
    right = _digest(given, key)
    return user.removesuffix(AGAIN) if hmac.compare_digest(right.encode(), password.encode("utf-8", "replace")) else ""


def _digest(user: str, key: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), user.encode("utf-8", "replace"), hashlib.sha1).digest()).decode()
