"""From whom somebody wants to reach to what may be rung, in order; and of all else, why not.

A record's own ways come first, then those of who stands in. Who is away is passed over for whom the absence names, the
secretary and the deputy. Nothing is dialled here, and nothing allowed: numbers still have to pass the dial gate.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from adapters.directory import numbers
from adapters.directory.directory import Directory
from adapters.directory.ids import ID
from adapters.directory.ports import Lines
from adapters.directory.record import Absence, Record
from router.inputs import Refused

Way = Literal["agent", "desk", "direct", "mobile", "number"]
"""The phone at which a person is logged in as an agent, the desk phone, the direct number or extension in full, the
mobile phone; or a number that was typed and is nobody's."""
WhyNot = Literal["absent", "off_hours", "busy", "unreachable", "not_allowed", "elsewhere"]
"""Away by own word, outside working hours, in a call, the phone is not there, callers may not be connected to it, works
elsewhere and is not at the desk."""
DEPTH: Final = 3
"""How far those who stand in are followed: the one asked for, who stands in, and who stands in for that one."""


class Candidate(Struct, frozen=True, kw_only=True):
    """Something that may be rung."""

    way: Way
    record: str = ""
    """Id of the record that is reached by it; empty when nobody knows whose it is."""
    phone: str = ""
    """Name of a desk phone at the edge."""
    number: str = ""
    """In E.164 or short; a personal value."""
    by_refer: bool = False
    """Hand the call to the trunk: it does not come back."""


class PassedOver(Struct, frozen=True, kw_only=True):
    """A way that is not taken."""

    way: Way
    record: str
    why: WhyNot


class Resolution(Struct, frozen=True, kw_only=True):
    """What may be rung, in order."""

    record: str = ""
    """Whom it was looked up for."""
    candidates: tuple[Candidate, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    absence: Absence | None = None
    """Of the one asked for."""
    busy_at: str = ""
    """The desk phone at which the one asked for is in a call: wait for it to be free (camp-on)."""
    gone_at: str = ""
    """A desk phone of the one asked for that is not registered."""


class Resolver:
    """Looks up destinations."""

    def __init__(self, directory: Directory, lines: Lines) -> None:
        self._directory = directory
        self._lines = lines

    def typed(self, text: str, *, anyway: bool = False) -> Resolution:
        """Resolve an id of the directory, an extension, or a number. Raises Refused.

        With `anyway`, the one asked for is rung in spite of absence and working hours.
        """
        bare = re.sub(r"[\s-]", "", text)
        if ID.fullmatch(bare):
            return self.record(bare, anyway=anyway)
        found = self._directory.find("extension", bare)
        if not found:
            number = self._number(text)
            direct = [record for record in self._directory.find("number", number) if record.direct == number]
            if not direct:
                return Resolution(candidates=(Candidate(way="number", number=number),))
            found = direct
        return self.record(self._best(found).id, anyway=anyway)

    def record(self, id_: str, *, anyway: bool = False) -> Resolution:
        """Resolve a record. Raises Refused."""
        record = self._directory.get(id_)
        steps = list(self._steps(record, {record.id}, DEPTH, anyway))
        phones = list(self._phones(record))
        return Resolution(
            record=record.id,
            candidates=tuple(_once(step for step in steps if isinstance(step, Candidate))),
            passed_over=tuple(step for step in steps if isinstance(step, PassedOver)),
            absence=self._directory.presence.absence(record, self._directory.now()),
            busy_at=next(filter(self._lines.busy, phones), ""),
            gone_at=next((phone for phone in phones if not self._lines.registered(phone)), ""),
        )

    def _number(self, text: str) -> str:
        try:
            return numbers.normal(text, self._directory.settings.country)
        except ValueError as error:
            raise Refused("unknown_destination", f"what was typed {error}") from None

    def _best(self, records: list[Record]) -> Record:
        """Of those who share a telephone, return the first who is not away: functions before persons."""
        ordered = sorted(records, key=lambda record: (record.kind, int(record.id[1:])))
        return next((record for record in ordered if self._why_away(record) is None), ordered[0])

    # ---- one record after the other ----------------------------------------------------------------------------

    def _steps(self, record: Record, seen: set[str], depth: int, anyway: bool) -> Iterator[Candidate | PassedOver]:
        away = None if anyway else self._why_away(record)
        for candidate in self._ways(record):
            why = away or self._why_not(record, candidate)
            yield PassedOver(way=candidate.way, record=record.id, why=why) if why else candidate
        for id_ in self._stand_ins(record) if depth > 1 else ():
            other = self._directory.records.get(id_)
            if other is not None and id_ not in seen:
                seen.add(id_)
                yield from self._steps(other, seen, depth - 1, False)

    def _stand_ins(self, record: Record) -> Iterator[str]:
        absence = self._directory.presence.absence(record, self._directory.now())
        yield from filter(None, (absence.refer if absence is not None else "", record.secretary, record.deputy))

    def _ways(self, record: Record) -> Iterator[Candidate]:
        """Yield all ways to a record. With a phone at the edge its numbers lead back here, so they are none."""
        at = self._lines.phone_of(record.agent) if record.agent else ""
        if at:
            yield Candidate(way="agent", record=record.id, phone=at)
        if record.phone and record.phone != at:
            yield Candidate(way="desk", record=record.id, phone=record.phone)
        prefix = self._directory.settings.extension_prefix
        full = record.direct or (self._number(prefix + record.extension) if prefix and record.extension else "")
        if full and not record.phone:
            yield Candidate(way="direct", record=record.id, number=full, by_refer=record.by_refer)
        if record.mobile:
            yield Candidate(way="mobile", record=record.id, number=record.mobile, by_refer=record.by_refer)

    def _phones(self, record: Record) -> Iterator[str]:
        return (candidate.phone for candidate in self._ways(record) if candidate.phone)

    # ---- why not -------------------------------------------------------------------------------------------------

    def _why_away(self, record: Record) -> WhyNot | None:
        presence, now = self._directory.presence, self._directory.now()
        if presence.absence(record, now) is not None:
            return "absent"
        return None if presence.at_work(record, now) else "off_hours"

    def _why_not(self, record: Record, candidate: Candidate) -> WhyNot | None:
        if candidate.way == "mobile":
            return "not_allowed" if record.mobile_use == "never" else None
        if candidate.way in ("desk", "direct") and self._directory.presence.elsewhere(record, self._directory.now()):
            return "elsewhere"
        if not candidate.phone:
            return None
        if not self._lines.registered(candidate.phone):
            return "unreachable"
        return "busy" if self._lines.busy(candidate.phone) else None


def _once(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """Yield each phone and number once: people share telephones."""
    seen = set()
    for candidate in candidates:
        rung = candidate.phone, candidate.number
        if rung not in seen:
            seen.add(rung)
            yield candidate
