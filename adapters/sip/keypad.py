"""What callers type while a flow asks for digits. The router learns how many there are and whether they can be an
answer; the digits themselves stay where all answers do (`router.answers`).

How many digits count is the session's word: what the vault has beyond that, because an engine died between keeping a
digit and telling of it, is cut off.
"""

from collections.abc import Callable
from typing import Final, Protocol

from ivr.digits import holds
from ivr.flow import Collect
from ivr.session import typing
from router.answers import Answers
from router.contact import InFlow
from router.inputs import DigitsChecked, DigitsTyped, Input, KeyPressed
from router.ports import Secret
from router.state import State

AGENT_NUMBER: Final = "agent"
"""The answer that names an agent, before the PIN is asked for."""

Told = tuple[Input, tuple[Secret, ...]]


class PinCheck(Protocol):
    """Compares digits with secrets, away from the loop."""

    def __call__(self, entry: str, digits: str, answer: Callable[[bool], None], /) -> None:
        """Tell whether they are the PIN of an entry."""

    def agent(self, number: str, digits: str, answer: Callable[[str], None], /) -> None:
        """Tell which agent has this number and PIN; nobody when empty."""

    def helper(self, code: str, answer: Callable[[str, str], None], /) -> None:
        """Tell which agent was given this code, and for which crisis; nobody when empty."""


Whose = Callable[[str, str], tuple[str | None, tuple[Secret, ...]]]
"""Tells whose number digits are that a contact asks to be called at, and what to keep; nobody's if it may not be."""


class Keypad:
    """The digits of every caller who is typing, or has typed."""

    def __init__(
        self,
        check_pin: PinCheck,
        submit: Callable[[Input], None],
        answers: Answers,
        whose: Whose = lambda _digits, _contact: (None, ()),
    ) -> None:
        self._whose = whose
        self._check_pin = check_pin
        self._submit = submit
        self._answers = answers

    def forget(self, contact: str) -> None:
        """The contact is over."""
        self._answers.forget(contact)

    def press(self, state: State, contact: str, digit: str, source: str = "", number: int = 0) -> Told:
        """Return what to tell the router about a key, and what to keep."""
        current = state.contacts.get(contact)
        asked = typing(state.configuration.flows, current.session) if isinstance(current, InFlow) else None
        if not isinstance(current, InFlow) or asked is None or not (digit.isdecimal() or digit == asked.terminator):
            return KeyPressed(contact=contact, digit=digit, source=source, number=number), ()
        typed = self._answers.one(contact, asked.name)[: current.session.typed]
        if len(typed) < current.session.typed:  # what is sensitive died with an engine
            return DigitsTyped(contact=contact, count=0, over=False, holds=False, source=source, number=number), ()
        if digit != asked.terminator:
            typed += digit
        kept = self._answers.take(state, current, asked.name, typed, sensitive=asked.sensitive)
        over = digit == asked.terminator or len(typed) == asked.most
        right, person = holds(asked, typed), None
        if right is None and asked.check == "number":
            person, secrets = self._whose(typed, contact)
            right, kept = person is not None, (*kept, *secrets)
        if right is None and over:
            self._have_checked(current, asked, typed)
        told = DigitsTyped(
            contact=contact, count=len(typed), over=over, holds=right, source=source, number=number, person=person
        )
        return told, kept

    def _have_checked(self, contact: InFlow, asked: Collect, digits: str) -> None:
        id_, turn = contact.card.id, contact.session.turn + 1  # the turn in which the flow waits for this

        def answer(right: bool, agent: str = "", crisis: str = "") -> None:
            self._submit(DigitsChecked(contact=id_, turn=turn, holds=right, agent=agent, crisis=crisis))

        if asked.check == "agent":
            number = self._answers.one(id_, AGENT_NUMBER)
            self._check_pin.agent(number, digits, lambda agent: answer(bool(agent), agent))
        elif asked.check == "helper":
            self._check_pin.helper(digits, lambda agent, crisis: answer(bool(agent), agent, crisis))
        else:
            self._check_pin(contact.card.entry, digits, answer)
