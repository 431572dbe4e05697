"""From what somebody names to the call that is meant, and all that is kept of it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from adapters.trace import reading
from adapters.trace.record import LegRecord, Message
from engine.trace.journal import Journal, JournalAway, strings
from engine.trace.story import Kept, in_order
from router.contact import owner_of
from router.facts import AnyFact, ContactEnded

BEFORE_S: Final = 5.0
AFTER_S: Final = 40.0
"""Around what is known of a call: rings before it, repeated farewells after it (64 T1 of RFC 3261)."""
WHOLE: Final = (0.0, float("inf"))


class NotFound(Exception):
    """There is no such call; the text says what would be right."""


class Recent(Struct, frozen=True, kw_only=True):
    """A call of late, as a list shows it."""

    at: float
    contact: str
    """Empty for one that reached no worker."""
    call: str
    start: str
    """How it began: the first line of the caller's INVITE."""
    final: str
    """The last answer to it."""


class Finder:
    """Looks calls up in one data folder."""

    def __init__(self, traces: Path, journal: Journal) -> None:
        self._traces = traces
        self._journal = journal

    async def find(self, name: str, *, full: bool = False) -> Kept:
        """Return the call that is named by a contact, a leg, an offer or a Call-ID. Raises NotFound."""
        contact = self._contact_of(name)
        facts: list[AnyFact] = []
        missing = ""
        if contact:
            try:
                facts = await self._journal.facts_of(contact)
            except JournalAway as error:
                missing = f"what was decided: {error}"
        legs = reading.legs(self._traces, *WHOLE)
        mine = {id_: leg for id_, leg in legs.items() if contact and leg.contact == contact}
        named = set(mine) | {text for fact in facts for text in strings(fact)} | {contact, name}
        mine |= {id_: leg for id_, leg in legs.items() if id_ in named}
        messages = in_order(self._messages(named, contact, facts, mine.values(), full))
        if not (messages or facts or mine):
            raise NotFound(f"nothing is kept of {name}: `vaxel trace` lists the calls of late")
        ended = any(isinstance(fact, ContactEnded) and fact.contact == contact for fact in facts)
        if not messages and not missing:
            missing = "the SIP messages: they are kept only where calls pass the edge, and only for some days"
        return Kept(
            contact=contact or name,
            messages=tuple(messages),
            facts=tuple(facts),
            legs=tuple(mine.values()),
            living=bool(facts) and not ended,
            missing=missing,
        )

    async def last(self) -> str:
        """Return what names the call that began last. Raises NotFound."""
        for recent in self.recent(1):
            return recent.contact or recent.call
        raise NotFound("no call is kept")

    async def of_person(self, person: str) -> str:
        """Return the last contact of a person, by pseudonym. Raises NotFound."""
        try:
            contact = await self._journal.latest_of(person)
        except JournalAway as error:
            raise NotFound(f"the journal cannot be asked: {error}") from None
        if not contact:
            raise NotFound("the journal knows no call of theirs")
        return contact

    def recent(self, count: int) -> list[Recent]:
        """Return the calls that began last, the last one first."""
        found: list[Recent] = []
        for messages in reading.newest_first(self._traces):
            found += reversed(list(_begun(messages)))
            if len(found) >= count:
                break
        return found[:count]

    def _contact_of(self, name: str) -> str:
        """Return the contact that is meant; empty for a call that reached none."""
        legs = reading.legs(self._traces, *WHOLE)
        if name in legs:
            return legs[name].contact
        if _is_ours(name):
            return owner_of(name) if name.rpartition(".")[2].isdecimal() and "." in name else name
        for messages in reading.newest_first(self._traces):
            leg = next((one.leg for one in messages if one.call == name and one.leg), "")
            if leg:
                return legs[leg].contact if leg in legs else owner_of(leg)
        return ""

    def _messages(
        self, named: set[str], contact: str, facts: Iterable[AnyFact], legs: Iterable[LegRecord], full: bool
    ) -> Iterator[Message]:
        """Yield the messages of all calls whose legs are named, or that are named themselves."""
        moments = [fact.at for fact in facts] + [at for leg in legs for at in (leg.began, leg.at) if at]
        since, until = WHOLE
        if moments:
            since, until = min(moments) - BEFORE_S, max(moments) + AFTER_S
        kept = list(reading.messages(self._traces, since, until, full=full))
        calls = {one.call for one in kept if _belongs(one, named, contact)}
        return (one for one in kept if one.call in calls)


def _belongs(message: Message, named: set[str], contact: str) -> bool:
    leg = message.leg
    return message.call in named or (bool(leg) and (leg in named or (bool(contact) and owner_of(leg) == contact)))


def _is_ours(name: str) -> bool:
    """Tell whether a name is a contact's or a leg's: `w1-3f2a9c10-17` and what begins with it."""
    parts = name.partition(".")[0].split("-")
    return len(parts) == 3 and parts[2].isdecimal()


def _begun(messages: list[Message]) -> Iterator[Recent]:
    """Yield each call from outside that begins among these messages."""
    first: dict[str, Message] = {}
    legs: dict[str, str] = {}
    answers: dict[str, str] = {}
    for one in messages:
        if one.start.startswith("INVITE ") and not one.source_is and ";tag=" not in one.header("To"):
            first.setdefault(one.call, one)
        if one.leg:
            legs.setdefault(one.call, one.leg)
        if one.start.startswith("SIP/2.0 ") and one.header("CSeq").endswith("INVITE") and not one.target_is:
            answers[one.call] = one.start.removeprefix("SIP/2.0 ")
    for call, invite in first.items():
        yield Recent(
            at=invite.at, contact=legs.get(call, ""), call=call, start=invite.start, final=answers.get(call, "")
        )
