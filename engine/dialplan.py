"""What is dialled at a phone of the house, or pressed in a call: entries, slots, extensions, phones, numbers."""

from collections.abc import Callable, Collection
from typing import Final

from msgspec import structs

from adapters.directory.resolving import Candidate
from adapters.sip.wishes import Meaning, Wish
from ivr.actions import ConnectKind
from ivr.flow import START, Enter
from router.configuration import CODE, Configuration
from router.dialling import PHONE, Destination, NotDialled, Number, address_of, assess

FETCH: Final = "*7"
"""Followed by a slot: fetch who is parked there."""

CHANNEL: Final = "call"

Lookup = Callable[[str], Candidate | None]
"""What to ring for somebody of the directory; None for nobody."""


class Dialplan:
    """Tells what somebody means; no leg is dialled by it."""

    def __init__(
        self,
        configuration: Callable[[], Configuration],
        phones: Collection[str],
        person: Callable[[str], str],
        extension: Lookup = lambda _dialled: None,
        record: Lookup = lambda _id: None,
        listed: Callable[[str], str] = lambda _number: "",
        interpreter: Callable[[str, str], Wish | None] = lambda _contact, _code: None,
    ) -> None:
        """`phones` may be rung by their names; `person` makes pseudonyms of numbers; `extension`, `record` and `listed`
        look into the directory, by what is dialled, by id and for whose number one is; `interpreter` words who is to
        join a talk, by contact and code."""
        self._configuration = configuration
        self._phones = frozenset(phones)
        self._person = person
        self._extension = extension
        self._record = record
        self._listed = listed
        self.interpreter = interpreter
        """Words what an agent wishes who pressed the code of a language."""
        self.refused: dict[str, int] = {}
        """Numbers that the gate did not let pass, by `error_id`."""

    def __call__(self, dialled: str) -> Meaning:
        """Return what is meant."""
        configuration = self._configuration()
        entries = {entry.channel: entry for entry in configuration.entries if entry.address == dialled}
        if CHANNEL in entries:
            begin = configuration.flows[entries[CHANNEL].flow].nodes[START]
            return Meaning(entry=True, queue=begin.queue if isinstance(begin, Enter) else "")
        if CODE in entries:
            return Meaning(code=True)
        slot = dialled.removeprefix(FETCH)
        if slot != dialled and slot.isdecimal():
            return Meaning(slot=slot)
        known = self._extension(dialled)
        if known is not None:
            return self._known(known)
        if dialled in self._phones:
            return Meaning(destination=Destination(PHONE + dialled))
        return self.number(dialled)

    def candidate(self, known: Candidate) -> Meaning:
        """Return what it means to ring somebody, of the directory or not; a number passes the gate.

        Raises NotDialled.
        """
        if known.phone:
            return Meaning(destination=Destination(PHONE + known.phone, person=known.record))
        meaning = self.outside(known.number)
        assert meaning.destination is not None  # what the gate lets pass
        whose = known.record or meaning.destination.person
        destination = structs.replace(meaning.destination, person=whose, refer=known.by_refer)
        return structs.replace(meaning, destination=destination)

    def asked_for(self, kind: ConnectKind, key: str) -> Meaning:
        """Return whom a flow means that connects its caller."""
        if kind == "number":
            return self.number(key)
        if kind == "extension":
            return self(key)
        known = self._record(key)
        return self._known(known) if known is not None else Meaning(refused=True)

    def _known(self, known: Candidate) -> Meaning:
        try:
            return self.candidate(known)
        except NotDialled:
            return Meaning(refused=True)

    def number(self, written: str) -> Meaning:
        """Let the dial gate read a number."""
        try:
            return self.outside(written)
        except NotDialled:
            return Meaning(refused=True)

    def caller(self, written: str) -> Number | None:
        """Read a caller's number, as it may have to be called back; None when the gate would not let it pass. Nobody
        has asked for that yet, so it is not counted."""
        try:
            number = assess(written, self._configuration().dialling)
        except NotDialled:
            return None
        return None if number.emergency else number

    def asked(self, written: str) -> Number:
        """Let the dial gate read a number at which somebody wants to be called; what it does not let pass is counted.

        Raises NotDialled.
        """
        try:
            number = assess(written, self._configuration().dialling)
            if number.emergency:
                raise NotDialled("number_refused", "nobody is called back there")
        except NotDialled as error:
            self.refused[error.error_id] = self.refused.get(error.error_id, 0) + 1
            raise
        return number

    def outside(self, written: str) -> Meaning:
        """Let the dial gate read a number; what it does not let pass is counted. Raises NotDialled."""
        try:
            number = assess(written, self._configuration().dialling)
        except NotDialled as error:
            self.refused[error.error_id] = self.refused.get(error.error_id, 0) + 1
            raise
        address, listed = address_of(self._person(number.dialled)), self._listed(number.dialled)
        destination = Destination(address, listed, country=number.country, emergency=number.emergency)
        return Meaning(destination=destination, number=number)
