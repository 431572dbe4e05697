"""What a citizen's message is to the flow that asks: a choice, digits, words, an address; or nothing but a message."""

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from ivr import digits as ivr_digits
from ivr.flow import Asking, Collect, Mail, Record
from ivr.forms import tidy, wrong
from ivr.phrase import Phrase
from ivr.session import asked_of
from router.answers import Answers
from router.contact import Contact, InFlow, WrappingUp
from router.inputs import AnyReport, MessageArrived
from router.letters import CITIZEN, by_whom
from router.outbox import message_id
from router.ports import Secret
from router.state import State
from router.writing import offered

ADDRESS: Final = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_BETWEEN: Final = re.compile(r"[\s-]")

Told = tuple[AnyReport, tuple[Secret, ...]]
Whose = Callable[[str, str], tuple[str | None, tuple[Secret, ...]]]
"""Tells whose number digits are that a contact asks to be called at, and what to keep; nobody's if it may not be."""


class Written(Struct, frozen=True):
    """What came from the page."""

    count: int
    text: str = ""
    key: str = ""
    question: int = 0
    file: str = ""
    """The key of what goes with it."""
    before: str = ""
    """What the citizen wrote before, when it goes on as a mail."""


def question_of(contact: Contact) -> int:
    """Return the number by which what is asked is known; 0 where nothing is."""
    return contact.session.turn if isinstance(contact, InFlow) else 0


class Answering:
    """Words what citizens write."""

    def __init__(
        self,
        answers: Answers,
        title: Callable[[Phrase, str], str],
        person: Callable[[str], str],
        now: Callable[[], float],
        whose: Whose = lambda _digits, _contact: (None, ()),
    ) -> None:
        """`title` returns a phrase in a language; `person` whose address something is; `now` UTC seconds; `whose` which
        number somebody wants to be called at."""
        self._whose = whose
        self._now = now
        self._answers = answers
        self._title = title
        self._person = person

    def worded(self, state: State, contact: Contact, written: Written) -> Told:
        """Return what to tell the router of a new message, and what to keep."""
        card = contact.card
        titles = {one.key: self._title(one.phrase, card.language) for one in offered(state, contact)}
        key = written.key if written.key in titles else ""
        text = titles.get(key, written.text)
        id_ = message_id(card.id, card.thread.messages + 1)
        by, said = Secret(id_, "by", by_whom(CITIZEN, self._now())), Secret(id_, "text", text)
        along = (Secret(id_, "letter", written.file),) if written.file else ()
        report = MessageArrived(contact=card.id, count=written.count)
        if written.question != question_of(contact) or (written.key and not key):
            return structs.replace(report, aside=True), (by, said, *along)
        if isinstance(contact, WrappingUp) and not key:
            key = _named(titles, written.text)
        if not isinstance(contact, InFlow):
            return structs.replace(report, key=key), (by, said, *along)
        asked = asked_of(state.configuration.flows, contact.session)
        told: AnyReport = structs.replace(report, key=key)
        kept: tuple[Secret, ...] = ()
        if not key:
            told, kept = self._answer(state, contact, written, report, titles)
        elif isinstance(asked, Collect) and key in asked.titles:
            kept = self._answers.take(state, contact, asked.name, key, sensitive=asked.sensitive)
        return told, (by, *(() if _is_sensitive(asked) else (said, *along)), *kept)

    def _answer(
        self, state: State, contact: InFlow, written: Written, report: MessageArrived, titles: dict[str, str]
    ) -> Told:
        """Return what free text is to the question, and what to keep besides the text."""
        asked, text = asked_of(state.configuration.flows, contact.session), written.text.strip()
        match asked:
            case Collect():
                same = [key for key, title in asked.titles.items() if text.casefold() == titles[key].casefold()]
                typed = same[0] if same else _BETWEEN.sub("", text)
                person, secrets = self._number(asked, typed, contact.card.id)
                if not ivr_digits.holds(asked, typed) and person is None:
                    return report, ()
                kept = self._answers.take(state, contact, asked.name, typed, sensitive=asked.sensitive)
                return structs.replace(report, holds=True, person=person), (*kept, *secrets)
            case Record(wants=wanted) if wanted is not None and wrong(wanted, tidy(wanted, text)) is not None:
                return report, ()
            case Record():
                kept = self._answers.take(state, contact, asked.name, text, sensitive=False)
                return structs.replace(report, holds=True), kept
            case Mail() if ADDRESS.fullmatch(text):
                mail = self._mail(f"{contact.card.id}.{contact.session.filing}", text, written.before)
                return structs.replace(report, holds=True, person=self._person(text.lower())), mail
            case _:
                return structs.replace(report, key=_named(titles, text)), ()

    def _number(self, asked: Collect, typed: str, contact: str) -> tuple[str | None, tuple[Secret, ...]]:
        """Return whose number was written, if one was asked for that may be called."""
        return self._whose(typed, contact) if asked.check == "number" else (None, ())

    def _mail(self, mail: str, address: str, before: str) -> tuple[Secret, ...]:
        """Return what is kept of the mail as which a chat goes on."""
        first = message_id(mail, 1)
        return (
            Secret(mail, "address", address),
            Secret(first, "by", by_whom(CITIZEN, self._now())),
            Secret(first, "text", before),
        )


def _is_sensitive(asked: Asking | None) -> bool:
    """Tell whether what answers a question may not be kept as it was written."""
    wanted = asked.wants if isinstance(asked, Collect | Record) else None
    return (isinstance(asked, Collect) and asked.sensitive) or (wanted is not None and bool(wanted.sensitive))


def _named(titles: dict[str, str], text: str) -> str:
    """Return the key of the choice that a text names; empty when that is not clear."""
    wanted = text.strip().casefold()
    same = [key for key, title in titles.items() if wanted in (key, title.casefold())]
    return same[0] if len(same) == 1 else ""
