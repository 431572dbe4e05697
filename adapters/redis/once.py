"""Answers to requests that carry an Idempotency-Key, kept for a day: `vaxel:once:<hash>`."""

import asyncio
from typing import Any, Final

import redis.asyncio

from adapters.redis.asking import ask
from adapters.redis.errors import StoreAway
from adapters.redis.keys import ONCE
from router.inputs import Refused

KEPT_S: Final = 86_400
WITHIN_S: Final = 1.0
"""Somebody waits for the answer: a Redis that hangs is as good as away."""

BEGIN: Final = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then return false end
return redis.call('GET', KEYS[1])
"""
"""One step, so that of two requests with the same key only one begins. (SET with NX and GET needs Redis 7.)"""


class OnceInRedis:
    """The port `web.once.Store`."""

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client

    async def begin(self, key: str, record: bytes) -> bytes | None:
        """Keep a record, unless there is one by that key: then return that. Raises Refused (`store_away`)."""
        known = await self._ask("EVAL", BEGIN, 1, ONCE + key, record, KEPT_S)
        assert known is None or isinstance(known, bytes)
        return known

    async def put(self, key: str, record: bytes) -> None:
        """Keep a record instead of the one by that key. Raises Refused (`store_away`)."""
        await self._ask("SET", ONCE + key, record, "EX", KEPT_S)

    async def drop(self, key: str) -> None:
        """Forget a key. Raises Refused (`store_away`)."""
        await self._ask("DEL", ONCE + key)

    async def _ask(self, *command: str | bytes | int) -> Any:
        try:
            async with asyncio.timeout(WITHIN_S):
                return await ask(self._client, *command)
        except (StoreAway, TimeoutError) as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error
