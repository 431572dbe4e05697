"""What the first line does with what it cannot solve itself, besides handing it over: leave it, ask, get help.

Words that colleagues write to each other are *remarks*. They stand in the vault under `<contact>.n<number>`, are shown
to agents only, and are never sent. A question is a contact without a citizen (channel `question`): it waits in the line
of those who may know, is offered to one of them by the same rules, and shares the remarks of what it is about.
"""

from collections.abc import Callable
from typing import Any, Final

from ivr.phrase import Phrase
from queues.channels import CHANNELS
from queues.site import elsewhere
from router import facts as f
from router import inputs as i
from router import messages, named
from router.agent import Reserved
from router.card import Card
from router.contact import Arrived, Connected
from router.entering import enqueue
from router.offer import Standing
from router.state import State
from router.talking import check_room, free, ring, talk
from router.turn import Turn

LEFT: Final = "left_for_colleagues"
"""The prompt that tells a citizen who reads that colleagues go on with it."""
LEFT_AS: Final = "message"
QUESTION: Final = "question"
QUESTIONS_MAX: Final = 20
"""Questions about one contact, answered ones included."""


def remark_id(contact: str, number: int) -> str:
    """Return under which name the words of a remark stand in the vault."""
    return f"{contact}.n{number}"


def thread_of(state: State, card: Card) -> Card:
    """Return the contact whose remarks are those of `card`: of a question, what it is about."""
    about = state.contacts.get(card.about) if CHANNELS[card.channel].inward else None
    return about.card if about is not None else card


def is_about(state: State, agent: str, contact: str) -> bool:
    """Tell whether an agent has something in hand that is about a contact: a question, or what was left for others.

    Whoever is being offered it counts too.
    """
    known = state.agents.get(agent)
    having = [item.contact for item in known.desk.work] if known is not None else []
    offer = state.offers.get(known.offer) if isinstance(known, Reserved) else None
    if isinstance(offer, Standing):
        having.append(offer.contact)  # whoever is asked may look before saying yes
    return any(state.contacts[one].card.about == contact for one in having if one in state.contacts)


def _known(turn: Turn, queue: str) -> None:
    if queue not in turn.state.configuration.queues:
        raise i.Refused("unknown_queue", f"there is no queue {queue}")


def _remark(turn: Turn, card: Card, agent: str) -> None:
    turn.emit(f.RemarkAdded(turn.now, card.id, card.remarks + 1, agent))


def _add_remark(turn: Turn, request: i.AddRemark) -> None:
    _remark(turn, thread_of(turn.state, named.contact(turn, request.contact).card), request.agent)


# ---- leaving it, asking ----------------------------------------------------------------------------------------


def _begin(turn: Turn, id_: str, channel: str, about: Card, person: str | None) -> Arrived:
    """Let a contact come to be that an agent begins about another."""
    if id_ in turn.state.contacts:
        raise i.Refused("contact_exists", f"there is a contact {id_} already")
    order, matter, language = turn.state.order + 1, about.matter, about.language
    turn.emit(
        f.ContactArrived(
            turn.now, id_, channel, "", "", order, person, language=language, matter=matter, about=about.id
        )
    )
    arrived = turn.state.contacts[id_]
    assert isinstance(arrived, Arrived)
    return arrived


def _leave(turn: Turn, request: i.LeaveFor) -> None:
    """Leave a matter for the people of a queue, open or not; a citizen who is still there stays, and is told."""
    contact = named.in_hand(turn, request.contact)
    if CHANNELS[contact.card.channel].inward:
        raise i.Refused("is_question", "a question is answered, not left for others")
    _known(turn, request.queue)
    left = _begin(turn, request.left, LEFT_AS, contact.card, contact.card.person)
    _remark(turn, left.card, contact.agent)
    spot = contact.spot
    needs = elsewhere(spot.own_needs)  # who is written to, or called, need not be met at a place
    enqueue(turn, turn.state.contacts[request.left], request.queue, needs, spot.priority, spot.notes)
    if contact.card.written and isinstance(contact, Connected):
        messages.show(turn, contact, (Phrase(LEFT),))


def _ask(turn: Turn, request: i.AskQueue) -> None:
    """Ask the people of a queue in writing."""
    contact = named.connected(turn, request.contact)
    if CHANNELS[contact.card.channel].inward:
        raise i.Refused("is_question", "a question is answered, or handed to another queue")
    _known(turn, request.queue)
    if len(contact.card.questions) >= QUESTIONS_MAX:
        raise i.Refused("too_many_questions", f"contact {request.contact} has had {QUESTIONS_MAX} questions")
    question = _begin(turn, request.question, QUESTION, contact.card, None)
    turn.emit(f.QuestionAsked(turn.now, contact.card.id, question.card.id, contact.agent, request.queue))
    _remark(turn, contact.card, contact.agent)
    enqueue(turn, question, request.queue)


# ---- help ------------------------------------------------------------------------------------------------------


def _ask_help(turn: Turn, request: i.AskHelp) -> None:
    contact = named.connected(turn, request.contact)
    if contact.help_since is None:
        turn.emit(f.HelpAsked(turn.now, contact.card.id, contact.agent))


def _end_help(turn: Turn, request: i.EndHelp) -> None:
    contact = named.connected(turn, request.contact)
    if contact.help_since is not None:
        cause: f.HelpCause = "answered" if request.answered else "withdrawn"
        turn.emit(f.HelpEnded(turn.now, contact.card.id, contact.agent, cause))


def _join(turn: Turn, request: i.JoinTalk) -> None:
    """Ring somebody who leads; nobody hears music meanwhile, and all talk once it is picked up."""
    contact = talk(turn, request.contact)
    check_room(contact)
    to = free(turn, request.destination, contact.agent)
    ring(turn, contact, request.destination, to, contact.held)
    if contact.help_since is not None:
        turn.emit(f.HelpEnded(turn.now, contact.card.id, contact.agent, "answered"))


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.AddRemark: _add_remark,
    i.LeaveFor: _leave,
    i.AskQueue: _ask,
    i.AskHelp: _ask_help,
    i.EndHelp: _end_help,
    i.JoinTalk: _join,
}
