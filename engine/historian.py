"""The process that writes the history: `python -m engine.historian SETTINGS`. The engine neither knows nor needs it.

It reads the journal after its own position, evolves the same state as a replay does, and writes what the recorder makes
of it, position and rows in one transaction: each fact counts exactly once, whatever dies when. What is open is kept now
and then as an image; after a restart the entries since then are read again, and what they led to is not written twice.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from adapters.history.errors import HistoryError, WrittenByAnother
from adapters.history.recorder import Memory, Recorder
from adapters.history.settings import HistorySettings
from adapters.history.store import Progress, Store
from adapters.redis.address import read
from adapters.redis.archive import Archive, Id
from adapters.redis.errors import StoreError
from adapters.redis.snapshots import Snapshots
from engine import logs, restoring
from engine.clock import MonotonicClock
from engine.rereading import START, Rereading, follows
from metrics.days import local_time
from router.journal import Entry
from router.state import State
from router.transitions import IllegalTransition

log = logging.getLogger("vaxel.history")

IMAGE_EVERY: Final = 20_000
"""Facts between images of what is open: reading as many again takes about a second."""
LOOK_EVERY: Final = 1.0
"""Seconds between looks at the journal's end."""
AGAIN_AFTER: Final = 5.0
"""Seconds after which is tried again what Redis or the database refused."""
EXPIRE_EVERY: Final = 3600.0
USAGE: Final = 2
NICENESS: Final = 10
"""Calls go first, wherever processor time is short."""


class Kept(msgspec.Struct, array_like=True):
    """An image: the state, as the engine's snapshots keep it, and what the recorder remembers."""

    state: bytes
    memory: Memory


class Historian:
    """Follows the journal."""

    def __init__(self, store: Store, journal: Rereading, time_zone: str) -> None:
        self._store = store
        self._journal = journal
        self._local = local_time(time_zone)
        self._state = State()
        self._recorder = Recorder(self._local)
        self._id: Id = START
        """The last entry taken in."""
        self._written: Id = START
        self._facts = 0
        """Since the last image."""
        self._waits_for_state = False
        self._blind = False
        """The image was of another version: only another state leads on."""

    @property
    def id(self) -> Id:
        """Return the last entry taken in."""
        return self._id

    @property
    def held(self) -> frozenset[str]:
        """Return the matters of which nothing may be deleted."""
        return frozenset(self._state.held)

    def load(self) -> None:
        """Go back to what is written. Raises HistoryError."""
        progress = self._store.progress()
        self._written, self._id, self._facts = progress.id, progress.image_id, 0
        self._state, memory = State(), Memory()
        self._blind = False
        if progress.image:
            try:
                kept = msgspec.msgpack.decode(progress.image, type=Kept)
                self._state, memory = State.load(restoring.decode(kept.state).state), kept.memory
            except (msgspec.MsgspecError, restoring.UnreadableImage) as error:
                log.warning("what was open cannot be read: %s", error, extra=_action("unreadable"))
                self._blind, self._id = True, progress.id
        self._recorder = Recorder(self._local, memory)

    async def advance(self) -> bool:
        """Take in what comes next and write it; tell whether there was anything. Raises HistoryError, StoreError."""
        entries = await self._journal.after(self._id)
        for id_, entry in entries:
            if self._blind or not follows(self._id, id_):
                return await self._skip(entry.facts[-1].at)
            try:
                self._take(id_, entry)
            except (KeyError, IllegalTransition):
                log.exception("the journal is of another past at %s", id_, extra=_action("other_past"))
                return self._begin_behind()
        if entries:
            await self._write(image=self._facts >= IMAGE_EVERY)
        elif self._store.id() != self._written:
            raise WrittenByAnother("the history was begun anew, or is written by another")
        return bool(entries)

    def _begin_behind(self) -> bool:
        """Look for another state, where the one in hand does not go with the journal: one of them was brought back."""
        last = self._id
        self.load()
        self._id, self._blind = max(last, self._id), True
        return True

    def _take(self, id_: Id, entry: Entry) -> None:
        for fact in entry.facts:
            self._state.apply(fact)
        self._recorder.decided(entry.facts, self._state)
        self._id = id_
        self._facts += len(entry.facts)
        if id_ == self._written:
            _ = self._recorder.take()  # stands there already, up to here

    async def _skip(self, at: float) -> bool:
        """Go on behind a hole in the journal, from the first state that is kept from after it."""
        await self._write()
        found = await self._journal.state_after(self._id)
        if found is None:
            if not self._waits_for_state:
                log.warning("entries are missing after %s: waiting for a snapshot", self._id, extra=_action("hole"))
            self._waits_for_state = True
            return False
        self._waits_for_state = self._blind = False
        log.warning("entries are missing from %s to %s", self._id, found[0], extra=_action("skipped"))
        self._id, self._state = found
        self._recorder.skip(self._state, at)
        await self._write(image=True)
        return True

    async def _write(self, *, image: bool = False) -> None:
        if self._id <= self._written and not image:
            return
        batch, data = self._recorder.take(), b""
        if image:
            moment = restoring.Moment(self._state.snapshot(), {}, None)
            data = msgspec.msgpack.encode(Kept(await restoring.encode(moment), self._recorder.memory))
        after = Progress(self._id, self._recorder.memory.last_at, self._id if data else START, data)
        self._store.write(batch, self._written, after)
        self._written = self._id
        if data:
            self._facts = 0

    async def close(self) -> None:
        """Keep what is open, so that the next start need not read much again. Raises HistoryError."""
        if self._facts and self._id >= self._written:
            await self._write(image=True)


async def live(settings: HistorySettings, stop: asyncio.Event) -> None:
    """Write the history until told to stop. Raises HistoryError and StoreError for what only a person can mend."""
    store = Store(settings.url, settings.password_file)
    client = read(settings.redis_url, os.environ, settings.redis_password_file).client()
    journal = Rereading(Snapshots(client), Archive(Path(settings.archive)))
    historian, clock = Historian(store, journal, settings.time_zone), MonotonicClock()
    loaded, expire_at = False, 0.0
    try:
        while not stop.is_set():
            wait = 0.0
            try:
                if not loaded:
                    store.upgrade()
                    historian.load()
                    loaded = True
                if not await historian.advance():
                    wait = LOOK_EVERY
                if settings.keep is not None and clock.now() >= expire_at:
                    expire_at = clock.now() + EXPIRE_EVERY
                    store.expire(clock.now() - settings.keep, historian.held)
            except WrittenByAnother:
                loaded = False
            except (HistoryError, StoreError) as error:
                if not error.retryable:
                    raise
                log.warning("the history waits: %s", error, extra=_action("waits"))
                loaded, wait = loaded and isinstance(error, StoreError), AGAIN_AFTER
            await _pause(stop, wait)
        if loaded:
            while await historian.advance():
                pass
            await historian.close()
    except (HistoryError, StoreError) as error:
        if not error.retryable:
            raise
    finally:
        store.close()
        await client.aclose()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _action(name: str) -> dict[str, str]:
    return {"action": f"history.{name}"}


async def run(settings: HistorySettings) -> int:
    """Live until SIGTERM; return the exit code."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        await live(settings, stop)
    except (HistoryError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    return 0


def main() -> int:
    """Write the history that a file of settings describes."""
    os.nice(NICENESS)
    settings = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=HistorySettings)
    logs.set_up("info")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return asyncio.run(run(settings))


if __name__ == "__main__":
    sys.exit(main())
