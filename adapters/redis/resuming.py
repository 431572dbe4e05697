"""What a new connection finds in the stream, compared with what this leader has in memory."""

import logging
from collections.abc import Iterable
from typing import Final

from adapters.redis.backlog import Item
from adapters.redis.errors import StoreAway
from adapters.redis.keys import JOURNAL
from adapters.redis.vault import put_command
from adapters.redis.wire import Wire

log = logging.getLogger(__name__)

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


async def mark_stored(wire: Wire, waiting: Iterable[Item], epoch: int, first: int, last: int) -> None:
    """Mark which of the waiting items the stream has already, of `first` to `last`; mend it where one is missing.

    Redis may have refused one entry for want of memory and taken the next, behind which nothing can be put any more.
    """
    entries = await wire.call("XRANGE", JOURNAL, f"{epoch}-{first}", f"{epoch}-{last}")
    assert isinstance(entries, list)
    stored = {split_id(entry[0])[1] for entry in entries}
    items = [item for item in waiting if item.seq <= last]
    hole = next((item.seq for item in items if item.seq not in stored), last + 1)
    if hole <= last:
        log.warning("the stream has a hole at %s-%s: mended", epoch, hole, extra={"action": "journal_mended"})
        before = f"{epoch}-{hole - 1}" if hole else f"{epoch - 1}-{HIGHEST_SEQ}"
        await wire.call("EVAL", REPAIR, 1, JOURNAL, str(epoch), f"{epoch}-{hole}", before)
    for item in items:
        item.stored = item.seq < hole


async def save_secrets(wire: Wire, items: Iterable[Item]) -> None:
    """Keep the personal values of entries that will be refused: nobody else may have them."""
    for item in items:
        for secret in item.secrets:
            # What the new leader knows already stands.
            await wire.call(*put_command(secret, keep=True))
