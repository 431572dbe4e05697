"""What a Redis holds, in words: who restores a backup is told what came back, and that this version can read it."""

import asyncio
from functools import partial
from typing import Any

from msgspec import Struct

from adapters.directory.store import RECORDS
from adapters.redis.address import Address
from adapters.redis.asking import ask
from adapters.redis.errors import StoreError
from adapters.redis.keys import VAULT
from adapters.redis.resuming import split_id
from adapters.redis.snapshots import START, Snapshots
from engine import restoring
from engine.backup.errors import Damaged
from engine.clock import local_time
from router.router import Router


class Contents(Struct, frozen=True):
    """Counts."""

    journal: str
    """Id of the last entry."""
    contacts: int
    """Present: waiting, talking, or with a place that is kept."""
    callbacks: int
    """Promised and not kept yet."""
    directory: int
    values: int
    """Personal values in the vault."""


def look(address: Address) -> Contents:
    """Count what is there. Raises Damaged."""
    try:
        return asyncio.run(_look(address))
    except (StoreError, restoring.UnreadableImage, ValueError) as error:  # msgspec's errors are ValueErrors
        raise Damaged(f"this version cannot read what it holds: {error}") from error


async def _look(address: Address) -> Contents:
    client = address.client()
    try:
        snapshots = Snapshots(client)
        kept = await snapshots.load()
        entries = snapshots.entries_after(kept.stream_id if kept is not None else START)
        local = local_time("UTC")  # replay asks for none: opening and closing are facts
        image = kept.data if kept is not None else None
        restored = await restoring.restore(partial(Router, local), local, image, entries)
        last = await snapshots.last_id()
        return Contents(
            journal=max(last, kept.stream_id if kept is not None else last, key=split_id),
            contacts=len(restored.router.state.contacts),
            callbacks=len(restored.router.state.callbacks),
            directory=int(await ask(client, "HLEN", RECORDS)),
            values=await _count(client, f"{VAULT}*"),
        )
    finally:
        await client.aclose()


async def _count(client: Any, pattern: str) -> int:
    cursor, found = 0, 0
    while True:
        cursor, keys = await ask(client, "SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
        found += len(keys)
        if not int(cursor):
            return found
