"""A journal in memory, for the simulator: acknowledges late, keeps what was acknowledged, loses the rest in a crash."""

from collections.abc import Callable

from router import journal
from router.journal import Entry
from router.ports import Secret

Later = Callable[[float, Callable[[], None]], None]
"""Runs a call so many seconds from now."""


class FakeStore:
    """What outlives engines: acknowledged entries and secrets, and the highest epoch that wrote."""

    def __init__(self) -> None:
        self.entries: list[tuple[tuple[int, int], bytes]] = []
        """Id (epoch and number) and content."""
        self.secrets: dict[tuple[str, str], str] = {}
        self.last_id = (0, 0)

    def write(self, epoch: int, entry: Entry, secrets: list[Secret]) -> bool:
        """Keep an entry unless its id `<epoch>-<seq>` is not above the last; Redis refuses such a one too."""
        if (epoch, entry.seq) <= self.last_id:
            return False
        self.last_id = (epoch, entry.seq)
        self.secrets.update({(secret.owner, secret.kind): secret.value for secret in secrets})
        self.entries.append((self.last_id, journal.encode(entry)))
        return True


class FakeJournal:
    """The journal of one engine, as `router.ports.Journal`."""

    def __init__(self, store: FakeStore, epoch: int, later: Later, delay: Callable[[], float]) -> None:
        """`delay` gives the seconds until the next acknowledgement."""
        self._store = store
        self._epoch = epoch
        self._later = later
        self._delay = delay
        self._waiting: list[tuple[Entry, list[Secret], Callable[[], None]]] = []
        self._closed = False
        self.refused = 0
        """Entries the store did not take: another engine leads."""

    def append(self, entry: Entry, secrets: list[Secret], kept: Callable[[], None]) -> None:
        """Write in order, later; then call `kept`."""
        self._waiting.append((entry, secrets, kept))
        if len(self._waiting) == 1:
            self._later(self._delay(), self._write)

    def _write(self) -> None:
        """Write all that came together in the meantime, as one batch."""
        if self._closed:
            return
        batch, self._waiting = self._waiting, []
        for entry, secrets, kept in batch:
            if self._store.write(self._epoch, entry, secrets):
                kept()
            else:
                self.refused += 1

    def crash(self) -> None:
        """Lose what is not acknowledged; nothing is heard of this journal any more."""
        self._closed = True
        self._waiting.clear()
