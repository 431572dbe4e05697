"""Packages on their way: the router's list of matters that wait, compared with what is being sent; each until it was
taken.

A package is sent at least once, always under the same id (`X-Vaxel-Id`), and signed as hooks are. 2xx took it, and so
did 409: it is there already. Other 4xx will not take it; everything else, or silence, is tried again, later and later.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import aiohttp

from adapters.outbox.inturn import InTurn
from adapters.post.sending import FINAL, FIRST_PAUSE_S, LATER, LONGEST_PAUSE_S
from adapters.post.signing import secret_in, sign
from adapters.records.settings import Records
from router import facts as f
from router.facts import SendCause
from router.inputs import Input, MatterNotTaken, MatterTaken, Refused
from router.kept import Handover
from router.state import State

log = logging.getLogger("vaxel.records")

TIMEOUT_S: Final = 120.0
STORE_PAUSE_S: Final = 5.0
THERE_ALREADY: Final = 409
ZIP: Final = "application/zip"
TOUCHES: Final = (f.MatterClosed, f.MatterHandedOver, f.HandoverFailed)


class Sending(InTurn[Handover]):
    """Sends one package at a time. It follows the spine."""

    def __init__(
        self,
        settings: Records,
        package: Callable[[str], Awaitable[bytes]],
        submit: Callable[[Input], None],
        now: Callable[[], float],
    ) -> None:
        """`package` puts a matter together; raises Refused when something is away."""
        super().__init__(TOUCHES, submit, now, TIMEOUT_S)
        self._settings = settings
        self._package = package

    def _listed(self, state: State) -> Mapping[str, Handover]:
        """Return the matters that wait."""
        return state.handovers

    def waiting(self) -> tuple[int, int]:
        """Return how many matters wait to be handed over, and how many cannot be."""
        failed = sum(one.due is None for one in self._waiting.values())
        return len(self._waiting) - failed, failed

    async def _attempt(self, session: aiohttp.ClientSession, one: Handover) -> Input | None:
        """Send one; return what came of it."""
        try:
            return await self._tried(session, one)
        except Refused as refused:
            if refused.retryable:  # something of ours is away: that is no fault of the records system
                await asyncio.sleep(STORE_PAUSE_S)
                return None
            self.outcomes["rejected"] += 1
            log.error("a matter cannot be put together: %s", refused, extra={"action": "records.no_package"})
            return MatterNotTaken(contact=one.contact, cause="rejected")

    async def _tried(self, session: aiohttp.ClientSession, one: Handover) -> Input:
        body = await self._package(one.matter)
        headers = {"Content-Type": ZIP, "X-Vaxel-Id": one.id, "X-Vaxel-Matter": one.matter}
        headers |= sign(secret_in(self._settings.secret_file), self._now(), body)
        try:
            request = session.post(self._settings.url, data=body, headers=headers, allow_redirects=False)
            async with request as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return self._later(one, "away")
        if 200 <= status < 300 or status == THERE_ALREADY:
            self.outcomes["sent"] += 1
            return MatterTaken(contact=one.contact)
        if 400 <= status < 500 and status not in LATER:
            return self._not_taken(one, FINAL.get(status, "rejected"), None)
        return self._later(one, "put_off" if status == 429 else "away")

    def _later(self, one: Handover, cause: SendCause) -> Input:
        now = self._now()
        if now - one.closed > self._settings.give_up:
            return self._not_taken(one, "given_up", None)
        pause = min(FIRST_PAUSE_S * 2.0 ** min(one.attempts, 10), LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)
        return self._not_taken(one, cause, now + pause)

    def _not_taken(self, one: Handover, cause: SendCause, retry_at: float | None) -> Input:
        self.outcomes[cause] += 1
        log.warning("a matter was not taken", extra={"action": "records.not_taken", "id": one.id, "cause": cause})
        return MatterNotTaken(contact=one.contact, cause=cause, retry_at=retry_at)
