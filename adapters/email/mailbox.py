"""One mailbox, watched for ever: what waits there is taken in, in order; what is in the journal is marked."""

import asyncio
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from msgspec import Struct

from adapters.email.imap import Errors, Session
from adapters.email.intake import Intake
from adapters.email.secrets import Unusable
from adapters.email.settings import Mailbox
from adapters.redis.errors import StoreAway
from router.inputs import Refused

log = logging.getLogger(__name__)

FIRST_DELAY_S: Final = 1.0
LONGEST_DELAY_S: Final = 30.0
DEGRADED_S: Final = 1.0
"""Seconds between looks whether decisions are kept again."""


class Seen(Struct):
    """How a mailbox is."""

    up: bool = False
    since: float | None = None
    """Since when it has been so."""
    trouble: str = ""
    uidvalidity: int = 0
    taken_through: int = 0


class Watch:
    """Watches one mailbox. IMAP blocks, so it has a thread of its own."""

    def __init__(
        self,
        box: Mailbox,
        intake: Intake,
        session: Callable[[], Session],
        degraded: Callable[[], bool],
        now: Callable[[], float],
    ) -> None:
        self.box = box
        self.seen = Seen()
        self._intake = intake
        self._make = session
        self._degraded = degraded
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"mail-{box.name}")
        self._session: Session | None = None

    async def run(self) -> None:
        """Watch for ever; a server that is away is asked again, less and less often."""
        delay = FIRST_DELAY_S
        while True:
            session = self._session = self._make()
            try:
                await self._blocking(session.open)
                self._note(True, "")
                delay = FIRST_DELAY_S
                while True:
                    await self.sweep(session)
                    await self._blocking(session.wait, self.box.poll)
            except Exception as error:  # noqa: BLE001 - the trouble of one mailbox is nobody else's
                self._note(False, _told(error))
            finally:
                session.cut()
                # Not awaited: whoever cancels us does not wait for a server that is silent.
                self._thread.submit(session.close)
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY_S)

    async def sweep(self, session: Session) -> None:
        """Take in what waits, and mark what is in the journal. Without a journal mail waits where it is."""
        await self._kept_again()
        heard = self._intake.heard(self.box, session.uidvalidity)
        waiting = await self._blocking(session.waiting, heard)
        # A crash between journal and mark leaves mails that are taken in and bear none.
        await self._blocking(session.done, [uid for uid in waiting if uid <= heard])
        for uid in (uid for uid in waiting if uid > heard):
            mail = await self._blocking(session.fetch, uid)
            if mail is None:
                self._intake.outcomes[self.box.name, "gone"] += 1
            else:
                await self._kept_again()
                await self._intake.take(self.box, session.uidvalidity, uid, mail)
                await self._kept_again()
                await self._blocking(session.done, [uid])
            self.seen.uidvalidity, self.seen.taken_through = session.uidvalidity, uid

    def close(self) -> None:
        """Give up the connection."""
        if self._session is not None:
            self._session.cut()
        self._thread.shutdown(wait=False)

    async def _kept_again(self) -> None:
        while self._degraded():  # noqa: ASYNC110 - the journal is looked at, as everybody does
            await asyncio.sleep(DEGRADED_S)

    async def _blocking(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *arguments))

    def _note(self, up: bool, trouble: str) -> None:
        seen = self.seen
        if up != seen.up or trouble != seen.trouble:
            extra = {"action": "mail.mailbox", "mailbox": self.box.name, "up": up}
            log.log(logging.INFO if up else logging.WARNING, "mailbox: %s", trouble or "it is read", extra=extra)
            seen.up, seen.since, seen.trouble = up, self._now(), trouble


def _told(error: Exception) -> str:
    """Return what of an error may be shown: servers quote what they were sent, so of theirs only the kind."""
    if isinstance(error, Unusable | Refused | StoreAway):
        return str(error)
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {error.strerror or 'no answer'}"
    if isinstance(error, Errors):
        return f"the server refuses ({type(error).__name__})"
    frames = traceback.extract_tb(error.__traceback__)
    log.error("a mailbox: %s", type(error).__name__, extra={"action": "mail.bug", "where": str(frames[-1])})
    return f"a mistake of ours ({type(error).__name__}); the log tells where"
