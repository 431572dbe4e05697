"""What citizens answer when a flow asks: typed on a telephone, or written. It is kept here for as long as the contact
lives, and in the vault unless it is sensitive; the router learns only whether it is an answer.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from ivr.flow import Collect, Form
from ivr.forms import kept, keyed, tidy
from ivr.session import question_of
from router.contact import InFlow
from router.ports import Secret
from router.state import State

DIGITS: Final = "digits"
"""The vault's kind of what is answered outside forms."""
ANSWERS: Final = "answers"
"""The vault's kind of what is answered in a form; it is kept for whoever reads the report."""

_DECODER: Final = msgspec.json.Decoder(dict[str, str])


def answers_in(kept: Mapping[str, str]) -> dict[str, str]:
    """Return the answers by their names, from what the vault keeps of a contact."""
    return _read(kept.get(DIGITS, "{}")) | _read(kept.get(ANSWERS, "{}"))


def _read(text: str) -> dict[str, str]:
    try:
        return _DECODER.decode(text)
    except msgspec.DecodeError:
        return {}


class Answers:
    """The answers of every citizen who is in a flow, or was."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, str]] = {}
        """Contact to answers, by their names."""
        self._kept: dict[str, dict[str, str]] = {}
        """Owner in the vault to what is to be kept there."""

    def one(self, contact: str, name: str) -> str:
        """Return answer `name` of a contact; empty when nothing is known of it."""
        return self._given.get(contact, {}).get(name, "")

    def all_of(self, contact: str) -> dict[str, str]:
        """Return all answers of a contact, by their names."""
        return dict(self._given.get(contact, {}))

    def restore(self, contact: InFlow, kept: Mapping[str, str]) -> None:
        """Take back what the vault keeps of a contact, by kinds."""
        for kind in (DIGITS, ANSWERS):
            given = _read(kept.get(kind, "{}"))
            self._given.setdefault(contact.card.id, {}).update(given)
            self._kept[_owner(contact, kind)] = given

    def forget(self, contact: str) -> None:
        """The contact is over."""
        if self._given.pop(contact, None) is not None:
            for owner in [one for one in self._kept if one == contact or one.startswith(f"{contact}.")]:
                del self._kept[owner]

    def take(self, state: State, contact: InFlow, name: str, answer: str, *, sensitive: bool) -> tuple[Secret, ...]:
        """Note an answer to what the contact's flow asks; return what the vault is to keep of it."""
        self._given.setdefault(contact.card.id, {})[name] = answer
        if sensitive:
            return ()
        session = contact.session
        asked = question_of(state.configuration.flows, session)
        if asked is not None and asked.wants is not None:
            is_typed = isinstance(asked, Collect)
            answer = kept(asked.wants, keyed(asked.wants, answer) if is_typed else tidy(asked.wants, answer))
        in_form = isinstance(state.configuration.flows[session.flow].nodes[session.node], Form)
        kind = ANSWERS if in_form else DIGITS
        owner = _owner(contact, kind)
        all_ = self._kept.setdefault(owner, {})
        all_[name] = answer
        return (Secret(owner, kind, msgspec.json.encode(all_).decode()),)


def _owner(contact: InFlow, kind: str) -> str:
    return f"{contact.card.id}.{contact.session.filing}" if kind == ANSWERS else contact.card.id
