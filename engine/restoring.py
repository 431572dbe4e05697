"""From kept facts to a living state: snapshot, then the journal from there on; and the making of snapshots."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct, structs

from engine.spine import Spine
from metrics import projection
from metrics.projection import Projection
from router.agent import Agent
from router.contact import Contact
from router.facts import AnyFact
from router.journal import Entry
from router.kept import Snapshot
from router.router import Router
from router.state import State

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
    figures: projection.Image | None = None
    """None in snapshots of versions that did not keep them."""


class Moment(Struct, frozen=True):
    """All that goes on from here after a restart."""

    state: Snapshot
    heard: dict[str, int]
    """Report numbers taken in when the state was so."""
    figures: projection.Image | None
    facts: int = 0
    """Decided in this engine's life, up to here."""


class Restored(Struct, frozen=True):
    """What was found in the store."""

    router: Router
    projection: Projection
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


def decode(data: bytes) -> Moment:
    """Read an image. Raises UnreadableImage."""
    try:
        image = _IMAGE.decode(data)
        contacts = [contact for piece in image.contacts for contact in _CONTACTS.decode(piece)]
    except msgspec.MsgspecError as error:
        raise UnreadableImage(str(error)) from error
    if image.format != FORMAT:
        raise UnreadableImage(f"snapshot of format {image.format}, this version reads {FORMAT}")
    return Moment(structs.replace(image.state, contacts=contacts), image.heard, image.figures)


def pieces_of(data: bytes) -> Iterator[list[Agent] | list[Contact]]:
    """Yield the agents and the contacts of an image, piece by piece. Raises UnreadableImage."""
    try:
        image = _IMAGE.decode(data)
        yield image.state.agents
        for piece in image.contacts:
            yield _CONTACTS.decode(piece)
    except msgspec.MsgspecError as error:
        raise UnreadableImage(str(error)) from error


async def encode(moment: Moment) -> bytes:
    """Return the image of a moment, giving way to other work between pieces."""
    pieces, contacts = [], moment.state.contacts
    for start in range(0, len(contacts), CHUNK):
        pieces.append(_ENCODER.encode(contacts[start : start + CHUNK]))
        await asyncio.sleep(0)
    state = structs.replace(moment.state, contacts=[])
    return _ENCODER.encode(Image(FORMAT, moment.heard, state, tuple(pieces), moment.figures))


async def restore(
    make: Callable[[Snapshot], Router],
    local: Callable[[float], datetime],
    image: bytes | None,
    entries: AsyncIterator[tuple[str, Entry]],
) -> Restored:
    """Build the router that `make` makes from the snapshot, and the figures, and apply every entry after it.

    Raises UnreadableImage, and msgspec.ValidationError for an entry of a format not known here.
    """
    moment = decode(image) if image is not None else Moment(State().snapshot(), {}, None)
    router, counted = make(moment.state), Projection(local, moment.figures)
    heard = dict(moment.heard)
    facts, last_at = 0, 0.0
    async for _, entry in entries:
        for fact in entry.facts:
            router.apply(fact)
            last_at = max(last_at, fact.at)
        counted.decided(entry.facts, router.state)
        facts += len(entry.facts)
        heard.update(entry.heard)
    return Restored(router, counted, heard, facts, last_at)


Save = Callable[[Moment, int], None]
"""Keeps a moment, and the number of the entry that led to it."""


class Snapshotter:
    """Follows the spine and asks for a snapshot every `every` facts."""

    def __init__(self, every: int, save: Save, seq: Callable[[], int], moment: Callable[[], Moment]) -> None:
        """`seq` gives the number of the entry that is being decided, `moment` what it has led to."""
        self._every = every
        self._save = save
        self._seq = seq
        self._moment = moment
        self._facts = 0

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Count facts; return the saving of this moment when enough came together."""
        self._facts += len(facts)
        if self._facts < self._every:
            return None
        self._facts = 0
        moment, seq = self._moment(), self._seq()
        return lambda: self._save(moment, seq)


def moment_of(spine: Spine, counted: Projection) -> Moment:
    """Return the present moment; cheap, since its parts are shared or small."""
    # What was heard belongs to the state: with older numbers, reports already decided would be taken in again.
    return Moment(spine.router.state.snapshot(), dict(spine.heard), counted.image(), counted.facts)
