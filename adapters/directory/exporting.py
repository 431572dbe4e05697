"""All records to a file. Writing 25,000 telephone numbers as people read them takes a second, so this runs in another
process."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from adapters.directory import csvfile
from adapters.directory.columns import Place
from adapters.directory.record import Record
from adapters.directory.settings import DirectorySettings

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[Record])


def packed(records: list[Record]) -> bytes:
    """Return some records in a form that is handed over quickly."""
    return _ENCODER.encode(records)


def written(parts: Sequence[bytes], settings: DirectorySettings, zone: str, language: str) -> bytes:
    """Return the file of all records."""
    records = (record for part in parts for record in _DECODER.decode(part))
    return csvfile.write(records, Place(settings, ZoneInfo(zone)), language)
