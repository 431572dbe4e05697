"""The directory of one engine: in memory to be found at once, in the store to last.

Every change is checked, written to the store, and only then seen by others; one at a time, so that each is decided on
what the one before left. Refusals are `Refused` and repeat no personal value; the log tells who changed which fields of
which record, and not to what.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, structs

from adapters.directory import absence, drafts, exporting, ids, usage
from adapters.directory.checking import Flaw, checked
from adapters.directory.drafts import Drafted
from adapters.directory.importing import NEVER_CHANGED, Mode, Plan, Planner, changed_fields
from adapters.directory.index import Hit, Index, View
from adapters.directory.lookups import By, Lookups
from adapters.directory.ports import Store
from adapters.directory.presence import Presence
from adapters.directory.record import Absence, Kind, Record, without_reference
from adapters.directory.settings import DirectorySettings
from adapters.directory.slices import in_parts
from adapters.directory.usage import NEVER, Use
from adapters.redis.errors import Deposed, StoreAway
from router.inputs import Refused

log = logging.getLogger(__name__)

T = TypeVar("T")
RECORDS_MAX: Final = 100_000
FEW: Final = 100
"""So many changed records are written each; more are written as a new whole."""
REMOVED_SHARE_MAX: Final = 0.2
REMOVED_FEW: Final = 20
"""An import that would remove more than this, and more than that share of all, must be meant (`force`)."""
KEPT_AFTER_S: Final = 86_400.0
"""How long an absence that is over is kept."""


class Aside(Protocol):
    """Runs long work where it does not hold up the loop: in another process."""

    async def __call__(self, work: Callable[..., T], /, *arguments: Any) -> T:
        """Return what `work` returns; it and the arguments can be pickled."""


class Found(Struct, frozen=True):
    """A record that a search found."""

    record: Record
    similar: bool


class Directory:
    """People and functions."""

    def __init__(
        self,
        store: Store,
        settings: DirectorySettings,
        zone: str,
        now: Callable[[], float],
        aside: Aside,
    ) -> None:
        """`zone` is an IANA name; `now` gives UTC seconds."""
        self.settings = settings
        self.zone = ZoneInfo(zone)
        self.now = now
        self.ready = False
        """Whether all records are there."""
        self.records: dict[str, Record] = {}
        self._store = store
        self._aside = aside
        self._index = Index(settings)
        self._lookups = Lookups()
        self.presence = Presence(self._index, settings, self.zone)
        self._uses: dict[str, Use] = {}
        self._fresh_uses: set[str] = set()
        self._stale_uses: set[str] = set()
        self._numbers: ids.Numbers = {"p": 0, "f": 0}
        self._writing = asyncio.Lock()

    # ---- loading and tending -------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read all records, giving way to other work. Raises StoreAway."""
        self._numbers |= await self._store.numbers_given()
        async for part in self._store.load():
            for record in part:
                self._take(self.records.get(record.id), record)
            await _breathe()
        self._uses = {id_: use for id_, use in (await self._store.uses()).items() if id_ in self.records}
        for id_ in self._uses:
            self._index.mark_used(id_)
        self.ready = True
        log.info("the directory is read", extra={"action": "directory.read", "records": len(self.records)})

    async def tend(self) -> None:
        """Write uses, forget those of long ago, and drop absences that have been over for a day. Raises StoreAway."""
        now = self.now()
        faded = {id_ for id_, use in self._uses.items() if use.now(now) < usage.LEAST}
        gone, fresh = self._stale_uses | faded, self._fresh_uses - faded
        await self._store.write_uses({id_: self._uses[id_] for id_ in fresh if id_ in self._uses}, sorted(gone))
        self._stale_uses -= gone
        self._fresh_uses -= fresh | faded
        for id_ in faded:
            del self._uses[id_]
        async with self._writing:
            over = [record for record in self._index.with_absences() if _is_over(record.absences, now)]
            for part in in_parts(over):
                await self._keep([_without_past(record, now) for record in part], [])

    @property
    def unreadable(self) -> int:
        """Records that were left out when the directory was read."""
        return self._store.unreadable

    # ---- reading -------------------------------------------------------------------------------------------------

    def find(self, by: By, value: str) -> list[Record]:
        """Return the records with that name: an extension, a number in E.164, a key, an agent, a phone."""
        return [self.records[id_] for id_ in self._lookups.find(by, value)]

    def get(self, id_: str) -> Record:
        """Return a record. Raises Refused."""
        self._check_ready()
        record = self.records.get(id_)
        if record is None:
            raise Refused("unknown_record", "there is no record with this id in the directory")
        return record

    def search(self, typed: str, *, protected: bool, most: int) -> list[Found]:
        """Return the best `most` records for what is typed so far; protected ones only for those who may see them."""
        self._check_ready()
        now = self.now()
        view = View(
            bonus=lambda id_: usage.bonus(self._uses.get(id_, NEVER), now),
            away=self.presence.away(now),
            protected=protected,
        )
        hits: list[Hit] = self._index.search(typed, view, most)
        return [Found(self.records[hit.id], hit.similar) for hit in hits]

    def in_order(self) -> Iterator[Record]:
        """Yield all records: functions, then persons, each in the order of their ids."""
        return iter(sorted(self.records.values(), key=lambda record: (record.kind, int(record.id[1:]))))

    # ---- changing ------------------------------------------------------------------------------------------------

    async def add(self, kind: Kind, fields: Mapping[str, Any], by: str) -> Record:
        """Make a record of some fields, for the caller `by`. Raises Refused."""
        async with self._writing:
            self._check_ready()
            if len(self.records) >= RECORDS_MAX:
                raise Refused("directory_full", f"the directory holds {RECORDS_MAX} records, and takes no more")
            numbers = dict(self._numbers)
            record = self._checked(Record(id=ids.new(numbers, kind), kind=kind), fields)
            await self._keep([record], [], numbers)
            _tell("added", by, record.id, _given(record))
            return record

    async def change(self, id_: str, fields: Mapping[str, Any], by: str, revision: int | None = None) -> Record:
        """Change some fields; only if the record still has `revision`, where one is given. Raises Refused."""
        async with self._writing:
            old = self.get(id_)
            if revision is not None and revision != old.revision:
                raise Refused("record_changed", "somebody else has changed this record; read it again")
            return await self._change(old, fields, by)

    async def remove(self, id_: str, by: str) -> None:
        """Remove a record, and references to it. Raises Refused."""
        async with self._writing:
            self.get(id_)
            referring = [without_reference(other, id_) for other in self.find("referred", id_)]
            await self._keep(referring, [id_])
            _tell("removed", by, id_, ())

    async def set_absence(self, id_: str, one: Absence, by: str) -> Record:
        """Add an absence. Whoever is away for the same reason at that time is so as told now. Raises Refused."""
        async with self._writing:
            old = self.get(id_)
            others = [other for other in old.absences if other.reason != one.reason or not _overlap(other, one)]
            return await self._change(old, {"absences": (*absence.lasting(others, self.now()), one)}, by)

    async def clear_absence(self, id_: str, by: str, *, all_: bool = False) -> Record:
        """End the absences of now, or all that are planned, too. Raises Refused."""
        async with self._writing:
            old = self.get(id_)
            left = () if all_ else tuple(one for one in old.absences if one.since > self.now())
            return await self._change(old, {"absences": left}, by)

    def usual_end(self, record: Record, reason: str, since: float) -> float | None:
        """Return when an absence ends for which no end was told; None for until further notice."""
        known = self.settings.reasons.get(reason)
        if known is None:
            return None
        return absence.usual_end(known, record, since, self.zone, self.settings.special_days)

    def connected(self, id_: str) -> None:
        """A caller was connected to this record: from now on it is found a little earlier."""
        if id_ in self.records:
            self._uses[id_] = usage.once_more(self._uses.get(id_, NEVER), self.now())
            self._fresh_uses.add(id_)
            self._index.mark_used(id_)

    # ---- files ---------------------------------------------------------------------------------------------------

    async def import_(
        self,
        data: bytes,
        mode: Mode,
        by: str,
        *,
        ignored: Sequence[str] = (),
        dry: bool = False,
        force: bool = False,
    ) -> Plan:
        """Take over a file, whole or not at all, and return what changed; with `dry` only what would. Raises Refused.

        A plan with problems has changed nothing.
        """
        arguments = (data, tuple(ignored), self.settings, self.zone.key, self.now())
        drafted = await self._aside(drafts.drafted, *arguments)
        return await self._carry_out(drafted, mode, by, dry=dry, force=force)

    async def bulk(
        self, rows: Sequence[Mapping[str, Any]], removed: Sequence[str], by: str, *, dry: bool = False
    ) -> Plan:
        """Make many changes at once, all or none, and return them; `rows` are fields of records. Raises Refused."""
        drafted = drafts.listed(rows, self.settings)
        return await self._carry_out(drafted, "merge", by, removed, dry=dry, force=True)

    async def _carry_out(
        self, drafted: Drafted, mode: Mode, by: str, removed: Sequence[str] = (), *, dry: bool, force: bool
    ) -> Plan:
        async with self._writing:
            self._check_ready()
            numbers = dict(self._numbers)
            planner = Planner(self.records, self._lookups, self.settings, numbers, self.now())
            plan = await planner.plan(drafted, mode, _breathe, removed)
            if plan.problems or dry:
                return plan
            self._check_import(plan, force)
            await self._apply(plan, numbers)
        changes = {"added": len(plan.added), "changed": len(plan.changed), "removed": len(plan.removed)}
        log.info("many records were changed", extra={"action": "directory.imported", "by": by, "mode": mode, **changes})
        for part in in_parts(plan.changed):
            for one in part:
                _tell("changed", by, one.new.id, one.fields)
            await _breathe()
        return plan

    async def export(self, language: str = "en") -> bytes:
        """Return all records as a file that `import_` reads. Raises Refused."""
        self._check_ready()
        parts = []
        for part in in_parts(self.in_order()):
            parts.append(exporting.packed(part))
            await _breathe()
        return await self._aside(exporting.written, parts, self.settings, self.zone.key, language)

    def _check_import(self, plan: Plan, force: bool) -> None:
        if len(self.records) + len(plan.added) - len(plan.removed) > RECORDS_MAX:
            raise Refused("directory_full", f"the directory would hold more than {RECORDS_MAX} records")
        share = len(plan.removed) / max(1, len(self.records))
        if not force and len(plan.removed) > REMOVED_FEW and share > REMOVED_SHARE_MAX:
            text = (
                f"this would remove {len(plan.removed)} of {len(self.records)} records; say so (force) if it is meant"
            )
            raise Refused("import_removes_many", text)

    async def _apply(self, plan: Plan, numbers: ids.Numbers) -> None:
        changed = [structs.replace(one.new, revision=one.old.revision + 1) for one in plan.changed]
        removed = [record.id for record in plan.removed]
        records = plan.added + changed
        if len(records) + len(removed) <= FEW:
            await self._keep(records, removed, numbers)
            return
        after = {record.id: record for record in records}
        gone = set(removed)
        whole = {id_: after.get(id_, record) for id_, record in self.records.items() if id_ not in gone} | after
        await self._stored(self._store.rewrite(whole.values(), numbers))
        await self._follow(records, removed, numbers)

    # ---- inside --------------------------------------------------------------------------------------------------

    async def _change(self, old: Record, fields: Mapping[str, Any], by: str) -> Record:
        new = self._checked(old, fields)
        changed = changed_fields(old, new)
        if not changed:
            return old
        new = structs.replace(new, revision=old.revision + 1)
        await self._keep([new], [])
        _tell("changed", by, new.id, changed)
        return new

    def _checked(self, old: Record, fields: Mapping[str, Any]) -> Record:
        strange = [name for name in fields if name in NEVER_CHANGED or name not in Record.__struct_fields__]
        if strange:
            raise Refused("bad_record", f"`{strange[0][:40]}` is no field that can be changed")
        try:
            new = msgspec.convert(structs.asdict(old) | dict(fields), Record, from_attributes=True)
        except msgspec.ValidationError as error:
            raise Refused("bad_record", str(error)) from None
        tidy, flaws = checked(new, self.settings, self.now())
        flaws += [
            Flaw(name, "names a record that is not there") for name, id_ in _named(tidy) if id_ not in self.records
        ]
        unique: tuple[tuple[By, str], ...] = (("key", tidy.key), ("agent", tidy.agent))
        for by, value in unique:
            others = [id_ for id_ in self._lookups.find(by, value) if id_ != tidy.id] if value else []
            flaws += [Flaw(by, f"is that of {id_}, too; only one may have it") for id_ in others]
        if flaws:
            raise Refused("bad_record", "; ".join(f"{flaw.field} {flaw.text}" for flaw in flaws))
        return tidy

    async def _keep(
        self, changed: Sequence[Record], removed: Sequence[str], numbers: ids.Numbers | None = None
    ) -> None:
        """Write a few changes, then follow them."""
        numbers = dict(self._numbers) if numbers is None else numbers
        await self._stored(self._store.write(changed, removed, numbers))
        await self._follow(changed, removed, numbers)

    async def _stored(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except (StoreAway, Deposed) as error:
            raise Refused("store_away", "the change could not be kept; nothing has changed", retryable=True) from error

    async def _follow(self, changed: Iterable[Record], removed: Iterable[str], numbers: ids.Numbers) -> None:
        self._numbers |= numbers
        for gone in in_parts(removed):
            for id_ in gone:
                self._drop(id_)
            await _breathe()
        for part in in_parts(changed):
            for record in part:
                self._take(self.records.get(record.id), record)
            await _breathe()

    def _take(self, old: Record | None, record: Record) -> None:
        ids.reserve(self._numbers, record.id)
        self.records[record.id] = record
        self._lookups.change(old, record)
        self._index.put(record)
        self.presence.follow(record, self.now())

    def _drop(self, id_: str) -> None:
        self._lookups.change(self.records.pop(id_), None)
        self._index.remove(id_)
        if self._uses.pop(id_, None) is not None:
            self._stale_uses.add(id_)

    def _check_ready(self) -> None:
        if not self.ready:
            raise Refused("directory_not_ready", "the directory is still being read", retryable=True)


async def _breathe() -> None:
    await asyncio.sleep(0)


def _named(record: Record) -> Iterator[tuple[str, str]]:
    fields = (("secretary", record.secretary), ("deputy", record.deputy))
    yield from ((name, id_) for name, id_ in fields if id_)
    yield from (("absences", one.refer) for one in record.absences if one.refer)


def _given(record: Record) -> tuple[str, ...]:
    return changed_fields(Record(id=record.id), record)


def _overlap(one: Absence, other: Absence) -> bool:
    return absence.end(one) > other.since and absence.end(other) > one.since


def _without_past(record: Record, now: float) -> Record:
    return structs.replace(record, absences=absence.lasting(record.absences, now - KEPT_AFTER_S))


def _is_over(absences: Iterable[Absence], now: float) -> bool:
    return any(absence.end(one) <= now - KEPT_AFTER_S for one in absences)


def _tell(what: str, by: str, id_: str, fields: Sequence[str]) -> None:
    """Write the audit line: who, which record, which fields, never what stands in them."""
    extra = {"action": f"directory.{what}", "by": by, "record": id_, "fields": list(fields)}
    log.info("a record was %s", what, extra=extra)
