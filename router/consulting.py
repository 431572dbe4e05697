"""Talking with anybody of a queue about a contact that one keeps: the specialist who is free is rung, then the next.

Whoever is sought is a level of the contact (`Connected.seeking`), compared with who is free after each input. The one
who answers takes part like everybody who is consulted; connecting and joining are those of `router.talking`.
"""

from collections.abc import Callable
from typing import Any, Final

from queues.skills import Needs
from router import facts as f
from router import inputs as i
from router.contact import Connected
from router.dialling import Destination
from router.entering import first_possible_step, staffed
from router.state import State
from router.talking import check_room, ring, talk
from router.turn import Turn

CHANNEL: Final = "call"
"""As what a consultation counts for who is rung (rule 6)."""


def consult(turn: Turn, request: i.ConsultQueue) -> None:
    """Look for anybody of a queue; the agent talks on with the citizen until somebody is rung."""
    contact = talk(turn, request.contact)
    queue = turn.state.configuration.queues.get(request.queue)
    if queue is None:
        raise i.Refused("unknown_queue", f"there is no queue {request.queue}")
    check_room(contact)
    if not turn.state.is_open(queue.name):
        raise i.Refused("queue_closed", f"queue {queue.name} is closed", retryable=True)
    if not staffed(turn.state, queue.name):
        raise i.Refused("queue_nobody", f"nobody of queue {queue.name} is at work", retryable=True)
    until = turn.now + turn.queue_of(contact).camp_limit
    turn.emit(f.ConsultSought(turn.now, contact.card.id, contact.agent, queue.name, until))


def give_up(turn: Turn, contact: Connected, cause: f.ConsultCause) -> None:
    """Look for nobody any more."""
    assert contact.seeking is not None  # callers have made sure
    turn.emit(f.ConsultEnded(turn.now, contact.card.id, contact.seeking.queue, cause))


def seek(turn: Turn) -> None:
    """Ring who has become free for those who wait to talk with somebody: two people are held up, so they go first."""
    for id_ in list(turn.state.seeking):
        contact = turn.state.contacts[id_]
        assert isinstance(contact, Connected)  # only they seek
        agent = somebody(turn.state, contact)
        if agent is not None:
            assert contact.seeking is not None
            talkers = (contact.card.leg, *(party.leg for party in contact.parties if not party.via))
            to = Destination(turn.state.agents[agent].desk.address)
            ring(turn, contact, to, agent, talkers, queue=contact.seeking.queue)


def somebody(state: State, contact: Connected) -> str | None:
    """Return who is to be rung now: of those of the queue who are free for a call and were not rung yet, the one who
    has been idle longest. None when there is none, somebody is being rung, or the agent's own leg is lost."""
    seeking = contact.seeking
    assert seeking is not None  # callers have made sure
    if not contact.agent_there or not all(party.joined for party in contact.parties):
        return None
    not_these = {contact.agent, *seeking.tried, *(party.agent for party in contact.parties)}
    free: list[tuple[float, str]] = []
    for candidates in state.crew.longest_idle(CHANNEL, state.crew.able(seeking.queue, _needs(state, seeking.queue))):
        free += [one for one in candidates if one[1] not in not_these][:1]
    return min(free)[1] if free else None


def _needs(state: State, queue: str) -> Needs:
    """Return what the queue itself requires of its people, at the first step that somebody could meet (rule 2)."""
    requirement = state.requirement(queue, ())
    return requirement[first_possible_step(state, queue, requirement, 0)].needs


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.ConsultQueue: consult}
