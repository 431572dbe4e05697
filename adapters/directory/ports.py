"""What the directory needs of the world, as Protocols; each has its real adapter and one in memory."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Protocol

from adapters.directory.record import Record
from adapters.directory.usage import Use


class Store(Protocol):
    """Keeps records. Every change is kept whole or not at all. All methods raise `StoreAway`."""

    unreadable: int
    """Records that `load` left out, as this version cannot read them."""

    def load(self) -> AsyncIterator[list[Record]]:
        """Yield all records, in parts small enough not to hold up other work."""

    async def uses(self) -> dict[str, Use]:
        """Return how often callers have been connected to whom."""

    async def numbers_given(self) -> dict[str, int]:
        """Return the highest number ever given to an id, by its first letter: ids are not used twice."""

    async def write(self, changed: Sequence[Record], removed: Sequence[str], numbers: Mapping[str, int]) -> None:
        """Keep a few changes. Raises `Deposed`."""

    async def rewrite(self, records: Iterable[Record], numbers: Mapping[str, int]) -> None:
        """Put these records in the place of all that are kept. Raises `Deposed`."""

    async def write_uses(self, uses: Mapping[str, Use], gone: Sequence[str]) -> None:
        """Keep some uses and forget others."""


class Lines(Protocol):
    """What the engine knows of telephones at this moment."""

    def busy(self, phone: str) -> bool:
        """Tell whether the desk phone of that name is in a call."""

    def registered(self, phone: str) -> bool:
        """Tell whether the desk phone of that name can be rung."""

    def phone_of(self, agent: str) -> str:
        """Return the name of the desk phone at which an agent is logged in; empty when at none."""
