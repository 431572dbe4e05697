"""One way to ask Redis through redis-py: its answers untyped, its troubles as ours."""

from typing import Any

import redis.asyncio
import redis.exceptions

from adapters.redis.errors import StoreAway
from adapters.redis.wire import cause_of


async def ask(client: "redis.asyncio.Redis", *command: str | bytes | float) -> Any:
    """Return the answer to one command. Raises `StoreAway`."""
    try:
        return await client.execute_command(*command)  # type: ignore[no-untyped-call, unused-ignore]
    except redis.exceptions.RedisError as error:
        raise StoreAway(cause_of(error)) from error
