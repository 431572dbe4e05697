"""What a new connection finds in the stream, compared with what this leader has in memory."""

from typing import Final

from adapters.redis.errors import StoreAway
from adapters.redis.keys import JOURNAL
from adapters.redis.wire import Wire

NO_KEY: Final = "no such key"

REPAIR: Final = """
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' and string.match(info[i + 1], '^(%d+)-') ~= ARGV[1] then
    return 0
  end
end
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[2], '+')) do
  redis.call('XDEL', KEYS[1], entry[1])
end
redis.call('XSETID', KEYS[1], ARGV[3])
return 1
"""
"""Takes entries behind a hole off the stream, so that they can be appended in order; not when another leads."""

HIGHEST_SEQ: Final = 2**64 - 1


def split_id(stream_id: str | bytes) -> tuple[int, int]:
    """Return epoch and seq of a stream id."""
    text = stream_id.decode() if isinstance(stream_id, bytes) else stream_id
    epoch, _, seq = text.partition("-")
    return int(epoch), int(seq or 0)


async def top_of_stream(wire: Wire) -> tuple[int, int]:
    """Return the highest id Redis ever took, (0, 0) when there is no stream. Raises `StoreAway`."""
    try:
        info = await wire.call("XINFO", "STREAM", JOURNAL)
    except StoreAway as error:
        if NO_KEY in str(error):
            return 0, 0
        raise
    assert isinstance(info, list)
    return split_id(info[info.index(b"last-generated-id") + 1])


async def stored_between(wire: Wire, epoch: int, first: int, last: int) -> set[int]:
    """Return which seqs of `epoch` in first..last the stream has."""
    entries = await wire.call("XRANGE", JOURNAL, f"{epoch}-{first}", f"{epoch}-{last}")
    assert isinstance(entries, list)
    return {split_id(entry[0])[1] for entry in entries}


async def cut_behind_hole(wire: Wire, epoch: int, hole: int) -> None:
    """Take everything from `hole` on off the stream, if it is still ours; else Redis will refuse us and say so."""
    before = f"{epoch}-{hole - 1}" if hole else f"{epoch - 1}-{HIGHEST_SEQ}"
    await wire.call("EVAL", REPAIR, 1, JOURNAL, str(epoch), f"{epoch}-{hole}", before)
