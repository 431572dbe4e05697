"""The contact that a request names: there, and with an agent where that is asked for."""

from router import inputs as i
from router.contact import Connected, Contact, WrappingUp
from router.turn import Turn


def contact(turn: Turn, id_: str) -> Contact:
    """Return a contact. Raises Refused when there is none of that name."""
    known = turn.state.contacts.get(id_)
    if known is None:
        raise i.Refused("unknown_contact", f"there is no contact {id_} now")
    return known


def connected(turn: Turn, id_: str) -> Connected:
    """Return a contact that an agent has. Raises Refused."""
    known = contact(turn, id_)
    if not isinstance(known, Connected):
        raise i.Refused("not_connected", f"contact {id_} is not with an agent")
    return known


def in_hand(turn: Turn, id_: str) -> Connected | WrappingUp:
    """Return a contact that an agent has, or wraps up. Raises Refused."""
    known = contact(turn, id_)
    if not isinstance(known, Connected | WrappingUp) or not known.agent:
        raise i.Refused("not_connected", f"contact {id_} is not with an agent")
    return known
