"""The directory within an engine: read in the background, filled once from a file, tended from then on."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import redis.asyncio

from adapters.directory.directory import Directory
from adapters.directory.ports import Lines
from adapters.directory.resolving import Candidate, Resolver
from adapters.directory.store import RedisStore
from adapters.redis.errors import StoreAway
from engine.installation import Installation
from engine.pool import Pool
from router.dialling import Destination
from router.facts import AnyFact
from router.inputs import Refused
from router.state import State

log = logging.getLogger(__name__)

TEND_EVERY_S: Final = 60.0
RETRY_S: Final = 1.0
ITSELF: Final = "vaxel"
"""Who changes the directory when nobody asked for it."""


class People:
    """The directory of one engine. It serves calls without it, so nobody waits for it to be read."""

    def __init__(self, directory: Directory, lines: Lines, first: str = "") -> None:
        """`first` is a file that is read while the directory is empty."""
        self.directory = directory
        self.lines = lines
        self.resolver = Resolver(directory, lines)
        self._first = first

    async def live(self) -> None:
        """Read the directory, then tend it for ever."""
        while not self.directory.ready:
            try:
                await self.directory.load()
            except StoreAway as error:
                log.warning("the directory is not read yet: %s", error, extra={"action": "directory.waiting"})
                await asyncio.sleep(RETRY_S)
        if self._first and not self.directory.records:
            await self._fill(Path(self._first))
        while True:
            await asyncio.sleep(TEND_EVERY_S)
            await self._tend()

    # ---- whom calls go to ----------------------------------------------------------------------------------------

    def extension(self, dialled: str) -> Candidate | None:
        """Return what to ring for an extension that somebody dials; None when nobody has it.

        Who dials an extension is put through to it even if the one there is said to be away and nobody stands in. What
        becomes of somebody who dials a busy one is not for the directory to say.
        """
        if not self.directory.ready or not self.directory.find("extension", dialled):
            return None
        return self._best_way(dialled, anyway=False) or self._best_way(dialled, anyway=True)

    def record(self, id_: str) -> Candidate | None:
        """Return what to ring for a record that a flow names; None when nobody is there for it."""
        try:
            return self._best_way(id_, anyway=False)
        except Refused:
            return None

    def listed(self, number: str) -> str:
        """Return the id of the one record that has a number (E.164); empty when none has it, or several."""
        found = self.directory.find("number", number) if self.directory.ready else ()
        return found[0].id if len(found) == 1 else ""

    def _best_way(self, to: str, *, anyway: bool) -> Candidate | None:
        """Return the first that may be rung; for want of any, a phone that is busy or gone: so it is told."""
        found = self.resolver.typed(to, anyway=anyway)
        if found.candidates:
            return found.candidates[0]
        phone = found.busy_at or found.gone_at
        return Candidate(way="desk", record=found.record, phone=phone) if phone else None

    def reach(self, to: str, *, anyway: bool, camp: bool) -> Candidate:
        """Return what to ring for a record or extension; with `camp` also a phone that is busy. Raises Refused."""
        found = self.resolver.typed(to, anyway=anyway)
        if camp and found.busy_at:
            return Candidate(way="desk", record=found.record, phone=found.busy_at)
        if not found.candidates:
            why = ", ".join(dict.fromkeys(one.why.replace("_", " ") for one in found.passed_over)) or "no telephone"
            raise Refused("not_reachable", f"nothing can be rung for this record: {why}")
        return found.candidates[0]

    def decided(self, facts: Sequence[AnyFact], _: State) -> Callable[[], None] | None:
        """Count those to whom callers are sent; whom many ask for is found a little earlier."""
        destinations = (getattr(fact, "destination", None) for fact in facts)
        met = [one.person for one in destinations if isinstance(one, Destination) and one.person]
        return partial(self._count, met) if met else None

    def _count(self, met: Sequence[str]) -> None:
        for id_ in met:
            self.directory.connected(id_)

    # ---- the end -------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Write what is not written yet."""
        if self.directory.ready:
            await self._tend()

    async def _fill(self, path: Path) -> None:
        extra = {"action": "directory.not_filled", "file": path.name}
        try:
            data = await asyncio.get_running_loop().run_in_executor(None, path.read_bytes)
            plan = await self.directory.import_(data, "merge", ITSELF)
        except (OSError, Refused) as error:
            log.error("the first file of the directory is not taken over: %s", error, extra=extra)
            return
        for problem in plan.problems:
            log.error("line %d, %s: %s", problem.line, problem.column, problem.text, extra=extra)

    async def _tend(self) -> None:
        try:
            await self.directory.tend()
        except (StoreAway, Refused) as error:
            log.warning("the directory is not tended: %s", error, extra={"action": "directory.not_tended"})


def people(
    client: "redis.asyncio.Redis",
    installation: Installation,
    epoch: Callable[[], int],
    now: Callable[[], float],
    lines: Lines,
    pool: Pool,
) -> People:
    """Return the directory of an engine, still to be read.

    `epoch` is that of the lead, `now` gives UTC seconds, `pool` reads and writes large files.
    """
    settings = installation.directory
    directory = Directory(RedisStore(client, epoch), settings, installation.time_zone, now, pool)
    return People(directory, lines, settings.first)
