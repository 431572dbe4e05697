"""Who a citizen is, what that one needs, and what of it is remembered: told by agents, or asked by flows.

Rule 8's caution holds: nobody is known by a number that is withheld, a relay service's, or shared by several; an agent
who has asked may say who it is all the same.
"""

from collections.abc import Callable
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router import named
from router.contact import Contact
from router.ending import cancel_callback, on_the_way
from router.persons import ADDRESSES_MAX, AIDS, ordered
from router.turn import Turn


def _person(contact: Contact) -> str:
    """Return whose contact it is. Raises Refused."""
    if contact.card.person is None:
        raise i.Refused("nobody_known", f"whose contact {contact.card.id} is, is not known: say whose it is first")
    return contact.card.person


# ---- language and needs ----------------------------------------------------------------------------------------


def _note_needs(turn: Turn, request: i.NoteNeeds) -> None:
    contact = named.contact(turn, request.contact)
    check_needs(request.needs)
    if request.keep:
        _ = _person(contact)
    note(turn, contact.card.id, request.needs, request.language, keep=request.keep)


def check_needs(needs: tuple[str, ...]) -> None:
    """Refuse words that are no needs. Raises Refused."""
    if any(need not in AIDS for need in needs):
        raise i.Refused("unknown_need", f"there is no such need; known: {', '.join(AIDS)}")


def note(turn: Turn, id_: str, needs: tuple[str, ...], language: str | None, *, keep: bool) -> None:
    """Note what the citizen of a contact needs and speaks; remember it if that one agrees and is known."""
    card = turn.state.contacts[id_].card
    if language and language != card.language:
        turn.emit(f.LanguageChosen(turn.now, id_, language))
    if ordered(needs) != card.needs:
        turn.emit(f.NeedsNoted(turn.now, id_, ordered(needs)))
    if not keep or card.person is None:
        return
    known = turn.state.persons.remembered(card.person, turn.now)
    until = turn.now + turn.state.configuration.remember
    spoken = known.language if language is None else language
    turn.emit(f.PersonRemembered(turn.now, known.id, spoken, ordered(needs), until))


def _forget_needs(turn: Turn, request: i.ForgetNeeds) -> None:
    known = turn.state.persons.of(_person(named.contact(turn, request.contact)))
    if known.until:
        turn.emit(f.PersonForgotten(turn.now, known.id))


def _forget(turn: Turn, request: i.ForgetPerson) -> None:
    known = turn.state.persons.of(request.person)
    if known.until:
        turn.emit(f.PersonForgotten(turn.now, known.id))
    for other in known.others:
        turn.emit(f.PersonParted(turn.now, other))


# ---- who it is -------------------------------------------------------------------------------------------------


def _join(turn: Turn, request: i.JoinPerson) -> None:
    """Take two for one person: what is known of either holds for both, places and promises too (rules 7 and 8)."""
    contact, persons = named.contact(turn, request.contact), turn.state.persons
    if persons.of(request.person).shared or persons.of(contact.card.person).shared:
        raise i.Refused("shared_address", "several people share this number or address: it is nobody's")
    mine = contact.card.person
    if mine is None:
        turn.emit(f.PersonTold(turn.now, contact.card.id, request.person))
    elif persons.of(mine).id != persons.of(request.person).id:
        both = (*persons.ids(mine), *persons.ids(request.person))
        if len(both) > ADDRESSES_MAX:
            raise i.Refused("too_many_addresses", f"one person has {ADDRESSES_MAX} numbers and addresses at most")
        _keep_one_promise(turn, mine, request.person)
        turn.emit(f.PersonJoined(turn.now, persons.of(mine).id, persons.of(request.person).id))
        if contact.card.id not in turn.state.contacts:
            return  # it was the promise that is not needed any more
    known = persons.remembered(request.person, turn.now)
    needs = ordered((*contact.card.needs, *known.needs))
    if needs != contact.card.needs:
        turn.emit(f.NeedsNoted(turn.now, contact.card.id, needs))


def _keep_one_promise(turn: Turn, one: str, other: str) -> None:
    """End the later of two promises of the same queue to what turns out to be one person (rule 8)."""
    state = turn.state
    theirs = state.promises(other)
    for queue, callback in state.promises(one).items():
        if queue in theirs:
            later = max(callback, theirs[queue], key=lambda id_: state.contacts[id_].card.order)
            if not on_the_way(state.contacts[later]):
                cancel_callback(turn, later, "reached_otherwise")


def _part(turn: Turn, request: i.PartPerson) -> None:
    person = _person(named.contact(turn, request.contact))
    if not turn.state.persons.of(person).others:
        raise i.Refused("not_joined", f"who has contact {request.contact} is known by one number or address alone")
    turn.emit(f.PersonParted(turn.now, person))


def _mark(turn: Turn, request: i.MarkPerson) -> None:
    for person in request.persons:
        known = turn.state.persons.of(person)
        protected = known.protected if request.protected is None else request.protected
        shared = known.shared if request.shared is None else request.shared
        if (protected, shared) != (known.protected, known.shared):
            turn.emit(f.PersonMarked(turn.now, known.id, protected, shared))


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.NoteNeeds: _note_needs,
    i.ForgetNeeds: _forget_needs,
    i.ForgetPerson: _forget,
    i.JoinPerson: _join,
    i.PartPerson: _part,
    i.MarkPerson: _mark,
}
