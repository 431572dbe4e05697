"""The journal on a Redis stream: entry ids are `<epoch>-<seq>`, so Redis itself refuses an older leader's write.

One connection, pipelined: secrets first, then the entry. While Redis is away entries are buffered within a bound; after
`patience` the journal is *degraded* and calls `kept` at once, so that voice goes on; the engine decides by the flag
what else may leave. On return the stream's last id says what is lacking, and exactly that is appended.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import hiredis

from adapters.redis import segments
from adapters.redis.address import Address
from adapters.redis.backlog import Backlog, Item, Limits
from adapters.redis.counters import Counters
from adapters.redis.errors import Deposed, StoreAway
from adapters.redis.patience import Patience
from adapters.redis.resuming import mark_stored, save_secrets, top_of_stream
from adapters.redis.vault import ALL
from adapters.redis.wire import Wire, cause_of, connect
from adapters.spawning import Spawn
from router.journal import Entry, encode
from router.ports import Secret

log = logging.getLogger(__name__)

LIMITS: Final = Limits()
FIRST_DELAY_S: Final = 0.01
LONGEST_DELAY_S: Final = 1.0
WATCH_S: Final = 1.0


class RedisJournal(Counters):
    """The port `router.ports.Journal`."""

    def __init__(
        self,
        address: Address,
        epoch: int,
        *,
        spawn: Spawn,
        refused_folder: Path,
        on_degraded: Callable[[bool], None],
        on_deposed: Callable[[], None],
        limits: Limits = LIMITS,
    ) -> None:
        super().__init__()
        self.degraded = False
        """Entries are not acknowledged, and `kept` is called all the same."""
        self.deposed = False
        self.connected = False
        self._address = address
        self._epoch = epoch
        self._spawn = spawn
        self._refused_folder = refused_folder
        self._on_degraded = on_degraded
        self._on_deposed = on_deposed
        self._limits = limits
        self._backlog = Backlog(epoch, limits)
        self._loop = asyncio.get_running_loop()
        self._wire: Wire | None = None
        self._task: asyncio.Task[None] | None = None
        self._patience = Patience(limits.patience, self._oldest_wait, self._degrade)
        self._away_since: float | None = self._loop.time()
        self._cause = ""
        self._delay = FIRST_DELAY_S
        self._last_seq = -1
        self._acked_seq = -1
        self._drained: asyncio.Future[None] | None = None

    @property
    def pending(self) -> int:
        """How many entries are not acknowledged."""
        return len(self._backlog)

    @property
    def pending_bytes(self) -> int:
        """How many bytes those are."""
        return self._backlog.pending_bytes

    async def start(self) -> None:
        """Connect and keep connected from now on. Raises `StoreAway` or `Deposed` when the first time fails."""
        await self._connect()
        self._task = self._spawn("journal", self._stay_connected())

    def append(self, entry: Entry, secrets: list[Secret], kept: Callable[[], None]) -> None:
        """Write `secrets`, then `entry`, at once; `kept` is called in order, later in this or another loop turn.

        `entry.seq` must rise. Raises ValueError for that and for a secret of an unknown kind; nothing is written then.
        """
        seq = entry.seq
        if seq <= self._last_seq:
            raise ValueError(f"entry {seq} after {self._last_seq}")
        for secret in secrets:
            if secret.kind not in ALL:
                raise ValueError(f"nothing is known of the kind {secret.kind!r}")
        data = encode(entry)
        self._last_seq = seq
        self.appended += 1
        item = Item(seq, data, secrets, kept, self._loop.time())
        backlog = self._backlog
        if self.deposed:
            self._keep_refused([item])
            return
        if backlog.full(len(data)):
            self._drop(item)
            return
        backlog.add(item)
        if self.degraded:
            item.kept = None
            self._loop.call_soon(kept)
        else:
            self._patience.begin()
        if self._wire is not None and (packed := backlog.take()):
            self._wire.write(packed)

    def forget(self, owner: str) -> None:
        """Drop the personal values of `owner` from memory, so that no re-append brings them back."""
        self._backlog.forget(owner)

    async def close(self, seconds: float = 5.0) -> None:
        """Wait for what is in flight, at most `seconds`; what is left then is kept in a file."""
        if self.pending and not self.deposed:
            self._drained = self._loop.create_future()
            await asyncio.wait([self._drained], timeout=seconds)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._patience.cancel()
        if self._wire is not None:
            self._wire.abort("closed")
        if left := list(self._backlog.pending()):
            path = self._keep_refused(left)
            log.error(
                "%d journal entries could not be written, kept in %s", len(left), path, extra={"action": "journal_left"}
            )

    # ---- connection ----------------------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        while not self.deposed:
            wire = self._wire
            if wire is not None:
                await asyncio.wait([wire.lost], timeout=min(WATCH_S, self._limits.hang))
                if wire.lost.done():
                    self._went_away(wire.lost.result())
                elif self._backlog.silent_since(wire.heard) < self._loop.time() - self._limits.hang:
                    # A half-open connection never reports its end.
                    wire.abort("no answer")
                continue
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, LONGEST_DELAY_S)
            try:
                await self._connect()
            except StoreAway as error:
                self._went_away(str(error))
            except Deposed:
                return

    async def _connect(self) -> None:
        wire = await connect(self._address, self._replied)
        try:
            await self._resume(wire)
        except (StoreAway, Deposed) as error:
            wire.abort(str(error))
            raise
        self.connections += 1
        self.connected = True
        self._away_since = None
        self._wire = wire
        if packed := self._backlog.take():
            wire.write(packed)
        elif self.degraded:
            self._recover()

    def _went_away(self, cause: str) -> None:
        self.connected = False
        self._backlog.ground()
        self._wire = None
        if self._away_since is None:
            self._away_since = self._loop.time()
            self.troubles += 1
        if cause != self._cause:
            self._cause = cause
            log.warning("the journal's store is away: %s", cause, extra={"action": "journal_away", "cause": cause})
        if not self.degraded:
            self._patience.begin()

    async def _resume(self, wire: Wire) -> None:
        """Compare the stream's end with memory. Raises `Deposed`, `StoreAway`."""
        epoch, seq = await top_of_stream(wire)
        if epoch > self._epoch:
            await save_secrets(wire, self._backlog.pending())
            self._depose(epoch)
            raise Deposed(f"epoch {epoch} leads, this is {self._epoch}")
        if epoch < self._epoch:
            seq = -1
        if seq < self._acked_seq:
            self._restore(seq)
        elif seq > self._acked_seq:
            await mark_stored(wire, self._backlog.waiting, epoch, self._acked_seq + 1, seq)

    def _restore(self, seq: int) -> None:
        revived = self._backlog.revive(seq)
        # Memory holds the latest only; what is older and not in the stream cannot be given back.
        lost = (revived[0].seq if revived else self._acked_seq + 1) - (seq + 1)
        self._acked_seq = seq + lost
        self.reappended += len(revived)
        self.lost += lost
        log.error(
            "the store had lost acknowledged entries: %d are appended again, %d are gone",
            len(revived),
            lost,
            extra={"action": "journal_restored", "reappended": len(revived), "lost": lost},
        )

    # ---- replies -------------------------------------------------------------------------------------------------

    def _replied(self, reply: object) -> None:
        if isinstance(reply, hiredis.ReplyError):
            # Full, read-only, deposed or a hole: a new connection finds out what stands, then goes on.
            if self._wire is not None:
                self._wire.abort(cause_of(reply))
            return
        item = self._backlog.replied()
        if item is None:
            return
        self.acknowledged += 1
        self._acked_seq = item.seq
        self._delay = FIRST_DELAY_S
        now = self._loop.time()
        backlog = self._backlog
        backlog.remember(item, now)
        if backlog.waiting and self._wire is not None and (packed := backlog.take()):
            self._wire.write(packed)
        if self.degraded and not backlog.waiting and (not backlog.flying or now - item.since < self._limits.patience):
            self._recover()
        kept, item.kept = item.kept, None
        if kept is not None:
            kept()
        if self._drained is not None and not backlog and not self._drained.done():
            self._drained.set_result(None)

    # ---- trouble -------------------------------------------------------------------------------------------------

    def _oldest_wait(self) -> float | None:
        oldest = next(self._backlog.pending(), None)
        if oldest is None or self._away_since is None:
            return self._away_since if oldest is None else oldest.since
        return min(oldest.since, self._away_since)

    def _degrade(self) -> None:
        if self.degraded:
            return
        self.degraded = True
        self.degradations += 1
        cause = self._cause or "no answer"
        extra = {"action": "journal_degraded", "cause": cause, "pending": self.pending}
        log.error("the journal is not acknowledged, voice goes on without: %s", cause, extra=extra)
        self._on_degraded(True)
        for item in list(self._backlog.pending()):
            kept, item.kept = item.kept, None
            if kept is not None:
                kept()

    def _recover(self) -> None:
        self.degraded = False
        self._cause = ""
        log.warning("the journal is acknowledged again", extra={"action": "journal_back", "dropped": self.dropped})
        self._on_degraded(False)

    def _drop(self, item: Item) -> None:
        if not self.degraded:
            # Not now: `kept` must not be called from within `append`.
            self._loop.call_soon(self._degrade)
        self.dropped += 1
        if self.dropped % 10_000 == 1:
            extra = {"action": "journal_dropped", "dropped": self.dropped}
            log.error("the journal's buffer is full: %d entries dropped", self.dropped, extra=extra)
        if item.kept is not None:
            self._loop.call_soon(item.kept)

    def _depose(self, epoch: int) -> None:
        self.deposed = True
        left = list(self._backlog.pending())
        path = self._keep_refused(left) if left else None
        kept = f"{len(left)} entries refused, kept in {path}" if left else "no entries refused"
        extra = {"action": "journal_deposed", "epoch": epoch, "refused": len(left)}
        log.critical("deposed: epoch %d leads, this is %d; %s", epoch, self._epoch, kept, extra=extra)
        self._on_deposed()

    def _keep_refused(self, items: list[Item]) -> Path:
        """Write entries Redis did not take; their personal values stay out of files."""
        self.refused += len(items)
        kept = (segments.Kept(self._epoch, item.seq, item.data) for item in items)
        return segments.write(self._refused_folder, kept, prefix="refused-")
