"""The work of the routes, in a process of the pool. The database is loaded there alone: that takes half a second."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from adapters.history.answers import PastContact, Question, Report
from adapters.history.settings import HistorySettings
from metrics.days import local_time

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

T = TypeVar("T")


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


def _read(settings: HistorySettings, look: "Callable[[Connection], T]") -> T:
    from adapters.history.store import Store

    store = Store(settings.url, settings.password_file)
    try:
        with store.reading() as connection:
            return look(connection)
    finally:
        store.close()
