"""Who may see what is personal: the one rule, for everything that lets personal values out.

A *matter* may be secret. Then its values (number, name, words, sounds, files, notes of the flow) are for whoever serves
the contact, and for roles that the city names (privacy.yaml, `secrecy: roles`); to everybody else they are masked.
So are those of a person with a protected identity (`router.people`), in every contact.
"""

from collections.abc import Callable, Collection
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router import named
from router.contact import Contact
from router.state import State
from router.turn import Turn


def is_secret(state: State, contact: Contact) -> bool:
    """Tell whether a contact's personal values are for few alone."""
    return contact.card.matter in state.secret or state.persons.of(contact.card.person).protected


def may_see(*, secret: bool, serves: bool, role: str, roles: Collection[str]) -> bool:
    """Tell whether somebody may see personal values: who has them for other reasons is not asked here.

    `serves`: the contact is with this agent; `roles`: those that may see what is secret.
    """
    return not secret or serves or role in roles


def _set_secrecy(turn: Turn, request: i.SetSecrecy) -> None:
    contact = named.contact(turn, request.contact)
    matter = contact.card.matter
    if (matter in turn.state.secret) != request.secret:
        turn.emit(f.SecrecyChanged(turn.now, matter, request.secret, request.contact))


def _place_hold(turn: Turn, request: i.PlaceHold) -> None:
    if (request.matter in turn.state.held) != request.held:
        turn.emit(f.HoldPlaced(turn.now, request.matter, request.held))


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.SetSecrecy: _set_secrecy,
    i.PlaceHold: _place_hold,
}
