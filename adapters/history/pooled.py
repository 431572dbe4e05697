"""The work of the routes, in a process of the pool. The database is loaded there alone: that takes half a second."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from adapters.history.answers import PastContact, Question, Report
from adapters.history.settings import HistorySettings
from metrics.days import local_time

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

T = TypeVar("T")
EVERY: Final = 100_000
"""Contacts of one person or matter, at most."""


def make_report(settings: HistorySettings, question: Question) -> Report:
    """Answer a question. Raises HistoryError."""
    from adapters.history import reports

    return _read(settings, lambda connection: reports.report(connection, question, local_time(settings.time_zone)))


def find_contact(settings: HistorySettings, contact: str) -> PastContact | None:
    """Look a contact up. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, lambda connection: stories.one(connection, contact))


def find_matter(settings: HistorySettings, matter: str) -> list[PastContact]:
    """Look up the contacts of a matter. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, lambda connection: stories.of_matter(connection, matter))


def find_story(settings: HistorySettings, persons: tuple[str, ...], matter: str) -> list[PastContact]:
    """Look up the contacts of a person, by all pseudonyms, and those of a matter. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, lambda connection: stories.of_persons(connection, persons, matter))


class Held(NamedTuple):
    """What belongs to matters of which nothing may be deleted."""

    contacts: list[str]
    persons: list[str]


def find_held(settings: HistorySettings, matters: list[str]) -> Held:
    """Look up the contacts of matters, and whose they were. Raises HistoryError."""
    from adapters.history import stories

    return Held(*_read(settings, lambda connection: stories.contacts_of_matters(connection, matters)))


def find_person(settings: HistorySettings, person: str) -> list[PastContact]:
    """Look up the contacts of a person, by the pseudonym, the oldest first. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, lambda connection: stories.of_person(connection, person, EVERY))[::-1]


def find_person_of(settings: HistorySettings, contact: str) -> str:
    """Look up whose a contact was, by the pseudonym; empty when nobody knows. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, lambda connection: stories.person_of(connection, contact))


def find_persons_of(settings: HistorySettings, contacts: list[str]) -> dict[str, str]:
    """Look up whose some contacts were, where that is known, by the pseudonyms. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, lambda connection: stories.persons_of(connection, contacts))


def find_whole_matter(settings: HistorySettings, matter: str) -> list[PastContact]:
    """Look up all contacts of a matter, the oldest first. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, lambda connection: stories.of_matter(connection, matter, EVERY))[::-1]


def find_persons(settings: HistorySettings) -> list[str]:
    """List the pseudonyms of all persons of whom there are contacts. Raises HistoryError."""
    from adapters.history import stories

    return _read(settings, stories.persons)


def forget(settings: HistorySettings, persons: list[str]) -> int:
    """Let nothing lead to some persons any more; return how many contacts are nobody's now. Raises HistoryError."""
    from adapters.history.store import Store

    store = Store(settings.url, settings.password_file)
    try:
        return sum(map(store.forget, persons))
    finally:
        store.close()


def _read(settings: HistorySettings, look: "Callable[[Connection], T]") -> T:
    from adapters.history.store import Store

    store = Store(settings.url, settings.password_file)
    try:
        with store.reading() as connection:
            return look(connection)
    finally:
        store.close()
