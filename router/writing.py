"""What a citizen who writes sees besides the messages: the choices that stand there, and what is asked for."""

from typing import Final, Literal

from msgspec import Struct

from ivr.flow import Collect, Mail, Record
from ivr.phrase import Phrase
from ivr.session import asked_of, choices
from queues.channels import CHANNELS
from router.announcing import key_prompt
from router.contact import Asking, Contact, InFlow, Waiting, WrappingUp
from router.state import State

SURVEY_NUMBER: Final = "survey_number"
SURVEY_YES: Final = "survey_yes"
SURVEY_NO: Final = "survey_no"
YES_OR_NO: Final = 2

Asks = Literal["", "choice", "digits", "words", "address"]
"""What a flow wants to be answered with; nothing when it asks nothing."""


class Choice(Struct, frozen=True):
    """A button."""

    key: str
    phrase: Phrase
    """What is on it."""


def asks(state: State, contact: Contact) -> Asks:
    """Return what a contact is asked for just now."""
    if not isinstance(contact, InFlow):
        return ""
    match asked_of(state.configuration.flows, contact.session):
        case None:
            return ""
        case Collect(titles=titles):
            return "choice" if titles else "digits"
        case Record():
            return "words"
        case Mail():
            return "address"
        case _:
            return "choice"


def offered(state: State, contact: Contact) -> tuple[Choice, ...]:
    """Return the choices a citizen has just now: those of the flow's question, or the ways out of the line."""
    match contact:
        case InFlow():
            found = choices(state.configuration.flows, contact.session)
            return tuple(Choice(key, phrase) for key, phrase in found)
        case Waiting() if CHANNELS[contact.card.channel].led:
            keys = state.configuration.queues[contact.spot.queue].keys
            known = contact.card.person is not None
            return tuple(
                Choice(key, Phrase(key_prompt(way), {"key": int(key)}))
                for key, way in keys.items()
                if known or way.to != "callback"
            )
        case WrappingUp(asking=Asking(scale=scale)):
            return tuple(Choice(str(n), _answer(n, scale)) for n in range(1, scale + 1))
        case _:
            return ()


def _answer(number: int, scale: int) -> Phrase:
    """Return what stands on a button that answers how it was; of two, the first is yes."""
    if scale == YES_OR_NO:
        return Phrase(SURVEY_YES if number == 1 else SURVEY_NO)
    return Phrase(SURVEY_NUMBER, {"number": number})
