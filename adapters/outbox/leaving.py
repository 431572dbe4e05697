"""One channel's part of the outbox compared with what is being tried; each message until it was taken.

The outbox is a level (decisions/0001). A message is sent at least once, always under the same id, and after those of
its contact before it: a crash between the other side's yes and our journal sends it once more.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

from router import facts as f
from router.inputs import MessageNotTaken, MessageTaken
from router.outbox import Outgoing, message_id
from router.state import State

Outcome = MessageTaken | MessageNotTaken
"""What became of a try."""
AGAIN_S: Final = 2.0
"""After which a message is looked at again that could not be tried, for no fault of its own."""


class Leaving:
    """Lets `attempt` try what is due. It follows the spine.

    `attempt` returns what became of a message, or None when it was not tried, for no fault of its own. `at_once` limits
    what one way out (a mailbox, a hook) is given at the same time.
    """

    def __init__(
        self,
        channel: str,
        at_once: int,
        attempt: Callable[[Outgoing], Awaitable[Outcome | None]],
        submit: Callable[[Outcome], None],
        now: Callable[[], float],
        spawn: Callable[[str, Coroutine[Any, Any, None]], object],
    ) -> None:
        self._channel = channel
        self._at_once = at_once
        self._attempt = attempt
        self._submit = submit
        self._now = now
        self._spawn = spawn
        self._outbox: dict[str, Outgoing] = {}
        """As it is kept."""
        self._under_way: set[str] = set()
        self._told: dict[str, int] = {}
        """Message to the try whose outcome the router has been told, and the outbox may not show yet."""
        self._busy: Counter[str] = Counter()
        self._news = asyncio.Event()

    def adopt(self, state: State) -> None:
        """Take over what an earlier engine did not send."""
        self._outbox = self._ours(state)
        self._news.set()

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> Callable[[], None] | None:
        """Look at what changes the outbox; return what notes it."""
        touched = (message_id(fact.contact, fact.number) for fact in facts if isinstance(fact, _TOUCHES))
        if not any(id_ in state.outbox or id_ in self._outbox for id_ in touched):
            return None
        outbox = self._ours(state)

        def release() -> None:
            self._outbox = outbox
            self._told = {id_: tried for id_, tried in self._told.items() if id_ in outbox}
            self._news.set()

        return release

    def counts(self) -> tuple[int, int]:
        """Return how many messages wait to leave, and how many cannot."""
        failed = sum(one.failed is not None for one in self._outbox.values())
        return len(self._outbox) - failed, failed

    async def run(self) -> None:
        """Send, for as long as the engine lives."""
        while True:
            self._news.clear()
            wait = self._start_due()
            try:
                async with asyncio.timeout(wait):
                    await self._news.wait()
            except TimeoutError:
                pass

    def _ours(self, state: State) -> dict[str, Outgoing]:
        ours = (one for one in state.outbox.values() if one.channel == self._channel)
        return {one.id: one for one in sorted(ours, key=lambda one: (one.added, one.number))}

    def _start_due(self) -> float | None:
        """Begin to send what is due; return in how many seconds the next will be."""
        now, waits, before = self._now(), [], set[str]()
        for id_, message in self._outbox.items():
            if message.failed is not None:
                continue
            first = message.contact not in before
            before.add(message.contact)
            told = self._told.get(id_, -1) >= message.attempts
            if not first or told or id_ in self._under_way or self._busy[message.entry] >= self._at_once:
                continue
            if message.due > now:
                waits.append(message.due - now)
                continue
            self._under_way.add(id_)
            self._busy[message.entry] += 1
            self._spawn(f"{self._channel}-{id_}", self._try(message))
        return min(waits, default=None)

    async def _try(self, message: Outgoing) -> None:
        try:
            report = await self._attempt(message)
            if report is None:
                await asyncio.sleep(AGAIN_S)
            else:
                self._told[message.id] = message.attempts
                self._submit(report)
        finally:
            self._under_way.discard(message.id)
            self._busy[message.entry] -= 1
            self._news.set()


_TOUCHES: Final = (f.MessageAdded, f.MessageSent, f.MessageDelayed, f.MessageFailed, f.MessageDropped)
