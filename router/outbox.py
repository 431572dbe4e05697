"""A message of ours on its way out of the house. It outlives its contact."""

from typing import assert_never

from msgspec import Struct, structs

from router.card import Card
from router.facts import MessageAdded, MessageDelayed, MessageFailed, SendCause


class Outgoing(Struct, frozen=True, array_like=True, gc=False):
    """A message that is to be carried by somebody else; until then it is tried again."""

    contact: str
    number: int
    channel: str
    entry: str
    """The mailbox, or other way in, that it leaves by."""
    person: str | None
    matter: str
    language: str
    prompt: str
    """What the house says; an agent's words, in the vault under the message's id, when empty."""
    added: float
    attempts: int = 0
    """How often it was tried in vain."""
    due: float = 0.0
    """When it is to be tried."""
    failed: SendCause | None = None
    """Why it will not be tried any more; None while it will."""

    @property
    def id(self) -> str:
        """Return the message's id, under which its words stand in the vault."""
        return message_id(self.contact, self.number)


def message_id(contact: str, number: int) -> str:
    """Return the id of a message."""
    return f"{contact}.m{number}"


def outgoing(card: Card, fact: MessageAdded) -> Outgoing:
    """Return a message that is to leave."""
    return Outgoing(
        fact.contact,
        fact.number,
        card.channel,
        card.entry,
        card.person,
        card.matter,
        card.language,
        fact.prompt,
        fact.at,
        due=fact.at,
    )


def tried(message: Outgoing, fact: MessageDelayed | MessageFailed) -> Outgoing:
    """Return a message after it was tried in vain."""
    match fact:
        case MessageDelayed():
            return structs.replace(message, attempts=message.attempts + 1, due=fact.until, failed=None)
        case MessageFailed():
            return structs.replace(message, attempts=message.attempts + 1, failed=fact.cause)
        case _:
            assert_never(fact)
