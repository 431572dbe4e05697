"""The configuration over HTTP: checked, compared, published and rolled back by administrators, while calls go on.

A change is a set of files with their whole new texts. It is made against a version, and published only while that one
is still there. Who published, when and why is kept with the version, and stands in the access log like every deed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor
from typing import Annotated, Any, Final, TypeVar

from msgspec import Meta, Struct

from engine.config import Problem
from engine.publishing import comparing
from engine.publishing.comparing import Difference
from engine.publishing.editing import Uneditable, with_members
from engine.publishing.members import Member, Members, members_of
from engine.publishing.texts import (
    ALL_MAX,
    FILE_MAX,
    FILES_MAX,
    Unpublishable,
    addresses_of,
    changed,
    version_of,
)
from engine.publishing.versions import WHY_MAX, OtherVersion, Publication, Versions
from router.api import Asked, Caller, Example, Role, Route, route, routes_of
from router.inputs import Refused

log = logging.getLogger("vaxel.engine")
T = TypeVar("T")

Compute = Callable[..., Awaitable[Any]]
"""Does what takes long in another process (`engine.pool`)."""
ADMIN: Final[frozenset[Role]] = frozenset({"admin"})
STATUSES: Final = {"configuration_bad": 422, "configuration_unpublishable": 422, "configuration_uneditable": 422}
BODY_MAX: Final = 2 * ALL_MAX
"""Texts grow a little in JSON."""

Version = Annotated[str, Meta(min_length=16, max_length=16, pattern="^[0-9a-f]+$")]
FileName = Annotated[str, Meta(max_length=80)]
Why = Annotated[str, Meta(min_length=3, max_length=WHY_MAX, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A line for those who wonder later; no personal value belongs here."""
ChangedFiles = Annotated[
    dict[FileName, Annotated[str, Meta(max_length=FILE_MAX)] | None], Meta(min_length=1, max_length=FILES_MAX)
]
WAS: Final = "0000000000000000 was published"
SOME: Final[dict[str, str | None]] = {"flows/english.yaml": "start: {queue: kontakt, needs: {english: 2}}\n"}


class ChangedTexts(Asked, frozen=True):
    """A change: files with what is to stand in them, or null where a file is to go."""

    files: ChangedFiles


class OneVersion(Asked, frozen=True):
    """A version."""

    version: Version


class Publish(Asked, frozen=True):
    """A change that is to be in force."""

    base: Version
    """The version against which it was made."""
    why: Why
    files: ChangedFiles


class RollBack(Asked, frozen=True):
    """A version that is to be in force again."""

    version: Version
    base: Version
    """The version that it is to take the place of."""
    why: Why


class ChangedMembers(Asked, frozen=True):
    """Agents with all their queues and skills as they are to be; others stay."""

    agents: Annotated[dict[Annotated[str, Meta(max_length=128)], Member], Meta(min_length=1, max_length=2_000)]


class FilesView(Struct, frozen=True, kw_only=True):
    """What stands in the folder."""

    version: str
    running: str
    """The version by which the engine runs: another one until it has been reloaded."""
    read_only: str
    """Why nothing can be published from here; empty when it can."""
    files: dict[str, str]
    """File to its text. Secrets are in files of their own, and never told."""


class VersionView(Struct, frozen=True, kw_only=True):
    """A version that was put in the folder."""

    version: str
    before: str
    """The one whose place it took."""
    at: float
    """UTC seconds."""
    by: str
    """Who published it; empty for what was changed in the folder itself."""
    why: str
    taken_back: str
    """Why no engine could begin with it, so that the one before was put back."""


class VersionsView(Struct, frozen=True):
    """What was published, the newest first."""

    versions: tuple[VersionView, ...]


class Mistake(Struct, frozen=True):
    """Something that is wrong in a file."""

    file: str
    line: int
    """From 1; 0 when the whole file is meant."""
    field: str
    """Where in the file, such as `queues.vaxel.hours`; may be empty."""
    text: str
    """What is wrong, and what would be right."""


class Checked(Struct, frozen=True):
    """Every mistake; none when it may be published."""

    problems: tuple[Mistake, ...]


class Published(Struct, frozen=True, kw_only=True):
    """What is in the folder now; the engine is reloaded at once, while calls go on."""

    version: VersionView
    at_start: tuple[str, ...]
    """Fields that count only when Vaxel itself is started again, which ends calls."""


