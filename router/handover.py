"""Matters on their way to the city's records system: from their close until they were taken, tried again until then."""

from collections.abc import Callable
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router.contact import Connected, Contact, WrappingUp
from router.turn import Turn


def closed(turn: Turn, contact: Contact) -> None:
    """A contact has just ended: if it was the last of its matter, and anybody dealt with it, the matter goes out."""
    card, state = contact.card, turn.state
    dealt_with = card.written or isinstance(contact, Connected | WrappingUp)
    if not state.configuration.hands_over or not dealt_with:
        return
    if not any(one.card.matter == card.matter for one in state.contacts.values()):
        turn.emit(f.MatterClosed(turn.now, card.id, card.matter))


def _taken(turn: Turn, report: i.MatterTaken) -> None:
    if report.contact in turn.state.handovers:
        turn.emit(f.MatterHandedOver(turn.now, report.contact, turn.state.handovers[report.contact].matter))


def _not_taken(turn: Turn, report: i.MatterNotTaken) -> None:
    if report.contact in turn.state.handovers:
        matter = turn.state.handovers[report.contact].matter
        turn.emit(f.HandoverFailed(turn.now, report.contact, matter, report.cause, report.retry_at))


def _again(turn: Turn, request: i.HandOverAgain) -> None:
    waiting = turn.state.handovers.get(request.contact)
    if waiting is None:
        raise i.Refused("unknown_handover", "no matter that ended with this contact waits to be handed over")
    turn.emit(f.HandoverFailed(turn.now, request.contact, waiting.matter, "asked", turn.now))


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.HandOverAgain: _again}
REPORTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.MatterTaken: _taken, i.MatterNotTaken: _not_taken}
