"""Reading what was kept, for people who look for what went wrong."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from adapters.trace import record
from adapters.trace.record import LegRecord, Message
from adapters.trace.ring import between, records


def messages(folder: Path, since: float, until: float, *, full: bool = False) -> Iterator[Message]:
    """Yield the messages of a time, in order; whole ones if `full`."""
    for segment in between(folder, record.FULL if full else record.SIP, since, until):
        yield from _messages(segment.path, since, until)


def newest_first(folder: Path) -> Iterator[list[Message]]:
    """Yield all messages by files, the newest file first, each in order."""
    for segment in reversed(between(folder, record.SIP, 0.0, float("inf"))):
        yield list(_messages(segment.path, 0.0, float("inf")))


def legs(folder: Path, since: float, until: float) -> dict[str, LegRecord]:
    """Return the legs that ended in a time."""
    found = {}
    for segment in between(folder, record.LEGS, since, until):
        for data in records(segment.path):
            try:
                leg = record.leg(data)
            except msgspec.MsgspecError:
                continue  # of another version
            if since <= leg.at <= until:
                found[leg.leg] = leg
    return found


def _messages(path: Path, since: float, until: float) -> Iterator[Message]:
    for data in records(path):
        try:
            message = record.message(data)
        except msgspec.MsgspecError:
            continue
        if since <= message.at <= until:
            yield message
