"""Forms that citizens fill in: their fields, and what is wrong with an answer.

One judge for page, chat, telephone and guide.

A value is text in one tidy form: a choice by its name, `yes` or `no`, a date as 2026-11-27, anything else as written.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from msgspec import Struct, field

Kind = Literal["text", "long", "choice", "yes-no", "number", "date", "place", "photo", "phone", "mail"]
Cause = Literal[
    "missing",
    "too_short",
    "too_long",
    "no_choice",
    "no_number",
    "too_small",
    "too_large",
    "no_date",
    "no_phone",
    "no_mail",
    "no_picture",
    "file_too_large",
    "too_many_files",
]
"""What is wrong with an answer."""
Sensitive = Literal["", "masked", "not_stored"]

YES: Final = "yes"
YES_NO: Final = (YES, "no")
LANGUAGE: Final = "language"
KEEP: Final = "keep"
SPOKEN: Final[frozenset[Kind]] = frozenset({"text", "long", "place"})
"""Answered by voice on the telephone."""
TYPED: Final[frozenset[Kind]] = frozenset({"choice", "yes-no", "number", "date", "phone"})
"""Answered by digits on the telephone; what is neither is not asked there."""
DIGITS_MAX: Final = 15
"""Of a telephone number (E.164)."""
DIGITS_MIN: Final = 6
CHOICES_MAX: Final = 9
"""As many as there are keys; a form that is not asked by telephone may have more."""
SHOWN: Final = 2
"""Characters at the end that a masked value shows."""
MASK: Final = "•"

_NUMBER: Final = re.compile(r"-?[0-9]{1,12}")
_PHONE: Final = re.compile(r"\+?[0-9]+")
_BETWEEN: Final = re.compile(r"[\s()/.-]+")
_MAIL: Final = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


class Field(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question of a form. Its words are others' business."""

    name: str
    kind: Kind = "text"
    required: bool = True
    least: int = 0
    """Characters at the least; of a number the smallest."""
    most: int = 200
    """Characters at the most; of a number the largest, of photos how many."""
    choices: tuple[str, ...] = ()
    sensitive: Sensitive = ""
    """Kept with all but the end masked, or not at all: then only that it was given."""
    located: bool = False
    """A place: where the photos were taken, if they tell, is kept with it."""
    sets: str = ""
    """What the answer says of whoever gives it: `language`, after which the choice is named; a need that a yes tells;
    or `keep`, by which a yes lets both be remembered."""

    @property
    def options(self) -> tuple[str, ...]:
        """Return the values among which one is chosen."""
        return YES_NO if self.kind == "yes-no" else self.choices


class Mistake(Struct, frozen=True):
    """What is wrong with the answer to one field."""

    field: str
    cause: Cause


class Filled(Struct, frozen=True):
    """What somebody filled in, checked."""

    values: dict[str, str] = field(default_factory=dict)
    """Name of a field to its value, where one was given."""
    mistakes: tuple[Mistake, ...] = ()


class Noted(Struct, frozen=True):
    """What answers say of whoever gave them."""

    language: str = ""
    needs: tuple[str, ...] = ()
    keep: bool = False


def noted(fields: tuple[Field, ...], values: Mapping[str, str]) -> Noted:
    """Return what sound values say of whoever gave them."""
    said = {asked.sets: values[asked.name] for asked in fields if asked.sets and asked.name in values}
    language, keep = said.pop(LANGUAGE, ""), said.pop(KEEP, "")
    return Noted(language, tuple(need for need, answer in said.items() if answer == YES), keep == YES)


def tidy(asked: Field, written: str) -> str:
    """Return an answer in its one form: spaces at the ends gone, a date by its hyphens, a number without gaps."""
    text = written.replace("\r\n", "\n").replace("\x00", "").strip()
    match asked.kind:
        case "long":
            return text
        case "date":
            return _COMPACT.sub(r"\1-\2-\3", text) if _COMPACT.fullmatch(text) else text
        case "phone":
            return _BETWEEN.sub("", text)
        case "number":
            return "".join(text.split())
        case _:
            return " ".join(text.split())


def wrong(asked: Field, value: str) -> Cause | None:
    """Return what is wrong with a tidy answer; None when nothing is."""
    if not value:
        return "missing" if asked.required else None
    match asked.kind:
        case "choice" | "yes-no":
            return None if value in asked.options else "no_choice"
        case "number":
            return _wrong_number(asked, value)
        case "date":
            return None if _is_date(value) else "no_date"
        case "phone":
            digits = value.removeprefix("+")
            return None if _PHONE.fullmatch(value) and DIGITS_MIN <= len(digits) <= DIGITS_MAX else "no_phone"
        case "mail":
            return None if _MAIL.fullmatch(value) else "no_mail"
        case _:
            return "too_short" if len(value) < asked.least else "too_long" if len(value) > asked.most else None


def _wrong_number(asked: Field, value: str) -> Cause | None:
    if not _NUMBER.fullmatch(value):
        return "no_number"
    return "too_small" if int(value) < asked.least else "too_large" if int(value) > asked.most else None


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def check(fields: tuple[Field, ...], written: Mapping[str, str]) -> Filled:
    """Check all answers; every mistake is found at once. What is no field of the form is left out, as are photos."""
    values: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for asked in fields:
        if asked.kind == "photo":
            continue
        value = tidy(asked, written.get(asked.name, ""))
        cause = wrong(asked, value)
        if cause is not None:
            mistakes.append(Mistake(asked.name, cause))
        if value:
            values[asked.name] = value
    return Filled(values, tuple(mistakes))


def keyed(asked: Field, digits: str) -> str:
    """Return what was typed on a telephone as a tidy answer: the digit of a choice is its number."""
    options = asked.options
    if options:
        return options[int(digits) - 1] if digits.isdecimal() and 1 <= int(digits) <= len(options) else ""
    return tidy(asked, digits)


def kept(asked: Field, value: str) -> str:
    """Return what may be stored of an answer; empty for nothing.

    >>> kept(Field(name="id", sensitive="masked"), "8112189876")
    '••••••••76'
    """
    match asked.sensitive:
        case "not_stored":
            return ""
        case "masked":
            hidden = max(0, len(value) - SHOWN) if len(value) > 2 * SHOWN else len(value)
            return MASK * hidden + value[hidden:]
        case _:
            return value
