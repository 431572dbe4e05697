"""Numbers that citizens ask to be called back at: what the dial gate makes of them, and whose they are."""

from collections.abc import Callable

from msgspec import Struct

from engine.dialplan import Dialplan
from router.dialling import NotDialled, Number, address_of
from router.ports import Secret


class Asked(Struct, frozen=True):
    """A number that may be called, as somebody asked for it."""

    person: str
    """Under whose pseudonym it stands."""
    number: Number
    secrets: tuple[Secret, ...]


class CallNumbers:
    """Reads numbers that are asked for."""

    def __init__(
        self,
        dialplan: Dialplan,
        person: Callable[[str], str],
        shared: Callable[[str], bool],
        remember: Callable[[str, Number], None],
    ) -> None:
        """`shared` knows numbers that are no person's (rule 8); `remember` knows the number behind an address."""
        self._dialplan = dialplan
        self._person = person
        self._shared = shared
        self._remember = remember

    def asked(self, written: str, contact: str) -> Asked:
        """Return what to call for somebody who asked for it in `contact`. Raises NotDialled.

        A number that many share is that of this contact alone: nobody else's call is taken for the same person's, and
        the promise does not end when somebody else rings from there (rule 8).
        """
        number = self._dialplan.asked(written)
        whose = f"{number.dialled} {contact}" if self._shared(number.dialled) else number.dialled
        person = self._person(whose)
        self._remember(address_of(person), number)
        return Asked(person, number, (Secret(address_of(person), "number", number.dialled),))

    def typed(self, digits: str, contact: str) -> tuple[str | None, tuple[Secret, ...]]:
        """Return whose number digits are, and what the vault keeps of it; nobody's if it may not be called."""
        try:
            asked = self.asked(digits, contact)
        except NotDialled:
            return None, ()
        return asked.person, asked.secrets
