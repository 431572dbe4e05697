"""What a file would change: each row finds its record, or becomes a new one; nothing is done here.

A row finds its record by id, else by key, else by extension, direct number or e-mail address together with a part of
the name: who takes over a telephone is another person, with another id. Only fields for which the file has columns
change, so that a file of names and numbers leaves absences and notes alone. In place of all (`replace`), records that
the file does not have are removed; one of persons alone removes no functions.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct, structs

from adapters.directory import ids
from adapters.directory.checking import Flaw, flaws_of
from adapters.directory.csvfile import PROBLEMS_MAX, Problem
from adapters.directory.drafts import PENDING, Draft, Drafted, unpacked
from adapters.directory.lookups import By, Lookups
from adapters.directory.record import Kind, Record, without_reference
from adapters.directory.settings import DirectorySettings
from adapters.directory.slices import in_parts
from adapters.directory.spelling import words

Mode = Literal["merge", "replace"]
NEVER_CHANGED: Final = ("id", "revision")


class Changed(Struct, frozen=True):
    """A record before and after."""

    old: Record
    new: Record

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that differ."""
        return changed_fields(self.old, self.new)


class Plan(Struct, kw_only=True):
    """What an import would do, or why it cannot."""

    added: list[Record]
    changed: list[Changed]
    removed: list[Record]
    unchanged: int = 0
    problems: list[Problem]


def changed_fields(old: Record, new: Record) -> tuple[str, ...]:
    """Return the fields in which two records differ, but for the revision."""
    fields = (field for field in Record.__struct_fields__ if field not in NEVER_CHANGED)
    return tuple(field for field in fields if getattr(old, field) != getattr(new, field))


