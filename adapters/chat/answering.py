"""What a citizen's message is to the flow that asks: a choice, digits, words, an address; or nothing but a message."""

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from ivr import digits as ivr_digits
from ivr.flow import Collect, Mail, Record
from ivr.phrase import Phrase
from ivr.session import asked_of
from router.answers import Answers
from router.contact import Contact, InFlow
from router.inputs import Input, MessageArrived
from router.outbox import message_id
from router.ports import Secret
from router.state import State
from router.writing import offered

ADDRESS: Final = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_BETWEEN: Final = re.compile(r"[\s-]")

Told = tuple[Input, tuple[Secret, ...]]


class Written(Struct, frozen=True):
    """What came from the page."""

    count: int
    text: str = ""
    key: str = ""
    question: int = 0
    before: str = ""
    """What the citizen wrote before, when it goes on as a mail."""


def question_of(contact: Contact) -> int:
    """Return the number by which what is asked is known; 0 where nothing is."""
    return contact.session.turn if isinstance(contact, InFlow) else 0


class Answering:
    """Words what citizens write."""

    def __init__(self, answers: Answers, title: Callable[[Phrase, str], str], person: Callable[[str], str]) -> None:
        """`title` returns a phrase in a language; `person` whose address something is."""
        self._answers = answers
        self._title = title
        self._person = person

    def worded(self, state: State, contact: Contact, written: Written) -> Told:
        """Return what to tell the router of a new message, and what to keep."""
        card = contact.card
        titles = {one.key: self._title(one.phrase, card.language) for one in offered(state, contact)}
        key = written.key if written.key in titles else ""
        text = titles.get(key, written.text)
        own = Secret(message_id(card.id, card.thread.messages + 1), "text", text)
        report = MessageArrived(contact=card.id, count=written.count)
        if written.question != question_of(contact) or (written.key and not key):
            return _changed(report, aside=True), (own,) if text else ()
        if not isinstance(contact, InFlow):
            return _changed(report, key=key), (own,)
        if key:
            return _changed(report, key=key), (own,)
        return self._answer(state, contact, written, report, own, titles)

    def _answer(
        self,
        state: State,
        contact: InFlow,
        written: Written,
        report: MessageArrived,
        own: Secret,
        titles: dict[str, str],
    ) -> Told:
        asked, text = asked_of(state.configuration.flows, contact.session), written.text.strip()
        match asked:
            case Collect():
                typed = _BETWEEN.sub("", text)
                holds = bool(ivr_digits.holds(asked, typed))
                kept: tuple[Secret, ...] = () if asked.sensitive else (own,)
                if holds:
                    kept += self._answers.take(state, contact, asked.name, typed, sensitive=asked.sensitive)
                return _changed(report, holds=holds), kept
            case Record():
                kept = self._answers.take(state, contact, asked.name, text, sensitive=False)
                return report, (own, *kept)
            case Mail() if ADDRESS.fullmatch(text):
                mail = f"{contact.card.id}.{contact.session.filing}"
                kept = (Secret(mail, "address", text), Secret(message_id(mail, 1), "text", written.before))
                return _changed(report, holds=True, person=self._person(text.lower())), (own, *kept)
            case _:
                same = [key for key, title in titles.items() if text.casefold() in (key, title.casefold())]
                return _changed(report, key=same[0] if len(same) == 1 else ""), (own,)


def _changed(report: MessageArrived, **changes: object) -> MessageArrived:
    return structs.replace(report, **changes)
