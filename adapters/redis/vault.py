"""Personal values, apart from the facts: `vaxel:vault:<owner>:<kind>`.

Each kind belongs to a class, and `vaxel:written:<class>` says when something of an owner was last written: by that they
are deleted, once the authority's rule for the class says so (`engine.privacy`), and never without one.
"""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Final

import redis.asyncio

from adapters.redis.asking import ask
from adapters.redis.keys import PEPPER, VAULT, WRITTEN
from router.ports import Secret

DAY: Final = 86_400

CONTACT_DATA: Final = "contact_data"
WORDS: Final = "words"
KINDS: Final[dict[str, str]] = {
    # kind       class, for which privacy.yaml says how long it is kept
    "number": CONTACT_DATA,
    "name": CONTACT_DATA,
    "address": CONTACT_DATA,
    "text": WORDS,
    "answers": WORDS,
    "by": WORDS,
    "letter": WORDS,
    "thread": WORDS,
    "remark": WORDS,
    "draft": WORDS,
    "announcement": WORDS,
    "words": WORDS,
}
PASSING: Final[dict[str, int]] = {
    "digits": 1 * DAY,
    "chat": 400 * DAY,
    "code": 1 * DAY,
    "voucher": 1 * DAY,
    "unsent": 1 * DAY,
}
"""Kinds that are no record: gone after so many seconds by themselves. A call's working memory, that a chat was, the
hash of a code that a helper was given, by what a citizen's page rings, and what an agent has begun to fill in."""
SEEN: Final = "seen."
"""Begins owners that are marks of mails taken in, without a word of them: they go after `SEEN_FOR` by themselves."""
SEEN_FOR: Final = 400 * DAY
TIES: Final = ("mail.", "reference.")
"""Begin owners whose value is the contact that a mail, or a reference number, leads to."""
ALL: Final = (*KINDS, *PASSING)
AT_ONCE: Final = 500
"""Owners whose values are deleted with one command."""
PUT: Final = """
if ARGV[3] == 'keep' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return redis.call('ZADD', KEYS[2], redis.call('TIME')[1], ARGV[2])"""
"""Keeps a value, and when it was written, by the store's own clock."""
DELETE: Final = """
local gone = 0
for n = 1, #ARGV - 1 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[n])
  if score and tonumber(score) < tonumber(ARGV[#ARGV]) then
    redis.call('ZREM', KEYS[1], ARGV[n])
    local each = (#KEYS - 1) / (#ARGV - 1)
    for k = 2 + (n - 1) * each, 1 + n * each do gone = gone + redis.call('DEL', KEYS[k]) end
  end
end
return gone"""
"""Deletes the values of owners to which nothing was written since: it may have been, a moment ago."""

FAR: Final = 1e12
PEPPER_BYTES: Final = 32
PSEUDONYM_BYTES: Final = 16


def put_command(secret: Secret, *, keep: bool = False) -> tuple[str | int, ...]:
    """Return the Redis command that keeps `secret`; with `keep`, what stands already stays.

    Raises ValueError for a kind that nobody knows.
    """
    key, kind = f"{VAULT}{secret.owner}:{secret.kind}", secret.kind
    if kind in PASSING or secret.owner.startswith(SEEN):
        return ("SET", key, secret.value, "EX", PASSING.get(kind, SEEN_FOR), *(("NX",) if keep else ()))
    if kind not in KINDS:
        raise ValueError(f"nothing is known of the kind {kind!r}; known: {', '.join(ALL)}")
    return ("EVAL", PUT, 2, key, f"{WRITTEN}{KINDS[kind]}", secret.value, secret.owner, "keep" if keep else "")


def person_id(value: str, pepper: bytes) -> str:
    """Return the pseudonym of a person known by `value`, a number or address in its normal form."""
    return "p" + hmac.digest(pepper, value.encode(), hashlib.sha256)[:PSEUDONYM_BYTES].hex()