class Planner:
    """Works out what one file changes."""

    def __init__(
        self,
        records: Mapping[str, Record],
        lookups: Lookups,
        settings: DirectorySettings,
        numbers: ids.Numbers,
        now: float,
    ) -> None:
        """`numbers` is raised by the ids that are given."""
        self._records = records
        self._lookups = lookups
        self._settings = settings
        self._numbers = numbers
        self._now = now
        self._line: dict[str, int] = {}
        """Id to the line that speaks of it."""
        self._references: dict[str, dict[str, str]] = {}
        """Id to what its line calls other records."""
        self._after: dict[str, Record] = {}
        """The records of the file as they would be."""
        self._names = Lookups()
        """Of these records."""
        self._gone: set[str] = set()
        """Ids of records that would be removed."""

    async def plan(
        self, drafted: Drafted, mode: Mode, breathe: Callable[[], Awaitable[None]], removed: Sequence[str] = ()
    ) -> Plan:
        """Return what would change; `removed` are ids to remove, too. `breathe` is awaited between slices of work."""
        plan = Plan(added=[], changed=[], removed=[], problems=list(drafted.problems))
        if plan.problems:
            return plan
        for part in drafted.parts:
            for draft in unpacked(part):
                ids.reserve(self._numbers, draft.values.id)
            await breathe()
        for part in drafted.parts:
            for draft in unpacked(part):
                self._take(draft, drafted.columns, plan)
            await breathe()
        plan.removed = self._missing() if mode == "replace" else self._unwanted(removed, plan)
        self._gone = {record.id for record in plan.removed}
        for some in in_parts(self._references.items()):
            for id_, references in some:
                self._resolve(id_, references, drafted.columns, plan)
            await breathe()
        for record in plan.removed:
            self._unlink(record.id)
        for part_of_all in in_parts(self._after.values()):
            for record in part_of_all:
                self._compare(record, drafted.columns, plan)
            await breathe()
        plan.problems = sorted(plan.problems)[:PROBLEMS_MAX]
        return plan

    # ---- rows to records ---------------------------------------------------------------------------------------

    def _take(self, draft: Draft, columns: Mapping[str, str], plan: Plan) -> None:
        values = draft.values
        try:
            old = self._known(values)
            kind = _kind(draft, old)
            id_ = old.id if old is not None else self._fresh_id(values, kind)
        except ValueError as error:
            plan.problems.append(Problem(draft.line, columns.get("id", "id"), str(error)))
            return
        base = old if old is not None else Record(id=id_)
        changes = {field: getattr(values, field) for field in draft.fields if field not in NEVER_CHANGED}
        self._line[id_] = draft.line
        self._references[id_] = draft.references
        self._after[id_] = structs.replace(base, **{**changes, "kind": kind})
        self._names.change(None, self._after[id_])

    def _known(self, values: Record) -> Record | None:
        """Return the record a row speaks of. Raises ValueError when that cannot be told."""
        id_ = values.id
        found = [id_] if id_ in self._records else [] if id_ else self._found(self._lookups, self._records, values)
        if len(found) > 1:
            raise ValueError(f"is missing: {len(found)} records fit this row; give the id of one of them")
        for one in found:
            if one in self._line:
                raise ValueError(f"is of the same record as in line {self._line[one]}; take one of the lines out")
            return self._records[one]
        return None

    def _fresh_id(self, values: Record, kind: Kind) -> str:
        id_ = values.id
        twin = [id_] if id_ in self._line else [] if id_ else self._found(self._names, self._after, values)
        if twin:
            raise ValueError(f"is of the same record as in line {self._line[twin[0]]}; take one of the lines out")
        return id_ or ids.new(self._numbers, kind)

    def _found(self, lookups: Lookups, records: Mapping[str, Record], values: Record) -> list[str]:
        """Return the ids of records that have the row's key, or its number and a part of its name."""
        if values.key and (ids := lookups.find("key", values.key)):
            return list(ids)
        likely = (records[id_] for id_ in self._by_number(lookups, values))
        return [record.id for record in likely if not (values.key and record.key) and _alike(record, values)]

    def _by_number(self, lookups: Lookups, values: Record) -> tuple[str, ...]:
        ways: tuple[tuple[By, str], ...] = (
            ("extension", values.extension),
            ("number", values.direct),
            ("email", values.email),
        )
        return next(filter(None, (lookups.find(by, value) for by, value in ways)), ())

    def _unwanted(self, removed: Sequence[str], plan: Plan) -> list[Record]:
        for id_ in removed:
            if id_ not in self._records or id_ in self._line:
                plan.problems.append(Problem(0, "remove", "names a record that is not there, or is changed here, too"))
        return [self._records[id_] for id_ in dict.fromkeys(removed) if id_ in self._records]

    def _missing(self) -> list[Record]:
        kinds = {self._after[id_].kind for id_ in self._line}
        return [record for record in self._records.values() if record.kind in kinds and record.id not in self._line]

    def _unlink(self, gone: str) -> None:
        """Take references to a removed record away."""
        for id_ in self._lookups.find("referred", gone):
            if id_ not in self._gone:
                self._after[id_] = without_reference(self._after.get(id_) or self._records[id_], gone)

    # ---- references ----------------------------------------------------------------------------------------------

    def _resolve(self, id_: str, references: Mapping[str, str], columns: Mapping[str, str], plan: Plan) -> None:
        record = self._after[id_]
        for field, called in references.items():
            try:
                record = _with_reference(record, field, self._other(called) if called else "")
            except ValueError as error:
                plan.problems.append(Problem(self._line[id_], columns.get(field, field), str(error)))
        self._names.change(self._after[id_], record)
        self._after[id_] = record

    def _other(self, called: str) -> str:
        """Return the id of the record that a cell names. Raises ValueError."""
        found = [called] if called in self._after or called in self._records else self._named(called)
        left = [id_ for id_ in dict.fromkeys(found) if self._stays(id_)]
        if not left:
            raise ValueError("names no record; give the id, key, extension, number or e-mail address of one")
        if len(left) > 1:
            raise ValueError(f"names {len(left)} records; give the id of one of them")
        return left[0]

    def _named(self, called: str) -> list[str]:
        """Return the ids of those with that name, as they would be after the import."""
        ways: tuple[By, ...] = ("key", "extension", "number", "email")
        of_file = [id_ for by in ways for id_ in self._names.find(by, called)]
        return of_file + [id_ for by in ways for id_ in self._lookups.find(by, called) if id_ not in self._after]

    # ---- before and after ----------------------------------------------------------------------------------------

    def _compare(self, record: Record, columns: Mapping[str, str], plan: Plan) -> None:
        flaws = flaws_of(record, self._settings, self._now) + self._clashes(record) + self._dangling(record)
        plan.problems += [self._problem(record, flaw, columns) for flaw in flaws]
        old = self._records.get(record.id)
        if old is None:
            plan.added.append(record)
        elif changed_fields(old, record):
            plan.changed.append(Changed(old, record))
        else:
            plan.unchanged += 1

    def _clashes(self, record: Record) -> list[Flaw]:
        """Return what only one record may have, and another has, too."""
        found = []
        unique: tuple[tuple[By, str], ...] = (("key", record.key), ("agent", record.agent))
        for by, value in unique:
            others = [*self._names.find(by, value), *self._others(by, value)] if value else []
            found += [
                Flaw(by, f"is that of {other}, too; only one may have it") for other in others if other != record.id
            ]
        return found

    def _dangling(self, record: Record) -> list[Flaw]:
        named = (absence.refer for absence in record.absences if absence.refer)
        return [Flaw("absences", "refer to a record that is not there") for id_ in named if not self._stays(id_)]

    def _stays(self, id_: str) -> bool:
        return id_ not in self._gone and (id_ in self._after or id_ in self._records)

    def _others(self, by: By, value: str) -> list[str]:
        return [id_ for id_ in self._lookups.find(by, value) if id_ not in self._after and id_ not in self._gone]

    def _problem(self, record: Record, flaw: Flaw, columns: Mapping[str, str]) -> Problem:
        return Problem(self._line.get(record.id, 0), columns.get(flaw.field, flaw.field), flaw.text)


def _kind(draft: Draft, old: Record | None) -> Kind:
    """Return the kind of a row. Raises ValueError when its record is of another."""
    said: Kind | None = draft.values.kind if "kind" in draft.fields else None
    if old is None:
        return said or ids.kind_of(draft.values.id)
    if said is not None and said != old.kind:
        raise ValueError(f"is that of a {old.kind}, but the row is of a {said}; correct one of them")
    return old.kind


def _alike(record: Record, values: Record) -> bool:
    """Tell whether two have a part of the name in common."""
    return not _name_words(record).isdisjoint(_name_words(values))


def _name_words(record: Record) -> set[str]:
    return set(words(" ".join((record.label, *record.aliases))))


def _with_reference(record: Record, field: str, other: str) -> Record:
    if field != "refer":
        return structs.replace(record, **{field: other})
    absences = (structs.replace(one, refer=other) if one.refer == PENDING else one for one in record.absences)
    return structs.replace(record, absences=tuple(absences))
