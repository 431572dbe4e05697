"""What callers type while a flow asks for digits. The router learns how many there are and whether they can be an
answer; the digits themselves stay here, and in the vault unless they are sensitive.

How many digits count is the session's word: what the vault has beyond that, because an engine died between keeping a
digit and telling of it, is cut off.
"""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from ivr.digits import holds
from ivr.flow import Collect, Form
from ivr.session import typing
from router.contact import InFlow
from router.inputs import DigitsChecked, DigitsTyped, Input, KeyPressed
from router.ports import Secret
from router.state import State

DIGITS: Final = "digits"
"""The vault's kind of what is typed for a call."""
AGENT_NUMBER: Final = "agent"
"""The answer that names an agent, before the PIN is asked for."""
ANSWERS: Final = "answers"
"""The vault's kind of what is typed in a form; it is kept for whoever reads the report."""

_DECODER: Final = msgspec.json.Decoder(dict[str, str])

Told = tuple[Input, tuple[Secret, ...]]


def answers_in(kept: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, by the names of the answers, from what the vault keeps of a contact."""
    return _read(kept.get(DIGITS, "{}")) | _read(kept.get(ANSWERS, "{}"))


def _read(text: str) -> dict[str, str]:
    try:
        return _DECODER.decode(text)
    except msgspec.DecodeError:
        return {}


class PinCheck(Protocol):
    """Compares digits with secrets, away from the loop."""

    def __call__(self, entry: str, digits: str, answer: Callable[[bool], None], /) -> None:
        """Tell whether they are the PIN of an entry."""

    def agent(self, number: str, digits: str, answer: Callable[[str], None], /) -> None:
        """Tell which agent has this number and PIN; nobody when empty."""


class Keypad:
    """The digits of every caller who is typing, or has typed."""

    def __init__(self, check_pin: PinCheck, submit: Callable[[Input], None]) -> None:
        self._check_pin = check_pin
        self._submit = submit
        self._typed: dict[str, dict[str, str]] = {}
        """Contact to what was typed, by the names of the answers."""
        self._kept: dict[str, dict[str, str]] = {}
        """Owner in the vault to what is to be kept there."""

    def digits(self, contact: str, name: str) -> str:
        """Return what a caller typed as answer `name`; empty when nothing is known of it."""
        return self._typed.get(contact, {}).get(name, "")

    def all_of(self, contact: str) -> dict[str, str]:
        """Return all that a caller typed, by the names of the answers."""
        return dict(self._typed.get(contact, {}))

    def restore(self, contact: InFlow, kept: dict[str, str]) -> None:
        """Take back what the vault keeps of a contact, by kinds."""
        for kind in (DIGITS, ANSWERS):
            typed = _read(kept.get(kind, "{}"))
            self._typed.setdefault(contact.card.id, {}).update(typed)
            self._kept[self._owner(contact, kind)] = typed

    def forget(self, contact: str) -> None:
        """The contact is over."""
        if self._typed.pop(contact, None) is not None:
            for owner in [one for one in self._kept if one == contact or one.startswith(f"{contact}.")]:
                del self._kept[owner]

    def press(self, state: State, contact: str, digit: str, source: str = "", number: int = 0) -> Told:
        """Return what to tell the router about a key, and what to keep."""
        current = state.contacts.get(contact)
        asked = typing(state.configuration.flows, current.session) if isinstance(current, InFlow) else None
        if not isinstance(current, InFlow) or asked is None or not (digit.isdecimal() or digit == asked.terminator):
            return KeyPressed(contact=contact, digit=digit, source=source, number=number), ()
        typed = self.digits(contact, asked.name)[: current.session.typed]
        if len(typed) < current.session.typed:  # what is sensitive died with an engine
            return DigitsTyped(contact=contact, count=0, over=False, holds=False, source=source, number=number), ()
        if digit != asked.terminator:
            typed += digit
        self._typed.setdefault(contact, {})[asked.name] = typed
        over = digit == asked.terminator or len(typed) == asked.most
        right = holds(asked, typed)
        if right is None and over:
            self._have_checked(current, asked, typed)
        told = DigitsTyped(contact=contact, count=len(typed), over=over, holds=right, source=source, number=number)
        return told, () if asked.sensitive else self._secrets(state, current, asked, typed)

    def _have_checked(self, contact: InFlow, asked: Collect, digits: str) -> None:
        id_, turn = contact.card.id, contact.session.turn + 1  # the turn in which the flow waits for this

        def answer(right: bool, agent: str = "") -> None:
            self._submit(DigitsChecked(contact=id_, turn=turn, holds=right, agent=agent))

        if asked.check == "agent":
            number = self.digits(id_, AGENT_NUMBER)
            self._check_pin.agent(number, digits, lambda agent: answer(bool(agent), agent))
        else:
            self._check_pin(contact.card.entry, digits, answer)

    def _secrets(self, state: State, contact: InFlow, asked: Collect, digits: str) -> tuple[Secret, ...]:
        session = contact.session
        in_form = isinstance(state.configuration.flows[session.flow].nodes[session.node], Form)
        kind = ANSWERS if in_form else DIGITS
        owner = self._owner(contact, kind)
        kept = self._kept.setdefault(owner, {})
        kept[asked.name] = digits
        return (Secret(owner, kind, msgspec.json.encode(kept).decode()),)

    @staticmethod
    def _owner(contact: InFlow, kind: str) -> str:
        return f"{contact.card.id}.{contact.session.filing}" if kind == ANSWERS else contact.card.id
