"""From kept facts to a living state: snapshot, then the journal from there on; and the making of snapshots."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct, structs

from router.agent import Agent
from router.contact import Contact
from router.facts import AnyFact
from router.journal import Entry
from router.router import Router
from router.state import Snapshot, State

log = logging.getLogger("vaxel.restoring")

FORMAT: Final = 1
CHUNK: Final = 500
"""Contacts encoded without a break: well under 5 ms."""


class Image(Struct, frozen=True, array_like=True):
    """A snapshot as it is stored; contacts in pieces, so that making one never holds the loop for long."""

    format: int
    heard: dict[str, int]
    state: Snapshot
    contacts: tuple[bytes, ...]


class Restored(Struct, frozen=True):
    """What was found in the store."""

    router: Router
    heard: dict[str, int]
    facts: int
    """Replayed after the snapshot."""
    last_at: float
    """Time of the last fact; 0 when there was none."""


class UnreadableImage(Exception):
    """A snapshot cannot be read by this version."""

    error_id = "snapshot_unreadable"
    retryable = False


_CONTACTS: Final = msgspec.msgpack.Decoder(list[Contact])
_IMAGE: Final = msgspec.msgpack.Decoder(Image)
_ENCODER: Final = msgspec.msgpack.Encoder()


def decode(data: bytes) -> tuple[Snapshot, dict[str, int]]:
    """Read an image. Raises UnreadableImage."""
    try:
        image = _IMAGE.decode(data)
        contacts = [contact for piece in image.contacts for contact in _CONTACTS.decode(piece)]
    except msgspec.MsgspecError as error:
        raise UnreadableImage(str(error)) from error
    if image.format != FORMAT:
        raise UnreadableImage(f"snapshot of format {image.format}, this version reads {FORMAT}")
    return structs.replace(image.state, contacts=contacts), image.heard


def pieces_of(data: bytes) -> Iterator[list[Agent] | list[Contact]]:
    """Yield the agents and the contacts of an image, piece by piece. Raises UnreadableImage."""
    try:
        image = _IMAGE.decode(data)
        yield image.state.agents
        for piece in image.contacts:
            yield _CONTACTS.decode(piece)
    except msgspec.MsgspecError as error:
        raise UnreadableImage(str(error)) from error


async def encode(snapshot: Snapshot, heard: dict[str, int]) -> bytes:
    """Return the image of a state, giving way to other work between pieces."""
    pieces = []
    for start in range(0, len(snapshot.contacts), CHUNK):
        pieces.append(_ENCODER.encode(snapshot.contacts[start : start + CHUNK]))
        await asyncio.sleep(0)
    return _ENCODER.encode(Image(FORMAT, heard, structs.replace(snapshot, contacts=[]), tuple(pieces)))


async def restore(
    make: Callable[[Snapshot | None], Router], image: bytes | None, entries: AsyncIterator[tuple[str, Entry]]
) -> Restored:
    """Build the router that `make` makes from the snapshot, and apply every entry after it.

    Raises UnreadableImage, and msgspec.ValidationError for an entry of a format not known here.
    """
    snapshot, heard = decode(image) if image is not None else (None, {})
    router = make(snapshot)
    facts, last_at = 0, 0.0
    async for _, entry in entries:
        for fact in entry.facts:
            router.apply(fact)
            last_at = max(last_at, fact.at)
        facts += len(entry.facts)
        heard.update(entry.heard)
    return Restored(router, heard, facts, last_at)


Save = Callable[[Snapshot, dict[str, int], int], None]
"""Keeps a state, the report numbers heard when it was so, and the number of the entry that led to it."""


class Snapshotter:
    """Follows the spine and asks for a snapshot every `every` facts."""

    def __init__(self, every: int, save: Save, seq: Callable[[], int], heard: dict[str, int]) -> None:
        """`seq` gives the number of the entry that is being decided, `heard` what the spine has heard so far."""
        self._every = every
        self._save = save
        self._seq = seq
        self._heard = heard
        self._facts = 0

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Count facts; return the saving of the state as it is now when enough came together."""
        self._facts += len(facts)
        if self._facts < self._every:
            return None
        self._facts = 0
        # What was heard belongs to the state: with older numbers, reports already decided would be taken in again.
        snapshot, heard, seq = state.snapshot(), dict(self._heard), self._seq()
        return lambda: self._save(snapshot, heard, seq)
