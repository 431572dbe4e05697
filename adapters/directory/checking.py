"""Makes a record tidy and says what is wrong with it: one check for what comes by API, file or command."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from msgspec import structs

from adapters.directory import hours, numbers
from adapters.directory.ids import ID
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings

_PHONE: Final = re.compile(r"[^\W_][\w.-]{0,63}")
_EMAIL: Final = re.compile(r"[^\s@<>\"',;|]{1,64}@[^\s@<>\"',;|.]+(?:\.[^\s@<>\"',;|.]+)+")
_SEPARATORS: Final = re.compile(r"[,;|]")

TEXT_MAX: Final[Mapping[str, int]] = {
    "key": 64,
    "given": 80,
    "family": 80,
    "name": 120,
    "title": 120,
    "email": 254,
    "place": 200,
    "note": 500,
}
"""Most characters of each plain text."""
LIST_MAX: Final[Mapping[str, tuple[int, int]]] = {
    "aliases": (20, 80),
    "department": (8, 100),
    "responsibilities": (60, 80),
    "skills": (40, 60),
    "languages": (20, 40),
}
"""Most items of each list, and most characters of one."""
ABSENCES_MAX: Final = 40
NOTE_MAX: Final = 200
YEARS_S: Final = 40 * 366 * 86_400.0
"""How far from now an absence may begin or end."""


class Flaw(NamedTuple):
    """What is wrong with one field, and what would be right. It repeats no personal value."""

    field: str
    text: str


def checked(record: Record, settings: DirectorySettings, now: float) -> tuple[Record, list[Flaw]]:
    """Return the record in its one tidy form, and its flaws; only one without flaws may be kept."""
    tidy, flaws = tidied(structs.asdict(record), settings)
    whole = structs.replace(record, **tidy)
    return whole, flaws + flaws_of(whole, settings, now)


def tidied(fields: Mapping[str, Any], settings: DirectorySettings) -> tuple[dict[str, Any], list[Flaw]]:
    """Return some of a record's fields in their tidy form, and what is wrong with each by itself."""
    found = dict(fields)
    flaws: list[Flaw] = []
    for field in fields.keys() & TEXT_MAX.keys():
        found[field] = squeezed(fields[field])
        flaws += _too_long(field, found[field], TEXT_MAX[field])
    for field in fields.keys() & LIST_MAX.keys():
        found[field] = tuple(dict.fromkeys(filter(None, map(squeezed, fields[field]))))
        flaws += _bad_items(field, found[field], *LIST_MAX[field])
    for field in fields.keys() & _READERS.keys():
        text = squeezed(found[field])
        try:
            found[field] = _READERS[field](text, settings) if text else ""
        except ValueError as error:
            flaws.append(Flaw(field, str(error)))
    if "absences" in fields:
        tidy = (structs.replace(one, note=squeezed(one.note)) for one in fields["absences"])
        found["absences"] = tuple(sorted(tidy, key=lambda one: (one.since, one.reason)))
    return found, sorted(flaws)


def flaws_of(record: Record, settings: DirectorySettings, now: float) -> list[Flaw]:
    """Return what is wrong with tidy fields as they stand together."""
    return [*_of_whole(record), *_of_absences(record, settings, now)]


def squeezed(text: str) -> str:
    """Return text in composed form with single spaces and nothing that cannot be seen.

    >>> squeezed("  Anna\\n  Maja\\u200b ")
    'Anna Maja'
    """
    composed = unicodedata.normalize("NFC", text)
    seen = (letter if letter.isprintable() else " " if letter.isspace() else "" for letter in composed)
    return " ".join("".join(seen).split())


def _extension(text: str, settings: DirectorySettings) -> str:
    least, most = settings.extension_digits
    digits = re.sub(r"[\s-]", "", text)
    if not (digits.isascii() and digits.isdecimal() and least <= len(digits) <= most):
        allowed = f"{most}" if least == most else f"{least} to {most}"
        raise ValueError(f"is no extension; one has {allowed} digits")
    return digits


def _number(text: str, settings: DirectorySettings) -> str:
    return numbers.normal(text, settings.country)


