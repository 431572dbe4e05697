"""What the API shows of records, and to whom.

Who may not see protected identities is shown a stub, and not even that in a search. A mobile number that callers may
not be connected to, and a private reason for being away, are shown only where they are needed.
"""

from typing import Final, Literal

from msgspec import Struct, structs

from adapters.directory.absence import back_at
from adapters.directory.directory import Directory
from adapters.directory.numbers import shown
from adapters.directory.ports import Lines
from adapters.directory.record import Absence, Kind, MobileUse, Record, protected_stub
from adapters.directory.wording import sentence
from router.api import LEADS, Caller

CLEARED: Final = LEADS
"""Roles that see protected identities, and everything of a record."""

State = Literal["present", "absent", "off_hours", "elsewhere"]


class Standing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How somebody can be met now."""

    state: State
    reason: str = ""
    """Why away or elsewhere; empty when that is not for the one who asks."""
    until: float | None = None
    """UTC seconds at which the absence ends, or working hours begin; absent when nobody knows."""
    back: float | None = None
    """UTC seconds of the return, past absences that follow each other."""
    says: str = ""
    """What callers may be told, such as `på lunch till 13.00, hänvisas till Anna Berg`."""
    refer: str = ""
    """Id of the record to ask for meanwhile."""
    note: str = ""
    """For colleagues."""


class PersonView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person or function in short, as a list shows it."""

    id: str
    kind: Kind
    label: str
    title: str = ""
    department: tuple[str, ...] = ()
    extension: str = ""
    direct: str = ""
    """As people write it."""
    mobile: str = ""
    mobile_use: MobileUse = "never"
    responsibilities: tuple[str, ...] = ()
    standing: Standing
    busy: bool = False
    """In a call, as far as the phone is one of ours."""
    protected: bool = False
    similar: bool = False
    """Does not hold what was typed: it only sounds or looks alike, or means the same."""


class RecordView(Struct, frozen=True, kw_only=True):
    """A record, with all that is known of it."""

    record: Record
    person: PersonView
    names: dict[str, str]
    """Ids that the record names to the names of those records."""
    time_zone: str
    """IANA name of the zone in which people there tell the time."""


class Viewer:
    """Shows records to one caller, in one language."""

    def __init__(self, directory: Directory, lines: Lines, caller: Caller, language: str) -> None:
        self._directory = directory
        self._lines = lines
        self._language = language
        self._now = directory.now()
        self.cleared = caller.role in CLEARED
        """Whether the caller sees everything."""
        self._colleague = self.cleared or caller.role == "operator"

    def record(self, record: Record) -> RecordView:
        """Return all that the caller may see of a record."""
        if record.protected and not self.cleared:
            stub = protected_stub(record)
            view = PersonView(id=stub.id, kind=stub.kind, label="", protected=True, standing=Standing(state="present"))
            return RecordView(record=stub, person=view, names={}, time_zone=self._directory.zone.key)
        named = (record.secretary, record.deputy, *(one.refer for one in record.absences))
        names = {id_: self._label(id_) for id_ in dict.fromkeys(named) if id_}
        discreet, zone = self._discreet(record), self._directory.zone.key
        return RecordView(record=discreet, person=self.person(record), names=names, time_zone=zone)

    def person(self, record: Record, *, similar: bool = False) -> PersonView:
        """Return a record in short."""
        discreet, country = self._discreet(record), self._directory.settings.country
        at = self._lines.phone_of(record.agent) if record.agent else ""
        return PersonView(
            id=record.id,
            kind=record.kind,
            label=record.label,
            title=record.title,
            department=record.department,
            extension=record.extension,
            direct=shown(record.direct, country) if record.direct else "",
            mobile=shown(discreet.mobile, country) if discreet.mobile else "",
            mobile_use=record.mobile_use,
            responsibilities=record.responsibilities,
            standing=self.standing(record),
            busy=any(self._lines.busy(phone) for phone in (at, record.phone) if phone),
            protected=record.protected,
            similar=similar,
        )

    def standing(self, record: Record) -> Standing:
        """Return how somebody can be met now."""
        presence, now = self._directory.presence, self._now
        away = presence.absence(record, now)
        absence = away or presence.elsewhere(record, now)
        if absence is not None:
            return Standing(
                state="absent" if away is not None else "elsewhere",
                reason=absence.reason if self._may_know(absence) else "",
                until=absence.until,
                back=back_at(record.absences, now),
                says=self._says(absence),
                refer=absence.refer,
                note=absence.note if self._colleague else "",
            )
        if presence.at_work(record, now):
            return Standing(state="present")
        begins = presence.begins(record, now)
        return Standing(state="off_hours", until=begins, back=begins)

    def _says(self, absence: Absence) -> str:
        directory = self._directory
        refer = self._label(absence.refer) if absence.refer else ""
        reasons = directory.settings.reasons
        return sentence(absence, reasons, self._language, self._now, directory.zone, refer=refer)

    def _label(self, id_: str) -> str:
        other = self._directory.records.get(id_)
        return "" if other is None or (other.protected and not self.cleared) else other.label

    def _may_know(self, absence: Absence) -> bool:
        reason = self._directory.settings.reasons.get(absence.reason)
        return self._colleague or reason is None or not reason.private

    def _discreet(self, record: Record) -> Record:
        """Return the record without what the caller does not need."""
        if self.cleared:
            return record
        known = tuple(one for one in record.absences if self._may_know(one))
        mobile = record.mobile if record.mobile_use != "never" else ""
        return structs.replace(record, mobile=mobile, absences=known, note=record.note if self._colleague else "")
