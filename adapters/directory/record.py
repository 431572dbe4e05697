"""What the directory knows of one person or function. These are personal values: never in facts, logs or labels.

The id is a pseudonym (`p1024`, `f12`) and may stand anywhere. Fields are only ever added, with a default, so that a
later version reads what an earlier one stored.
"""

from typing import Literal

from msgspec import Struct, structs

Kind = Literal["person", "function"]
MobileUse = Literal["never", "connect", "give"]
"""What may be done with a mobile number: nothing, connect callers to it, or also tell it to them."""


class Absence(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Away from `since` on; back at `until`. It ends by itself: whoever reads compares with the time."""

    reason: str
    """A key of `Settings.reasons`."""
    since: float
    """UTC seconds."""
    until: float | None = None
    """UTC seconds, not included; None until further notice."""
    refer: str = ""
    """Id of the record to ask for meanwhile."""
    note: str = ""
    """For colleagues, not for callers."""


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A person or a function; `adapters.directory.checking` says what each field may hold."""

    id: str
    kind: Kind = "person"
    key: str = ""
    """What another system (personnel, accounts) calls it; imports find the record by it."""
    given: str = ""
    family: str = ""
    name: str = ""
    """A function's name; of a person the name as shown, where it is not given and family name."""
    aliases: tuple[str, ...] = ()
    """Nicknames, former names, other spellings: found, not shown."""
    title: str = ""
    department: tuple[str, ...] = ()
    """From the top: administration, unit, team."""
    extension: str = ""
    """Internal digits."""
    direct: str = ""
    """In E.164, or a short number's digits."""
    mobile: str = ""
    mobile_use: MobileUse = "never"
    phone: str = ""
    """Name of the desk phone at the edge (`phone:NAME`)."""
    secretary: str = ""
    """Id of the record that takes this one's calls first, when it is away or busy."""
    deputy: str = ""
    """Id of the record that stands in."""
    email: str = ""
    responsibilities: tuple[str, ...] = ()
    """What one asks for, in the words people use: `bygglov`, `sophämtning`, `sopor`."""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hours: str = ""
    """When at work, such as `mon-thu 08:00-16:30; fri 08:00-15:00`; empty when not known."""
    place: str = ""
    note: str = ""
    """For colleagues, not for callers."""
    agent: str = ""
    """Agent id, when the person serves queues."""
    protected: bool = False
    """Protected identity: only those with the right see that the record is there."""
    by_refer: bool = False
    """Calls are handed to the trunk (REFER) and do not come back."""
    absences: tuple[Absence, ...] = ()
    revision: int = 0
    """Counts changes, so that nobody overwrites what somebody else has changed meanwhile."""

    @property
    def label(self) -> str:
        """The name to show."""
        return self.name or f"{self.given} {self.family}".strip()


def protected_stub(record: Record) -> Record:
    """Return what is left of a protected record for those without the right: that it is there, and nothing else."""
    return Record(id=record.id, kind=record.kind, protected=True, revision=record.revision)


def without_reference(record: Record, id_: str) -> Record:
    """Return the record as it is once the record `id_` is removed: nobody is referred to somebody who is not there."""
    return structs.replace(
        record,
        secretary="" if record.secretary == id_ else record.secretary,
        deputy="" if record.deputy == id_ else record.deputy,
        absences=tuple(structs.replace(one, refer="") if one.refer == id_ else one for one in record.absences),
    )
