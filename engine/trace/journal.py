"""What the journal says of one contact: from Redis, and from the archive for what lies further back."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from msgspec import structs

from adapters.redis.address import Address
from adapters.redis.archive import Archive
from adapters.redis.errors import StoreError
from adapters.redis.segments import Kept
from adapters.redis.segments import read as read_segment
from adapters.redis.snapshots import Snapshots
from adapters.redis.vault import Vault, person_id
from router.facts import AnyFact, CallbackRegistered, ContactArrived
from router.journal import decode

SEGMENTS_MAX: Final = 50
"""Of the archive, newest first, in which a contact is looked for."""


class JournalAway(Exception):
    """The journal cannot be read; the text says why."""


class Journal:
    """The journal of one data folder, for reading."""

    def __init__(self, address: Address, archive: Path) -> None:
        self._address = address
        self._archive = Archive(archive)

    async def facts_of(self, contact: str) -> list[AnyFact]:
        """Return the facts about a contact, in order. Raises JournalAway."""
        found = [fact async for kept in self._present() for fact in _about(kept, contact)]
        if any(_begins(fact, contact) for fact in found):
            return found
        for segment in list(reversed(self._archive.segments()))[:SEGMENTS_MAX]:
            earlier = [fact for kept in read_segment(segment.path) for fact in _about(kept, contact)]
            found = [*earlier, *(fact for fact in found if fact not in earlier)]
            if any(_begins(fact, contact) for fact in earlier):
                break
        return found

    async def latest_of(self, person: str) -> str:
        """Return the contact with which a person came last; empty when there is none. Raises JournalAway."""
        latest = ""
        async for kept in self._present():
            if person.encode() in kept.data:
                latest = _arrival(kept, person) or latest
        if latest:
            return latest
        for segment in list(reversed(self._archive.segments()))[:SEGMENTS_MAX]:
            for kept in read_segment(segment.path):
                latest = (_arrival(kept, person) if person.encode() in kept.data else "") or latest
            if latest:
                break
        return latest

    async def person(self, number: str) -> str:
        """Return the pseudonym of a number in its normal form. Raises JournalAway."""
        client = self._address.client()
        try:
            return person_id(number, await Vault(client).pepper())
        except StoreError as error:
            raise JournalAway(str(error)) from error
        finally:
            await client.aclose()

    async def _present(self) -> AsyncIterator[Kept]:
        client = self._address.client()
        try:
            async for kept in Snapshots(client).kept_after():
                yield kept
        except StoreError as error:
            raise JournalAway(str(error)) from error
        finally:
            await client.aclose()


def _about(kept: Kept, contact: str) -> Iterator[AnyFact]:
    """Yield the facts of an entry that name a contact."""
    if contact.encode() not in kept.data:
        return  # spares the decoding of nearly all
    for fact in decode(kept.data).facts:
        if contact in (getattr(fact, "contact", ""), getattr(fact, "callback", "")):
            yield fact


def _begins(fact: AnyFact, contact: str) -> bool:
    match fact:
        case ContactArrived():
            return True
        case CallbackRegistered():
            return fact.callback == contact
        case _:
            return False


def _arrival(kept: Kept, person: str) -> str:
    arrived = [
        fact.contact for fact in decode(kept.data).facts if isinstance(fact, ContactArrived) and fact.person == person
    ]
    return arrived[-1] if arrived else ""


def strings(fact: AnyFact) -> Iterator[str]:
    """Yield the texts that a fact holds: among them the legs that it names."""
    for value in structs.astuple(fact):
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, str))
