"""The journal's entries in memory: waiting to be sent, in flight, and lately acknowledged."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from adapters.redis.keys import FIELD, JOURNAL
from adapters.redis.vault import put_command
from adapters.redis.wire import pack
from router.ports import Secret

MIB: Final = 1024 * 1024


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much the journal holds in memory and how long it waits."""

    patience: float = 0.25
    """Seconds without acknowledgement after which the journal is degraded and voice goes on."""
    buffered_entries: int = 200_000
    buffered_bytes: int = 256 * MIB
    """What is held while Redis is away; past either bound new entries are dropped and counted."""
    recent_entries: int = 20_000
    recent_seconds: float = 60.0
    """Acknowledged entries held for a store that comes back without them."""
    hang: float = 5.0
    """Seconds without any reply after which a connection is given up."""
    window_entries: int = 4096
    window_bytes: int = 4 * MIB
    """What may be in flight."""


class Item:
    """One entry on its way."""

    __slots__ = ("awaited", "data", "kept", "secrets", "seq", "since", "stored")

    def __init__(
        self, seq: int, data: bytes, secrets: list[Secret], kept: Callable[[], None] | None, since: float
    ) -> None:
        self.seq = seq
        self.data = data
        self.secrets = secrets
        self.kept = kept
        """None once called."""
        self.since = since
        """Loop time of the append."""
        self.awaited = 0
        """Replies still to come."""
        self.stored = False
        """The stream has the entry; only its secrets are to be written again."""


class Backlog:
    """Order is by `seq` throughout: recent < flying < waiting."""

    def __init__(self, epoch: int, limits: Limits) -> None:
        self._epoch = epoch
        self._limits = limits
        self.waiting: deque[Item] = deque()
        self.flying: deque[Item] = deque()
        self.recent: deque[Item] = deque()
        self.pending_bytes = 0
        """Of what waits or flies."""
        self._flying_bytes = 0
        self.window = limits.window_entries
        """How many may fly; small after a trouble, so that a refusal is not met by a flood."""

    def __len__(self) -> int:
        """Count what is not acknowledged."""
        return len(self.waiting) + len(self.flying)

    def pending(self) -> Iterator[Item]:
        """Yield what is not acknowledged, in order."""
        yield from self.flying
        yield from self.waiting

    def full(self, more: int) -> bool:
        """Tell whether an entry of `more` bytes would be over the bound."""
        limits = self._limits
        return len(self) >= limits.buffered_entries or self.pending_bytes + more > limits.buffered_bytes

    def add(self, item: Item) -> None:
        """Put a new entry behind all others."""
        self.waiting.append(item)
        self.pending_bytes += len(item.data)

    def take(self) -> bytes:
        """Move what the window allows from waiting to flying and return it packed for Redis."""
        waiting, flying = self.waiting, self.flying
        if len(waiting) == 1 and len(flying) < self.window and self._flying_bytes < self._limits.window_bytes:
            return self._launch(waiting.popleft())
        chunks = []
        while waiting and len(flying) < self.window and self._flying_bytes < self._limits.window_bytes:
            chunks.append(self._launch(waiting.popleft()))
        return b"".join(chunks)

    def silent_since(self, heard: float) -> float:
        """Return since when an answer has been due, `heard` being the time of the last; infinity when none is due."""
        return max(heard, self.flying[0].since) if self.flying else math.inf

    def replied(self) -> Item | None:
        """Count one good reply; return the entry that it completes."""
        item = self.flying[0]
        item.awaited -= 1
        if item.awaited:
            return None
        self.flying.popleft()
        size = len(item.data)
        self._flying_bytes -= size
        self.pending_bytes -= size
        if self.window < self._limits.window_entries:
            self.window = min(self.window * 2, self._limits.window_entries)
        return item

    def remember(self, item: Item, now: float) -> None:
        """Hold an acknowledged entry for a while."""
        recent, limits = self.recent, self._limits
        recent.append(item)
        oldest = now - limits.recent_seconds
        while recent and (recent[0].since < oldest or len(recent) > limits.recent_entries):
            recent.popleft()

    def ground(self) -> None:
        """Put what flies back to the head of the waiting: the connection is gone."""
        self.waiting.extendleft(reversed(self.flying))
        self.flying.clear()
        self._flying_bytes = 0
        self.window = 1

    def revive(self, seq: int) -> list[Item]:
        """Put recent entries above `seq` back before the waiting; return them."""
        revived: list[Item] = []
        while self.recent and self.recent[-1].seq > seq:
            item = self.recent.pop()
            item.stored = False
            self.pending_bytes += len(item.data)
            self.waiting.appendleft(item)
            revived.append(item)
        revived.reverse()
        return revived

    def forget(self, owner: str) -> None:
        """Drop the personal values of `owner` from memory."""
        for item in (*self.recent, *self.pending()):
            if item.secrets and any(secret.owner == owner for secret in item.secrets):
                item.secrets = [secret for secret in item.secrets if secret.owner != owner]

    def _launch(self, item: Item) -> bytes:
        self.flying.append(item)
        self._flying_bytes += len(item.data)
        if item.stored:
            last = pack(("PING",))
        else:
            last = pack(("XADD", JOURNAL, f"{self._epoch}-{item.seq}", FIELD, item.data))
        if not item.secrets:
            item.awaited = 1
            return last
        item.awaited = 1 + len(item.secrets)
        return b"".join([*(pack(put_command(secret)) for secret in item.secrets), last])
