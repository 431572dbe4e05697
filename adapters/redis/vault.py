"""Personal values, apart from the facts: `vaxel:vault:<owner>:<kind>`, each with the retention of its kind.

One key per value, since a hash has one expiry for all its fields before Redis 7.4, and `SET … EX` is one command.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

import redis.asyncio

from adapters.redis.asking import ask
from adapters.redis.keys import PEPPER, VAULT
from router.ports import Secret

DAY: Final = 86_400

RETENTION_S: Final[dict[str, int]] = {
    # kind       seconds
    "number": 30 * DAY,
    "name": 30 * DAY,
    "address": 30 * DAY,
    "text": 30 * DAY,
    "digits": 1 * DAY,
    "answers": 90 * DAY,
    "chat": 31 * DAY,
    "by": 400 * DAY,
    "letter": 400 * DAY,
    "thread": 400 * DAY,
    "announcement": 400 * DAY,
}
"""How long a value of each kind is kept after it was last written."""

PEPPER_BYTES: Final = 32
PSEUDONYM_BYTES: Final = 16


def put_command(secret: Secret) -> tuple[str, str, str, str, int]:
    """Return the Redis command that keeps `secret`. Raises ValueError for a kind without retention."""
    retention = RETENTION_S.get(secret.kind)
    if retention is None:
        raise ValueError(f"no retention is set for {secret.kind!r}; known: {', '.join(RETENTION_S)}")
    return "SET", f"{VAULT}{secret.owner}:{secret.kind}", secret.value, "EX", retention


def person_id(value: str, pepper: bytes) -> str:
    """Return the pseudonym of a person known by `value`, a number or address in its normal form."""
    return "p" + hmac.digest(pepper, value.encode(), hashlib.sha256)[:PSEUDONYM_BYTES].hex()


class Vault:
    """Reads and erases personal values; the journal writes those that belong to facts."""

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client

    async def put(self, secret: Secret) -> None:
        """Keep a value that no fact waits for."""
        await ask(self._client, *put_command(secret))

    async def get(self, owner: str) -> dict[str, str]:
        """Return kind → value of all that is kept of `owner`."""
        values = await ask(self._client, "MGET", *_keys(owner))
        return {kind: value.decode() for kind, value in zip(RETENTION_S, values, strict=True) if value is not None}

    async def values(self, owners: Sequence[str], kind: str) -> dict[str, str]:
        """Return owner to the value of one kind, of those of which one is kept."""
        if not owners:
            return {}
        values = await ask(self._client, "MGET", *(f"{VAULT}{owner}:{kind}" for owner in owners))
        return {owner: value.decode() for owner, value in zip(owners, values, strict=True) if value is not None}

    async def forget(self, owner: str) -> int:
        """Erase all that is kept of `owner`; return how many values that were. See also `RedisJournal.forget`."""
        return int(await ask(self._client, "DEL", *_keys(owner)))

    async def pepper(self) -> bytes:
        """Return the secret of all pseudonyms, made once per store."""
        await ask(self._client, "SET", PEPPER, secrets.token_bytes(PEPPER_BYTES), "NX")
        pepper = await ask(self._client, "GET", PEPPER)
        if not isinstance(pepper, bytes):
            raise TypeError("the pepper is not bytes: the client decodes responses")
        return pepper


def _keys(owner: str) -> list[str]:
    return [f"{VAULT}{owner}:{kind}" for kind in RETENTION_S]
