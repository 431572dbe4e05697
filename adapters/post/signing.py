"""How requests are signed, both ways: HMAC-SHA256 over the time and the body, with a secret that both sides hold.

    X-Vaxel-Timestamp: 1767225600
    X-Vaxel-Signature: v1=<hex>          HMAC-SHA256(secret, "1767225600." + body)

A request is believed for `WITHIN` seconds around its time, so that nobody can repeat it later; what is repeated within
that time is known by its id.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Final

from router.inputs import Refused

TIMESTAMP: Final = "X-Vaxel-Timestamp"
SIGNATURE: Final = "X-Vaxel-Signature"
VERSION: Final = "v1"
SECRET_MIN: Final = 32
"""Characters of a secret."""
WITHIN: Final = 300.0
"""Seconds by which the clocks may differ, transport included."""


def secret_in(path: str) -> bytes:
    """Read a secret; at each use, so that a new one holds at once. Raises Refused."""
    try:
        secret = Path(path).read_bytes().strip()
    except OSError as error:
        raise Refused("hook_secret", "the secret of this hook cannot be read", retryable=True) from error
    if len(secret) < SECRET_MIN:  # just being written, maybe: by an empty one everybody could sign
        raise Refused("hook_secret", f"the secret of this hook has less than {SECRET_MIN} characters", retryable=True)
    return secret


def sign(secret: bytes, at: float, body: bytes) -> dict[str, str]:
    """Return the headers that sign a request."""
    return {TIMESTAMP: str(int(at)), SIGNATURE: f"{VERSION}={_digest(secret, str(int(at)), body)}"}


def check(secret: bytes, now: float, timestamp: str, signature: str, body: bytes) -> None:
    """Refuse a request that nobody who holds the secret has just sent. Raises Refused."""
    wanted = f"{VERSION}={_digest(secret, timestamp, body)}"
    if not hmac.compare_digest(_bytes(wanted), _bytes(signature)):
        raise Refused(
            "signature_bad", "the signature is not right: HMAC-SHA256 over time and body, see docs/channels.md"
        )
    if not (timestamp.isascii() and timestamp.isdecimal() and abs(now - int(timestamp)) <= WITHIN):
        raise Refused(
            "signature_old", f"the request's time is more than {WITHIN:g} s from ours: set the clock, sign anew"
        )


def _digest(secret: bytes, timestamp: str, body: bytes) -> str:
    return hmac.digest(secret, _bytes(timestamp) + b"." + body, hashlib.sha256).hex()


def _bytes(header: str) -> bytes:
    """Return a header as it came over the wire: bytes that are no text stand in it as surrogates."""
    return header.encode("utf-8", "surrogateescape")
