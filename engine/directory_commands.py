"""What `vaxel directory` does: asks the engine's API and shows the answers. Functions return exit codes."""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from adapters.directory.columns import COLUMNS, LEVEL, Place, moment
from adapters.directory.settings import DirectorySettings
from engine import tables
from engine.config.words import seconds
from engine.remote import CANNOT, REFUSED, WELL, Cannot, send

RECORDS: Final = "/directory/records"
FILE_WITHIN_S: Final = 600.0
"""A large file on a busy machine takes its time."""
PROBLEMS_SHOWN: Final = 100
CHANGES_SHOWN: Final = 20
PLACE: Final = Place(DirectorySettings(), ZoneInfo("UTC"))
_READ: Final = {column.field: column.read for column in COLUMNS if column.field not in ("id", "kind", "absences")}
_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d\d)")

Show = Callable[[Any], tables.Shown]


def search(data: Path, typed: str, limit: int, language: str, *, as_json: bool) -> int:
    """Find people and functions."""
    asked = {"typed": typed, "limit": limit, "language": language}
    return _ask(data, "POST", "/directory/search", asked, _hits, as_json=as_json)


def show(data: Path, record: str, *, as_json: bool) -> int:
    """Show a record."""
    return _ask(data, "GET", _path(record), None, _record, as_json=as_json)


def add(data: Path, fields: Sequence[str], kind: str, *, as_json: bool) -> int:
    """Add a record."""
    return _with_fields(data, "POST", RECORDS, fields, {"kind": kind}, as_json=as_json)


def change(data: Path, record: str, fields: Sequence[str], *, as_json: bool) -> int:
    """Change a record."""
    return _with_fields(data, "PATCH", _path(record), fields, {}, as_json=as_json)


def remove(data: Path, record: str) -> int:
    """Remove a record."""
    return _ask(data, "DELETE", _path(record), None, tables.done, as_json=False)


def absent(data: Path, record: str, told: Mapping[str, str], *, as_json: bool) -> int:
    """Say that somebody is away."""
    try:
        zone = ZoneInfo(json.loads(send(data, "GET", "/directory/reasons"))["time_zone"])
        now = datetime.now(zone)
        asked: dict[str, Any] = {name: told[name] for name in ("reason", "refer", "note") if told[name]}
        if told["since"]:
            asked["since"] = when(told["since"], now)
        if told["until"] == "open":
            asked["open"] = True
        elif told["until"]:
            begins = datetime.fromtimestamp(asked["since"], zone) if told["since"] else now
            asked["until"] = when(told["until"], begins)
    except ValueError as error:
        return _cannot(f"{error}.")
    except Cannot as error:
        return _cannot(str(error), error.code)
    return _ask(data, "POST", f"{_path(record)}/absences", asked, _record, as_json=as_json)


def present(data: Path, record: str, *, all_: bool, as_json: bool) -> int:
    """Say that somebody is back."""
    query = {"all": "true"} if all_ else None
    return _ask(data, "DELETE", f"{_path(record)}/absences", None, _record, query=query, as_json=as_json)


def reasons(data: Path, *, as_json: bool) -> int:
    """List the reasons for being away."""
    return _ask(data, "GET", "/directory/reasons", None, _reasons, as_json=as_json)


def reach(data: Path, to: str, *, anyway: bool, as_json: bool) -> int:
    """Tell what would be rung."""
    asked = {"to": to, "anyway": anyway}
    return _ask(data, "POST", "/directory/destinations", asked, _destinations, as_json=as_json)


