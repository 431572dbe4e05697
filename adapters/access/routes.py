"""The access log over HTTP, for those who answer for it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct

from adapters.access.chain import Broken, Line
from adapters.access.log import AccessLog, UnreadableLog
from router.api import Asked, Caller, Example, Role, Route, route, routes_of
from router.inputs import Refused

STATUSES: Final[Mapping[str, int]] = {"access_log_unreadable": 500}
ADMIN: Final[frozenset[Role]] = frozenset({"admin"})
PAGE_MAX: Final = 1000
T = TypeVar("T")
Name = Annotated[str, Meta(max_length=128)]


class WhichLines(Asked, frozen=True):
    """Lines of the access log."""

    after: Annotated[float, Meta(ge=0)] = 0.0
    """UTC seconds: not those before."""
    before: Annotated[float, Meta(ge=0)] = 4e9
    contact: Name = ""
    matter: Name = ""
    by: Name = ""
    """Name of a token."""
    agent: Name = ""
    person: Name = ""
    """As a line names one."""
    beyond: Annotated[int, Meta(ge=0)] = 0
    """Go on behind this line: `next` of a page."""
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 100


class Lines(Struct, frozen=True):
    """A page of the log, the oldest line first."""

    lines: tuple[Line, ...]
    next: int | None = None


class Break(Struct, frozen=True):
    """A place at which the log was tampered with."""

    line: int
    why: str


class Verdict(Struct, frozen=True):
    """Whether the log is whole."""

    lines: int
    whole: bool
    breaks: tuple[Break, ...]


class AccessRoutes:
    """Shows the log."""

    def __init__(self, log: Callable[[], AccessLog]) -> None:
        self._log = log

    @route(
        "GET",
        "/access-log",
        roles=ADMIN,
        refusals=("access_log_unreadable",),
        examples=(Example(summary="Who looked at a contact", asked=WhichLines(contact="w1-1-1")),),
    )
    async def lines(self, _: Caller, asked: WhichLines) -> Lines:
        """List who looked at personal values, and what was exported, erased and deleted. No line holds a value."""
        return await _read(lambda: _page(self._log().read(asked.after, asked.before), asked))

    @route(
        "GET",
        "/access-log/verdict",
        roles=ADMIN,
        refusals=("access_log_unreadable",),
        examples=(Example(summary="Is it whole", asked=Asked()),),
    )
    async def verdict(self, _: Caller, asked: Asked) -> Verdict:
        """Tell whether the log is whole: each line carries the hash of the one before."""

        def verify() -> Verdict:
            number, broken = self._log().verify()
            return Verdict(number, not broken, tuple(map(_break, broken[:PAGE_MAX])))

        return await _read(verify)


async def _read(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except UnreadableLog as error:
        raise Refused(error.error_id, str(error)) from error


def _page(lines: Iterable[Line], asked: WhichLines) -> Lines:
    wanted = {name: value for name in ("contact", "matter", "by", "agent", "person") if (value := getattr(asked, name))}
    found = (
        line
        for line in lines
        if line.n > asked.beyond and all(line.what.get(name) == value for name, value in wanted.items())
    )
    page = tuple(islice(found, asked.limit))
    more = next(found, None) is not None
    return Lines(page, page[-1].n if more else None)


def _break(broken: Broken) -> Break:
    return Break(broken.n, broken.why)


def routes(log: Callable[[], AccessLog]) -> list[Route]:
    """Return the routes."""
    return routes_of(AccessRoutes(log), "privacy")
