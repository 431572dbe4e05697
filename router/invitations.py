"""Questions how it was that are open while the contact is over: answered on a page, or at the desk, or never."""

from collections.abc import Iterable

from msgspec import Struct, structs

from router import facts as f


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
    """The desk at which it can be answered for a moment, `SITE/NUMBER`; empty once somebody else was served there."""


class Invitations:
    """All that are open, by contact, the oldest first."""

    def __init__(self, open_: Iterable[Invitation] = ()) -> None:
        self._open = {one.contact: one for one in open_}
        self._at = {one.seat: one.contact for one in self._open.values() if one.seat}

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
        """Return the question about the last visit to a desk, if it was asked after `since`."""
        found = self._open.get(self._at.get(seat, ""))
        return found if found is not None and found.asked > since else None

    def invite(self, fact: f.SurveyInvited) -> None:
        """Open a question; those that nobody has answered in time are forgotten."""
        while self._open and next(iter(self._open.values())).until <= fact.at:
            self.close(next(iter(self._open)))
        before = self._open.get(self._at.get(fact.seat, ""))
        if before is not None:
            self._open[before.contact] = structs.replace(before, seat="")
        if fact.seat:
            self._at[fact.seat] = fact.contact
        told = (fact.contact, fact.queue, fact.channel, fact.language, fact.scale)
        self._open[fact.contact] = Invitation(*told, fact.at, fact.until, fact.seat)

    def close(self, contact: str) -> None:
        """Close a question."""
        closed = self._open.pop(contact)
        if self._at.get(closed.seat) == contact:
            del self._at[closed.seat]
