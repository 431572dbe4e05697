"""Deleting what has been kept long enough. Nothing goes but by the authority's rule for its class, nothing of a matter
that is held goes at all, nothing of a contact that lives; and what went stands in the access log, by class and number.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import BrokenExecutor
from typing import Final

from msgspec import Struct

from adapters.access.log import AccessLog
from adapters.content.store import ContentStore
from adapters.content.tapes import Tapes
from adapters.history import pooled
from adapters.history.errors import HistoryError
from adapters.history.settings import HistorySettings
from adapters.redis.archive import Archive
from adapters.redis.errors import StoreAway
from adapters.redis.vault import KINDS, Vault
from engine.installation import Class, Privacy
from engine.pool import Pool
from engine.recordings import Recordings
from router.dialling import address_of
from router.inputs import Refused
from router.state import State

log = logging.getLogger("vaxel.privacy")

DAY: Final = 86_400.0
UNFILED: Final = 7 * DAY
"""Seconds after which a letter for which no contact was found is no record: its mailbox had it, or has it still."""


class Places(Struct, frozen=True, kw_only=True):
    """Where what is personal lies."""

    vault: Vault
    contents: ContentStore
    recordings: Recordings
    tapes: Tapes
    archive: Archive
    access: AccessLog
    history: HistorySettings | None
    """None where none is kept."""
    pool: Pool


class Spared(Struct, frozen=True):
    """Whose values stay: contacts that live or are held, and their persons."""

    contacts: frozenset[str]
    owners: frozenset[str]
    """In the vault, besides those of the contacts."""

    def owner(self, owner: str) -> bool:
        """Tell whether a vault's values stay."""
        return owner in self.owners or any(one in self.contacts for one in contacts_in(owner))

    def file(self, name: str) -> bool:
        """Tell whether a file whose name begins with a contact stays."""
        return any(one in self.contacts for one in contacts_in(name))


def contacts_in(owner: str) -> Iterator[str]:
    """Yield the contacts whose a value may be: itself, and those it was filed from.

    >>> list(contacts_in("w1-1-1.callback2.m3"))
    ['w1-1-1', 'w1-1-1.callback2', 'w1-1-1.callback2.m3']
    """
    parts = owner.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


async def spared(state: State, places: Places) -> Spared:
    """Return whose values stay. Raises HistoryError when nobody can say which contacts are held."""
    living = list(state.contacts.values())
    contacts = {one.card.id for one in living} | {message.contact for message in state.outbox.values()}
    persons = {one.card.person for one in living if one.card.person is not None}
    persons |= set(state.promised)
    if state.held:
        if places.history is None:
            raise HistoryError("matters are held, and without a history nobody knows their contacts")
        held = await places.pool(pooled.find_held, places.history, sorted(state.held))
        contacts |= set(held.contacts) | state.held
        persons |= set(held.persons)
    owners = {address_of(one) for one in persons} | {one.address for one in state.destinations()}
    return Spared(frozenset(contacts), frozenset(owners | persons))


def sweep_sounds(places: Places, needed: Callable[[str], bool], before: float) -> int:
    """Delete answers by voice and recordings of talks that nobody needs; return how many. Blocks."""
    return places.recordings.sweep(needed, before) + places.tapes.sweep(needed, before)


class Retention:
    """Runs now and then."""

    def __init__(self, privacy: Privacy, places: Places, state: Callable[[], State], now: Callable[[], float]) -> None:
        self._privacy = privacy
        self._places = places
        self._state = state
        self._now = now
        self.deleted: Counter[str] = Counter()
        """Class to what was deleted, for metrics."""
        self.put_off = 0
        """Runs that deleted nothing, as something was away."""

    async def run(self) -> None:
        """Delete what is due."""
        await asyncio.to_thread(self._places.contents.tidy, self._now() - UNFILED)
        if not self._privacy.retention:
            return
        try:
            stays = await spared(self._state(), self._places)
            for class_ in self._privacy.retention:
                await self._expire(class_, stays)
        except (HistoryError, StoreAway, Refused, OSError, BrokenExecutor) as error:
            self.put_off += 1
            log.warning("nothing is deleted just now: %s", error, extra={"action": "privacy.put_off"})

    async def _expire(self, class_: Class, stays: Spared) -> None:
        before = self._now() - self._privacy.retention[class_].keep
        work = self._work(class_, before, stays)
        number = await work if work is not None else 0
        if number:
            self.deleted[class_] += number
            extra = {"action": "privacy.deleted", "class": class_, "number": number}
            log.info("%d of %s deleted by rule", number, class_, extra=extra)
            what = {"class": class_, "number": number, "rule": self._privacy.retention[class_].rule, "before": before}
            await self._places.access.keep("deleted", what)

    def _work(self, class_: Class, before: float, stays: Spared) -> Awaitable[int] | None:
        """Return what deletes a class; the history's own process deletes there."""
        places, held = self._places, self._state().held
        if class_ in KINDS.values():
            return places.vault.expire(class_, before, stays.owner)
        match class_:
            case "attachments":
                return asyncio.to_thread(places.contents.sweep, stays.file, before)
            case "recordings":
                in_use = places.recordings.in_use(self._state())
                return asyncio.to_thread(sweep_sounds, places, lambda name: stays.file(name) or in_use(name), before)
            case "journal":
                return None if held else asyncio.to_thread(places.archive.expire, before)
            case "access_log":
                return asyncio.to_thread(places.access.expire, before)
            case _:
                return None
