"""The outbox over HTTP: what of ours waits to leave, and what cannot."""

from typing import Annotated

from msgspec import Meta, Struct

from router import inputs as i
from router.api import WATCHERS, Asked, Caller, Example, Id, Role, route
from router.boundary import Reach
from router.outbox import Outgoing
from router.state import State
from web.house import House, plain

MENDERS: frozenset[Role] = frozenset({"operator", "supervisor", "admin"})


class WhichOutgoing(Asked, frozen=True):
    """Messages in the outbox."""

    failed: bool = False
    """Only those that cannot be delivered."""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class OneOutgoing(Asked, frozen=True):
    """A message in the outbox."""

    contact: Id
    message: Annotated[int, Meta(ge=1)]


class OutgoingView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of ours that has not left."""

    contact: str
    message: int
    channel: str
    entry: str
    """The mailbox, or other way in, that it leaves by."""
    added: float
    attempts: int
    due: float | None
    """When it is tried next; null when it is not."""
    prompt: str = ""
    """What the house says; an agent wrote it when empty."""
    failed: str = ""
    """Why it cannot be delivered (docs/mail.md)."""


class OutboxView(Struct, frozen=True):
    """The outbox, the oldest first."""

    outbox: tuple[OutgoingView, ...]
    waiting: int
    failed: int


class OutboxRoutes:
    """Carries out what is asked about the outbox."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route(
        "GET",
        "/outbox",
        roles=WATCHERS,
        examples=(Example(summary="What cannot leave", asked=WhichOutgoing(failed=True)),),
    )
    async def outbox(self, caller: Caller, asked: WhichOutgoing) -> OutboxView:
        """List what of ours has not left: what is tried again, and what somebody must see to."""

        reach = self._house.reach(caller)

        def look(state: State, _: str) -> OutboxView:
            within = [one for one in state.outbox.values() if reach.whole or _is_within(state, reach, one)]
            everything = sorted(within, key=lambda one: one.added)
            shown = [one for one in everything if one.failed is not None or not asked.failed][: asked.limit]
            failed = sum(1 for one in everything if one.failed is not None)
            return OutboxView(tuple(map(_view, shown)), len(everything) - failed, failed)

        return await self._house.read(look)

    @route(
        "POST",
        "/outbox/{contact}/{message}/again",
        roles=MENDERS,
        refusals=("unknown_message",),
        examples=(Example(summary="Try now", asked=OneOutgoing(contact="k1", message=2), given="k1.m2 cannot leave"),),
    )
    async def again(self, _: Caller, asked: OneOutgoing) -> None:
        """Try a message at once, also one that had failed."""
        await self._house.ask(plain(i.SendAgain(asked.contact, asked.message)))

    @route(
        "POST",
        "/outbox/{contact}/{message}/drop",
        roles=MENDERS,
        refusals=("unknown_message", "not_failed"),
        examples=(Example(summary="Seen to", asked=OneOutgoing(contact="k1", message=2), given="k1.m2 cannot leave"),),
    )
    async def drop(self, _: Caller, asked: OneOutgoing) -> None:
        """Take a failed message out of the outbox: somebody has seen to it."""
        await self._house.ask(plain(i.DropMessage(asked.contact, asked.message)))


def _is_within(state: State, reach: Reach, one: Outgoing) -> bool:
    contact = state.contacts.get(one.contact)
    return contact is not None and reach.contact(state, contact)


def _view(one: Outgoing) -> OutgoingView:
    return OutgoingView(
        contact=one.contact,
        message=one.number,
        channel=one.channel,
        entry=one.entry,
        added=one.added,
        attempts=one.attempts,
        due=one.due if one.failed is None else None,
        prompt=one.prompt,
        failed=one.failed or "",
    )
