"""One question to some of those who were served: how it was (docs/survey.md).

Who is asked follows from the contact alone, so that nobody chooses. The answer is a number that names no agent.
"""

from ivr.phrase import Phrase
from queues.channels import CHANNELS
from queues.queue import Survey
from router import facts as f
from router import messages
from router.contact import Connected, Contact, WrappingUp
from router.ending import drop_parties, end, end_wrap_up, finish, keep_promise
from router.inviting import ask_on_page, survey_of
from router.turn import Turn


def question_for(turn: Turn, contact: Connected) -> Survey | None:
    """Return what a citizen is asked who has just been served; None when nothing is."""
    card = contact.card
    if not CHANNELS[card.channel].live or not (card.talks or card.written) or card.phone:
        return None
    return survey_of(turn, contact)


def finish_and_ask(turn: Turn, contact: Connected) -> None:
    """End a talk by its agent's will, whose citizen is still there to be asked."""
    survey = question_for(turn, contact)
    if survey is None:
        ask_on_page(turn, contact)
        finish(turn, contact)
        return
    contact = drop_parties(turn, contact)
    keep_promise(turn, contact)
    wrap_up = turn.queue_of(contact).wrap_up
    turn.emit(f.WrapUpStarted(turn.now, contact.card.id, contact.agent, turn.now + wrap_up))
    wrapping_up = turn.state.contacts[contact.card.id]
    assert isinstance(wrapping_up, WrappingUp)  # by the table
    _ask(turn, wrapping_up, survey)
    if wrap_up <= 0:
        end_wrap_up(turn, contact.agent, contact.card.id)


def _ask(turn: Turn, contact: WrappingUp, survey: Survey) -> None:
    """Ask a citizen who is still there."""
    until = turn.now + survey.wait
    turn.emit(f.SurveyAsked(turn.now, contact.card.id, contact.spot.queue, survey.prompt, survey.scale, until))
    if contact.card.written:
        messages.show(turn, contact, (Phrase(survey.prompt),))


def answered(turn: Turn, contact: WrappingUp, key: str) -> None:
    """Take an answer; any other key changes nothing."""
    asking, card = contact.asking, contact.card
    if asking is None or not key.isdecimal() or not 1 <= int(key) <= asking.scale:
        return
    told = (contact.spot.queue, card.channel, card.language, int(key), asking.scale, asking.since)
    turn.emit(f.SurveyAnswered(turn.now, card.id, *told))
    _over(turn, card.id)


def left(turn: Turn, contact: Contact, *, silent: bool) -> None:
    """Let go who did not answer."""
    if isinstance(contact, WrappingUp) and contact.asking is not None:
        turn.emit(f.SurveyLeft(turn.now, contact.card.id, contact.spot.queue, "silent" if silent else "hung_up"))
        _over(turn, contact.card.id)


def _over(turn: Turn, id_: str) -> None:
    """End a contact whose agent is done with it already."""
    contact = turn.state.contacts[id_]
    if isinstance(contact, WrappingUp) and not contact.agent:
        end(turn, contact, "served")