def _hours(text: str, _: DirectorySettings) -> str:
    return hours.write(hours.read(text))


def _email(text: str, _: DirectorySettings) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("is no e-mail address; write it like name@example.org")
    return text.lower()


def _name(text: str, _: DirectorySettings) -> str:
    if not _PHONE.fullmatch(text):
        raise ValueError('is no name of this kind: letters, digits, "-", "_" and ".", at most 64')
    return text


def _reference(text: str, _: DirectorySettings) -> str:
    if not ID.fullmatch(text):
        raise ValueError("is no id of the directory; ids look like p1024 or f12")
    return text


_READERS: Final[Mapping[str, Callable[[str, DirectorySettings], str]]] = {
    "extension": _extension,
    "direct": _number,
    "mobile": _number,
    "hours": _hours,
    "email": _email,
    "phone": _name,
    "agent": _name,
    "secretary": _reference,
    "deputy": _reference,
}
"""Fields with a form of their own: each reads the text or raises ValueError with what would be right."""


def _too_long(field: str, text: str, most: int) -> Iterator[Flaw]:
    if len(text) > most:
        yield Flaw(field, f"has {len(text)} characters; at most {most} are kept")


def _bad_items(field: str, items: tuple[str, ...], most: int, length: int) -> Iterator[Flaw]:
    if len(items) > most:
        yield Flaw(field, f"has {len(items)} entries; at most {most} are kept")
    for number, item in enumerate(items, start=1):
        if len(item) > length:
            yield Flaw(field, f"entry {number} has {len(item)} characters; at most {length} are kept")
        if field == "department":
            if " / " in f" {item} ":
                yield Flaw(field, f"entry {number} holds the sign / that stands between levels; take it out")
        elif _SEPARATORS.search(item):
            yield Flaw(field, f"entry {number} holds a comma, semicolon or bar; write each entry by itself")


def _of_whole(record: Record) -> Iterator[Flaw]:
    if not ID.fullmatch(record.id) or record.id[0] != record.kind[0]:
        yield Flaw("id", "is no id of this kind: p and digits for a person, f and digits for a function")
    if record.kind == "function" and not record.name:
        yield Flaw("name", "is missing: a function has a name")
    if record.kind == "person" and not record.label:
        yield Flaw("family", "is missing: a person has a given name, a family name, or both in `name`")
    if record.kind == "function" and (record.given or record.family):
        yield Flaw("given", "belongs to persons; put a function's name into `name`")
    if record.mobile_use != "never" and not record.mobile:
        yield Flaw("mobile_use", "allows a mobile number, but none is given; add `mobile`, or set it to never")
    for field in ("secretary", "deputy"):
        if getattr(record, field) == record.id:
            yield Flaw(field, "names the record itself; name another one")


def _of_absences(record: Record, settings: DirectorySettings, now: float) -> Iterator[Flaw]:
    if len(record.absences) > ABSENCES_MAX:
        yield Flaw("absences", f"are {len(record.absences)}; at most {ABSENCES_MAX} are kept")
    for absence in record.absences:
        yield from _of_absence(absence, record.id, settings, now)


def _of_absence(absence: Absence, owner: str, settings: DirectorySettings, now: float) -> Iterator[Flaw]:
    if absence.reason not in settings.reasons:
        yield Flaw("absences", f"have a reason that is not known; known: {', '.join(settings.reasons)}")
    if absence.until is not None and absence.until <= absence.since:
        yield Flaw("absences", "end before they begin; the end is when the person is back")
    # Not-a-number is not within anything.
    if not all(abs(moment - now) <= YEARS_S for moment in (absence.since, absence.until or now)):
        yield Flaw("absences", "lie too far from today; check the year")
    if absence.refer and (not ID.fullmatch(absence.refer) or absence.refer == owner):
        yield Flaw("absences", "refer to what is no other record's id; ids look like p1024")
    if len(absence.note) > NOTE_MAX or "|" in absence.note:
        yield Flaw("absences", f"have a note with a bar in it, or of more than {NOTE_MAX} characters")
