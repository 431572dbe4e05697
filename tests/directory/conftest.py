"""A directory in memory, and a moment: Wednesday 25 November 2026, 10.00 in Malmö."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import pytest

from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.record import Record
from adapters.directory.settings import DirectorySettings

T = TypeVar("T")
ZONE: Final = ZoneInfo("Europe/Stockholm")
SETTINGS: Final = DirectorySettings()


def at(text: str) -> float:
    """Return the UTC seconds of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


NOW: Final = at("2026-11-25T10:00")


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> float:
        return self.time


async def here(work: Callable[..., T], /, *arguments: Any) -> T:
    """Run what would be run in another process."""
    return work(*arguments)


async def directory_of(*records: Record, store: MemoryStore | None = None, clock: Clock | None = None) -> Directory:
    """Return a directory that holds these records and is ready."""
    directory = Directory(store or MemoryStore(records), SETTINGS, ZONE.key, clock or Clock(), here)
    await directory.load()
    return directory


@pytest.fixture
def clock() -> Clock:
    return Clock()


def person(number: int, given: str = "", family: str = "", **more: Any) -> Record:
    """Return a person."""
    return Record(id=f"p{number}", given=given or "Anna", family=family or f"Berg{number}", **more)


def function(number: int, name: str, *responsibilities: str, **more: Any) -> Record:
    """Return a function."""
    return Record(id=f"f{number}", kind="function", name=name, responsibilities=responsibilities, **more)
