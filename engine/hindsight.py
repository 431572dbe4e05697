"""Why this agent: the state of the moment in which an offer was made, brought back from snapshots and journal.

Replaying takes a second of processor time, so it runs in a process of its own, one at a time, with a limit on what it
reads and for how long. Asked again, the answer is there. The process is given what it needs on its standard input
(the address of Redis may hold a password) and writes the answer, or an error's id, to its standard output.
"""

import asyncio
import logging
import os
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from adapters.redis.address import Address
from adapters.redis.archive import Archive, Id
from adapters.redis.errors import StoreAway, StoreError
from adapters.redis.resuming import split_id
from adapters.redis.snapshots import Snapshots
from engine import restoring
from router.explain import WhyThisAgent, why_this_agent
from router.facts import OfferMade
from router.inputs import Refused
from router.journal import Entry, decode
from router.state import State

log = logging.getLogger("vaxel.hindsight")

WITHIN_S: Final = 20.0
ASKING_MAX: Final = 20
"""Questions that wait for their turn."""
REMEMBERED: Final = 500
SEARCHED: Final = 5
"""Archived segments, newest first, in which an offer is looked for that was named without its event."""
REPLAYED: Final = 100_000
"""Entries read for one answer: five times what lies between two snapshots."""
NICE: Final = 10


class Question(Struct, frozen=True, kw_only=True):
    """What the process is told."""

    address: Address
    archive: str
    offer: str
    at: Id | None = None
    """The entry in which the offer was made, where that is known."""


class Told(Struct, frozen=True, kw_only=True):
    """What it answers: one of the two."""

    why: WhyThisAgent | None = None
    error_id: str = ""


class Hindsight:
    """Asks such processes, one at a time."""

    def __init__(self, address: Address, archive: Path) -> None:
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
        question = Question(address=self._address, archive=str(self._archive), offer=offer, at=at)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "engine.hindsight", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(WITHIN_S):
                said, _ = await process.communicate(msgspec.json.encode(question))
            told = msgspec.json.decode(said, type=Told)
        except TimeoutError:
            raise Refused("too_busy", "looking into the past took too long", retryable=True) from None
        except msgspec.MsgspecError:
            raise Refused("bug", "looking into the past failed; the log says more") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if told.why is None:
            raise Refused(told.error_id, REFUSALS[told.error_id], retryable=told.error_id == "store_away")
        return told.why

    def _remember(self, offer: str, why: WhyThisAgent) -> None:
        self._known[offer] = why
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


REFUSALS: Final = {
    "unknown_offer": "the journal holds no such offer; name its event, if it was made some days ago",
    "store_away": "Redis does not answer",
}


# ---- in the process --------------------------------------------------------------------------------------------------


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


START: Final[Id] = (0, 0)


async def look_back(question: Question) -> Told:
    """Answer a question."""
    client = question.address.client()
    try:
        journal = Journal(Snapshots(client), Archive(Path(question.archive)))
        why = await replay(journal, question.offer, question.at)
        if why is None and question.at is None and (at := journal.find(question.offer)) is not None:
            why = await replay(journal, question.offer, at)
    except StoreAway:
        return Told(error_id="store_away")
    finally:
        await client.aclose()
    return Told(why=why) if why is not None else Told(error_id="unknown_offer")


async def replay(journal: Journal, offer: str, at: Id | None) -> WhyThisAgent | None:
    """Bring back the state in which an offer was made, and explain it; None when the offer is not found."""
    state, after = await journal.state_before(at)
    number = 0
    async for id_, entry in journal.entries(after):
        number += 1
        if number > REPLAYED or (at is not None and id_ > at):
            return None
        for fact in entry.facts:
            if isinstance(fact, OfferMade) and fact.offer == offer:
                return why_this_agent(state, fact)
            state.apply(fact)
    return None


def _made(entry: Entry, offer: str) -> OfferMade | None:
    return next((fact for fact in entry.facts if isinstance(fact, OfferMade) and fact.offer == offer), None)


def main() -> int:
    """Read a question, write what is to be told."""
    os.nice(NICE)
    try:
        told = asyncio.run(look_back(msgspec.json.decode(sys.stdin.buffer.read(), type=Question)))
    except (StoreError, restoring.UnreadableImage) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.buffer.write(msgspec.json.encode(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
