"""The journal as a test reads it: entries from the archive and the Redis stream, replayed and compared."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import redis

from adapters.redis import segments
from adapters.redis.keys import FIELD, JOURNAL
from router import facts as f
from router.invariants import check
from router.journal import Entry, decode
from router.state import State

F = TypeVar("F", bound=f.Fact)
EPOCH_START = datetime.fromtimestamp(0, UTC)


class Record:
    """All entries of a journal, in order."""

    def __init__(self, entries: list[tuple[int, int, Entry]]) -> None:
        self.entries = entries
        """Epoch and number by the stream, and the entry."""

    @classmethod
    def read(cls, socket: Path, archive: Path) -> "Record":
        """Read what the archive and the stream hold; an entry that stands in both counts once."""
        found = {
            (kept.epoch, kept.seq): kept.data
            for path in archive.glob(f"*{segments.SUFFIX}")
            for kept in segments.read(path)
        }
        with redis.Redis(unix_socket_path=str(socket)) as client:
            for stream_id, fields in client.xrange(JOURNAL):
                epoch, _, seq = stream_id.decode().partition("-")
                found[int(epoch), int(seq)] = fields[FIELD.encode()]
        return cls([(epoch, seq, decode(data)) for (epoch, seq), data in sorted(found.items())])

    @property
    def facts(self) -> list[f.AnyFact]:
        """Every fact, in order."""
        return [fact for _, _, entry in self.entries for fact in entry.facts]

    def of(self, kind: type[F], **wanted: object) -> list[F]:
        """Return the facts of one kind whose fields are as wanted."""
        return [
            fact
            for fact in self.facts
            if isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in wanted.items())
        ]

    def about(self, contact: str) -> list[str]:
        """Return the names of the facts about a contact, in order."""
        return [type(fact).__name__ for fact in self.facts if getattr(fact, "contact", None) == contact]

    def last(self, count: int) -> str:
        """Return the last facts as a reader of a failure wants them."""
        told = [(epoch, seq, fact) for epoch, seq, entry in self.entries for fact in entry.facts]
        return "\n".join(f"{epoch}-{seq} {fact}"[:400] for epoch, seq, fact in told[-count:])

    def replay(self) -> State:
        """Return the state that the facts lead to."""
        state = State()
        for fact in self.facts:
            state.apply(fact)
        return state

    def wrong(self) -> list[str]:
        """Return what is wrong: holes, doubles, disorder, and invariants that did not hold after an entry."""
        found = [*self._disorder(), *self._doubles()]
        state = State()
        for epoch, seq, entry in self.entries:
            for fact in entry.facts:
                state.apply(fact)
            # The first entries of a leader come before its configuration: nobody is forgotten yet.
            if seq and entry.facts:
                found += [f"{epoch}-{seq}: {what}" for what in check(state, max(fact.at for fact in entry.facts))]
        return found

    def _disorder(self) -> Iterator[str]:
        previous: tuple[int, int] | None = None
        at = 0.0
        for epoch, seq, entry in self.entries:
            if entry.seq != seq:
                yield f"entry {entry.seq} stands as {epoch}-{seq}"
            if previous is not None and epoch == previous[0] and seq != previous[1] + 1:
                yield f"a hole between {previous[0]}-{previous[1]} and {epoch}-{seq}"
            if previous is not None and epoch != previous[0] and seq != 0:
                yield f"epoch {epoch} begins at {seq}"
            if (seq == 0) != (type(entry.facts[0]) is f.LeaderChanged):
                yield f"{epoch}-{seq} is {type(entry.facts[0]).__name__}"
            for fact in entry.facts:
                if fact.at < at:
                    yield f"{epoch}-{seq} goes back in time by {at - fact.at:.3f} s"
                at = max(at, fact.at)
            previous = epoch, seq

    def _doubles(self) -> Iterator[str]:
        heard: dict[str, int] = {}
        for epoch, seq, entry in self.entries:
            for source, number in entry.heard.items():
                if number <= heard.get(source, 0):
                    yield f"{epoch}-{seq} takes in {source} {number} after {heard[source]}"
                heard[source] = number
        for kind, name in ((f.ContactArrived, "contact"), (f.ContactEnded, "contact"), (f.OfferMade, "offer")):
            ids = [getattr(fact, name) for fact in self.facts if isinstance(fact, kind)]
            doubled = {one for one in ids if ids.count(one) > 1} if len(set(ids)) != len(ids) else ()
            for one in doubled:
                yield f"{kind.__name__} twice for {one}"

    def queued_order(self) -> list[str]:
        """Return the contacts in the order of their arrival."""
        return [fact.contact for fact in sorted(self.of(f.ContactArrived), key=lambda one: one.order)]

    def served_order(self) -> list[str]:
        """Return the contacts in the order of their first offers."""
        return list(dict.fromkeys(fact.contact for fact in self.of(f.OfferMade)))
