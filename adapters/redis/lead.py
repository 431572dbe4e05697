"""Who leads: a lease that ends by itself, and an epoch that only rises."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import redis.asyncio

from adapters.redis.asking import ask
from adapters.redis.errors import LeadTaken, StoreAway
from adapters.redis.keys import EPOCH, JOURNAL, LEAD
from adapters.spawning import Spawn

log = logging.getLogger(__name__)

LEASE_S: Final = 10.0
"""How long a leader that vanished keeps others out; the same node takes over at once."""

AWAY_S: Final = 0.1
"""Between tries while Redis does not serve: at start it may still be reading its file."""

TOP: Final = """
local function top()
  local info = redis.pcall('XINFO', 'STREAM', KEYS[3])
  if info.err then return 0 end
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      return tonumber(string.match(info[i + 1], '^(%d+)-'))
    end
  end
end
local known = math.max(top(), tonumber(redis.call('GET', KEYS[2]) or '0'))
"""
"""The highest epoch this store knows: the stream's, should the counter have been lost."""

TAKE: Final = (
    TOP
    + """
local holder = redis.call('GET', KEYS[1])
if holder and string.match(holder, '^(.*) %d+$') ~= ARGV[1] then
  return {0, holder}
end
local epoch = known + 1
redis.call('SET', KEYS[2], epoch)
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. epoch, 'PX', ARGV[2])
return {epoch, ''}
"""
)

RENEW: Final = (
    TOP
    + """
local mine = ARGV[1] .. ' ' .. ARGV[3]
local holder = redis.call('GET', KEYS[1])
if known > tonumber(ARGV[3]) or (holder and holder ~= mine) then
  return {0, holder or ''}
end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], mine, 'PX', ARGV[2])
return {1, ''}
"""
)
"""A lease that ran out while nobody else took it (Redis was away) is taken back."""

RELEASE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Lead:
    """The lead of one node. `node` must be unique among engines that may run at the same time, without spaces."""

    def __init__(self, client: "redis.asyncio.Redis", node: str, *, lease: float = LEASE_S) -> None:
        self._client = client
        self._node = node
        self._lease = lease
        self.epoch = 0
        """0 until taken."""
        self.renewed = 0
        """How often the lease was renewed."""

    async def take(self) -> int:
        """Take the lead and return the new epoch. Raises `LeadTaken`, `StoreAway`.

        The caller then appends `LeaderChanged` as entry 0 of the epoch and reads the stream to its end.
        """
        epoch, holder = await self._ask(TAKE)
        if not epoch:
            raise LeadTaken(f"{holder.rpartition(' ')[0]} leads; its lease ends within {self._lease:g} s if it is gone")
        self.epoch = epoch
        log.info("took the lead with epoch %d", epoch, extra={"action": "lead_taken", "epoch": epoch})
        return epoch

    async def wait(self) -> int:
        """Take the lead as soon as it is free; also wait for Redis."""
        said = ""
        while True:
            try:
                return await self.take()
            except (LeadTaken, StoreAway) as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("not leading yet: %s", said, extra={"action": "lead_waiting"})
                await asyncio.sleep(self._lease / 10 if isinstance(error, LeadTaken) else AWAY_S)

    def keep(self, spawn: Spawn, on_lost: Callable[[], None]) -> asyncio.Task[None]:
        """Renew the lease from now on; `on_lost` is called once when another engine has taken the lead."""
        return spawn("lead", self._renew(on_lost))

    async def release(self) -> None:
        """Give the lead up at an orderly stop, so that a standby need not wait. Raises `StoreAway`."""
        await ask(self._client, "EVAL", RELEASE, 1, LEAD, f"{self._node} {self.epoch}")

    async def _renew(self, on_lost: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                mine, holder = await self._ask(RENEW)
            except StoreAway as error:
                # Without Redis nobody else can take the lead either; the journal says what is the matter.
                log.warning("lease not renewed: %s", error, extra={"action": "lead_not_renewed"})
                continue
            if not mine:
                log.critical("the lead is lost to %s", holder, extra={"action": "lead_lost"})
                on_lost()
                return
            self.renewed += 1

    async def _ask(self, script: str) -> tuple[int, str]:
        lease_ms = int(self._lease * 1000)
        answer = await ask(self._client, "EVAL", script, 3, LEAD, EPOCH, JOURNAL, self._node, lease_ms, self.epoch)
        return int(answer[0]), answer[1].decode()
