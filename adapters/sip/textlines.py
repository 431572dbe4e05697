"""Text on a citizen's leg as the house knows it: who is writing what just now, and what a finished line means.

A line in the making is no fact: it stands here, at the worker, and on two displays. A finished one is a message.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from adapters.sip.protocol import Leg, LineTyped, Show
from ivr.phrase import Phrase
from router.card import Said
from router.contact import Contact, InFlow, Waiting
from router.facts import MessageAdded
from router.inputs import AnyReport, LineWritten, MessageArrived, TimePassed
from router.letters import CITIZEN, by_whom
from router.outbox import message_id
from router.ports import Secret
from router.state import State
from router.writing import asks

KEYS: Final = frozenset("0123456789*#")
TERMINATOR: Final = "#"

Told = tuple[AnyReport, tuple[Secret, ...]]
Answer = Callable[[State, Contact, str], Told]
"""Words a line that a citizen wrote: what to tell the router, and what to keep."""
Words = Callable[[str, Phrase, str], str]
"""Returns a phrase in writing, in a language, with what a contact answered where it names that; empty without one."""


def _is_asked_back(contact: Contact) -> bool:
    """Tell whether a citizen is to say whether an answer was understood."""
    return isinstance(contact, InFlow) and contact.session.stage in ("confirm", "review")


class Lines(Struct):
    """The lines in the making, on one leg."""

    citizen: str = ""
    agent: str = ""
    version: int = 0
    """How often they changed."""


class TextLines:
    """The text of all legs that have some."""

    def __init__(self, answer: Answer, words: Words, now: Callable[[], float]) -> None:
        self._answer = answer
        self._words = words
        self._now = now
        self._lines: dict[str, Lines] = {}
        self._languages: dict[str, str] = {}
        """Contact to its language: the last words may be for one that is over."""
        self._watchers: dict[str, list[asyncio.Event]] = {}

    # ---- reading -----------------------------------------------------------------------------------------------

    def of(self, contact: str) -> Lines:
        """Return what is being written."""
        return self._lines.get(contact, Lines())

    async def changed(self, contact: str) -> None:
        """Wait until somebody writes on, or a line is over."""
        event = asyncio.Event()
        self._watchers.setdefault(contact, []).append(event)
        try:
            await event.wait()
        finally:
            self._watchers[contact].remove(event)
            if not self._watchers[contact]:
                del self._watchers[contact]

    def forget(self, contact: str) -> None:
        """The contact is over."""
        self._lines.pop(contact, None)
        self._languages.pop(contact, None)
        self._wake(contact)

    def pictured(self, contact: str, leg: Leg) -> None:
        """Take over how the lines stand at the worker."""
        if leg.shown >= 0:
            lines = self._lines.setdefault(contact, Lines())
            lines.citizen, lines.agent = leg.typing, leg.writing
            self._wake(contact)

    # ---- what is written ---------------------------------------------------------------------------------------

    def typed(self, state: State, event: LineTyped) -> Told:
        """Take in how a line reads; word what a finished one means."""
        contact = state.contact_of(event.leg)
        if contact is None or contact.card.leg != event.leg:
            return TimePassed(), ()
        lines = self._lines.setdefault(contact.card.id, Lines())
        text = "" if event.over else event.text
        if event.own:
            lines.agent = text
        else:
            lines.citizen = text
        self._wake(contact.card.id)
        if not event.over or not contact.card.text:
            return TimePassed(), ()
        return self._written(contact, event.text) if event.own else self._said(contact, event.text, state)

    def _written(self, contact: Contact, text: str) -> Told:
        return LineWritten(contact=contact.card.id), self._kept(contact, getattr(contact, "agent", ""), text)

    def _kept(self, contact: Contact, author: str, text: str) -> tuple[Secret, ...]:
        """Return what the vault is to keep of the next message."""
        id_ = message_id(contact.card.id, contact.card.thread.messages + 1)
        return Secret(id_, "by", by_whom(author, self._now())), Secret(id_, "text", text)

    def _said(self, contact: Contact, text: str, state: State) -> Told:
        """Word a citizen's line: one key alone chooses where there is a choice."""
        key, asked = text.strip(), asks(state, contact)
        if key in KEYS and (asked == "choice" or isinstance(contact, Waiting) or _is_asked_back(contact)):
            return MessageArrived(contact=contact.card.id, key=key), self._kept(contact, CITIZEN, text)
        return self._answer(state, contact, text.removesuffix(TERMINATOR) if asked == "digits" and key != "#" else text)

    # ---- what is shown -----------------------------------------------------------------------------------------

    def shows(self, contact: Contact, shown: int) -> Iterator[Show]:
        """Yield what the house says and the display does not show yet."""
        card = contact.card
        self._languages[card.id] = card.language
        for number, said in enumerate(card.thread.said[max(shown, 0) :], max(shown, 0) + 1):
            if said.author == "house":
                yield self.show(card.id, card.leg, number, said)

    def show(self, contact: str, leg: str, number: int, said: Said | MessageAdded) -> Show:
        """Return a message of the house for a display."""
        phrase = Phrase(said.prompt, said.values, said.language)
        return Show(0, leg, number, self._words(self._languages.get(contact, ""), phrase, contact))

    def _wake(self, contact: str) -> None:
        if (lines := self._lines.get(contact)) is not None:
            lines.version += 1
        for event in self._watchers.get(contact, ()):
            event.set()
