"""Packages on their way: the router's list of matters that wait, compared with what is being sent; each until it was
taken.

A package is sent at least once, always under the same id (`X-Vaxel-Id`), and signed as hooks are. 2xx took it, and so
did 409: it is there already. Other 4xx will not take it; everything else, or silence, is tried again, later and later.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import aiohttp

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


class Sending:
    """Sends one package at a time. It follows the spine."""

    def __init__(
        self,
        settings: Records,
        package: Callable[[str], Awaitable[bytes]],
        submit: Callable[[Input], None],
        now: Callable[[], float],
    ) -> None:
        """`package` puts a matter together; raises Refused when something is away."""
        self._settings = settings
        self._package = package
        self._submit = submit
        self._now = now
        self._waiting: dict[str, Handover] = {}
        """As it is kept."""
        self._told: dict[str, int] = {}
        """Contact to the try whose outcome the router was told, and the list may not show yet."""
        self._news = asyncio.Event()
        self.outcomes: Counter[str] = Counter()
        """Attempts, by what came of them."""

    def adopt(self, state: State) -> None:
        """Take over what an earlier engine did not send."""
        self._waiting = dict(state.handovers)
        self._news.set()

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> Callable[[], None] | None:
        """Look at what changes the list; return what notes it."""
        if not any(isinstance(fact, _TOUCHES) for fact in facts):
            return None
        waiting = dict(state.handovers)

        def release() -> None:
            self._waiting = waiting
            self._told = {id_: tried for id_, tried in self._told.items() if id_ in waiting}
            self._news.set()

        return release

    def waiting(self) -> tuple[int, int]:
        """Return how many matters wait to be handed over, and how many cannot be."""
        failed = sum(one.due is None for one in self._waiting.values())
        return len(self._waiting) - failed, failed

    async def run(self) -> None:
        """Send, for as long as the engine lives."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
            while True:
                self._news.clear()
                one, wait = self._next()
                if one is not None:
                    await self._send(session, one)
                    continue
                try:
                    async with asyncio.timeout(wait):
                        await self._news.wait()
                except TimeoutError:
                    pass

    def _next(self) -> tuple[Handover | None, float | None]:
        """Return what is due, or in how many seconds the next will be."""
        now = self._now()
        open_ = [
            one
            for one in self._waiting.values()
            if one.due is not None and self._told.get(one.contact, -1) < one.attempts
        ]
        first = min(open_, key=lambda one: one.due or 0.0, default=None)
        if first is None or first.due is None:
            return None, None
        return (first, None) if first.due <= now else (None, first.due - now)

    async def _send(self, session: aiohttp.ClientSession, one: Handover) -> None:
        try:
            report = await self._tried(session, one)
        except Refused as refused:
            if not refused.retryable:
                self.outcomes["rejected"] += 1
                report = MatterNotTaken(contact=one.contact, cause="rejected")
                log.error("a matter cannot be put together: %s", refused, extra={"action": "records.no_package"})
            else:  # something of ours is away: that is no fault of the records system
                await asyncio.sleep(STORE_PAUSE_S)
                return
        self._told[one.contact] = one.attempts
        self._submit(report)

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


_TOUCHES: Final = (f.MatterClosed, f.MatterHandedOver, f.HandoverFailed)
