"""Text telephones: what is shown there and what is typed is read as in a chat."""

from collections.abc import Callable
from functools import partial

from adapters.chat.answering import Answering, Whose, Written, question_of
from adapters.chat.words import Words
from adapters.sip.textlines import TextLines
from engine.announcements import Texts
from engine.installation import Installation
from ivr.phrase import Phrase
from router.answers import Answers
from router.contact import Contact
from router.inputs import AnyReport
from router.ports import Secret
from router.state import State


def text_lines(
    installation: Installation,
    answers: Answers,
    person: Callable[[str], str],
    now: Callable[[], float],
    whose: Whose,
    announced: Texts,
) -> TextLines:
    """Return what text on telephones means and shows; `person` whose address something is, `now` UTC seconds; `whose`
    which number somebody wants to be called at."""
    words = Words(installation.chat.words, installation.language, announced)
    answering = Answering(answers, words.of, person, now, whose)

    def answer(state: State, contact: Contact, text: str) -> tuple[AnyReport, tuple[Secret, ...]]:
        return answering.worded(state, contact, Written(0, text, question=question_of(contact)))

    def written(language: str, phrase: Phrase, contact: str) -> str:
        return words.of(phrase, language, partial(answers.one, contact))

    return TextLines(answer, written, now)
