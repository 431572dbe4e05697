"""Waiting lines: contacts of one queue that need the same and weigh the same, in the order of their places.

Because everything else is equal within a line, its head is always its most urgent contact, whatever time it is;
a decision therefore looks at the heads of a few lines and its cost does not grow with the number waiting.
"""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct
from sortedcontainers import SortedList

from queues.skills import Needs


class Place(NamedTuple):
    """A contact's place in a queue; the lower stands first."""

    clock: float
    """The queue's open clock (seconds it has been open) when the contact came, or would have come (rule 7)."""
    order: int
    """The order of arrival, for equal clocks (rule 3, ties)."""


class LineKey(Struct, frozen=True):
    """What all contacts of a line have in common."""

    queue: str
    channel: str
    needs: Needs
    weight: float
    first: bool = False
    """They go before all others of the queue."""


Entry = tuple[Place, str]
"""A place and the contact that has it."""


class Line:
    """Contacts by place; the head costs O(1), adding and removing O(log n)."""

    __slots__ = ("_entries", "channel", "head", "key", "queue", "rate", "rested")

    def __init__(self, key: LineKey, target: float) -> None:
        """`target` is the wait, in seconds, that the queue promises."""
        self.key = key
        self.queue = key.queue
        self.channel = key.channel
        self.rate = key.weight / target
        """By how much a contact of this line becomes more urgent in a second (rule 3)."""
        self.head: Entry | None = None
        """The first place and its contact, None when nobody waits."""
        self.rested = 0
        """How many of them somebody refused (rule 1); kept by whoever adds and removes them."""
        self._entries: SortedList[Entry] = SortedList()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def add(self, place: Place, contact: str) -> None:
        """Put a contact at its place, which may lie before others' (rule 7)."""
        entry = (place, contact)
        self._entries.add(entry)
        if self.head is None or entry < self.head:
            self.head = entry

    def remove(self, place: Place, contact: str) -> None:
        """Take a contact out. Raises ValueError if it does not stand at that place."""
        if self.head is not None and self.head[1] == contact:  # mostly the first goes, and is found without looking
            del self._entries[0]
            self.head = self._entries[0] if self._entries else None
        else:
            self._entries.remove((place, contact))

    def ahead_of(self, place: Place) -> int:
        """Return how many stand before `place`."""
        return self._entries.bisect_left((place, ""))