class Vault:
    """Reads and erases personal values; the journal writes those that belong to facts."""

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self.client = client

    async def put(self, secret: Secret) -> None:
        """Keep a value that no fact waits for."""
        await ask(self.client, *put_command(secret))

    async def get(self, owner: str) -> dict[str, str]:
        """Return kind → value of all that is kept of `owner`."""
        values = await ask(self.client, "MGET", *_keys(owner))
        return {kind: value.decode() for kind, value in zip(ALL, values, strict=True) if value is not None}

    async def values(self, owners: Sequence[str], kind: str) -> dict[str, str]:
        """Return owner to the value of one kind, of those of which one is kept."""
        if not owners:
            return {}
        values = await ask(self.client, "MGET", *(f"{VAULT}{owner}:{kind}" for owner in owners))
        return {owner: value.decode() for owner, value in zip(owners, values, strict=True) if value is not None}

    async def forget(self, owner: str, kinds: Collection[str] = ALL, *, before: float = float("inf")) -> int:
        """Erase what is kept of `owner`, unless it was written since `before`; return how many values that were.

        See also `RedisJournal.forget`.
        """
        gone = 0
        for class_ in {KINDS[kind] for kind in kinds if kind in KINDS}:
            gone += await self._delete(class_, [owner], before, [kind for kind in kinds if KINDS.get(kind) == class_])
        passing = [f"{VAULT}{owner}:{kind}" for kind in kinds if kind in PASSING]
        return gone + (int(await ask(self.client, "DEL", *passing)) if passing else 0)

    async def expire(self, class_: str, before: float, spared: Callable[[str], bool]) -> int:
        """Erase the values of a class whose owners nothing was written of since `before`; return how many.

        Those of owners that are `spared` stay.
        """
        kinds = [kind for kind, one in KINDS.items() if one == class_]
        gone, skip = 0, 0
        while True:
            index = f"{WRITTEN}{class_}"
            found = await ask(self.client, "ZRANGEBYSCORE", index, "-inf", f"({before}", "LIMIT", skip, AT_ONCE)
            if not found:
                return gone
            owners = [owner for one in found if not spared(owner := one.decode())]
            led = await self.values([owner for owner in owners if owner.startswith(TIES)], "thread")
            owners = [owner for owner in owners if owner not in led or not spared(led[owner])]
            skip += len(found) - len(owners)
            if owners:
                gone += await self._delete(class_, owners, before, kinds)

    async def _delete(self, class_: str, owners: Sequence[str], before: float, kinds: Sequence[str]) -> int:
        keys = [f"{VAULT}{owner}:{kind}" for owner in owners for kind in kinds]
        until = min(before, FAR)
        return int(await ask(self.client, "EVAL", DELETE, 1 + len(keys), f"{WRITTEN}{class_}", *keys, *owners, until))

    async def owners(self) -> AsyncIterator[str]:
        """Yield all of whom something is kept, some more than once."""
        cursor = 0
        while True:
            cursor, keys = await ask(self.client, "SCAN", cursor, "MATCH", f"{VAULT}*", "COUNT", 1000)
            for key in keys:
                yield key.decode().removeprefix(VAULT).rpartition(":")[0]
            cursor = int(cursor)
            if not cursor:
                return

    async def written(self, owner: str, class_: str) -> float | None:
        """Return when a value of a class was last written of `owner`, UTC seconds; None where none is kept."""
        score = await ask(self.client, "ZSCORE", f"{WRITTEN}{class_}", owner)
        return float(score) if score is not None else None

    async def pepper(self) -> bytes:
        """Return the secret of all pseudonyms, made once per store."""
        await ask(self.client, "SET", PEPPER, secrets.token_bytes(PEPPER_BYTES), "NX")
        pepper = await ask(self.client, "GET", PEPPER)
        if not isinstance(pepper, bytes):
            raise TypeError("the pepper is not bytes: the client decodes responses")
        return pepper


def _keys(owner: str) -> list[str]:
    return [f"{VAULT}{owner}:{kind}" for kind in ALL]