def import_(data: Path, file: Path, options: Mapping[str, Any], *, as_json: bool) -> int:
    """Take over a file."""
    query = {"mode": options["mode"], "dry": str(options["dry"]).lower(), "force": str(options["force"]).lower()}
    query |= {"ignore": ",".join(options["ignore"])} if options["ignore"] else {}
    try:
        body = file.read_bytes()
        told = send(data, "POST", "/directory/import", body, media="text/csv", query=query, within=FILE_WITHIN_S)
    except OSError as error:
        return _cannot(f"{file} cannot be read: {(error.strerror or '').lower()}.")
    except Cannot as error:
        return _cannot(str(error), error.code)
    result = json.loads(told)
    if as_json:
        sys.stdout.write(told.decode() + "\n")
    else:
        _tell_import(result, file, dry=bool(options["dry"]))
    return REFUSED if result["problems"] else WELL


def export(data: Path, file: Path, language: str) -> int:
    """Write all records to a file."""
    try:
        told = send(data, "GET", "/directory/export", query={"language": language}, within=FILE_WITHIN_S)
        if str(file) == "-":
            sys.stdout.buffer.write(told)
        else:
            file.write_bytes(told)
    except OSError as error:
        return _cannot(f"{file} cannot be written: {(error.strerror or '').lower()}.")
    except Cannot as error:
        return _cannot(str(error), error.code)
    return WELL


# ---- asking ----------------------------------------------------------------------------------------------------------


def _with_fields(
    data: Path, method: str, path: str, fields: Sequence[str], asked: Mapping[str, Any], *, as_json: bool
) -> int:
    try:
        given = dict(map(_field, fields))
    except ValueError as error:
        return _cannot(f"{error}.")
    return _ask(data, method, path, {**asked, **given}, _record, as_json=as_json)


def _field(text: str) -> tuple[str, Any]:
    """Read `title=Rektor`. Raises ValueError."""
    name, sign, value = text.partition("=")
    if not sign or name not in _READ:
        raise ValueError(f'"{text}" is no FIELD=VALUE; fields are {", ".join(_READ)}')
    try:
        return name, _READ[name](value.strip(), PLACE)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None


def _ask(
    data: Path,
    method: str,
    path: str,
    asked: Mapping[str, Any] | None,
    shown: Show,
    *,
    query: Mapping[str, str] | None = None,
    as_json: bool,
) -> int:
    try:
        told = send(data, method, path, None if asked is None else json.dumps(asked).encode(), query=query)
    except Cannot as error:
        return _cannot(str(error), error.code)
    if as_json:
        sys.stdout.write(told.decode() + "\n")
    else:
        tables.write(shown(json.loads(told) if told else None))
    return WELL


def _path(record: str) -> str:
    return f"{RECORDS}/{quote(record, safe='')}"


def _cannot(text: str, code: int = CANNOT) -> int:
    sys.stderr.write(f"{text}\n")
    return code


def when(text: str, after: datetime) -> float:
    """Return the UTC seconds of a time as people write it, in the zone of `after`, of times of day the next one.

    Raises ValueError.
    """
    clock = _CLOCK.fullmatch(text)
    zone = after.tzinfo
    assert isinstance(zone, ZoneInfo)
    if clock:
        try:
            at = datetime.combine(after.date(), time(int(clock[1]), int(clock[2])), zone)
        except ValueError:
            raise ValueError(f'"{text}" is no time of day') from None
        return (at if at > after else at + timedelta(days=1)).timestamp()
    if re.match(r"\d{4}-", text):
        try:
            return moment(text, zone)
        except ValueError:
            raise ValueError(f'"{text}" is no time; write it like 2026-12-21 08:00') from None
    try:
        return after.timestamp() + seconds(text)
    except ValueError:
        raise ValueError(f'"{text}" is no time; write it like 13:00, 2026-12-21, 2026-12-21 08:00, or 2 h') from None


# ---- showing ---------------------------------------------------------------------------------------------------------

HIT_COLUMNS: Final = ("id", "name", "title", "department", "ext.", "number", "is")


