"""The directory over HTTP."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from adapters.directory import csvfile
from adapters.directory.directory import Directory
from adapters.directory.importing import Mode, Plan
from adapters.directory.ports import Lines
from adapters.directory.record import Absence, Kind, MobileUse, Record
from adapters.directory.resolving import Resolution, Resolver
from adapters.directory.settings import Reason
from adapters.directory.views import PersonView, RecordView, Viewer
from router.api import LEADS, STAFF, Asked, Caller, Content, Example, Id, Role, Route, route, routes_of
from router.inputs import Refused

STATUSES: Final = {"bad_record": 422, "import_removes_many": 422, "directory_not_ready": 503}
"""HTTP statuses of our error ids, where they are not a conflict or something that is not there."""
HITS_MAX: Final = 100
LISTED_MAX: Final = 500
"""Changes that an import names one by one; it counts all."""
BULK_MAX: Final = 1000
BULK_BYTES: Final = 4 * 1024 * 1024
CSV: Final = "text/csv"

ABSENCE_SETTERS: Final[frozenset[Role]] = LEADS | {"operator", "agent"}
"""Agents for themselves alone."""
READ: Final = ("directory_not_ready",)
CHANGE: Final = (*READ, "bad_record", "store_away", "directory_full")
ONE: Final = (*READ, "unknown_record")

Language = Annotated[str, Meta(max_length=8)]
Texts = tuple[str, ...]


class Search(Asked, frozen=True):
    """What is typed so far."""

    typed: Annotated[str, Meta(max_length=200)]
    """Parts of names in any order, initials, what is asked for, a title, a department, an extension, a number."""
    limit: Annotated[int, Meta(ge=1, le=HITS_MAX)] = 20
    language: Language = "sv"
    """Of what callers may be told."""


class One(Asked, frozen=True):
    """A record."""

    record: Id
    language: Language = "sv"


class Fields(Asked, frozen=True):
    """Fields of a record, as they shall be; those left out stay as they are. docs/directory.md explains them."""

    key: str | UnsetType = UNSET
    given: str | UnsetType = UNSET
    family: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    aliases: Texts | UnsetType = UNSET
    title: str | UnsetType = UNSET
    department: Texts | UnsetType = UNSET
    """From the top."""
    extension: str | UnsetType = UNSET
    direct: str | UnsetType = UNSET
    mobile: str | UnsetType = UNSET
    mobile_use: MobileUse | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    secretary: str | UnsetType = UNSET
    deputy: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    responsibilities: Texts | UnsetType = UNSET
    skills: Texts | UnsetType = UNSET
    languages: Texts | UnsetType = UNSET
    hours: str | UnsetType = UNSET
    place: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    agent: str | UnsetType = UNSET
    protected: bool | UnsetType = UNSET
    by_refer: bool | UnsetType = UNSET
    absences: tuple[Absence, ...] | UnsetType = UNSET

    def given_fields(self) -> dict[str, Any]:
        """Return what was given."""
        values = ((name, getattr(self, name)) for name in Fields.__struct_fields__)
        return {name: value for name, value in values if value is not UNSET}


class New(Fields, frozen=True):
    """A new record."""

    kind: Kind = "person"


class Change(Fields, frozen=True, kw_only=True):
    """What shall be different."""

    record: Id
    revision: int | None = None
    """Of the record that was read: the change is refused if somebody else has changed it since."""


class Away(Asked, frozen=True):
    """An absence."""

    record: Id
    reason: Annotated[str, Meta(max_length=64)]
    since: float | None = None
    """UTC seconds; now, if left out."""
    until: float | None = None
    """UTC seconds at which the person is back; if left out, the usual end of this reason."""
    open: bool = False
    """Until further notice, whatever is usual."""
    refer: Annotated[str, Meta(max_length=64)] = ""
    """Id of the record to ask for meanwhile."""
    note: Annotated[str, Meta(max_length=200)] = ""
    """For colleagues."""
    language: Language = "sv"


class Back(Asked, frozen=True):
    """Whose absence ends."""

    record: Id
    all: bool = False
    """Also those that are planned."""
    language: Language = "sv"


class Typed(Asked, frozen=True):
    """Whom somebody wants to reach."""

    to: Annotated[str, Meta(min_length=1, max_length=64)]
    """An id of the directory, an extension, or a number."""
    anyway: bool = False
    """In spite of absence and working hours."""


class File(Asked, frozen=True):
    """A file, and what to do with it."""

    body: bytes
    mode: Mode = "merge"
    """`replace` removes the records of the file's kinds that are not in it."""
    dry: bool = False
    """Only tell what would change."""
    force: bool = False
    """Also if many records would be removed."""
    ignore: tuple[str, ...] = ()
    """Names of columns that are of no use here."""


class Bulk(Asked, frozen=True):
    """Many changes at once; all of them are made, or none."""

    records: Annotated[tuple[dict[str, Any], ...], Meta(max_length=BULK_MAX)] = ()
    """Each with the fields that shall change, and with the `id`, or the `key`, by which it is found; else it is new."""
    remove: Annotated[tuple[str, ...], Meta(max_length=BULK_MAX)] = ()
    """Ids."""
    dry: bool = False


