"""What happened before this engine: the journal's part that is still in Redis, for listeners that come back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from adapters.redis.errors import StoreAway
from adapters.redis.resuming import split_id
from adapters.redis.snapshots import Snapshots
from engine import restoring
from router.facts import AnyFact
from router.inputs import Refused
from web.events import Position, Whereabouts

BATCH: Final = 100
"""Entries read without a break."""


class KeptPast:
    """The port `web.stream.Past`: from the older snapshot on, which is where the stream begins after trimming."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots

    async def whereabouts(self) -> tuple[Position, Whereabouts]:
        """Return the earliest place from which the journal can be read, and where contacts were. Raises Refused."""
        whereabouts = Whereabouts()
        try:
            older = await self._snapshots.load(older=True)
        except StoreAway as error:
            raise _away() from error
        if older is None:
            return Position(0, 0), whereabouts
        for piece in restoring.pieces_of(older.data):
            for one in piece:
                whereabouts.adopt(one)
            await asyncio.sleep(0)
        return Position(*split_id(older.stream_id)), whereabouts

    async def entries(self, after: Position, before: Position) -> AsyncIterator[tuple[int, int, Sequence[AnyFact]]]:
        """Yield epoch, number and facts of entries between two places. Raises Refused."""
        try:
            async for stream_id, entry in self._snapshots.entries_after(f"{after.epoch}-{after.seq}", batch=BATCH):
                epoch, seq = split_id(stream_id)
                if (epoch, seq) > (before.epoch, before.seq):
                    return
                yield epoch, seq, entry.facts
        except StoreAway as error:
            raise _away() from error


def _away() -> Refused:
    return Refused("store_away", "Redis does not answer", retryable=True)
