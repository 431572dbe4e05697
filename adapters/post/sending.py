"""Messages of ours that leave through hooks.

What the other side answers decides: 2xx took it; 4xx will not; everything else, or silence, is tried again, later and
later.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, Protocol

import aiohttp
import msgspec
from msgspec import Struct

from adapters.outbox.leaving import Leaving, Outcome
from adapters.post.settings import CHANNEL, Hook
from adapters.post.signing import secret_in, sign
from router.facts import SendCause
from router.inputs import MessageNotTaken, MessageTaken, Refused
from router.outbox import Outgoing

log = logging.getLogger("vaxel.post")

TIMEOUT_S: Final = 20.0
AT_ONCE: Final = 8
"""Requests under way to one hook."""
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 900.0
FINAL: Final[dict[int, SendCause]] = {404: "no_such_address", 410: "not_wanted", 413: "too_large"}
"""Answers after which there is no use in trying again; other 4xx mean `rejected`."""
LATER: Final = frozenset({401, 403, 408, 409, 425, 429})
"""4xx that a mended secret, or time, may turn."""


class Sent(Struct, frozen=True, kw_only=True):
    """What a gateway is told."""

    id: str
    """The message's own, the same whenever it is sent."""
    contact: str
    to: str
    text: str
    language: str
    at: float


class House(Protocol):
    """What hooks need of the engine."""

    def submit(self, input_: Outcome) -> None:
        """Tell the router."""

    def now(self) -> float:
        """Return UTC seconds."""

    async def words(self, message: Outgoing) -> tuple[str, str]:
        """Return to whom a message goes, and its text; empty when that is not kept. Raises Refused."""


class Sending:
    """Sends what hooks' part of the outbox holds."""

    def __init__(
        self, hooks: Mapping[str, Hook], house: House, spawn: Callable[[str, Coroutine[Any, Any, None]], object]
    ) -> None:
        self._hooks = hooks
        self._house = house
        self.leaving = Leaving(CHANNEL, AT_ONCE, self._try, house.submit, house.now, spawn)
        self.outcomes: Counter[str] = Counter()
        """Attempts, by what came of them."""
        self._session: aiohttp.ClientSession

    async def run(self) -> None:
        """Send, for as long as the engine lives."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as self._session:
            await self.leaving.run()

    async def _try(self, message: Outgoing) -> Outcome | None:
        try:
            return await self._tried(message)
        except Refused:  # Redis is away: that is no fault of the message
            return None

    async def _tried(self, message: Outgoing) -> Outcome:
        """Send a message once; return what became of it. Raises Refused when it cannot be read."""
        hook = self._hooks.get(message.entry)
        if hook is None:
            return self._not_taken(message, "no_such_address", None)
        to, text = await self._house.words(message)
        if not to or not text:
            return self._not_taken(message, "no_such_address", None)
        now = self._house.now()
        sent = Sent(
            id=message.id, contact=message.contact, to=to, text=text, language=message.language, at=message.added
        )
        body = msgspec.json.encode(sent)
        headers = {"Content-Type": "application/json", "X-Vaxel-Id": message.id}
        try:
            headers |= sign(secret_in(hook.secret_file), now, body)
            async with self._session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response:
                status, after = response.status, response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError, Refused):
            return self._later(message, hook, "away", "")
        if 200 <= status < 300:
            self.outcomes["sent"] += 1
            return MessageTaken(contact=message.contact, message=message.number)
        if 400 <= status < 500 and status not in LATER:
            return self._not_taken(message, FINAL.get(status, "rejected"), None)
        return self._later(message, hook, "put_off" if status == 429 else "away", after)

    def _later(self, message: Outgoing, hook: Hook, cause: SendCause, after: str) -> Outcome:
        now = self._house.now()
        if now - message.added > hook.give_up:
            return self._not_taken(message, "given_up", None)
        pause = min(FIRST_PAUSE_S * 2.0**message.attempts, LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)
        asked = float(after) if after.isascii() and after.isdecimal() else 0.0
        return self._not_taken(message, cause, now + max(pause, min(asked, LONGEST_PAUSE_S)))

    def _not_taken(self, message: Outgoing, cause: SendCause, retry_at: float | None) -> Outcome:
        self.outcomes[cause] += 1
        log.info("a message was not taken", extra={"action": "post.not_taken", "hook": message.entry, "cause": cause})
        return MessageNotTaken(contact=message.contact, message=message.number, cause=cause, retry_at=retry_at)
