"""What is being written at a contact and was not sent yet, over HTTP: nothing is lost by a reload, a restart or a call.

It is personal: it stands in the vault alone, and who looks is logged. Nothing of this is ever sent to the citizen.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from router.api import CONFIDANTS, Asked, Caller, Example, Id, route
from router.ports import Secret
from router.state import State
from web.contacts import IN_HAND, PERSONAL, OneContact, in_hands_of, living, seen_by
from web.contactview import agent_of
from web.disclosure import Disclosure
from web.house import House

TEXT_MAX: Final = 65_536
FILES_MAX: Final = 20
PANELS_MAX: Final = 20
FIELDS_MAX: Final = 100
BODY_MAX: Final = 512 * 1024
"""Bytes as JSON: texts may be written in escapes."""

Name = Annotated[str, Meta(max_length=128)]
Panels = dict[Name, Annotated[dict[Name, Annotated[str, Meta(max_length=TEXT_MAX)]], Meta(max_length=FIELDS_MAX)]]


class Draft(Asked, frozen=True):
    """An answer that is being written."""

    contact: Id
    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    """Nothing of it is kept when this is empty, and there are no attachments."""
    attachments: Annotated[tuple[Id, ...], Meta(max_length=FILES_MAX)] = ()
    """Files that were uploaded for it."""


class DraftView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that is being written. Personal: every look is logged."""

    text: str = ""
    attachments: tuple[str, ...] = ()
    writer: str = ""
    at: float | None = None
    """When it was kept last, UTC seconds."""


class Unsent(Asked, frozen=True):
    """What stands in the panels beside a contact."""

    contact: Id
    panels: Annotated[Panels, Meta(max_length=PANELS_MAX)]
    """Panel to field to what stands in it; the names are the page's. What must not be kept is left out by the page."""


class UnsentView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands in the panels beside a contact. Personal: every look is logged."""

    panels: dict[str, dict[str, str]] = {}
    writer: str = ""


class DraftRoutes:
    """Keeps what is being written."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._disclosure = Disclosure(house)

    @route(
        "GET",
        "/contacts/{contact}/draft",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        examples=(Example(summary="Where was I?", asked=OneContact(contact="k1"), given="guide09 answers k1"),),
    )
    async def draft(self, caller: Caller, asked: OneContact) -> DraftView:
        """Show the answer that is being written: it stays through interruptions, restarts and hand-overs."""
        kept = await self._kept(caller, asked.contact, "draft")
        return msgspec.json.decode(kept, type=DraftView) if kept else DraftView()

    @route(
        "PUT",
        "/contacts/{contact}/draft",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        minor=True,
        body_max=BODY_MAX,
        examples=(
            Example(summary="So far", asked=Draft(contact="k1", text="Hej! Vi har"), given="guide09 answers k1"),
        ),
    )
    async def keep_draft(self, caller: Caller, asked: Draft) -> None:
        """Keep an answer that is being written; ask for it again and again, as one writes."""
        agent = await self._writer(caller, asked.contact)
        view = DraftView(text=asked.text, attachments=asked.attachments, writer=agent, at=self._house.now())
        written = msgspec.json.encode(view).decode() if asked.text or asked.attachments else ""
        await self._house.keep(Secret(asked.contact, "draft", written))

    @route(
        "GET",
        "/contacts/{contact}/unsent",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        examples=(Example(summary="What had I begun?", asked=OneContact(contact="k1"), given="guide09 answers k1"),),
    )
    async def unsent(self, caller: Caller, asked: OneContact) -> UnsentView:
        """Show what an agent has begun beside the answer: forms, the wrap-up, a remark.

        It is the writer's own: whoever has the contact next begins anew. A day after it was last kept it is gone.
        """
        kept = await self._kept(caller, asked.contact, "unsent")
        view = msgspec.json.decode(kept, type=UnsentView) if kept else UnsentView()
        return view if view.writer == _author(caller) else UnsentView()

    @route(
        "PUT",
        "/contacts/{contact}/unsent",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        minor=True,
        body_max=BODY_MAX,
        examples=(
            Example(
                summary="A form, half filled in",
                asked=Unsent(contact="k1", panels={"form fault": {"what": "Lampan är trasig"}}),
                given="guide09 answers k1",
            ),
        ),
    )
    async def keep_unsent(self, caller: Caller, asked: Unsent) -> None:
        """Keep what has been begun, all of it in the place of what was; ask for it again and again, as one writes."""
        await self._writer(caller, asked.contact)
        view = UnsentView(panels=asked.panels, writer=_author(caller))
        written = msgspec.json.encode(view).decode() if asked.panels else ""
        await self._house.keep(Secret(asked.contact, "unsent", written))

    # ---- inside --------------------------------------------------------------------------------------------------

    async def _kept(self, caller: Caller, id_: str, kind: str) -> str:
        """Return what the vault keeps for a caller that may see the contact. Raises Refused."""
        values = await self._disclosure.open(caller, lambda state: seen_by(caller, state, id_), (kind,))
        return (await values.personal(id_)).get(kind, "")

    async def _writer(self, caller: Caller, id_: str) -> str:
        """Return whose contact it is, if the caller may write there. Raises Refused."""

        def look(state: State, _: str) -> str:
            in_hands_of(caller, id_)(state)
            return agent_of(living(state, id_))

        return await self._house.read(look)


def _author(caller: Caller) -> str:
    return caller.agent or caller.name
