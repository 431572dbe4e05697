"""Snapshots of the router's state, the stream read from there on, and what trimming moves to the archive."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

import redis.asyncio

from adapters.redis import segments
from adapters.redis.archive import Archive
from adapters.redis.asking import ask
from adapters.redis.errors import Deposed
from adapters.redis.keys import FIELD, JOURNAL, OLDER_SNAPSHOT, SNAPSHOT
from adapters.redis.resuming import split_id
from router.journal import Entry, decode

log = logging.getLogger(__name__)

START: Final = "0-0"
"""Before all entries."""
BATCH: Final = 1000
SEGMENT_ENTRIES: Final = 10_000

SAVE: Final = """
local info = redis.call('XINFO', 'STREAM', KEYS[3])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' and string.match(info[i + 1], '^(%d+)-') ~= string.match(ARGV[1], '^(%d+)-') then
    return 0
  end
end
redis.call('COPY', KEYS[1], KEYS[2], 'REPLACE')
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'data', ARGV[2])
return 1
"""
"""One step, and not for a leader that another has deposed: its state may hold what the stream refused."""


class Snapshot(NamedTuple):
    """State after all entries up to and with `stream_id`."""

    stream_id: str
    data: bytes


class Snapshots:
    """Snapshots and the reading side of the journal. All methods raise `StoreAway` when Redis does not serve."""

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client

    async def save(self, data: bytes, stream_id: str) -> None:
        """Keep a snapshot of acknowledged state only; the one before stays as the older. Raises `Deposed`."""
        saved = await ask(self._client, "EVAL", SAVE, 3, SNAPSHOT, OLDER_SNAPSHOT, JOURNAL, stream_id, data)
        if not saved:
            raise Deposed(f"a snapshot at {stream_id} is refused: another epoch leads")

    async def load(self, *, older: bool = False) -> Snapshot | None:
        """Return the latest snapshot, or the one before; None when there is none."""
        stream_id, data = await ask(self._client, "HMGET", OLDER_SNAPSHOT if older else SNAPSHOT, "id", "data")
        return None if stream_id is None or data is None else Snapshot(stream_id.decode(), data)

    async def entries_after(self, stream_id: str = START, *, batch: int = BATCH) -> AsyncIterator[tuple[str, Entry]]:
        """Yield (stream id, entry) up to the stream's end. Raises msgspec.ValidationError for an unknown format."""
        async for kept in self.kept_after(stream_id, batch=batch):
            yield f"{kept.epoch}-{kept.seq}", decode(kept.data)

    async def first_id(self) -> str:
        """Return the id of the first entry that the stream still has, `START` when it is empty."""
        first = await ask(self._client, "XRANGE", JOURNAL, "-", "+", "COUNT", 1)
        return first[0][0].decode() if first else START

    def kept_after(self, stream_id: str = START, *, batch: int = BATCH) -> AsyncIterator[segments.Kept]:
        """Yield what `entries_after` does, as it is kept."""
        return self._read(stream_id, "+", batch)

    async def last_id(self) -> str:
        """Return the id of the stream's last entry, `START` when it is empty."""
        last = await ask(self._client, "XREVRANGE", JOURNAL, "+", "-", "COUNT", 1)
        return last[0][0].decode() if last else START

    async def trim(self, folder: Path, *, up_to: str | None = None) -> int:
        """Move entries that the older snapshot stands for, and not past `up_to`, to `folder`; return how many.

        An interruption at any point leaves each entry in the stream, in a segment, or in both.
        """
        older = await self.load(older=True)
        if older is None:
            return 0
        end = min((older.stream_id, up_to or older.stream_id), key=split_id)
        moved = 0
        loop = asyncio.get_running_loop()
        # The state from which what stays in the stream goes on: with it any later moment can be gone back to.
        await loop.run_in_executor(None, Archive(folder).keep_snapshot, split_id(older.stream_id), older.data)
        while part := [kept async for kept in self._read(START, end, SEGMENT_ENTRIES, only_first=True)]:
            await loop.run_in_executor(None, segments.write, folder, part)
            await ask(self._client, "XTRIM", JOURNAL, "MINID", f"{part[-1].epoch}-{part[-1].seq + 1}")
            moved += len(part)
        log.info("archived %d journal entries", moved, extra={"action": "journal_archived", "entries": moved})
        return moved

    async def _read(
        self, after: str, end: str, batch: int, *, only_first: bool = False
    ) -> AsyncIterator[segments.Kept]:
        while True:
            rows = await ask(self._client, "XRANGE", JOURNAL, f"({after}", end, "COUNT", batch)
            for stream_id, fields in rows:
                yield segments.Kept(*split_id(stream_id), fields[FIELD.encode()])
            if only_first or len(rows) < batch:
                return
            after = rows[-1][0].decode()
