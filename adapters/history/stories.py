"""Contacts of the past, one by one: what a person or a matter has behind it. No personal value is among it."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapters.history import tables as t
from adapters.history.answers import PastContact, PastSegment
from adapters.history.rows import ContactRow, SegmentRow

LISTED_MAX: Final = 200


def one(connection: Connection, contact: str) -> PastContact | None:
    """Return a contact, None when the history does not know it (any more)."""
    found = _with_segments(connection, t.contacts.c.id == contact, 1)
    return found[0] if found else None


def of_matter(connection: Connection, matter: str, limit: int = LISTED_MAX) -> list[PastContact]:
    """Return the contacts of a matter, newest first."""
    return _with_segments(connection, t.contacts.c.matter == matter, limit)


def of_person(connection: Connection, person: str, limit: int = LISTED_MAX) -> list[PastContact]:
    """Return the contacts of a person, by the pseudonym, newest first."""
    return _with_segments(connection, t.contacts.c.person == person, limit)


def of_persons(
    connection: Connection, persons: Sequence[str], matter: str, limit: int = LISTED_MAX
) -> list[PastContact]:
    """Return the contacts of a person, by all pseudonyms, and those of a matter, newest first."""
    return _with_segments(connection, sa.or_(t.contacts.c.person.in_(persons), t.contacts.c.matter == matter), limit)


def contacts_of_matters(connection: Connection, matters: list[str]) -> tuple[list[str], list[str]]:
    """Return the contacts of some matters, and the persons whose they were."""
    c = t.contacts.c
    rows = connection.execute(sa.select(c.id, c.person).where(c.matter.in_(matters))).all()
    return [row.id for row in rows], sorted({row.person for row in rows if row.person is not None})


def person_of(connection: Connection, contact: str) -> str:
    """Return whose a contact was; empty when nobody knows (any more)."""
    c = t.contacts.c
    return connection.execute(sa.select(c.person).where(c.id == contact)).scalar() or ""


def persons_of(connection: Connection, contacts: Sequence[str]) -> dict[str, str]:
    """Return contact to the person whose it was, of those of which that is known."""
    c = t.contacts.c
    rows = connection.execute(sa.select(c.id, c.person).where(c.id.in_(contacts), c.person.is_not(None))).all()
    return {row.id: row.person for row in rows}


def persons(connection: Connection) -> list[str]:
    """Return all persons, by their pseudonyms."""
    c = t.contacts.c
    return list(connection.execute(sa.select(c.person).where(c.person.is_not(None)).distinct()).scalars())


def _with_segments(connection: Connection, which: sa.ColumnElement[bool], limit: int) -> list[PastContact]:
    asked = sa.select(t.contacts).where(which).order_by(t.contacts.c.began.desc(), t.contacts.c.id).limit(limit)
    contacts = [ContactRow(*row) for row in connection.execute(asked)]
    ids = [row.id for row in contacts]
    paths: dict[str, list[PastSegment]] = {id_: [] for id_ in ids}
    c = t.segments.c
    asked_paths = sa.select(t.segments).where(c.contact.in_(ids)).order_by(c.contact, c.number)
    for segment in (SegmentRow(*row) for row in connection.execute(asked_paths)):
        paths[segment.contact].append(
            PastSegment(**{name: getattr(segment, name) for name in PastSegment.__struct_fields__})
        )
    return [_past(row, tuple(paths[row.id])) for row in contacts]


def _past(row: ContactRow, segments: tuple[PastSegment, ...]) -> PastContact:
    plain = {name: getattr(row, name) for name in PastContact.__struct_fields__ if name not in ("needs", "segments")}
    return PastContact(**plain, needs=tuple(row.needs.split()), segments=segments)
