"""Ids of records: `p` or `f` and a number that is never given twice."""

import re
from typing import Final

from adapters.directory.record import Kind

ID: Final = re.compile(r"[pf][1-9]\d{0,8}")

Numbers = dict[str, int]
"""`p`, `f` to the highest number given."""


def new(numbers: Numbers, kind: Kind) -> str:
    """Return an unused id."""
    letter = kind[0]
    numbers[letter] += 1
    return f"{letter}{numbers[letter]}"


def reserve(numbers: Numbers, id_: str) -> None:
    """Never give an id that is in use from elsewhere."""
    if ID.fullmatch(id_):
        numbers[id_[0]] = max(numbers[id_[0]], int(id_[1:]))


def kind_of(id_: str) -> Kind:
    """Return the kind that an id is of; a person's where there is none."""
    return "function" if id_.startswith("f") else "person"
