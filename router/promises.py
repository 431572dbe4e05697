"""A promise to call back passes to another queue, which keeps it from then on, with its time and place (rules 7, 8)."""

from collections.abc import Callable
from typing import Any, Final

from queues.hours import is_open
from queues.line import Place
from queues.queue import Queue
from router import facts as f
from router import inputs as i
from router.callback import Callback, Closed, Registered
from router.contact import Arrived, Connected, Offered, Waiting
from router.ending import drop_parties
from router.entering import Wish, take_turn
from router.turn import Turn


def hand_over(turn: Turn, request: i.HandOverCallback) -> None:
    """Let another queue keep a promise for which nobody is being called just now."""
    callback, contact = turn.state.callbacks.get(request.callback), turn.state.contacts.get(request.callback)
    if isinstance(contact, Offered):
        raise i.Refused("being_offered", f"callback {request.callback} is being made", retryable=True)
    if not isinstance(callback, Registered) or not isinstance(contact, Arrived | Waiting):
        raise i.Refused("unknown_callback", f"there is no callback {request.callback} waiting")
    queue = _free_for(turn, callback, request.queue)
    if isinstance(contact, Waiting):
        spot = contact.spot
        place = _moved(turn, spot.place, spot.queue, queue)
        turn.emit(f.CallbackHandedOver(turn.now, callback.id, queue.name))
        wish = Wish(spot.own_needs, spot.priority, None, spot.offers, spot.notes)
        take_turn(turn, callback.id, queue, place, wish)
        return
    if contact.card.due is not None and callback.place is None and not _open_at(turn, queue, contact.card.due):
        raise i.Refused("bad_time", f"nobody of queue {queue.name} calls at the time that was promised")
    kept = _moved(turn, callback.place, callback.queue, queue) if callback.place is not None else None
    turn.emit(f.CallbackHandedOver(turn.now, callback.id, queue.name, kept))


def send_on(turn: Turn, contact: Connected, name: str, wrap_up_until: float | None, *, remark: bool) -> None:
    """Let another queue keep a promise whose agent is calling: the call ends, reached or not, and they call in turn."""
    callback = turn.state.callbacks[contact.card.id]
    queue, spot = _free_for(turn, callback, name), contact.spot
    place = _moved(turn, spot.place, spot.queue, queue)
    contact = drop_parties(turn, contact)
    if remark:
        turn.emit(f.RemarkAdded(turn.now, contact.card.id, contact.card.remarks + 1, contact.agent))
    turn.emit(f.ContactReturned(turn.now, contact.card.id, contact.agent, "sent_on", wrap_up_until=wrap_up_until))
    turn.emit(f.CallbackHandedOver(turn.now, contact.card.id, queue.name))
    take_turn(turn, contact.card.id, queue, place, Wish(spot.own_needs, spot.priority, None, spot.offers, spot.notes))


def _free_for(turn: Turn, callback: Callback, name: str) -> Queue:
    """Return the queue that is to keep a promise; one person has one promise of each (rule 8). Raises Refused."""
    assert not isinstance(callback, Closed)  # the state forgets these
    queue = turn.state.configuration.queues.get(name)
    if queue is None:
        raise i.Refused("unknown_queue", f"there is no queue {name}")
    if name == callback.queue:
        raise i.Refused("same_queue", f"callback {callback.id} is a promise of queue {name} already")
    if name in turn.state.promises(callback.person):
        raise i.Refused("has_callback", f"queue {name} has promised the citizen of {callback.id} a call already")
    return queue


def _moved(turn: Turn, place: Place, old: str, queue: Queue) -> Place:
    """Return the place in another queue's line of somebody who has waited as long."""
    clock = turn.state.clock
    return Place(clock(queue.name, turn.now) - (clock(old, turn.now) - place.clock), place.order)


def _open_at(turn: Turn, queue: Queue, at: float) -> bool:
    local = turn.local(at)
    return is_open(queue.hours, local) and is_open(queue.calling.hours, local)


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.HandOverCallback: hand_over}
