"""Sending a citizen on: to somebody outside the queues, to a slot, to another queue; and back when that fails.

An operator's call comes back to its place at the operator, with the reason, when nobody answers (rules 4 and 7).
"""

from collections.abc import Callable
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router import promises
from router.contact import Connected, Forwarded, Parked, Waiting
from router.ending import be_done, drop_parties, end, set_aside
from router.entering import hand_over, may_become_free
from router.flowing import not_connected
from router.state import State
from router.talking import close_promise, in_hand, next_leg, reachable, talk, with_agent, wrap_up_end
from router.turn import Turn

TRY_AGAIN: Final = 15.0
"""Seconds between attempts at a busy phone of which we don't see when it becomes free."""
SLOTS: Final = 99


def forward(turn: Turn, request: i.Forward) -> None:
    """Ring a destination for the citizen; the agent is free (for wrap-up) at once."""
    contact = talk(turn, request.contact)
    to = reachable(turn, request.destination, contact.agent)
    busy = turn.state.engaged(request.destination.address)
    if busy and not request.camp:
        raise i.Refused("busy", "this phone is busy; wait for it by camp-on", retryable=True)
    contact = drop_parties(turn, contact)
    close_promise(turn, contact)
    be_done(turn, to, contact.card.id)
    if to is not None and not busy:
        set_aside(turn, to)
    queue = turn.queue_of(contact)
    turn.emit(
        f.ContactForwarded(
            turn.now,
            contact.card.id,
            contact.agent,
            request.destination,
            "" if busy else next_leg(contact),
            None if busy else turn.now + queue.forward_timeout,
            until=turn.now + queue.camp_limit if request.camp else None,
            to=None if busy else to,
            wrap_up_until=wrap_up_end(turn, contact),
        )
    )


def try_camping(turn: Turn) -> None:
    """Ring destinations that have become free for those who wait for them."""
    for id_ in list(turn.state.camping):
        contact = turn.state.contacts[id_]
        assert isinstance(contact, Forwarded)  # only they camp
        if contact.retry_at is None and not turn.state.engaged(contact.destination.address):
            ring(turn, contact)


def ring(turn: Turn, contact: Forwarded) -> None:
    """Ring the destination again."""
    state, destination = turn.state, contact.destination
    if state.dialled.capped(destination, state.configuration.dialling, turn.now) is not None:
        come_back(turn, contact, "refused")
        return
    if state.engaged(destination.address):
        turn.emit(f.ForwardWaits(turn.now, contact.card.id, turn.now + TRY_AGAIN))
        return
    number = contact.attempts + 1 if contact.spot is None else contact.spot.offers + 1
    timeout = _timeout(state, contact)
    to = state.at_phone.get(destination.address)
    be_done(turn, to, contact.card.id)
    if to is not None:
        set_aside(turn, to)
    turn.emit(f.ForwardTried(turn.now, contact.card.id, f"{contact.card.id}.{number}", turn.now + timeout, to))


def _timeout(state: State, contact: Forwarded) -> float:
    return state.configuration.queues[contact.spot.queue].forward_timeout if contact.spot is not None else TRY_AGAIN


def picked_up(turn: Turn, contact: Forwarded, leg: str) -> None:
    """Go on when the destination answered: an agent there has the contact from now on."""
    party = contact.party
    if party is None or party.leg != leg or party.joined:
        return
    if contact.by_trunk:
        end(turn, contact, "connected")  # both are the trunk's from now on
    elif party.agent is not None and contact.spot is not None:
        turn.emit(f.ContactHandedOver(turn.now, contact.card.id, contact.by, party.agent, leg))
    else:
        turn.emit(f.PartyJoined(turn.now, contact.card.id, leg))


def not_picked_up(turn: Turn, contact: Forwarded, leg: str, cause: f.PartyCause) -> None:
    """Go on when the destination did not answer: wait for it, or come back."""
    if contact.party is None or contact.party.leg != leg:
        return
    if cause == "busy" and contact.until is not None and turn.now + TRY_AGAIN < contact.until:
        turn.emit(f.ForwardWaits(turn.now, contact.card.id, turn.now + TRY_AGAIN))
        _free(turn, contact)
    else:
        come_back(turn, contact, cause)


def _free(turn: Turn, contact: Forwarded) -> None:
    if contact.party is not None and contact.party.agent is not None:
        turn.freed[contact.party.agent] = None


