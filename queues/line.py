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


class Line:
    """Contacts by place; the head costs O(1), adding and removing O(log n)."""

    __slots__ = ("_entries", "key")

    def __init__(self, key: LineKey) -> None:
        self.key = key
        self._entries: SortedList[tuple[Place, str]] = SortedList()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[tuple[Place, str]]:
        return iter(self._entries)

    def add(self, place: Place, contact: str) -> None:
        """Put a contact at its place, which may lie before others' (rule 7)."""
        self._entries.add((place, contact))

    def remove(self, place: Place, contact: str) -> None:
        """Take a contact out. Raises ValueError if it does not stand at that place."""
        self._entries.remove((place, contact))

    def head(self) -> tuple[Place, str]:
        """Return the first place and its contact. Raises IndexError when the line is empty."""
        return self._entries[0]

    def ahead_of(self, place: Place) -> int:
        """Return how many stand before `place`."""
        return self._entries.bisect_left((place, ""))
