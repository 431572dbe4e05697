"""Messages of ours that leave through hooks: the outbox compared with what is being sent; each until it was taken.

A message is sent at least once, always under the same id, and after those of its contact before it. What the other side
answers decides: 2xx took it; 4xx will not; everything else, or silence, is tried again, later and later.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, Protocol

import aiohttp
import msgspec
from msgspec import Struct

from adapters.post.settings import CHANNEL, Hook
from adapters.post.signing import secret_in, sign
from router import facts as f
from router.facts import SendCause
from router.inputs import Input, MessageNotTaken, MessageTaken, Refused
from router.outbox import Outgoing, message_id
from router.state import State

log = logging.getLogger("vaxel.post")

TIMEOUT_S: Final = 20.0
AT_ONCE: Final = 8
"""Requests under way to one hook."""
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 900.0
STORE_PAUSE_S: Final = 2.0
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

    def submit(self, input_: Input) -> None:
        """Tell the router."""

    def now(self) -> float:
        """Return UTC seconds."""

    async def words(self, message: Outgoing) -> tuple[str, str]:
        """Return to whom a message goes, and its text; empty when that is not kept. Raises Refused."""


class Sending:
    """Sends what is in the outbox. It follows the spine."""

    def __init__(
        self, hooks: Mapping[str, Hook], house: House, spawn: Callable[[str, Coroutine[Any, Any, None]], object]
    ) -> None:
        self._hooks = hooks
        self._house = house
        self._spawn = spawn
        self._outbox: dict[str, Outgoing] = {}
        """As it is kept."""
        self._under_way: set[str] = set()
        self._told: dict[str, int] = {}
        """Message to the try whose outcome the router has been told, and the outbox may not show yet."""
        self._busy: Counter[str] = Counter()
        self._news = asyncio.Event()
        self.outcomes: Counter[str] = Counter()
        """Attempts, by what came of them."""

    def adopt(self, state: State) -> None:
        """Take over what an earlier engine did not send."""
        self._outbox = {id_: one for id_, one in state.outbox.items() if one.channel == CHANNEL}
        self._news.set()

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> Callable[[], None] | None:
        """Look at what changes the outbox; return what notes it."""
        touched = (message_id(fact.contact, fact.number) for fact in facts if isinstance(fact, _TOUCHES))
        if not any(id_ in state.outbox or id_ in self._outbox for id_ in touched):
            return None
        outbox = {id_: one for id_, one in state.outbox.items() if one.channel == CHANNEL}

        def release() -> None:
            self._outbox = outbox
            self._told = {id_: tried for id_, tried in self._told.items() if id_ in outbox}
            self._news.set()

        return release

    def outbox(self) -> tuple[int, int]:
        """Return how many messages wait to leave, and how many cannot."""
        failed = sum(one.failed is not None for one in self._outbox.values())
        return len(self._outbox) - failed, failed

    async def run(self) -> None:
        """Send, for as long as the engine lives."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
            while True:
                self._news.clear()
                wait = self._start_due(session)
                try:
                    async with asyncio.timeout(wait):
                        await self._news.wait()
                except TimeoutError:
                    pass

    def _start_due(self, session: aiohttp.ClientSession) -> float | None:
        """Begin to send what is due; return in how many seconds the next will be."""
        now, waits, before = self._house.now(), [], set[str]()
        for id_, message in self._outbox.items():
            if message.failed is not None:
                continue
            first = message.contact not in before
            before.add(message.contact)
            told = self._told.get(id_, -1) >= message.attempts
            if not first or told or id_ in self._under_way or self._busy[message.entry] >= AT_ONCE:
                continue
            if message.due > now:
                waits.append(message.due - now)
                continue
            self._under_way.add(id_)
            self._busy[message.entry] += 1
            self._spawn(f"post-{id_}", self._send(session, message))
        return min(waits, default=None)

    async def _send(self, session: aiohttp.ClientSession, message: Outgoing) -> None:
        try:
            report = await self._tried(session, message)
        except Refused:  # Redis is away: that is no fault of the message
            await asyncio.sleep(STORE_PAUSE_S)
            report = None
        if report is not None:
            self._told[message.id] = message.attempts
            self._house.submit(report)
        self._under_way.discard(message.id)
        self._busy[message.entry] -= 1
        self._news.set()

    async def _tried(self, session: aiohttp.ClientSession, message: Outgoing) -> Input:
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
            async with session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response:
                status, after = response.status, response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError, Refused):
            return self._later(message, hook, "away", "")
        if 200 <= status < 300:
            self.outcomes["sent"] += 1
            return MessageTaken(contact=message.contact, message=message.number)
        if 400 <= status < 500 and status not in LATER:
            return self._not_taken(message, FINAL.get(status, "rejected"), None)
        return self._later(message, hook, "put_off" if status == 429 else "away", after)

    def _later(self, message: Outgoing, hook: Hook, cause: SendCause, after: str) -> Input:
        now = self._house.now()
        if now - message.added > hook.give_up:
            return self._not_taken(message, "given_up", None)
        pause = min(FIRST_PAUSE_S * 2.0**message.attempts, LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)
        asked = float(after) if after.isascii() and after.isdecimal() else 0.0
        return self._not_taken(message, cause, now + max(pause, min(asked, LONGEST_PAUSE_S)))

    def _not_taken(self, message: Outgoing, cause: SendCause, retry_at: float | None) -> Input:
        self.outcomes[cause] += 1
        log.info("a message was not taken", extra={"action": "post.not_taken", "hook": message.entry, "cause": cause})
        return MessageNotTaken(contact=message.contact, message=message.number, cause=cause, retry_at=retry_at)


_TOUCHES: Final = (f.MessageAdded, f.MessageSent, f.MessageDelayed, f.MessageFailed, f.MessageDropped)
