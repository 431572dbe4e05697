"""The journal read anew, from the archive and from Redis as one, for who follows it at its own pace."""

import logging
from typing import Final

from adapters.redis import segments
from adapters.redis.archive import Archive, Id
from adapters.redis.resuming import split_id
from adapters.redis.segments import BadSegment
from adapters.redis.snapshots import Snapshots
from engine import restoring
from router.journal import Entry, decode
from router.state import State

log = logging.getLogger(__name__)

START: Final[Id] = (0, 0)
BATCH: Final = 2000


class Rereading:
    """Reads what is kept. All methods raise StoreAway."""

    def __init__(self, snapshots: Snapshots, archive: Archive) -> None:
        self._snapshots = snapshots
        self._archive = archive

    async def after(self, id_: Id) -> list[tuple[Id, Entry]]:
        """Return the entries that follow one, in order, as many as are handy; none at the journal's end.

        Trimming writes to the archive before it takes from the stream. While the stream still holds `id_`, or begins
        before it, what the stream gives is whole; else the archive may know what lies between.
        """
        found: list[tuple[Id, Entry]] = []
        async for stream_id, entry in self._snapshots.entries_after(_text(id_), batch=BATCH):
            found.append((split_id(stream_id), entry))
            if len(found) >= BATCH:
                break
        if not START < split_id(await self._snapshots.first_id()) <= id_:
            return self._archived(id_) or found
        return found

    def _archived(self, id_: Id) -> list[tuple[Id, Entry]]:
        """Return what the first file has that reaches beyond an entry; one that cannot be read leaves a hole."""
        for segment in self._archive.segments():
            if segment.last <= id_:
                continue
            try:
                kept = segments.read(segment.path)
                return [((one.epoch, one.seq), decode(one.data)) for one in kept if (one.epoch, one.seq) > id_]
            except BadSegment as error:
                log.warning("a segment is left out: %s", error, extra={"action": "history.bad_segment"})
        return []

    async def state_after(self, id_: Id) -> tuple[Id, State] | None:
        """Return the first state that is kept from after an entry, and the entry that led to it."""
        in_redis = {
            split_id(kept.stream_id): kept.data
            for older in (True, False)
            if (kept := await self._snapshots.load(older=older)) is not None
        }
        first = min((one for one in [*in_redis, *self._archive.snapshots()] if one > id_), default=None)
        if first is None:
            return None
        image = in_redis.get(first) or self._archive.snapshot(first)
        return first, State.load(restoring.decode(image).state)

    async def end(self) -> Id:
        """Return the id of the last entry."""
        return split_id(await self._snapshots.last_id())


def follows(before: Id, id_: Id) -> bool:
    """Tell whether nothing is missing between two entries: numbers go up by one, and a new leader begins at 0.

    >>> follows((1, 5), (1, 6)), follows((1, 5), (2, 0)), follows((1, 5), (1, 8))
    (True, True, False)
    """
    return id_ == (before[0], before[1] + 1) or (id_[0] > before[0] and id_[1] == 0)


def _text(id_: Id) -> str:
    return f"{id_[0]}-{id_[1]}"