class Edited(Struct, frozen=True):
    """A change, to be checked, compared and published like any other."""

    base: str
    files: dict[str, str]


class PublishingRoutes:
    """Carries out what is asked."""

    def __init__(self, versions: Versions, pool: Compute, now: Callable[[], float], reload: Callable[[], None]) -> None:
        """`reload` has another engine take this one's place, once what was asked is answered."""
        self._versions = versions
        self._pool = pool
        self._now = now
        self._reload = reload
        self._running = ""

    def serves(self) -> None:
        """Note that an engine serves by what is in the folder. Blocks on the disk."""
        try:
            self._running = version_of(addresses_of(self._versions.present()))
            self._versions.stands()
            self._versions.notice(self._now())
        except Unpublishable as error:
            log.warning("no versions are kept: %s", error, extra={"action": "config.not_kept"})

    # ---- looking -----------------------------------------------------------------------------------------------

    @route("GET", "/configuration/files", roles=ADMIN, refusals=("configuration_unpublishable",),
           examples=(Example(summary="All", asked=Asked()),))  # fmt: skip
    async def files(self, _: Caller, asked: Asked) -> FilesView:
        """Show the files of the configuration."""
        texts = await self._do(self._versions.present)
        read_only = await self._do(self._versions.why_not)
        version = version_of(addresses_of(texts))
        return FilesView(version=version, running=self._running, read_only=read_only, files=texts)

    @route("GET", "/configuration/versions", roles=ADMIN, refusals=("configuration_unpublishable",),
           examples=(Example(summary="All", asked=Asked()),))  # fmt: skip
    async def versions(self, _: Caller, asked: Asked) -> VersionsView:
        """List what was published: the last hundred versions."""
        known = await self._do(self._versions.publications)
        return VersionsView(tuple(view_of(one) for one in reversed(known)))

    @route("POST", "/configuration/check", roles=ADMIN, refusals=("configuration_unpublishable",), reads=True,
           body_max=BODY_MAX, examples=(Example(summary="A flow", asked=ChangedTexts(files=SOME)),))  # fmt: skip
    async def check(self, _: Caller, asked: ChangedTexts) -> Checked:
        """Find every mistake that a change would bring, with file and line, and what would be right."""
        present = await self._do(self._versions.present)
        found = await self._problems(await self._do(changed, present, asked.files), present)
        return Checked(tuple(Mistake(one.file, one.line, one.field, one.text) for one in found))

    @route("POST", "/configuration/diff", roles=ADMIN, refusals=("configuration_unpublishable",), reads=True,
           body_max=BODY_MAX, examples=(Example(summary="A flow", asked=ChangedTexts(files=SOME)),))  # fmt: skip
    async def diff(self, _: Caller, asked: ChangedTexts) -> Difference:
        """Tell what a change would make different: in the files, and in words where it is simple."""
        present = await self._do(self._versions.present)
        return await self._difference(present, await self._do(changed, present, asked.files))

    @route("GET", "/configuration/versions/{version}/diff", roles=ADMIN,
           refusals=("configuration_unpublishable", "unknown_version"),
           examples=(Example(summary="Back", asked=OneVersion(version="0" * 16), given=WAS),))  # fmt: skip
    async def diff_of_version(self, _: Caller, asked: OneVersion) -> Difference:
        """Tell what would be different with an earlier version in force again."""
        texts = await self._known(asked.version)
        return await self._difference(await self._do(self._versions.present), texts)

    # ---- doing -------------------------------------------------------------------------------------------------

    @route(
        "POST",
        "/configuration/publish",
        roles=ADMIN,
        refusals=("configuration_bad", "configuration_changed", "configuration_same", "configuration_unpublishable"),
        body_max=BODY_MAX,
        examples=(
            Example(
                summary="A flow",
                asked=Publish(base="0" * 16, why="Nobody speaks English at night.", files=SOME),
                given=WAS,
            ),
        ),
    )
    async def publish(self, caller: Caller, asked: Publish) -> Published:
        """Put a change in force.

        It is refused while it has mistakes, and when somebody published meanwhile. All of its files are written or
        none. Then another engine takes the place of this one, within a second or so; calls go on.
        """
        present = await self._do(self._versions.present)
        return await self._put(caller, asked.base, present, await self._do(changed, present, asked.files), asked.why)

    @route(
        "POST",
        "/configuration/versions/{version}/roll-back",
        roles=ADMIN,
        refusals=(
            *("configuration_bad", "configuration_changed", "configuration_same", "configuration_unpublishable"),
            "unknown_version",
        ),
        examples=(
            Example(
                summary="As it was before",
                asked=RollBack(version="0" * 16, base="0" * 16, why="Callers were lost."),
                given=WAS,
            ),
        ),
    )
    async def roll_back(self, caller: Caller, asked: RollBack) -> Published:
        """Put an earlier version in force again, as a publication of its own."""
        texts = await self._known(asked.version)
        return await self._put(caller, asked.base, await self._do(self._versions.present), texts, asked.why)

    # ---- memberships -------------------------------------------------------------------------------------------

    @route("GET", "/configuration/members", roles=ADMIN, refusals=("configuration_unpublishable",),
           examples=(Example(summary="All", asked=Asked()),))  # fmt: skip
    async def members(self, _: Caller, asked: Asked) -> Members:
        """Show who serves which queues, and who has which skills, as the files say it."""
        return members_of(await self._do(self._versions.present))

    @route("POST", "/configuration/members", roles=ADMIN, reads=True, body_max=BODY_MAX,
           refusals=("configuration_unpublishable", "configuration_uneditable"),
           examples=(Example(
               summary="Learns Finnish",
               asked=ChangedMembers(agents={"guide01": Member({"vaxel": 1}, {"swedish": 5, "finnish": 2})}),
               given=WAS,
           ),))  # fmt: skip
    async def edit_members(self, _: Caller, asked: ChangedMembers) -> Edited:
        """Return agents.yaml with other queues and skills. Comments stay; nothing is published."""
        present = await self._do(self._versions.present)
        try:
            text = await self._compute(with_members, present.get("agents.yaml", ""), asked.agents)
        except Uneditable as error:
            raise Refused(error.error_id, str(error)) from error
        return Edited(version_of(addresses_of(present)), {"agents.yaml": text})

    # ---- inside ------------------------------------------------------------------------------------------------

    async def _put(
        self, caller: Caller, base: str, present: dict[str, str], texts: dict[str, str], why: str
    ) -> Published:
        if version_of(addresses_of(present)) != base:
            raise Refused(OtherVersion.error_id, "somebody has changed the configuration meanwhile: look at it again")
        if texts == present:
            raise Refused("configuration_same", "this is what stands there already")
        if found := await self._problems(texts, present):
            raise Refused("configuration_bad", f"{len(found)} mistakes, first of all {found[0]}")
        at_start = (await self._difference(present, texts)).at_start

        def work() -> Publication:
            return self._versions.publish(base, texts, at=self._now(), by=caller.name, why=why)

        publication = await self._do(work)
        log.warning("configuration published", extra={"action": "config.published", "version": publication.version})
        self._reload()
        return Published(version=view_of(publication), at_start=at_start)

    async def _known(self, version: str) -> dict[str, str]:
        texts = await self._do(self._versions.find, version)
        if texts is None:
            raise Refused("unknown_version", "there is no such version any more")
        return texts

    async def _problems(self, texts: dict[str, str], present: dict[str, str]) -> tuple[Problem, ...]:
        return await self._compute(comparing.problems, str(self._versions.folder), texts, present)

    async def _difference(self, before: dict[str, str], after: dict[str, str]) -> Difference:
        return await self._compute(comparing.difference, str(self._versions.folder), before, after)

    async def _compute(self, work: Callable[..., T], *arguments: object) -> T:
        try:
            found: T = await self._pool(work, *arguments)
            return found
        except BrokenExecutor as error:
            raise Refused("not_ready", "the comparison was broken off", retryable=True) from error

    async def _do(self, work: Callable[..., T], *arguments: object) -> T:
        """Do what waits for the disk. Raises Refused."""
        try:
            return await asyncio.to_thread(work, *arguments)
        except (Unpublishable, OtherVersion) as error:
            raise Refused(error.error_id, str(error)) from error


def view_of(one: Publication) -> VersionView:
    """Return what is told of a publication."""
    return VersionView(
        version=one.version, before=one.before, at=one.at, by=one.by, why=one.why, taken_back=one.taken_back
    )


def routes(routing: PublishingRoutes) -> list[Route]:
    """Return what can be asked for."""
    return routes_of(routing, "configuration")
