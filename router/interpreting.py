"""An interpreter joins a talk in one action: those on duty are rung in their order, and the first to answer takes part.

Citizen and agent talk on meanwhile. Who interprets stays when the talk goes from one agent to another.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from queues.hours import is_open
from router import facts as f
from router import inputs as i
from router.contact import Connected
from router.dialling import Destination
from router.ending import be_done
from router.talking import PARTIES_MAX, free, next_leg, talk
from router.turn import Turn


def ask(turn: Turn, request: i.AskInterpreter) -> None:
    """Ring the first on duty who can be rung. Raises Refused, also when nobody is."""
    contact = talk(turn, request.contact)
    line = turn.state.configuration.interpreters.get(request.language)
    if line is None:
        known = ", ".join(turn.state.configuration.interpreters) or "none"
        raise i.Refused("no_interpreters", f"no interpreters of this language are named; known languages: {known}")
    if any(party.interprets for party in contact.parties):
        raise i.Refused("has_interpreter", f"contact {contact.card.id} has an interpreter, or one is being rung")
    if len(contact.parties) >= PARTIES_MAX or not all(party.joined for party in contact.parties):
        raise i.Refused("consulting", f"contact {contact.card.id} has somebody being rung already", retryable=True)
    local = turn.local(turn.now)
    on_duty = {duty.id for duty in line.duty if is_open(duty.hours, local)}
    rung = [one.destination for one in request.duty if one.id in on_duty]
    if not rung:
        raise i.Refused("nobody_on_duty", f"no interpreter of {request.language} is on duty now", retryable=True)
    if not _rings(turn, contact, request.language, rung):
        text = f"{len(rung)} on duty for {request.language}, and none can be rung now"
        raise i.Refused("interpreters_busy", text, retryable=True)


def ring_others(turn: Turn) -> None:
    """Ring the next on duty where one did not come; say so when there is none."""
    while turn.unanswered:
        id_, (party, cause) = turn.unanswered.popitem()
        contact = turn.state.contacts.get(id_)
        if not isinstance(contact, Connected) or _rings(turn, contact, party.interprets, party.then):
            continue
        turn.emit(f.InterpreterMissing(turn.now, id_, contact.agent, party.interprets, cause))


def _rings(turn: Turn, contact: Connected, language: str, on_duty: Sequence[Destination]) -> bool:
    """Ring the first who can be rung; tell whether there was one: not when the language is not configured any more."""
    line = turn.state.configuration.interpreters.get(language)
    if line is None:
        return False
    for number, destination in enumerate(on_duty, 1):
        try:
            to = free(turn, destination, contact.agent)
        except i.Refused:
            continue
        be_done(turn, to, contact.card.id)
        turn.emit(
            f.PartyInvited(
                turn.now,
                contact.card.id,
                next_leg(contact),
                contact.agent,
                destination,
                turn.now + line.ring,
                contact.held,
                to,
                interprets=language,
                then=tuple(on_duty[number:]),
            )
        )
        return True
    return False


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.AskInterpreter: ask}
