"""Text telephones over HTTP: what a citizen is typing, letter by letter, and what an agent writes there.

A line in the making is no fact and is not kept; one that is over is a message of the contact (`web.messages`).
"""

import asyncio
from typing import Annotated, Final

from msgspec import Meta, Struct

from router.api import CONFIDANTS, Asked, Caller, Example, Id, Role, route
from router.contact import Connected, Contact
from router.inputs import Refused
from router.state import State
from web.contactview import agent_of
from web.disclosure import Disclosure
from web.house import House

TEXT_MAX: Final = 1000
"""Characters written at once."""
WAIT_MAX: Final = 25.0
"""Seconds for which an answer may be waited for; proxies cut longer ones off."""
WRITERS: Final[frozenset[Role]] = frozenset({"agent", "operator", "supervisor"})
TEXTED: Final = "guide01 texts with t1"


class WhichText(Asked, frozen=True):
    """The text of a contact: as it stands, or once it has changed."""

    contact: Id
    since: Annotated[str, Meta(max_length=64)] = ""
    """`version` of what is known already: the answer comes when there is something newer, or `wait` is over."""
    wait: Annotated[float, Meta(ge=0, le=WAIT_MAX)] = 0.0
    """Seconds."""


class Writing(Asked, frozen=True):
    """Characters, as they are written."""

    contact: Id
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
    """With U+0008 to take the last character back, and a line end when a line is over."""


class TextView(Struct, frozen=True, kw_only=True):
    """What is being written on a text telephone. Personal: every look is logged."""

    contact: str
    messages: int
    """How many lines are over: they are messages of the contact."""
    citizen: str
    """The line that the citizen is typing."""
    agent: str
    """The line that is being written to the citizen."""
    version: str
    """Changes with every word; says nothing by itself."""


class TextRoutes:
    """Carries out what is asked about text telephones."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._gate = Disclosure(house)
        self._noted: set[tuple[str, str]] = set()

    @route(
        "GET",
        "/contacts/{contact}/text",
        roles=CONFIDANTS,
        refusals=("unknown_contact", "not_yours", "no_text", "secret", "access_log_away"),
        examples=(Example(summary="What is being typed", asked=WhichText(contact="t1"), given=TEXTED),),
    )
    async def text(self, caller: Caller, asked: WhichText) -> TextView:
        """Show what citizen and agent are writing just now; lines that are over are among the contact's messages.

        With `since` and `wait` the answer comes as soon as there is something new: ask again at once to read along.
        Personal values; the access log keeps who looked.
        """
        await self._note(caller, asked.contact)
        view = await self._look(caller, asked.contact)
        if asked.wait and view.version == asked.since:
            try:
                async with asyncio.timeout(asked.wait):
                    while view.version == asked.since:
                        await self._house.text_changed(asked.contact)
                        view = await self._look(caller, asked.contact)
            except TimeoutError:
                pass
        return view

    @route(
        "POST",
        "/contacts/{contact}/text",
        roles=WRITERS,
        minor=True,
        refusals=("unknown_contact", "not_yours", "no_text", "not_connected", "worker_away"),
        examples=(Example(summary="A line", asked=Writing(contact="t1", text="Hej, vad gäller det?\n"), given=TEXTED),),
    )
    async def write(self, caller: Caller, asked: Writing) -> None:
        """Write to the citizen, who reads along.

        It is sent at once and not again: a repeat writes it twice, unless it has the same Idempotency-Key. A line that
        is over, by a line end or because nobody goes on with it, becomes a message of the contact.
        """

        def look(state: State, _: str) -> Contact:
            contact = _texted(state, caller, asked.contact)
            if not isinstance(contact, Connected):
                raise Refused("not_connected", f"contact {asked.contact} is not with an agent")
            return contact

        contact = await self._house.read(look)
        self._house.write_text(contact, asked.text)

    async def _look(self, caller: Caller, id_: str) -> TextView:
        def look(state: State, _: str) -> int:
            contact = _texted(state, caller, id_)
            self._gate.check(caller, state, contact)
            return contact.card.thread.messages

        messages = await self._house.read(look)
        citizen, agent, version = self._house.text_of(id_)
        return TextView(contact=id_, messages=messages, citizen=citizen, agent=agent, version=f"{version}-{messages}")

    async def _note(self, caller: Caller, contact: str) -> None:
        """Keep who looked, once for each contact: a look that lasts is many requests."""
        one = (caller.name, contact)
        if one in self._noted:
            return
        if len(self._noted) > 10_000:
            self._noted.clear()
        _ = await self._gate.open(caller, lambda state: _texted(state, caller, contact), ("text",))
        self._noted.add(one)


def _texted(state: State, caller: Caller, id_: str) -> Contact:
    contact = state.contacts.get(id_)
    if contact is None:
        raise Refused("unknown_contact", f"there is no contact {id_} now")
    if caller.role == "agent":
        caller.speaks_for(agent_of(contact))
    if not contact.card.text:
        raise Refused("no_text", f"contact {id_} has no text telephone")
    return contact
