"""The columns of a directory's CSV file: their names, and how the text of a cell becomes a field's value.

A cell that was written from a value, read again, gives that value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from adapters.directory.numbers import shown
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings
from adapters.directory.spelling import plain

LEVEL: Final = " / "
"""Between the levels of a department."""
AND: Final = "; "
"""Between the entries of a list."""
BAR: Final = " | "
"""Between absences."""
TRUE: Final = frozenset(("yes", "ja", "true", "sant", "1", "x"))
FALSE: Final = frozenset(("no", "nej", "false", "falskt", "0", ""))
KINDS: Final = {"person": "person", "p": "person", "function": "function", "funktion": "function", "f": "function"}
MOBILE_USES: Final = {
    "": "never",
    "never": "never",
    "nej": "never",
    "aldrig": "never",
    "connect": "connect",
    "koppla": "connect",
    "give": "give",
    "lämna ut": "give",
    "ja": "give",
}
_NAME: Final = re.compile(r"[^\W_]+")


class Place(NamedTuple):
    """Where and for what a cell is read or written."""

    settings: DirectorySettings
    zone: ZoneInfo


class Column(NamedTuple):
    """A column. `read` raises ValueError with what would be right."""

    field: str
    names: tuple[str, ...]
    """English, Swedish, and what else it is called."""
    read: Callable[[str, Place], Any]
    write: Callable[[Any, Place], str]


# ---- cells -----------------------------------------------------------------------------------------------------


def _text(cell: str, _: Place) -> str:
    return cell


def _same(value: str, _: Place) -> str:
    return value


def _kind(cell: str, _: Place) -> str:
    if cell and cell.lower() not in KINDS:
        raise ValueError("is neither person nor function")
    return KINDS.get(cell.lower(), "")


def _mobile_use(cell: str, _: Place) -> str:
    if cell.lower() not in MOBILE_USES:
        raise ValueError("is none of never, connect (callers may be connected) and give (they may be told the number)")
    return MOBILE_USES[cell.lower()]


def _truth(cell: str, _: Place) -> bool:
    if cell.lower() not in TRUE | FALSE:
        raise ValueError("is neither yes nor no")
    return cell.lower() in TRUE


def _yes_no(value: bool, _: Place) -> str:
    return "yes" if value else ""


def _levels(cell: str, _: Place) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"\s[/>]\s", cell) if part.strip())


def _path(value: tuple[str, ...], _: Place) -> str:
    return LEVEL.join(value)


def _entries(cell: str, _: Place) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[;,|]", cell) if part.strip())


def _list(value: tuple[str, ...], _: Place) -> str:
    return AND.join(value)


def _number(value: str, place: Place) -> str:
    return shown(value, place.settings.country) if value else ""


def _absences(cell: str, place: Place) -> tuple[Absence, ...]:
    return tuple(_absence(part.strip(), place) for part in cell.split("|") if part.strip())


ABSENCE_LIKE: Final = "holiday 2026-07-06T08:00/2026-08-03T08:00 refer=p1024 note=..."
_ABSENCE: Final = re.compile(r"(\w+)\s+([^\s/]+)/(\S*)(?:\s+refer=(\S+))?(?:\s+note=(.*))?")


def _absence(text: str, place: Place) -> Absence:
    match = _ABSENCE.fullmatch(text)
    if match is None:
        raise ValueError(f"is no absence; write it like {ABSENCE_LIKE}")
    reason, since, until, refer, note = match.groups()
    return Absence(
        reason=reason,
        since=moment(since, place.zone),
        until=moment(until, place.zone) if until else None,
        refer=refer or "",
        note=(note or "").strip(),
    )


def _intervals(value: tuple[Absence, ...], place: Place) -> str:
    return BAR.join(_interval(absence, place.zone) for absence in value)


def _interval(absence: Absence, zone: ZoneInfo) -> str:
    until = "" if absence.until is None else written(absence.until, zone)
    text = f"{absence.reason} {written(absence.since, zone)}/{until}"
    text += f" refer={absence.refer}" if absence.refer else ""
    return text + (f" note={absence.note}" if absence.note else "")


def moment(text: str, zone: ZoneInfo) -> float:
    """Read a local time such as 2026-07-06T08:00 (also with a space, with an offset, or a day alone) as UTC seconds."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError("holds what is no time; write it like 2026-07-06 08:00") from None


def written(at: float, zone: ZoneInfo) -> str:
    """Return UTC seconds as local time with its offset, so that no hour is meant twice."""
    local = datetime.fromtimestamp(at, zone)
    precise = local.second or local.microsecond
    return local.isoformat(timespec="auto" if precise else "minutes")


