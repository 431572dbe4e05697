"""The access log over HTTP, for those who answer for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct

from adapters.access.chain import Broken, Kind, Line
from adapters.access.log import AccessLog, UnreadableLog
from router.api import Asked, Caller, Example, Role, Route, route, routes_of
from router.inputs import Refused

STATUSES: Final[Mapping[str, int]] = {"access_log_unreadable": 500}
ADMIN: Final[frozenset[Role]] = frozenset({"admin"})
PAGE_MAX: Final = 1000
NAMES: Final = ("contact", "matter", "agent", "person")
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
    """Name of a token, of a session, or of an account with all its sessions."""
    kinds: tuple[Kind, ...] = ()
    """Lines of these kinds alone."""
    agent: Name = ""
    person: Name = ""
    """As a line names one."""
    beyond: Annotated[int, Meta(ge=0)] = 0
    """Go on behind this line: `next` of a page."""
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 100
    newest: bool = False
    """The newest line first; `beyond` goes on to the older ones then."""


class Lines(Struct, frozen=True):
    """A page of the log."""

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
        examples=(
            Example(summary="Who looked at a contact", asked=WhichLines(contact="w1-1-1")),
            Example(summary="What somebody did last", asked=WhichLines(by="lars", newest=True)),
        ),
    )
    async def lines(self, _: Caller, asked: WhichLines) -> Lines:
        """List who looked at personal values, signed in, did or was refused what; what was exported, erased, deleted.

        The oldest line comes first, unless `newest` is asked for. No line holds a value.
        """
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
    found = (line for line in lines if _is_wanted(line, asked))
    if asked.newest:
        last = deque(found, asked.limit + 1)
        page = tuple(reversed(last))[: asked.limit]
        more = len(last) > asked.limit
    else:
        page = tuple(islice(found, asked.limit))
        more = next(found, None) is not None
    return Lines(page, page[-1].n if more else None)


def _is_wanted(line: Line, asked: WhichLines) -> bool:
    if asked.beyond and (line.n >= asked.beyond if asked.newest else line.n <= asked.beyond):
        return False
    by = str(line.what.get("by", ""))
    about = line.what | line.what.get("about", {})
    return (
        (not asked.kinds or line.kind in asked.kinds)
        and (not asked.by or asked.by in (by, by.partition(".")[0]))
        and all(about.get(name) == value for name in NAMES if (value := getattr(asked, name)))
    )


def _break(broken: Broken) -> Break:
    return Break(broken.n, broken.why)


def routes(log: Callable[[], AccessLog]) -> list[Route]:
    """Return the routes."""
    return routes_of(AccessRoutes(log), "privacy")
