"""A store in memory, for the simulator and tests."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from adapters.directory.record import Record
from adapters.directory.slices import in_parts
from adapters.directory.usage import Use
from adapters.redis.errors import StoreAway


class MemoryStore:
    """The port `adapters.directory.ports.Store`."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records = {record.id: record for record in records}
        self.kept_uses: dict[str, Use] = {}
        self.numbers: dict[str, int] = {}
        self.unreadable = 0
        self.away = False
        """Whether it refuses to serve."""

    async def load(self) -> AsyncIterator[list[Record]]:
        """Yield all records in parts."""
        self._serve()
        for part in in_parts(list(self.records.values())):
            yield part

    async def uses(self) -> dict[str, Use]:
        """Return what is known of uses."""
        self._serve()
        return dict(self.kept_uses)

    async def numbers_given(self) -> dict[str, int]:
        """Return the highest numbers."""
        self._serve()
        return dict(self.numbers)

    async def write(self, changed: Sequence[Record], removed: Sequence[str], numbers: Mapping[str, int]) -> None:
        """Keep a few changes."""
        self._serve()
        for id_ in removed:
            self.records.pop(id_, None)
        self.records.update((record.id, record) for record in changed)
        self.numbers = dict(numbers)

    async def rewrite(self, records: Iterable[Record], numbers: Mapping[str, int]) -> None:
        """Put these records in the place of all."""
        self._serve()
        self.records = {record.id: record for record in records}
        self.numbers = dict(numbers)

    async def write_uses(self, uses: Mapping[str, Use], gone: Sequence[str]) -> None:
        """Keep some uses and forget others."""
        self._serve()
        self.kept_uses.update(uses)
        for id_ in gone:
            self.kept_uses.pop(id_, None)

    def _serve(self) -> None:
        if self.away:
            raise StoreAway("told to be away")
