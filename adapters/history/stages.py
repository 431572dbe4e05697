"""Where a contact is, as the history tells it."""

from typing import NamedTuple

from adapters.history.rows import Stage
from router.contact import (
    Arrived,
    Away,
    Connected,
    Contact,
    Ended,
    Forwarded,
    Hearing,
    InFlow,
    Leaving,
    Offered,
    Parked,
    Waiting,
    WrappingUp,
)


class Position(NamedTuple):
    """A stage and with whom; a change of it begins another segment."""

    stage: Stage
    queue: str = ""
    agent: str = ""
    """Who has it, or sent it on and gets it back."""


def position_of(contact: Contact) -> Position | None:
    """Return where a contact is; None when it has ended."""
    match contact:
        case Arrived() | Hearing() | InFlow():
            return Position("flow")
        case Waiting() | Offered():
            return Position("waiting", contact.spot.queue)
        case Connected():
            return Position("agent", contact.spot.queue, contact.agent)
        case WrappingUp():
            return Position("wrap_up", contact.spot.queue, contact.agent)
        case Forwarded():
            outside = contact.party is not None and contact.party.joined
            return Position("outside" if outside else "forwarded", _queue(contact), contact.by)
        case Parked():
            return Position("parked", contact.spot.queue, contact.by)
        case Leaving():
            return Position("leaving")
        case Away():
            return Position("away", contact.spot.queue)
        case Ended():
            return None


def _queue(contact: Forwarded) -> str:
    return contact.spot.queue if contact.spot is not None else ""
