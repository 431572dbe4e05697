"""A list of the state whose members are sent one after the other, compared with what is being tried; each until it was
taken.

Like the outbox (`leaving`) it is a level (decisions/0001): a member is sent at least once, and what came of a try is
told to the router, which says when the next is due.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import aiohttp

from router import facts as f
from router.inputs import Input
from router.state import State


class Due(Protocol):
    """What each member has."""

    @property
    def attempts(self) -> int:
        """How often it was tried."""

    @property
    def due(self) -> float | None:
        """UTC seconds of the next try; None when there is none."""


D = TypeVar("D", bound=Due)


class InTurn(Generic[D]):
    """Tries what is due. It follows the spine; what is sent, and how, is said by those who inherit."""

    def __init__(
        self,
        touches: tuple[type[f.Fact], ...],
        submit: Callable[[Input], None],
        now: Callable[[], float],
        timeout: float,
    ) -> None:
        """`touches` are the facts that change the list; `timeout` is seconds for one request."""
        self._touches = touches
        self._submit = submit
        self._now = now
        self._timeout = timeout
        self._waiting: dict[str, D] = {}
        """As it is kept."""
        self._told: dict[str, int] = {}
        """Member to the try whose outcome the router was told, and the list may not show yet."""
        self._news = asyncio.Event()
        self.outcomes: Counter[str] = Counter()
        """Attempts, by what came of them."""

    def _listed(self, state: State) -> Mapping[str, D]:
        """Return the list, by the members' ids."""
        raise NotImplementedError

    async def _attempt(self, session: aiohttp.ClientSession, one: D) -> Input | None:
        """Return what came of a try; None when there was none, for no fault of the other side."""
        raise NotImplementedError

    def adopt(self, state: State) -> None:
        """Take over what an earlier engine did not send."""
        self._waiting = dict(self._listed(state))
        self._news.set()

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> Callable[[], None] | None:
        """Look at what changes the list; return what notes it."""
        if not any(isinstance(fact, self._touches) for fact in facts):
            return None
        waiting = dict(self._listed(state))

        def release() -> None:
            self._waiting = waiting
            self._told = {id_: tried for id_, tried in self._told.items() if id_ in waiting}
            self._news.set()

        return release

    async def run(self) -> None:
        """Send, for as long as the engine lives."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout)) as session:
            while True:
                self._news.clear()
                id_, wait = self._next()
                if id_:
                    await self._try(session, id_, self._waiting[id_])
                    continue
                try:
                    async with asyncio.timeout(wait):
                        await self._news.wait()
                except TimeoutError:
                    pass

    def _next(self) -> tuple[str, float | None]:
        """Return the id of what is due, or in how many seconds the next will be."""
        dues = [
            (one.due, id_)
            for id_, one in self._waiting.items()
            if one.due is not None and self._told.get(id_, -1) < one.attempts
        ]
        if not dues:
            return "", None
        due, id_ = min(dues, key=lambda found: found[0])
        wait = due - self._now()
        return (id_, None) if wait <= 0 else ("", wait)

    async def _try(self, session: aiohttp.ClientSession, id_: str, one: D) -> None:
        outcome = await self._attempt(session, one)
        if outcome is not None:
            self._told[id_] = one.attempts
            self._submit(outcome)
