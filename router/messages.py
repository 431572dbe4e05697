"""Conversations of messages: what citizens, agents and the house write, and how our part of it leaves.

What is said stands in the vault; here messages are counted, so that none is lost, doubled or out of order. A message
that somebody else carries (a mail) stands in the outbox until it was taken, or somebody has seen that it cannot be.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from ivr.phrase import Phrase
from queues.channels import CHANNELS
from router import facts as f
from router import inputs as i
from router import named
from router.applying import ACKNOWLEDGED_FOR
from router.contact import STILL_THERE, TEXT_CONNECTED, Arrived, Connected, Contact, WrappingUp
from router.ending import finish
from router.outbox import Outgoing, message_id
from router.turn import Turn

CLOSED: Final = "chat_closed"
"""The prompt with which a citizen is let go who has not written for long."""


def add(turn: Turn, contact: Contact, author: f.Author, **more: Any) -> None:
    """Let a message be the next of a conversation."""
    number = contact.card.thread.messages + 1
    turn.emit(f.MessageAdded(turn.now, contact.card.id, number, author, **more))


def begin(turn: Turn, contact: Arrived, prompt: str, *, automatic: bool, mark: str = "") -> None:
    """Take in the message with which a contact begins, and acknowledge it by `prompt`."""
    add(turn, contact, "citizen", automatic=automatic, mark=mark)
    card = contact.card
    last = turn.state.acknowledged.get(card.person) if card.person is not None else None
    lately = last is not None and turn.now < last + ACKNOWLEDGED_FOR
    if prompt and card.person is not None and not automatic and not lately:
        add(turn, turn.state.contacts[card.id], "house", prompt=prompt)


def show(turn: Turn, contact: Contact, phrases: Iterable[Phrase]) -> None:
    """Write to the citizen what a caller would hear; nothing where somebody else would have to carry it."""
    for phrase in phrases if not CHANNELS[contact.card.channel].posted else ():
        current = turn.state.contacts[contact.card.id]
        add(turn, current, "house", prompt=phrase.prompt, values=phrase.values, language=phrase.language)


def connected(turn: Turn, id_: str) -> None:
    """Tell a citizen who does not hear that somebody is there."""
    contact = turn.state.contacts[id_]
    if contact.card.text:
        add(turn, contact, "house", prompt=TEXT_CONNECTED)


def arrived(turn: Turn, report: i.MessageArrived) -> bool:
    """Take in a message; tell whether it is a new one."""
    contact = turn.state.contacts.get(report.contact)
    if contact is None or not contact.card.written:
        return False
    if (report.count and report.count <= contact.card.thread.heard) or report.mark in turn.state.marks:
        return False
    add(turn, contact, "citizen", count=report.count, automatic=report.automatic, mark=report.mark)
    return True


def _send(turn: Turn, request: i.SendMessage) -> None:
    contact = named.contact(turn, request.contact)
    if not CHANNELS[contact.card.channel].written or contact.card.text:
        raise i.Refused("not_written", f"contact {request.contact} is no conversation of messages")
    if not isinstance(contact, Connected | WrappingUp) or contact.agent != request.agent:
        raise i.Refused("not_connected", f"contact {request.contact} is not with agent {request.agent}")
    add(turn, contact, "agent", agent=request.agent)


def _line_written(turn: Turn, report: i.LineWritten) -> None:
    contact = turn.state.contacts.get(report.contact)
    if contact is not None and contact.card.text:
        agent = contact.agent if isinstance(contact, Connected | WrappingUp) else ""
        add(turn, contact, "agent", agent=agent)


# ---- the outbox ------------------------------------------------------------------------------------------------


def _taken(turn: Turn, report: i.MessageTaken) -> None:
    if message_id(report.contact, report.message) in turn.state.outbox:
        turn.emit(f.MessageSent(turn.now, report.contact, report.message))


def _not_taken(turn: Turn, report: i.MessageNotTaken) -> None:
    if message_id(report.contact, report.message) not in turn.state.outbox:
        return
    if report.retry_at is None:
        turn.emit(f.MessageFailed(turn.now, report.contact, report.message, report.cause))
    else:
        turn.emit(f.MessageDelayed(turn.now, report.contact, report.message, report.retry_at, report.cause))


def _outgoing(turn: Turn, request: i.SendAgain | i.DropMessage) -> Outgoing:
    message = turn.state.outbox.get(message_id(request.contact, request.message))
    if message is None:
        raise i.Refused("unknown_message", f"message {request.message} of {request.contact} is not in the outbox")
    return message


def _send_again(turn: Turn, request: i.SendAgain) -> None:
    _outgoing(turn, request)
    turn.emit(f.MessageDelayed(turn.now, request.contact, request.message, turn.now, "asked"))


def _drop(turn: Turn, request: i.DropMessage) -> None:
    if not _outgoing(turn, request).failed:
        raise i.Refused("not_failed", f"message {request.message} of {request.contact} is still being tried")
    turn.emit(f.MessageDropped(turn.now, request.contact, request.message))


# ---- silence ---------------------------------------------------------------------------------------------------


def idle(turn: Turn, contact: Connected) -> None:
    """Ask a citizen who has not written for long; let go who has not answered that either."""
    if not contact.card.thread.reminded:
        add(turn, contact, "house", prompt=STILL_THERE)
        return
    add(turn, contact, "house", prompt=CLOSED)
    closed = turn.state.contacts[contact.card.id]
    assert isinstance(closed, Connected)  # a message moves nobody
    finish(turn, closed)


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.SendMessage: _send,
    i.SendAgain: _send_again,
    i.DropMessage: _drop,
}
REPORTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.LineWritten: _line_written,
    i.MessageTaken: _taken,
    i.MessageNotTaken: _not_taken,
}
