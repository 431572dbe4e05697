"""The directory in Redis: a hash of records, one of uses, and the highest id numbers.

    vaxel:directory:records   id to record (msgpack)
    vaxel:directory:uses      id to `Use`
    vaxel:directory:numbers   `p`, `f` to the highest number given
    vaxel:directory:staged    a new content on its way in; left behind by an interruption, it is overwritten

Records are personal values that stay until they are removed. Only the leader writes: an older epoch is refused.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec
import redis.asyncio

from adapters.directory.record import Record
from adapters.directory.slices import PART, in_parts
from adapters.directory.usage import Use
from adapters.redis.asking import ask
from adapters.redis.errors import Deposed
from adapters.redis.keys import EPOCH

log = logging.getLogger(__name__)

RECORDS: Final = "vaxel:directory:records"
USES: Final = "vaxel:directory:uses"
NUMBERS: Final = "vaxel:directory:numbers"
STAGED: Final = "vaxel:directory:staged"

_FENCE: Final = "if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return 0 end\n"
_NUMBERS: Final = "redis.call('HSET', KEYS[2], 'p', ARGV[2], 'f', ARGV[3])\n"

WRITE: Final = (
    _FENCE
    + _NUMBERS
    + """
local at = 5 + tonumber(ARGV[4])
for i = 5, at - 1 do redis.call('HDEL', KEYS[3], ARGV[i]) end
for i = at, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
return 1
"""
)
REWRITE: Final = (
    _FENCE
    + _NUMBERS
    + """
redis.call('UNLINK', KEYS[3])
if redis.call('EXISTS', KEYS[4]) == 1 then redis.call('RENAME', KEYS[4], KEYS[3]) end
return 1
"""
)

_ENCODER: Final = msgspec.msgpack.Encoder()
_RECORD: Final = msgspec.msgpack.Decoder(Record)
_USE: Final = msgspec.msgpack.Decoder(Use)


class RedisStore:
    """The directory's store, as `adapters.directory.ports.Store`."""

    def __init__(self, client: "redis.asyncio.Redis", epoch: Callable[[], int]) -> None:
        """`epoch` gives the leader's; it is 0 until there is one."""
        self._client = client
        self._epoch = epoch
        self.unreadable = 0

    async def load(self) -> AsyncIterator[list[Record]]:
        """Yield all records in parts. One that cannot be read is left where it is, and told to the log."""
        cursor, self.unreadable = 0, 0
        while True:
            cursor, found = await ask(self._client, "HSCAN", RECORDS, cursor, "COUNT", PART)
            for part in in_parts(found.values()):
                records = [record for data in part if (record := _decoded(data)) is not None]
                self.unreadable += len(part) - len(records)
                yield records
            if not cursor:
                return

    async def uses(self) -> dict[str, Use]:
        """Return what is known of uses."""
        found = await ask(self._client, "HGETALL", USES)
        return {id_.decode(): _USE.decode(data) for id_, data in found.items()}

    async def numbers_given(self) -> dict[str, int]:
        """Return the highest numbers."""
        found = await ask(self._client, "HGETALL", NUMBERS)
        return {letter.decode(): int(number) for letter, number in found.items()}

    async def write(self, changed: Sequence[Record], removed: Sequence[str], numbers: Mapping[str, int]) -> None:
        """Keep a few changes in one step."""
        pairs = [part for record in changed for part in (record.id, _ENCODER.encode(record))]
        arguments = (*self._head(numbers), len(removed), *removed, *pairs)
        self._check(await ask(self._client, "EVAL", WRITE, 3, EPOCH, NUMBERS, RECORDS, *arguments))

    async def rewrite(self, records: Iterable[Record], numbers: Mapping[str, int]) -> None:
        """Bring the new content beside the old in parts, then put it in its place in one step."""
        await ask(self._client, "UNLINK", STAGED)
        for part in in_parts(records):
            pairs = [piece for record in part for piece in (record.id, _ENCODER.encode(record))]
            await ask(self._client, "HSET", STAGED, *pairs)
        keys = (EPOCH, NUMBERS, RECORDS, STAGED)
        self._check(await ask(self._client, "EVAL", REWRITE, len(keys), *keys, *self._head(numbers)))

    async def write_uses(self, uses: Mapping[str, Use], gone: Sequence[str]) -> None:
        """Keep some uses and forget others."""
        if uses:
            pairs = [part for id_, use in uses.items() for part in (id_, _ENCODER.encode(use))]
            await ask(self._client, "HSET", USES, *pairs)
        if gone:
            await ask(self._client, "HDEL", USES, *gone)

    def _head(self, numbers: Mapping[str, int]) -> tuple[int, int, int]:
        return self._epoch(), numbers.get("p", 0), numbers.get("f", 0)

    def _check(self, taken: object) -> None:
        if not taken:
            raise Deposed("a change of the directory is refused: another epoch leads")


def _decoded(data: bytes) -> Record | None:
    try:
        return _RECORD.decode(data)
    except msgspec.MsgspecError as error:
        # Not the error's text: it may quote what it could not read.
        log.error("a record cannot be read", extra={"action": "directory.unreadable", "error": type(error).__name__})
        return None
