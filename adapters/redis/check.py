"""Whether a Redis may hold the live store: looked at once, at start."""

import logging
from typing import Final

import redis.asyncio

from adapters.redis.asking import ask
from adapters.redis.errors import StoreUnfit

log = logging.getLogger(__name__)

LEAST_VERSION: Final = (6, 2)


async def check(client: "redis.asyncio.Redis") -> None:
    """Raise `StoreUnfit` with one line that says what to change, or `StoreAway`. Warns when nothing goes to disk."""
    info = await ask(client, "INFO", "everything")
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST_VERSION:
        raise StoreUnfit(f"Redis {version} is too old: 6.2 or later is needed")
    policy = info["maxmemory_policy"]
    if policy != "noeviction":
        raise StoreUnfit(f"Redis may throw data away (maxmemory-policy {policy}): set `maxmemory-policy noeviction`")
    if info["role"] != "master":
        raise StoreUnfit("this Redis is a replica: name the master in redis.url")
    if not info["aof_enabled"]:
        log.warning(
            "Redis keeps no append-only file: what was acknowledged may be lost when it stops; set `appendonly yes`",
            extra={"action": "store_not_durable"},
        )