# ---- columns ---------------------------------------------------------------------------------------------------

COLUMNS: Final = (
    Column("id", ("id",), _text, _same),
    Column("kind", ("kind", "typ", "type", "slag"), _kind, _same),
    Column(
        "key",
        ("key", "nyckel", "anställningsnummer", "anstnr", "användarnamn", "konto", "employee number"),
        _text,
        _same,
    ),
    Column("given", ("given", "förnamn", "given name", "first name", "tilltalsnamn"), _text, _same),
    Column("family", ("family", "efternamn", "family name", "last name", "surname"), _text, _same),
    Column("name", ("name", "namn", "full name", "display name", "visningsnamn"), _text, _same),
    Column("aliases", ("aliases", "alias", "kallas", "smeknamn"), _entries, _list),
    Column("title", ("title", "titel", "befattning", "yrke", "job title"), _text, _same),
    Column("department", ("department", "organisation", "tillhörighet"), _levels, _path),
    Column("extension", ("extension", "anknytning", "ankn", "ext"), _text, _same),
    Column(
        "direct",
        ("direct", "direktnummer", "telefon", "telefonnummer", "direct number", "phone number"),
        _text,
        _number,
    ),
    Column("mobile", ("mobile", "mobil", "mobilnummer", "mobiltelefon", "mobile number", "cell"), _text, _number),
    Column("mobile_use", ("mobile use", "mobil får", "mobilanvändning"), _mobile_use, _same),
    Column("phone", ("phone", "apparat", "desk phone"), _text, _same),
    Column("secretary", ("secretary", "sekreterare"), _text, _same),
    Column("deputy", ("deputy", "ersättare", "ställföreträdare", "vikarie"), _text, _same),
    Column("email", ("email", "epost", "mail", "mejl", "e-post", "epostadress"), _text, _same),
    Column(
        "responsibilities",
        (
            "responsibilities",
            "ansvar",
            "ansvarsområden",
            "svarar för",
            "sökord",
            "ärenden",
            "responsibility",
            "keywords",
        ),
        _entries,
        _list,
    ),
    Column("skills", ("skills", "kompetens", "kompetenser", "kunskaper"), _entries, _list),
    Column("languages", ("languages", "språk", "language"), _entries, _list),
    Column("hours", ("hours", "arbetstid", "öppettider", "tider", "working hours", "opening hours"), _text, _same),
    Column("place", ("place", "plats", "rum", "besöksadress", "adress", "room", "address"), _text, _same),
    Column("note", ("note", "anmärkning", "information", "info", "notering", "comment"), _text, _same),
    Column("agent", ("agent", "agent id"), _text, _same),
    Column("protected", ("protected", "skyddad", "skyddad identitet"), _truth, _yes_no),
    Column("by_refer", ("by refer", "refer"), _truth, _yes_no),
    Column("absences", ("absences", "frånvaro", "hänvisning", "hänvisningar"), _absences, _intervals),
)
"""In the order in which they are written."""

LEVELS: Final = ("förvaltning", "avdelning", "enhet", "sektion", "team")
"""A department may also stand in one column for each level, from the top."""
LEVELS_ENGLISH: Final = ("administration", "division", "unit", "section", "team")
ONE_ABSENCE: Final[Mapping[str, tuple[str, ...]]] = {
    "reason": ("absence reason", "frånvaroorsak", "orsak"),
    "since": ("absence from", "frånvaro från", "absent from", "borta från"),
    "until": ("absence until", "frånvaro till", "absent until", "åter", "back"),
    "refer": ("absence refer", "hänvisas till", "refer to"),
    "note": ("absence note", "frånvaronotering"),
}
"""One absence may stand in columns of its own instead of `absences`."""


def header(text: str) -> str:
    """Return the name of a column as it is compared: `E-post ` and `epost` are the same.

    >>> header("E-post "), header("mobile_use")
    ('epost', 'mobileuse')
    """
    return "".join(_NAME.findall(plain(text)))


def known() -> dict[str, str]:
    """Return header to what it means: a field, `department.N` for a level, `absence.X` for a part of one absence."""
    found = {header(name): column.field for column in COLUMNS for name in (column.field, *column.names)}
    for names in (LEVELS, LEVELS_ENGLISH):
        found.update((header(name), f"department.{level}") for level, name in enumerate(names))
    found.update((header(name), f"absence.{part}") for part, names in ONE_ABSENCE.items() for name in names)
    return found


def cells(record: Record, place: Place) -> list[str]:
    """Return the record as a row."""
    return [column.write(getattr(record, column.field), place) for column in COLUMNS]