class Export(Asked, frozen=True):
    """In which language the columns are named."""

    language: Literal["en", "sv"] = "en"


class Hits(Struct, frozen=True):
    """Who was found, the best first."""

    hits: tuple[PersonView, ...]


class Reasons(Struct, frozen=True):
    """Reasons for being away."""

    reasons: dict[str, Reason]
    time_zone: str
    """IANA name of the zone in which people there tell the time."""


class Changed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happens to one record."""

    record: str
    label: str
    what: Literal["added", "changed", "removed"]
    fields: tuple[str, ...] = ()


class Imported(Struct, frozen=True, kw_only=True):
    """What a file has changed, or would change."""

    done: bool
    """False after a dry run, and when there are problems: then nothing has changed."""
    added: int
    changed: int
    removed: int
    unchanged: int
    changes: tuple[Changed, ...]
    """The first of them."""
    problems: tuple[csvfile.Problem, ...]
    """`line` counts from 1, in a file with its first line; 0 means all of it."""


ANNA: Final = "p1001"


class DirectoryRoutes:
    """Carries out what is asked about the directory."""

    def __init__(self, directory: Directory, lines: Lines) -> None:
        self._directory = directory
        self._lines = lines
        self._resolver = Resolver(directory, lines)

    @route(
        "POST",
        "/directory/search",
        roles=STAFF,
        refusals=READ,
        reads=True,
        examples=(
            Example(summary="As one types", asked=Search(typed="an sv")),
            Example(summary="What is asked for", asked=Search(typed="bygglov", limit=5, language="en")),
        ),
    )
    async def search(self, caller: Caller, asked: Search) -> Hits:
        """Find people and functions as one types.

        Parts of words are enough, in any order; å, ä and ö may be missing, and slips are forgiven. Protected identities
        are found by supervisors and admins alone.
        """
        viewer = self._viewer(caller, asked.language)
        found = self._directory.search(asked.typed, protected=viewer.cleared, most=asked.limit)
        return Hits(tuple(viewer.person(one.record, similar=one.similar) for one in found))

    @route("GET", "/directory/reasons", roles=STAFF, examples=(Example(summary="All", asked=Asked()),))
    async def reasons(self, _: Caller, asked: Asked) -> Reasons:
        """List the reasons for being away, with their words."""
        return Reasons(self._directory.settings.reasons, self._directory.zone.key)

    @route(
        "POST",
        "/directory/destinations",
        roles=STAFF,
        refusals=(*ONE, "unknown_destination"),
        reads=True,
        examples=(
            Example(summary="An extension", asked=Typed(to="4000")),
            Example(summary="A person", asked=Typed(to=ANNA, anyway=True)),
        ),
    )
    async def destinations(self, caller: Caller, asked: Typed) -> Resolution:
        """Tell what would be rung to reach somebody, in order, and why nothing else."""
        found = self._resolver.typed(asked.to, anyway=asked.anyway)
        if found.record:
            self._check_visible(caller, self._directory.get(found.record))
        return found

    @route(
        "GET",
        "/directory/records/{record}",
        roles=STAFF,
        refusals=ONE,
        examples=(Example(summary="One", asked=One(record=ANNA)),),
    )
    async def show(self, caller: Caller, asked: One) -> RecordView:
        """Show a record. Of a protected identity, others than supervisors and admins see that it is one."""
        return self._shown(caller, self._directory.get(asked.record), asked.language)

    @route(
        "POST",
        "/directory/records",
        roles=LEADS,
        refusals=CHANGE,
        status=201,
        examples=(
            Example(summary="A person", asked=New(given="Maja", family="Månvinge", title="Rektor", extension="4990")),
            Example(summary="A function", asked=New(kind="function", name="Cykelgaraget", responsibilities=("cykel",))),
        ),
    )
    async def add(self, caller: Caller, asked: New) -> RecordView:
        """Add a person or function."""
        made = await self._directory.add(asked.kind, asked.given_fields(), caller.name)
        return self._shown(caller, made, "sv")

    @route(
        "PATCH",
        "/directory/records/{record}",
        roles=LEADS,
        refusals=(*CHANGE, *ONE, "record_changed"),
        examples=(Example(summary="A new title", asked=Change(record=ANNA, title="Enhetschef")),),
    )
    async def change(self, caller: Caller, asked: Change) -> RecordView:
        """Change some fields of a record."""
        fields = asked.given_fields()
        changed = await self._directory.change(asked.record, fields, caller.name, asked.revision)
        return self._shown(caller, changed, "sv")

    @route(
        "DELETE",
        "/directory/records/{record}",
        roles=LEADS,
        refusals=(*ONE, "store_away"),
        examples=(Example(summary="One", asked=One(record="p1100")),),
    )
    async def remove(self, caller: Caller, asked: One) -> None:
        """Remove a record, and references to it."""
        await self._directory.remove(asked.record, caller.name)

    @route(
        "POST",
        "/directory/records/{record}/absences",
        roles=ABSENCE_SETTERS,
        refusals=(*CHANGE, *ONE, "not_yours"),
        examples=(
            Example(summary="At lunch for an hour", asked=Away(record=ANNA, reason="lunch")),
            Example(summary="Referred to a colleague", asked=Away(record=ANNA, reason="ill", refer="p1002")),
        ),
    )
    async def absent(self, caller: Caller, asked: Away) -> RecordView:
        """Say that somebody is away. It ends by itself. Agents say so of themselves alone."""
        record = self._own(caller, asked.record)
        since = self._directory.now() if asked.since is None else asked.since
        until = asked.until
        if until is None and not asked.open:
            until = self._directory.usual_end(record, asked.reason, since)
        absence = Absence(reason=asked.reason, since=since, until=until, refer=asked.refer, note=asked.note)
        return self._shown(caller, await self._directory.set_absence(record.id, absence, caller.name), asked.language)

    @route(
        "DELETE",
        "/directory/records/{record}/absences",
        roles=ABSENCE_SETTERS,
        refusals=(*ONE, "store_away", "not_yours"),
        examples=(Example(summary="Back again", asked=Back(record=ANNA)),),
    )
    async def present(self, caller: Caller, asked: Back) -> RecordView:
        """Say that somebody is back."""
        record = self._own(caller, asked.record)
        left = await self._directory.clear_absence(record.id, caller.name, all_=asked.all)
        return self._shown(caller, left, asked.language)

    @route(
        "POST",
        "/directory/import",
        roles=LEADS,
        refusals=(*READ, "import_removes_many", "store_away", "directory_full"),
        takes=CSV,
        body_max=csvfile.SIZE_MAX,
        examples=(
            Example(summary="What would change", asked=File(body="namn;ankn\nMaja Månvinge;4990\n".encode(), dry=True)),
        ),
    )
    async def import_(self, caller: Caller, asked: File) -> Imported:
        """Take over a CSV file, whole or not at all; docs/directory.md tells about its columns."""
        plan = await self._directory.import_(
            asked.body, asked.mode, caller.name, ignored=asked.ignore, dry=asked.dry, force=asked.force
        )
        return _imported(plan, done=not asked.dry and not plan.problems)

    @route(
        "POST",
        "/directory/bulk",
        roles=LEADS,
        refusals=(*READ, "import_removes_many", "store_away", "directory_full", "bad_record"),
        body_max=BULK_BYTES,
        examples=(
            Example(
                summary="A new one, a change, a removal",
                asked=Bulk(records=({"name": "Bo Ek"}, {"id": ANNA, "title": "Chef"}), remove=("p1100",), dry=True),
            ),
        ),
    )
    async def bulk(self, caller: Caller, asked: Bulk) -> Imported:
        """Make many changes at once, all or none."""
        plan = await self._directory.bulk(asked.records, asked.remove, caller.name, dry=asked.dry)
        return _imported(plan, done=not asked.dry and not plan.problems)

    @route(
        "GET",
        "/directory/export",
        roles=LEADS,
        refusals=READ,
        gives=CSV,
        examples=(Example(summary="With Swedish columns", asked=Export(language="sv")),),
    )
    async def export(self, _: Caller, asked: Export) -> Content:
        """Give all records, protected ones too, as a CSV file that can be imported again."""
        return Content(CSV, await self._directory.export(asked.language))

    # ---- inside --------------------------------------------------------------------------------------------------

    def _viewer(self, caller: Caller, language: str) -> Viewer:
        return Viewer(self._directory, self._lines, caller, language)

    def _shown(self, caller: Caller, record: Record, language: str) -> RecordView:
        return self._viewer(caller, language).record(record)

    def _own(self, caller: Caller, id_: str) -> Record:
        """Return a record of which the caller may say where it is. Raises Refused."""
        record = self._directory.get(id_)
        if caller.role == "agent" and (not caller.agent or record.agent != caller.agent):
            raise Refused("not_yours", "this token speaks for its own agent alone")
        self._check_visible(caller, record)
        return record

    def _check_visible(self, caller: Caller, record: Record) -> None:
        own = caller.agent and record.agent == caller.agent
        if record.protected and not own and not self._viewer(caller, "").cleared:
            raise Refused("not_allowed", f"a token of role {caller.role} may not see this record")


def _imported(plan: Plan, *, done: bool) -> Imported:
    changes = [Changed(record=one.id, label=one.label, what="added") for one in plan.added[:LISTED_MAX]]
    changes += [
        Changed(record=one.new.id, label=one.new.label, what="changed", fields=one.fields)
        for one in plan.changed[:LISTED_MAX]
    ]
    changes += [Changed(record=one.id, label=one.label, what="removed") for one in plan.removed[:LISTED_MAX]]
    return Imported(
        done=done,
        added=len(plan.added),
        changed=len(plan.changed),
        removed=len(plan.removed),
        unchanged=plan.unchanged,
        changes=tuple(changes[:LISTED_MAX]),
        problems=tuple(plan.problems),
    )


def routes(directory: Directory, lines: Lines) -> list[Route]:
    """Return the routes."""
    return routes_of(DirectoryRoutes(directory, lines), "directory")
