"""A person's values and whole matters over HTTP, for those who answer for them. Whom it is about stands in no URL."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from engine.privacy.keeper import Keeper, Plan
from router import inputs as i
from router.api import Asked, Caller, Content, Example, Id, Role, Route, route, routes_of
from router.looking import Ground, Looked
from router.state import State

ADMIN: Final[frozenset[Role]] = frozenset({"admin"})
ZIP: Final = "application/zip"
STATUSES: Final = {"too_large": 413, "erasures_unreadable": 503}
AWAY: Final = ("store_away", "access_log_away", "history_away", "bad_history")
Put = Callable[[i.PlaceHold | i.HandOverAgain], Awaitable[None]]
Why = Annotated[str, Meta(min_length=3, max_length=200)]
Who = Annotated[str, Meta(min_length=3, max_length=320)]


class OnePerson(Asked, frozen=True):
    """Somebody, and why it is asked."""

    who: Who
    """A number, a mail address, or the id of a contact."""
    why: Why
    """Such as the diary number of the request; it stands in the access log, so write nothing personal."""


class Erasure(Asked, frozen=True):
    """Somebody who is to be erased."""

    who: Who
    rule: Why
    """The decision by which it is done."""


class WhichPerson(Asked, frozen=True):
    """Somebody."""

    who: Who


class WholeMatter(Asked, frozen=True):
    """A matter that is to be handed over."""

    matter: Id
    why: Why


class Hold(Asked, frozen=True):
    """Whether nothing of a matter may be deleted."""

    matter: Id
    held: bool = True


class OneHandover(Asked, frozen=True):
    """A matter that waits to be handed over."""

    contact: Id
    """Its last."""


class HandoverView(Struct, frozen=True, kw_only=True):
    """A matter on its way to the records system."""

    id: str
    """Under which the records system is sent it, however often."""
    matter: str
    contact: str
    closed: float
    """UTC seconds."""
    attempts: int
    due: float | None
    """When it is tried next; null when it is not, as it was not taken for good."""
    cause: str


class Handovers(Struct, frozen=True):
    """Matters that wait, the oldest first."""

    handovers: tuple[HandoverView, ...]


class PrivacyRoutes:
    """Carries out what is asked."""

    def __init__(
        self, keeper: Callable[[], Keeper], put: Put, read: Callable[[Callable[[State, str], Any]], Awaitable[Any]]
    ) -> None:
        """`keeper` raises Refused before there is one; `put` lets the router decide, `read` looks at its state."""
        self._keeper = keeper
        self._put = put
        self._read = read

    @route(
        "POST",
        "/persons/export",
        roles=ADMIN,
        refusals=("unknown_person", "too_large", *AWAY),
        gives=ZIP,
        reads=True,
        examples=(
            Example(summary="By number", asked=OnePerson(who="+46700000001", why="SN 2026-114"), given="w1-1-1 waits"),
        ),
    )
    async def export_person(self, caller: Caller, asked: OnePerson) -> Content:
        """Give out all that is kept of a person: a ZIP with a page to read, data for programs, and files.

        GDPR articles 15 and 20. Contacts of secret matters are named without their values, unless privacy.yaml lets
        this role see them.
        """
        return Content(ZIP, await self._keeper().export_person(asked.who, _look(caller, "export", asked.why)))

    @route(
        "POST",
        "/persons/erasure-plan",
        roles=ADMIN,
        refusals=("unknown_person", *AWAY),
        reads=True,
        examples=(Example(summary="By number", asked=WhichPerson(who="+46700000001"), given="w1-1-1 waits"),),
    )
    async def plan(self, _: Caller, asked: WhichPerson) -> Plan:
        """Tell what an erasure of a person would take, and what stays under which rule. Nothing is changed."""
        return await self._keeper().plan(asked.who)

    @route(
        "POST",
        "/persons/erase",
        roles=ADMIN,
        refusals=("unknown_person", "erasures_unreadable", *AWAY),
        examples=(
            Example(summary="By number", asked=Erasure(who="+46700000001", rule="SN 2026-114"), given="w1-1-1 waits"),
        ),
    )
    async def erase(self, caller: Caller, asked: Erasure) -> Plan:
        """Erase a person, as the plan says: GDPR article 17, by a decision of the authority."""
        return await self._keeper().erase(asked.who, asked.rule, _look(caller, "erasure", asked.rule))

    @route(
        "POST",
        "/matters/{matter}/export",
        roles=ADMIN,
        refusals=("unknown_matter", "too_large", *AWAY),
        gives=ZIP,
        reads=True,
        examples=(
            Example(summary="Whole", asked=WholeMatter(matter="w1-1-1", why="To the archive"), given="w1-1-1 waits"),
        ),
    )
    async def export_matter(self, caller: Caller, asked: WholeMatter) -> Content:
        """Give out a whole matter: a ZIP with all its contacts, messages, files, and a manifest with their hashes."""
        return Content(ZIP, await self._keeper().export_matter(asked.matter, _look(caller, "export", asked.why)))

    @route(
        "POST",
        "/matters/{matter}/hold",
        roles=ADMIN,
        examples=(Example(summary="Held", asked=Hold(matter="w1-1-1"), given="w1-1-1 waits"),),
    )
    async def hold(self, _: Caller, asked: Hold) -> None:
        """Let nothing of a matter be deleted, by rule or request, until that is lifted."""
        await self._put(i.PlaceHold(asked.matter, asked.held))

    @route(
        "GET",
        "/handovers",
        roles=ADMIN,
        examples=(Example(summary="What waits", asked=Asked()),),
    )
    async def handovers(self, _: Caller, asked: Asked) -> Handovers:
        """List the matters that wait to be handed over to the records system, and those that it did not take."""

        def look(state: State, _: str) -> Handovers:
            return Handovers(
                tuple(
                    HandoverView(
                        id=one.id, matter=one.matter, contact=one.contact, closed=one.closed,
                        attempts=one.attempts, due=one.due, cause=one.cause or "",
                    )
                    for one in state.handovers.values()
                )
            )  # fmt: skip

        found: Handovers = await self._read(look)
        return found

    @route(
        "POST",
        "/handovers/{contact}/again",
        roles=ADMIN,
        refusals=("unknown_handover",),
        examples=(Example(summary="Once more", asked=OneHandover(contact="w1-1-1"), given="w1-1-1 was not taken"),),
    )
    async def again(self, _: Caller, asked: OneHandover) -> None:
        """Hand a matter over once more, now."""
        await self._put(i.HandOverAgain(asked.contact))


def _look(caller: Caller, ground: Ground, why: str) -> Looked:
    return Looked(by=caller.name, role=caller.role, agent=caller.agent, ground=ground, why=why)


def routes(
    keeper: Callable[[], Keeper], put: Put, read: Callable[[Callable[[State, str], Any]], Awaitable[Any]]
) -> list[Route]:
    """Return the routes."""
    return routes_of(PrivacyRoutes(keeper, put, read), "privacy")
