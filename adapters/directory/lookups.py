"""Finding records by what names them: an extension, a number, a key, an agent."""

from collections.abc import Iterator
from typing import Literal

from adapters.directory.record import Record

By = Literal["key", "extension", "number", "email", "agent", "phone", "referred"]
"""`referred` finds the records that name another one as secretary, deputy or whom to ask."""


def names_of(record: Record) -> Iterator[tuple[By, str]]:
    """Yield what names a record; each may name several."""
    fields: tuple[tuple[By, str], ...] = (
        ("key", record.key),
        ("extension", record.extension),
        ("number", record.direct),
        ("number", record.mobile),
        ("email", record.email),
        ("agent", record.agent),
        ("phone", record.phone),
        ("referred", record.secretary),
        ("referred", record.deputy),
        *(("referred", absence.refer) for absence in record.absences),
    )
    yield from dict.fromkeys(field for field in fields if field[1])


class Lookups:
    """Names to ids."""

    def __init__(self) -> None:
        self._ids: dict[tuple[By, str], tuple[str, ...]] = {}

    def change(self, old: Record | None, new: Record | None) -> None:
        """Follow a change of one record."""
        for name in names_of(old) if old is not None else ():
            left = tuple(id_ for id_ in self._ids.pop(name) if old is None or id_ != old.id)
            if left:
                self._ids[name] = left
        for name in names_of(new) if new is not None else ():
            self._ids[name] = (*self._ids.get(name, ()), new.id) if new is not None else ()

    def find(self, by: By, value: str) -> tuple[str, ...]:
        """Return the ids of all records with that name."""
        return self._ids.get((by, value), ())
