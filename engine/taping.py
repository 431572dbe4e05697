"""Takes recordings of talks off the workers' hands: what is complete is encrypted and put to its place, once."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Final

from adapters.content.tapes import TapeKey, Tapes
from router import facts as f
from router.state import State
from router.taping import tapes

log = logging.getLogger("vaxel.tapes")

LOOK_EVERY: Final = 2.0
SETTLED: Final = 1.0
"""Seconds without a byte after which a file that nobody writes any more is complete."""


class TapeDesk:
    """Follows the spine, to know whose matter a recording belongs to."""

    def __init__(self, store: Tapes, running: Callable[[], Collection[str] | None], now: Callable[[], float]) -> None:
        """`running` tells which tracks are being written; None while a worker cannot be asked."""
        self._store = store
        self._running = running
        self._now = now
        self._matters: dict[str, str] = {}
        self.taken = 0
        self.lost = 0
        """Recordings in which nothing can be heard, for metrics."""

    def adopt(self, state: State) -> None:
        """Take over what an earlier engine had recorded."""
        self._matters = tapes(state)

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> None:
        """Remember whose matter is recorded."""
        for fact in facts:
            if isinstance(fact, f.TapeChanged | f.MatterJoined) and fact.contact in state.contacts:
                if isinstance(fact, f.TapeChanged) or fact.contact in self._matters:
                    self._matters[fact.contact] = state.contacts[fact.contact].card.matter

    async def run(self) -> None:
        """Look for what is complete, for as long as the engine lives."""
        await asyncio.to_thread(self._store.prepare)
        while True:
            try:
                await self.look()
            except (OSError, TapeKey) as error:
                log.error("recordings stay where they are: %s", error, extra={"action": "tapes.stuck"})
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Take what is complete. Raises OSError, TapeKey."""
        running = self._running()
        if running is None:
            return
        for track in await asyncio.to_thread(self._store.waiting, self._now() - SETTLED):
            if track in running:
                continue
            contact = track.partition("~")[0]
            seconds = await asyncio.to_thread(self._store.take, track, self._matters.get(contact, ""))
            if seconds:
                self.taken += 1
            else:
                self.lost += 1
                log.error("a recording holds nothing", extra={"action": "tapes.lost", "contact": contact})
