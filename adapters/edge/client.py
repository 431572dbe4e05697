"""The engine's side of the edge: what Kamailio knows is compared with what should be, twice a second, by JSON-RPC.

Level, not edge (docs/decisions/0001): nothing is pushed and nothing is remembered on the way. Each look asks which
phones are registered, which workers get calls, whose dialogs there are; so a restart of either side needs no case of
its own, and what a phone does is known within half a second.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Mapping
from typing import Final, Protocol

from msgspec import Struct

from adapters.edge.answers import Destinations, Dialog, Registered, Slot
from adapters.edge.configuration import SET_OF_WORKERS
from adapters.edge.rpc import EdgeAway, EdgeRefused, Rpc
from adapters.edge.settings import EdgeSettings

log = logging.getLogger("vaxel.edge")

LOOK_EVERY: Final = 0.5
"""Seconds between looks."""
OPEN: Final = "ap"
SHUT: Final = "dx"
"""Dispatcher states: gets calls (and OPTIONS, which show only that it lives), or is not even asked."""
TRY_AGAIN: Final = (503, "Try Again")
BUCKETS: Final = "0123456789abcdef"
"""A worker's dialogs are listed in as many parts, by a hash of the Call-ID, so that each fits into a datagram."""


class WorkerNow(Struct, frozen=True):
    """A worker, as the engine knows it."""

    room: bool | None
    """It is up and would admit one more caller; None when the engine cannot tell just now: then nothing is changed."""
    generation: str | None
    """Its life; empty when it is certain that it has none, None when the engine cannot tell just now."""


GONE: Final = WorkerNow(room=False, generation="")
"""A worker that is none any more: it has been configured away."""


class EdgeDesk(Protocol):
    """Who hears of the edge, and says what it should do."""

    def workers(self) -> Mapping[str, WorkerNow]:
        """Return every worker by its name."""

    def registered(self, phones: frozenset[str]) -> None:
        """These phones are registered now, and no others. Told at each look, changed or not; empty when the edge is
        away, for nobody can be rung then."""


class EdgeClient:
    """Looks at one Kamailio and keeps it as it should be."""

    def __init__(self, settings: EdgeSettings, desk: EdgeDesk) -> None:
        self.up = False
        self.phones: frozenset[str] = frozenset()
        self.counts: dict[str, int] = {}
        """What it has counted since it started: `configuration.STATISTICS`."""
        self.ended = 0
        """Dialogs of dead workers that were ended."""
        self._desk = desk
        self._ending: set[tuple[int, int]] = set()
        """Dialogs that have been told to end, and may take a while."""
        self._rpc = Rpc(settings.socket)
        self._names = {f"sip:{address}": name for name, address in settings.workers}
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Look now: a worker has come or gone."""
        self._nudged.set()

    async def run(self) -> None:
        """Look again and again; ends only by cancellation."""
        try:
            while True:
                self._nudged.clear()
                await self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._nudged.wait()
        finally:
            self._rpc.close()

    async def _look(self) -> None:
        try:
            await self._set_workers()
            phones = (await self._rpc.call(Registered, "ul.dump", "brief")).names()
            await self._end_dead()
            self.counts = await self._counts()
        except EdgeAway as away:
            self._lost(str(away))
            return
        except EdgeRefused as refused:
            log.warning("edge refused: %s", refused, extra={"action": "edge.refused", "code": refused.code})
            return
        if not self.up:
            self.up = True
            log.info("edge is up", extra={"action": "edge.up", "phones": len(phones)})
        self.phones = phones
        self._desk.registered(phones)

    def _lost(self, why: str) -> None:
        if self.up:
            log.warning("edge is away: %s", why, extra={"action": "edge.away"})
        self.up = False
        self.phones = frozenset()
        self._desk.registered(self.phones)

    # ---- workers -----------------------------------------------------------------------------------------------

    async def _set_workers(self) -> None:
        """Calls go to workers that are up and have room."""
        now = self._desk.workers()
        for place in (await self._rpc.call(Destinations, "dispatcher.list")).all():
            should = now.get(self._names.get(place.uri, ""), GONE).room
            if should is not None and should == place.flags.startswith("D"):
                state = OPEN if should else SHUT
                await self._rpc.call(str, "dispatcher.set_state", state, SET_OF_WORKERS, place.uri)

    async def _end_dead(self) -> None:
        """A dialog whose worker is dead has nobody at its end: BYE to both; while it rings, CANCEL to the phone, or 503
        to the caller."""
        now = self._desk.workers()
        slots = await self._rpc.call(list[Slot], "htable.dump", "lives")
        for life in [item.name for slot in slots for item in slot.slot]:
            name, _, generation = life.rpartition("-")
            lives = now.get(name, GONE).generation
            if lives is not None and lives != generation:
                await self._end_life(life)

    async def _end_life(self, life: str) -> None:
        """End what is left of a worker's life; forget it once nothing is."""
        left = [
            dialog
            for bucket in BUCKETS
            for dialog in await self._rpc.call(list[Dialog], "dlg.profile_list", "life", f"{life}/{bucket}")
            if not dialog.over
        ]
        if not left:
            await self._rpc.call(object, "htable.delete", "lives", life)
            self._ending.clear()
            return
        fresh = [dialog for dialog in left if dialog.id not in self._ending]
        for dialog in fresh:
            self._ending.add(dialog.id)
            self.ended += await self._end(dialog)
        if fresh:
            told = {"action": "edge.ended", "life": life, "count": len(fresh)}
            log.warning("dialogs of a dead worker ended", extra=told)

    async def _end(self, dialog: Dialog) -> int:
        try:
            if dialog.early and dialog.dialled:
                await self._rpc.call(object, "tm.cancel", dialog.call_id, dialog.caller.cseq)
            elif dialog.early:
                which = dialog.call_id, dialog.caller.cseq, secrets.token_hex(8)
                await self._rpc.call(object, "tm.reply_callid", *TRY_AGAIN, *which, "Retry-After: 1\r\n", "")
            else:
                await self._rpc.call(object, "dlg.end_dlg", dialog.h_entry, dialog.h_id)
        except EdgeRefused:
            # It has come to its end by itself in between.
            return 0
        return 1

    # ---- the rest ----------------------------------------------------------------------------------------------

    async def renew_certificate(self) -> None:
        """Let new connections get what the files hold now; those that stand are not touched.

        Raises EdgeAway, EdgeRefused: then the old certificate stays.
        """
        await self._rpc.call(object, "tls.reload")

    async def _counts(self) -> dict[str, int]:
        lines = await self._rpc.call(list[str], "stats.get_statistics", "script:")
        pairs = (line.removeprefix("script:").partition(" = ") for line in lines)
        return {name: int(value) for name, _, value in pairs if value.isdecimal()}
