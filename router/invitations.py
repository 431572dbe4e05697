"""Questions how it was that are open while the contact is over: a citizen answers on a page, or at the desk, or never."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from router import facts as f

SURVEYED_FOR: Final = 366 * 86_400.0
"""Seconds for which it is known who was asked how it was: the longest time that a queue can name."""


class Invitation(Struct, frozen=True, array_like=True, gc=False):
    """A question that can be answered, once. It names neither agent nor person."""

    contact: str
    queue: str
    channel: str
    language: str
    scale: int
    asked: float
    until: float
    seat: str = ""
    """The desk at which it can be answered for a moment, `SITE/NUMBER`."""


class Invitations:
    """All that are open, by contact, the oldest first."""

    def __init__(self, open_: Iterable[Invitation] = ()) -> None:
        self._open = {one.contact: one for one in open_}

    def snapshot(self) -> list[Invitation]:
        """Return all of them."""
        return list(self._open.values())

    def __contains__(self, contact: object) -> bool:
        return contact in self._open

    def of(self, contact: str, now: float) -> Invitation | None:
        """Return the question about a contact that can still be answered."""
        found = self._open.get(contact)
        return found if found is not None and now < found.until else None

    def at(self, seat: str, since: float) -> Invitation | None:
        """Return the last question about a visit to a desk, if it was asked after `since`."""
        return next((one for one in reversed(self._open.values()) if one.seat == seat and one.asked > since), None)

    def invite(self, fact: f.SurveyInvited) -> None:
        """Open a question; those that nobody has answered in time are forgotten."""
        while self._open and next(iter(self._open.values())).until <= fact.at:
            del self._open[next(iter(self._open))]
        told = (fact.contact, fact.queue, fact.channel, fact.language, fact.scale)
        self._open[fact.contact] = Invitation(*told, fact.at, fact.until, fact.seat)

    def answered(self, contact: str) -> None:
        """Close a question."""
        del self._open[contact]
