"""Reports and contacts of the past, over HTTP. Another process does the work, which takes longer than a turn may."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import BrokenExecutor
from datetime import date
from typing import Annotated, Any, Final, Protocol, TypeVar

from msgspec import Meta, Struct

from adapters.history import pooled
from adapters.history.answers import PastContact, Question, Report
from adapters.history.errors import HistoryError
from adapters.history.settings import HistorySettings
from metrics.days import local_time
from router.api import LEARNERS, Asked, Caller, Example, Id, Route, route, routes_of
from router.boundary import refusal
from router.inputs import Refused

STATUSES: Final[Mapping[str, int]] = {"history_away": 503, "bad_history": 503, "no_history": 404, "bad_days": 422}
"""HTTP statuses of our error ids."""
DAYS_MAX: Final = 3660
REFUSALS: Final = ("history_away", "bad_history", "no_history")
T = TypeVar("T")
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Name = Annotated[str, Meta(max_length=128)]
Queues = Callable[[Caller], Collection[str] | None]


def _everything(_: Caller) -> None:
    return None


class Pool(Protocol):
    """Does work in another process."""

    def __call__(self, work: Callable[..., T], /, *arguments: Any) -> Awaitable[T]:
        """Return what `work` returns."""


class WhichReport(Asked, frozen=True, kw_only=True):
    """Days, and what the contacts have in common."""

    first: Day = ""
    """Local day, as 2026-11-26; today, if left out."""
    last: Day = ""
    """The same as `first`, if left out."""
    channel: Name = ""
    queue: Name = ""
    language: Name = ""
    need: Name = ""
    entry: Name = ""


class OnePast(Asked, frozen=True):
    """A contact, over or not."""

    contact: Id


class OneMatter(Asked, frozen=True):
    """What contacts are about, named by the first of them."""

    matter: Id


class PastContacts(Struct, frozen=True):
    """Contacts, newest first."""

    contacts: tuple[PastContact, ...]


class HistoryRoutes:
    """Answers from the history."""

    def __init__(
        self, settings: HistorySettings | None, pool: Pool, now: Callable[[], float], queues: Queues = _everything
    ) -> None:
        """`settings` is None where no history is kept; `queues` says which are a caller's business, None for all."""
        self._settings = settings
        self._pool = pool
        self._now = now
        self._queues = queues

    @route(
        "GET",
        "/report",
        roles=LEARNERS,
        refusals=(*REFUSALS, "bad_days", "not_your_department"),
        examples=(Example(summary="Today", asked=WhichReport(), given="the history has a day"),),
    )
    async def report(self, caller: Caller, asked: WhichReport) -> Report:
        """Return the figures of some days, by each of their formulas.

        Days are the house's own. `through` says up to when the history has been written: a second or so ago.
        """
        local = local_time(self._kept().time_zone)
        try:
            first = date.fromisoformat(asked.first) if asked.first else local(self._now()).date()
            last = date.fromisoformat(asked.last) if asked.last else first
        except ValueError:
            raise Refused("bad_days", "there is no such day; write it like 2026-11-26") from None
        if not 0 <= (last - first).days < DAYS_MAX:
            raise Refused("bad_days", f"`last` comes before `first`, or more than {DAYS_MAX} days after it")
        within = self._queues(caller)
        if asked.queue and within is not None and asked.queue not in within:
            raise refusal()
        question = Question(
            first=first, last=last, channel=asked.channel, queue=asked.queue, language=asked.language,
            need=asked.need, entry=asked.entry, within=tuple(sorted(within)) if within is not None else None,
        )  # fmt: skip
        return await self._ask(pooled.make_report, question)

    @route(
        "GET",
        "/history/contacts/{contact}",
        roles=LEARNERS,
        refusals=(*REFUSALS, "unknown_contact"),
        examples=(Example(summary="How it went", asked=OnePast(contact="w1-1-1"), given="the history has a day"),),
    )
    async def contact(self, caller: Caller, asked: OnePast) -> PastContact:
        """Return a contact of the past: who had it from when to when, and why it moved on."""
        found = await self._ask(pooled.find_contact, asked.contact)
        if found is None:
            raise Refused("unknown_contact", f"the history has no contact {asked.contact}")
        within = self._queues(caller)
        if within is not None and found.queue not in within:
            raise refusal()
        return found

    @route(
        "GET",
        "/history/matters/{matter}",
        roles=LEARNERS,
        refusals=REFUSALS,
        examples=(Example(summary="Its contacts", asked=OneMatter(matter="w1-1-1"), given="the history has a day"),),
    )
    async def matter(self, caller: Caller, asked: OneMatter) -> PastContacts:
        """List the contacts that were about one matter, newest first."""
        found, within = await self._ask(pooled.find_matter, asked.matter), self._queues(caller)
        return PastContacts(tuple(one for one in found if within is None or one.queue in within))

    def _kept(self) -> HistorySettings:
        if self._settings is None:
            raise Refused("no_history", "this house keeps no history (`history: enabled: false`)")
        return self._settings

    async def _ask(self, work: Callable[[HistorySettings, Any], T], about: object) -> T:
        try:
            return await self._pool(work, self._kept(), about)
        except HistoryError as error:
            raise Refused(error.error_id, str(error), retryable=error.retryable) from error
        except BrokenExecutor as error:
            raise Refused("history_away", "the report was broken off", retryable=True) from error


def routes(
    settings: HistorySettings | None, pool: Pool, now: Callable[[], float], queues: Queues = _everything
) -> list[Route]:
    """Return the routes."""
    return routes_of(HistoryRoutes(settings, pool, now, queues), "history")
