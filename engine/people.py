"""The directory within an engine: read in the background, filled once from a file, tended from then on."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import redis.asyncio

from adapters.directory.directory import Directory
from adapters.directory.store import RedisStore
from adapters.redis.errors import StoreAway
from engine.installation import Installation
from engine.pool import Pool
from router.inputs import Refused

log = logging.getLogger(__name__)

TEND_EVERY_S: Final = 60.0
RETRY_S: Final = 1.0
ITSELF: Final = "vaxel"
"""Who changes the directory when nobody asked for it."""


class People:
    """The directory of one engine. It serves calls without it, so nobody waits for it to be read."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        installation: Installation,
        epoch: Callable[[], int],
        now: Callable[[], float],
    ) -> None:
        """`epoch` is that of the lead, `now` gives UTC seconds."""
        settings = installation.directory
        self._pool = Pool()
        self._first = settings.first
        self.directory = Directory(RedisStore(client, epoch), settings, installation.time_zone, now, self._pool)

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

    async def close(self) -> None:
        """Write what is not written yet."""
        if self.directory.ready:
            await self._tend()
        self._pool.close()

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
