"""Who is away now, for all records at once: worked out again only when somebody comes or goes."""

from datetime import datetime
from math import inf
from zoneinfo import ZoneInfo

from adapters.directory import absence, hours
from adapters.directory.index import Index
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings


class Presence:
    """Absences and working hours against the time."""

    def __init__(self, index: Index, settings: DirectorySettings, zone: ZoneInfo) -> None:
        self._index = index
        self._settings = settings
        self._zone = zone
        self._away = 0
        self._valid = (inf, -inf)
        """From and until when `_away` holds, UTC seconds."""

    def absence(self, record: Record, now: float) -> Absence | None:
        """Return why a record is away by its own word; working elsewhere is not away."""
        return absence.in_force((one for one in record.absences if not self._reachable(one)), now)

    def elsewhere(self, record: Record, now: float) -> Absence | None:
        """Return why a record is not at its desk, though it can be reached."""
        return absence.in_force(filter(self._reachable, record.absences), now)

    def _reachable(self, one: Absence) -> bool:
        reason = self._settings.reasons.get(one.reason)
        return reason is not None and reason.reachable

    def at_work(self, record: Record, now: float) -> bool:
        """Tell whether it is within the record's working hours."""
        return hours.at_work(record.hours, self._settings.special_days, self._local(now))

    def begins(self, record: Record, now: float) -> float | None:
        """Return when the record's working hours begin next."""
        start = hours.next_start(record.hours, self._settings.special_days, self._local(now))
        return None if start is None else start.replace(tzinfo=self._zone).timestamp()

    def away(self, now: float) -> int:
        """Return the records that are away or not at work, as bits of the index."""
        since, until = self._valid
        if not since <= now < until:
            self._away, until = self._look(now)
            self._valid = now, until
        return self._away

    def follow(self, record: Record, now: float) -> None:
        """A record is new or has changed: look at it alone."""
        since, until = self._valid
        if not since <= now < until:
            return
        bit = self._index.bits([record.id])
        is_away = self.absence(record, now) is not None or not self.at_work(record, now)
        self._away = self._away | bit if is_away else self._away & ~bit
        edge = hours.next_edge(record.hours, self._settings.special_days, self._local(now))
        self._valid = since, min(until, absence.next_change(record.absences, now), self._seconds(edge))

    def _look(self, now: float) -> tuple[int, float]:
        """Return who is away, and when that may change."""
        local, special = self._local(now), self._settings.special_days
        bits, until = 0, inf
        for text, having in self._index.hours.items():
            if not hours.at_work(text, special, local):
                bits |= having
            until = min(until, self._seconds(hours.next_edge(text, special, local)))
        absent = []
        for record in self._index.with_absences():
            until = min(until, absence.next_change(record.absences, now))
            if self.absence(record, now) is not None:
                absent.append(record.id)
        return bits | self._index.bits(absent), until

    def _seconds(self, local: datetime | None) -> float:
        return inf if local is None else local.replace(tzinfo=self._zone).timestamp()

    def _local(self, now: float) -> datetime:
        return datetime.fromtimestamp(now, self._zone).replace(tzinfo=None)
