"""The form in which facts are kept: one entry for all facts of a turn."""

from typing import Final

import msgspec
from msgspec import Struct

from router.facts import AnyFact

FORMAT: Final = 1


class Entry(Struct, frozen=True, array_like=True):
    """Facts decided together. `seq` is the number of the entry within its leader's epoch."""

    format: int
    seq: int
    facts: tuple[AnyFact, ...]
    heard: dict[str, int]
    """Source to the highest report number absorbed so far, for sources heard in this turn."""


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Entry)


def encode(entry: Entry) -> bytes:
    """Return the entry as msgpack."""
    return _ENCODER.encode(entry)


def decode(data: bytes) -> Entry:
    """Read an entry. Raises msgspec.ValidationError when it is none, or of a format not known here."""
    entry = _DECODER.decode(data)
    if entry.format != FORMAT:
        raise msgspec.ValidationError(f"journal entry of format {entry.format}, this version reads {FORMAT}")
    return entry