def _hits(told: Mapping[str, Any]) -> tables.Shown:
    rows = [
        (
            one["id"],
            f"{one['label']}{' (similar)' if one.get('similar') else ''}{' PROTECTED' if one.get('protected') else ''}",
            one.get("title", ""),
            LEVEL.join(one.get("department", ())),
            one.get("extension", ""),
            one.get("direct", ""),
            _standing(one),
        )
        for one in told["hits"]
    ]
    return tables.Shown(HIT_COLUMNS, rows) if rows else tables.Shown(note="Nobody was found.")


def _standing(one: Mapping[str, Any]) -> str:
    standing = one["standing"]
    busy = ", busy" if one.get("busy") else ""
    return str(standing.get("says") or standing["state"].replace("_", " ")) + busy


def _record(told: Mapping[str, Any]) -> tables.Shown:
    record, names = told["record"], told["names"]
    rows = [("id", record["id"]), ("name", told["person"]["label"]), ("is", _standing(told["person"]))]
    for column in COLUMNS:
        value = record.get(column.field)
        if value and column.field not in ("id", "absences"):
            rows.append((column.field.replace("_", " "), _value(column.field, value, names)))
    for one in record.get("absences", ()):
        rows.append(("absence", _absence(one, names, ZoneInfo(told["time_zone"]))))
    return tables.Shown(("", ""), rows)


def _value(field: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return (LEVEL if field == "department" else "; ").join(value)
    if value is True:
        return "yes"
    return f"{value} ({names[value]})" if value in names else str(value)


def _absence(one: Mapping[str, Any], names: Mapping[str, str], zone: ZoneInfo) -> str:
    until = f"until {_local(one['until'], zone)}" if one.get("until") is not None else "until further notice"
    refer = one.get("refer", "")
    parts = [one["reason"], f"from {_local(one['since'], zone)}", until]
    parts += [f"ask for {names.get(refer) or refer}"] if refer else []
    return ", ".join([*parts, *([one["note"]] if one.get("note") else [])])


def _local(at: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


def _reasons(told: Mapping[str, Any]) -> tables.Shown:
    rows = []
    for name, reason in told["reasons"].items():
        lasts = reason.get("lasts")
        usually = "until further notice" if lasts is None else "the day" if lasts == "day" else f"{lasts / 60:g} min"
        more = [word for word in ("private", "reachable") if reason.get(word)]
        words = "; ".join(f"{language}: {text}" for language, text in reason["words"].items())
        rows.append((name, reason.get("digit", ""), usually, ", ".join(more), words))
    return tables.Shown(("reason", "digit", "usually", "is", "words"), rows)


def _destinations(told: Mapping[str, Any]) -> tables.Shown:
    rows = [
        (one["way"], one["record"], one["phone"] or one["number"], "by REFER" if one["by_refer"] else "")
        for one in told["candidates"]
    ]
    rows += [(one["way"], one["record"], "", f"not: {one['why'].replace('_', ' ')}") for one in told["passed_over"]]
    note = f"Busy at {told['busy_at']}." if told["busy_at"] else ""
    return tables.Shown(("way", "record", "rings", ""), rows, note or ("" if rows else "Nothing could be rung."))


def _tell_import(result: Mapping[str, Any], file: Path, *, dry: bool) -> None:
    problems = result["problems"]
    for one in problems[:PROBLEMS_SHOWN]:
        place = f"{file}:{one['line']}" if one["line"] else str(file)
        sys.stdout.write(f"{': '.join(part for part in (place, one['column'], one['text']) if part)}\n")
    if problems:
        sys.stderr.write(f"{_count(len(problems), 'mistake')} in {file}: nothing was changed.\n")
        return
    changes = result["changes"][:CHANGES_SHOWN]
    if changes:
        rows = [(one["what"], one["record"], one["label"], ", ".join(one.get("fields", ()))) for one in changes]
        tables.write(tables.Shown(("", "id", "name", "fields"), rows))
    counts = ", ".join(f"{result[what]} {what}" for what in ("added", "changed", "removed", "unchanged"))
    sys.stdout.write(f"{'Would be' if dry else 'Done'}: {counts}.\n")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
