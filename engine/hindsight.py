"""Why this agent: the state of the moment in which an offer was made, brought back from snapshots and journal.

Replaying takes a second of processor time, so it is work for the pool, one question at a time, with a limit on what is
read and for how long. Asked again, the answer is there.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Final

from msgspec import Struct

from adapters.redis.address import Address
from adapters.redis.archive import Archive, Id
from adapters.redis.errors import StoreAway
from adapters.redis.resuming import split_id
from adapters.redis.snapshots import Snapshots
from engine import restoring
from engine.pool import Pool
from router.explain import WhyThisAgent, why_this_agent
from router.facts import OfferMade
from router.inputs import Refused
from router.journal import Entry, decode
from router.state import State

WITHIN_S: Final = 10.0
ASKING_MAX: Final = 20
"""Questions that wait for their turn."""
REMEMBERED: Final = 500
SEARCHED: Final = 5
"""Archived segments, newest first, in which an offer is looked for that was named without its event."""
REPLAYED: Final = 100_000
"""Entries read for one answer: five times what lies between two snapshots."""
START: Final[Id] = (0, 0)


class Question(Struct, frozen=True, kw_only=True):
    """What is to be found out."""

    address: Address
    archive: Path
    offer: str
    at: Id | None = None
    """The entry in which the offer was made, where that is known."""


class Hindsight:
    """Answers questions, and remembers."""

    def __init__(self, pool: Pool, address: Address, archive: Path) -> None:
        self._pool = pool
        self._address = address
        self._archive = archive
        self._turn = asyncio.Semaphore(1)
        self._asking = 0
        self._known: OrderedDict[str, WhyThisAgent] = OrderedDict()

    async def why_this_agent(self, offer: str, at: Id | None) -> WhyThisAgent:
        """Return why an offer was made. Raises Refused."""
        if offer in self._known:
            return self._known[offer]
        if self._asking >= ASKING_MAX:
            raise Refused("too_busy", "others are looking into the past just now", retryable=True)
        self._asking += 1
        try:
            async with self._turn:
                if offer not in self._known:
                    self._remember(offer, await self._ask(offer, at))
        finally:
            self._asking -= 1
        return self._known[offer]

    async def _ask(self, offer: str, at: Id | None) -> WhyThisAgent:
        question = Question(address=self._address, archive=self._archive, offer=offer, at=at)
        try:
            why = await self._pool(look_back, question)
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error
        except (BrokenExecutor, TimeoutError) as error:
            raise Refused("too_busy", "looking into the past took too long", retryable=True) from error
        if why is None:
            raise Refused("unknown_offer", "the journal holds no such offer; name its event, if it was made long ago")
        return why

    def _remember(self, offer: str, why: WhyThisAgent) -> None:
        self._known[offer] = why
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


# ---- in the pool's process -------------------------------------------------------------------------------------------


def look_back(question: Question) -> WhyThisAgent | None:
    """Answer a question; None when there is no such offer. Raises StoreError, UnreadableImage, TimeoutError."""
    return asyncio.run(_look_back(question))


class Journal:
    """Snapshots and entries, those of the archive and those in Redis, as one."""

    def __init__(self, snapshots: Snapshots, archive: Archive) -> None:
        self._snapshots = snapshots
        self._archive = archive

    async def state_before(self, at: Id | None) -> tuple[State, Id]:
        """Return the latest state that is kept from before an entry; by default the older one that Redis has."""
        in_redis = {
            split_id(kept.stream_id): kept.data
            for older in (True, False)
            if (at is not None or older) and (kept := await self._snapshots.load(older=older)) is not None
        }
        known = [*in_redis, *self._archive.snapshots()] if at is not None else list(in_redis)
        before = max((id_ for id_ in known if at is None or id_ < at), default=None)
        if before is None:
            return State(), START
        image = in_redis.get(before) or self._archive.snapshot(before)
        return State.load(restoring.decode(image).state), before

    async def entries(self, after: Id) -> AsyncIterator[tuple[Id, Entry]]:
        """Yield the entries after one, in order."""
        for kept in self._archive.entries(after):
            after = kept.epoch, kept.seq
            yield after, decode(kept.data)
        async for stream_id, entry in self._snapshots.entries_after(f"{after[0]}-{after[1]}"):
            yield split_id(stream_id), entry

    def find(self, offer: str) -> Id | None:
        """Look for an offer in the archive."""
        for segment in reversed(self._archive.segments()[-SEARCHED:]):
            for kept in self._archive.entries((segment.first[0], segment.first[1] - 1)):
                if (kept.epoch, kept.seq) > segment.last:
                    break
                if offer.encode() in kept.data and _made(decode(kept.data), offer) is not None:
                    return kept.epoch, kept.seq
        return None


async def _look_back(question: Question) -> WhyThisAgent | None:
    client = question.address.client()
    try:
        journal = Journal(Snapshots(client), Archive(question.archive))
        why = await replay(journal, question.offer, question.at)
        if why is None and question.at is None and (at := journal.find(question.offer)) is not None:
            why = await replay(journal, question.offer, at)
        return why
    finally:
        await client.aclose()


async def replay(journal: Journal, offer: str, at: Id | None) -> WhyThisAgent | None:
    """Bring back the state in which an offer was made; return why, None when it is not found. Raises TimeoutError."""
    state, after = await journal.state_before(at)
    number, end = 0, time.monotonic() + WITHIN_S
    async for id_, entry in journal.entries(after):
        number += 1
        if number > REPLAYED or (at is not None and id_ > at):
            return None
        if time.monotonic() > end:
            raise TimeoutError
        for fact in entry.facts:
            if isinstance(fact, OfferMade) and fact.offer == offer:
                return why_this_agent(state, fact)
            state.apply(fact)
    return None


def _made(entry: Entry, offer: str) -> OfferMade | None:
    return next((fact for fact in entry.facts if isinstance(fact, OfferMade) and fact.offer == offer), None)
