"""From rows of a file to fields of records: everything that a row says by itself, and is wrong with it.

Reading 25,000 telephone numbers takes seconds, so this runs in another process; what comes out is plain and small.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from adapters.directory import checking, columns, csvfile, numbers
from adapters.directory.columns import COLUMNS, LEVELS, ONE_ABSENCE, Place
from adapters.directory.csvfile import PROBLEMS_MAX, Problem, Row, Table, Unreadable
from adapters.directory.ids import kind_of
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings
from adapters.directory.slices import in_parts

PENDING: Final = "?"
"""Stands for a reference until all records of the file are known."""
REFERENCES: Final = ("secretary", "deputy")
_ENCODER: Final = msgspec.msgpack.Encoder()
_FIELDS: Final = frozenset(Record.__struct_fields__) - {"revision"}
_READ: Final = {column.field: column.read for column in COLUMNS}


class Draft(Struct, frozen=True, kw_only=True, array_like=True):
    """What one row says."""

    line: int
    """From 1, the header."""
    values: Record
    """Tidy; without an id where the row has none."""
    fields: tuple[str, ...]
    """Those of the values that the row gives; the others are as a record's are by default."""
    references: dict[str, str]
    """`secretary`, `deputy`, `refer` to what the file calls the other record."""


class Drafted(Struct, frozen=True, kw_only=True):
    """A file's rows, or its mistakes."""

    parts: list[bytes]
    """Drafts, packed in parts that are unpacked quickly (`unpacked`)."""
    problems: list[Problem]
    columns: dict[str, str]
    """Field to the column's name in the file."""


_DECODER: Final = msgspec.msgpack.Decoder(list[Draft])


def drafted(data: bytes, ignored: tuple[str, ...], settings: DirectorySettings, zone: str, now: float) -> Drafted:
    """Read a file as far as rows go by themselves. Plain arguments and results: it may run in another process."""
    place = Place(settings, ZoneInfo(zone))
    try:
        table = csvfile.read(data, ignored)
    except Unreadable as error:
        return Drafted(parts=[], problems=error.problems, columns={})
    drafts: list[Draft] = []
    problems: list[Problem] = []
    named = _named(table)
    for row in table.rows:
        drafts.append(_draft(row, named, place, now, problems))
        if len(problems) >= PROBLEMS_MAX:
            break
    parts = [] if problems else [_ENCODER.encode(part) for part in in_parts(drafts)]
    return Drafted(parts=parts, problems=problems, columns=named)


def listed(rows: Sequence[Mapping[str, Any]], settings: DirectorySettings) -> Drafted:
    """Take rows that are no file: fields by their names, with values as a record has them. Counts from 1."""
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for line, row in enumerate(rows, start=1):
        try:
            values = msgspec.convert({"id": "", **row}, Record)
        except msgspec.ValidationError as error:
            problems.append(Problem(line, "", str(error)))
            continue
        problems += [Problem(line, name[:40], "is no field of a record") for name in row if name not in _FIELDS]
        tidy, flaws = checking.tidied({name: getattr(values, name) for name in row if name in _FIELDS}, settings)
        problems += [Problem(line, flaw.field, flaw.text) for flaw in flaws]
        references: dict[str, str] = {field: tidy.pop(field) for field in REFERENCES if field in tidy}
        drafts.append(Draft(line=line, values=Record(**{"id": "", **tidy}), fields=tuple(tidy), references=references))
    parts = [] if problems else [_ENCODER.encode(part) for part in in_parts(drafts)]
    return Drafted(parts=parts, problems=problems, columns={})


def unpacked(part: bytes) -> list[Draft]:
    """Return the drafts of one part."""
    return _DECODER.decode(part)


def _named(table: Table) -> dict[str, str]:
    named = {meaning.partition(".")[0]: name for meaning, name in table.columns.items()}
    named |= {"refer": table.columns.get("absence.refer", named.get("absence", "absences"))}
    named["absences"] = named.get("absences", named.get("absence", "absences"))
    return named


def _draft(row: Row, named: Mapping[str, str], place: Place, now: float, problems: list[Problem]) -> Draft:
    fields: dict[str, Any] = {}

    def wrong(field: str, text: str) -> None:
        problems.append(Problem(row.line, named.get(field, field), text))

    for meaning, cell in row.cells.items():
        if meaning in _READ:
            try:
                fields[meaning] = _READ[meaning](cell, place)
            except ValueError as error:
                wrong(meaning, str(error))
    levels = [row.cells[f"department.{n}"] for n in range(len(LEVELS)) if f"department.{n}" in row.cells]
    if levels:
        fields["department"] = (*fields.get("department", ()), *filter(None, levels))
    references: dict[str, str] = {field: _called(fields.pop(field), place) for field in REFERENCES if field in fields}
    _add_absence(row, place, now, fields, references, wrong)
    _split_name(row, fields)
    tidy, flaws = checking.tidied(fields, place.settings)
    for flaw in flaws:
        wrong(flaw.field, flaw.text)
    tidy = {field: value for field, value in tidy.items() if field != "kind" or value}
    values = Record(**{"id": "", **tidy})
    return Draft(line=row.line, values=values, fields=tuple(tidy), references=references)


def _add_absence(
    row: Row,
    place: Place,
    now: float,
    fields: dict[str, Any],
    references: dict[str, str],
    wrong: Callable[[str, str], None],
) -> None:
    """Read the absence that stands in columns of its own."""
    told = {part: row.cells[f"absence.{part}"] for part in ONE_ABSENCE if f"absence.{part}" in row.cells}
    if not told:
        return
    absences = fields.setdefault("absences", ())
    if not any(told.values()):
        return
    if not told.get("reason"):
        wrong("absences", "has a time or a note, but no reason; fill in the reason, or empty the others")
        return
    try:
        since = columns.moment(told["since"], place.zone) if told.get("since") else now
        until = columns.moment(told["until"], place.zone) if told.get("until") else None
    except ValueError as error:
        wrong("absences", str(error))
        return
    refer = told.get("refer", "")
    if refer:
        references["refer"] = _called(refer, place)
    absence = Absence(
        reason=told["reason"], since=since, until=until, refer=PENDING if refer else "", note=told.get("note", "")
    )
    fields["absences"] = (*absences, absence)


def _called(cell: str, place: Place) -> str:
    """Return what names another record as it is kept: a number in E.164, an address in small letters."""
    text = checking.squeezed(cell)
    try:
        return numbers.normal(text, place.settings.country) if text else ""
    except ValueError:
        return text.lower() if "@" in text else text


def _split_name(row: Row, fields: dict[str, Any]) -> None:
    """Take a person's whole name apart, where the file has no columns for the parts: `Berg, Anna` or `Anna Berg`."""
    kind = fields.get("kind") or kind_of(fields.get("id", ""))
    if kind != "person" or {"given", "family"} & row.cells.keys() or "name" not in fields:
        return
    whole = fields.pop("name")
    if "," in whole:
        family, _, given = whole.partition(",")
    else:
        given, _, family = whole.rpartition(" ")
    fields["given"], fields["family"] = given.strip(), family.strip()
