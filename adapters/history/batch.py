"""What one transaction writes: rows, and what is to be added to the tallies of days."""

from typing import Any, NamedTuple

from msgspec import Struct, field

from adapters.history.rows import KEYS, TABLES, Row, Table
from metrics.figures import Figures
from metrics.work import Work


class Kind(NamedTuple):
    """What contacts are told apart by in reports."""

    channel: str
    queue: str
    """Empty while the contact has asked for none."""
    language: str
    needs: str
    entry: str


class Subject(NamedTuple):
    """What contacts were about, as agents said it."""

    reason: str
    avoidable: bool | None
    gap: str


class SurveyKind(NamedTuple):
    """What questions how it was are told apart by: neither agent nor person."""

    channel: str
    queue: str
    language: str
    scale: int


class Tally(Struct):
    """A day's figures of one kind of contact."""

    figures: Figures = field(default_factory=Figures)
    work: Work = field(default_factory=Work)


class Patch(NamedTuple):
    """Columns of a row that was written long ago."""

    table: Table
    key: tuple[Any, ...]
    values: dict[str, Any]


class Batch:
    """Collects until it is written."""

    def __init__(self) -> None:
        self.rows: dict[Table, dict[tuple[Any, ...], Row]] = {table: {} for table in KEYS}
        self.patches: list[Patch] = []
        """In order, after the rows."""
        self.tallies: dict[tuple[str, Kind], Tally] = {}
        self.presence: dict[tuple[str, str], float] = {}
        """Day and state of agents to seconds."""
        self.subjects: dict[tuple[str, Kind, Subject], int] = {}
        self.surveys: dict[tuple[str, SurveyKind], list[int]] = {}
        """How many were asked, how many of them answered, and the sum of the answers."""

    def row(self, row: Row) -> None:
        """Write a row, new or changed; it may change on until the batch is written."""
        table = TABLES[type(row)]
        self.rows[table][tuple(getattr(row, name) for name in KEYS[table])] = row

    def patch(self, table: Table, key: tuple[Any, ...], **values: Any) -> None:
        """Change columns of a row, if it is there."""
        self.patches.append(Patch(table, key, values))

    def tally(self, day: str, kind: Kind) -> Tally:
        """Return what is to be added to a day's figures."""
        found = self.tallies.get((day, kind))
        if found is None:
            found = self.tallies[day, kind] = Tally()
        return found

    def present(self, day: str, state: str, seconds: float) -> None:
        """Add time that an agent spent."""
        self.presence[day, state] = self.presence.get((day, state), 0.0) + seconds

    def subject(self, day: str, kind: Kind, subject: Subject, number: int) -> None:
        """Count what a contact was about."""
        key = day, kind, subject
        self.subjects[key] = self.subjects.get(key, 0) + number

    def survey(self, day: str, kind: SurveyKind, answer: int = 0) -> None:
        """Count a question of a day, or an answer to one."""
        counts = self.surveys.setdefault((day, kind), [0, 0, 0])
        counts[0] += not answer
        counts[1] += bool(answer)
        counts[2] += answer

    @property
    def size(self) -> int:
        """Return how many rows would be written."""
        return sum(map(len, self.rows.values())) + len(self.patches) + len(self.tallies)