def hung_up(turn: Turn, contact: Forwarded, leg: str, cause: f.LeaveCause) -> None:
    """Go on when the destination hung up, or was cut off."""
    if contact.party is None or contact.party.leg != leg:
        return
    if cause == "cut_off" and contact.spot is not None:
        come_back(turn, contact, "cut_off")
    else:
        end(turn, contact, "connected")


def citizen_gone(turn: Turn, contact: Forwarded, cause: f.LeaveCause) -> None:
    """End a contact that was sent on: talked to somebody, or gave up waiting for it."""
    talked = contact.party is not None and contact.party.joined
    end(turn, contact, "connected" if talked else "abandoned" if cause == "hung_up" else "lost")


def come_back(turn: Turn, contact: Forwarded, cause: f.PartyCause) -> None:
    """Bring a citizen back to the agent who sent it on, or to its place in line (rule 7)."""
    if contact.session is not None:
        not_connected(turn, contact, cause)
    elif contact.spot is None:
        end(turn, contact, "not_reached")
    else:
        give_back(turn, contact, "not_connected", f.Returned(cause, contact.destination))
    _free(turn, contact)


def give_back(turn: Turn, contact: Forwarded | Parked, cause: f.ReturnCause, returned: f.Returned | None) -> Waiting:
    """Put a citizen back in line, for the agent `by` first while that makes sense (rule 4)."""
    spot, by = contact.spot, contact.by
    assert spot is not None  # an agent had it
    be_done(turn, by, contact.card.id)
    queue = turn.state.configuration.queues[spot.queue]
    there = may_become_free(turn.state, by, spot.queue, spot.needs)
    turn.emit(
        f.ContactReturned(
            turn.now,
            contact.card.id,
            by,
            cause,
            preferred=by,
            grace_until=turn.now + queue.return_grace if there and queue.return_grace > 0 else None,
            returned=returned,
        )
    )
    turn.deserted[spot.queue] = None
    waiting = turn.state.contacts[contact.card.id]
    assert isinstance(waiting, Waiting)  # by the table
    return waiting


def due(turn: Turn, contact: Forwarded, kind: str) -> None:
    """Do what a deadline of a forwarded contact is for."""
    match kind:
        case "party":
            come_back(turn, contact, "no_answer")
        case "camp":
            come_back(turn, contact, "busy")
        case "retry":
            ring(turn, contact)
        case _:
            raise AssertionError(f"a forwarded contact has no deadline of kind {kind}")


# ---- slots and queues ------------------------------------------------------------------------------------------


def park(turn: Turn, request: i.Park) -> None:
    """Leave a citizen in the first free slot."""
    contact = in_hand(turn, request.contact)
    slot = next((str(number) for number in range(1, SLOTS + 1) if str(number) not in turn.state.slots), None)
    if slot is None:
        raise i.Refused("no_slot", "every slot is taken", retryable=True)
    contact = drop_parties(turn, contact)
    close_promise(turn, contact)
    until = turn.now + turn.queue_of(contact).park_limit
    turn.emit(f.ContactParked(turn.now, contact.card.id, contact.agent, slot, until, wrap_up_end(turn, contact)))


def parked(turn: Turn, slot: str) -> Parked:
    """Return who is parked in a slot. Raises Refused."""
    contact = turn.state.contacts.get(turn.state.slots.get(slot, ""))
    if not isinstance(contact, Parked):
        raise i.Refused("slot_empty", "nobody is parked there")
    return contact


def park_over(turn: Turn, contact: Parked) -> None:
    """Bring back a citizen whom nobody fetched."""
    give_back(turn, contact, "park_over", f.Returned("parked"))


def send_to_queue(turn: Turn, request: i.SendToQueue) -> None:
    """Let a contact of whatever channel wait in another queue, with the time waited so far (rule 7)."""
    called = turn.state.contacts.get(request.contact)
    if request.contact in turn.state.callbacks and isinstance(called, Connected):
        promises.send_on(turn, called, request.queue, wrap_up_end(turn, called), remark=request.remark)
        return
    contact = with_agent(turn, request.contact)
    if request.queue not in turn.state.configuration.queues:
        raise i.Refused("unknown_queue", f"there is no queue {request.queue}")
    if contact.spot.queue == request.queue:
        raise i.Refused("same_queue", f"contact {request.contact} is in queue {request.queue} already")
    hand_over(turn, contact, request.queue, wrap_up_end(turn, contact), remark=request.remark)


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.Forward: forward,
    i.Park: park,
    i.SendToQueue: send_to_queue,
}
