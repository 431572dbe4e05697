"""Asking those how it was who are gone by then: after a mail by mail, after a visit on the page of its ticket.

The answer comes by a page, or at the desk, when the contact is over (`router.invitations`).
"""

from collections.abc import Callable
from typing import Any, Final

from queues.channels import CHANNELS
from queues.queue import Survey
from router import facts as f
from router import inputs as i
from router.card import Card, Thread
from router.contact import Connected, Contact, WrappingUp
from router.secrecy import is_secret
from router.turn import Turn

AT_DESK: Final = 120.0
"""Seconds after a visit for which it can be asked about at its desk: after that somebody else may stand there."""


def survey_of(turn: Turn, contact: Connected | WrappingUp) -> Survey | None:
    """Return what somebody is asked who was served; None for those who are not asked (docs/survey.md)."""
    state, card, queue = turn.state, contact.card, turn.queue_of(contact)
    survey = queue.survey
    if is_secret(state, contact):
        return None  # that one was asked would say whose contact it is
    if survey is None or card.order % survey.every or any(one.measures.cover(queue.name) for one in state.running):
        return None
    last = state.surveyed.get(card.person) if card.person is not None else None
    return survey if last is None or turn.now >= last + survey.again_after else None


def ask_on_page(turn: Turn, contact: Connected) -> None:
    """Ask a visitor who gets up from the desk, before the agent has wrapped up."""
    survey = survey_of(turn, contact)
    if CHANNELS[contact.card.channel].asked_later == "on_page" and survey is not None and survey.visits:
        seat = contact.card.visit.seat if contact.card.visit is not None else ""
        _invite(turn, contact, survey, seat or turn.state.agents[contact.agent].desk.seat)


def ask_by_mail(turn: Turn, contact: Contact) -> None:
    """Ask who wrote a mail, just before it is closed."""
    if CHANNELS[contact.card.channel].asked_later != "by_mail" or not isinstance(contact, Connected | WrappingUp):
        return
    survey = survey_of(turn, contact)
    if survey is None or not survey.mail or not _reached(turn, contact.card):
        return
    _invite(turn, contact, survey)
    number = contact.card.thread.messages + 1
    turn.emit(f.MessageAdded(turn.now, contact.card.id, number, "house", prompt=survey.mail))


def _invite(turn: Turn, contact: Connected | WrappingUp, survey: Survey, seat: str = "") -> None:
    card = contact.card
    told = (contact.spot.queue, card.channel, card.language, survey.scale)
    turn.emit(f.SurveyInvited(turn.now, card.id, *told, turn.now + survey.open, seat))


def _reached(turn: Turn, card: Card) -> bool:
    """Tell whether a person wrote, known by the address, who was answered, and whom the answers reach."""
    if card.person is None or not _answered(card.thread):
        return False
    return not any(one.failed and one.contact == card.id for one in turn.state.outbox.values())


def _answered(thread: Thread) -> bool:
    """Tell whether an agent wrote, and a person wrote last of those who wrote to us: no list, no machine, no report."""
    citizens = [one for one in thread.said if one.author == "citizen"]
    return bool(citizens) and not citizens[-1].automatic and any(one.author == "agent" for one in thread.said)


def _answer(turn: Turn, request: i.AnswerSurvey) -> None:
    asked = turn.state.invitations.of(request.contact, turn.now)
    if asked is None:
        raise i.Refused("not_asked", "nobody is asked about this contact, or not any more")
    if not 1 <= request.answer <= asked.scale:
        raise i.Refused("bad_answer", f"the answers are 1 to {asked.scale}")
    told = (asked.queue, asked.channel, asked.language, request.answer, asked.scale, asked.asked)
    turn.emit(f.SurveyAnswered(turn.now, request.contact, *told))


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.AnswerSurvey: _answer}
