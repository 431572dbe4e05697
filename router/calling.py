"""Calling citizens back: when, how often, and what becomes of a call that does not reach them (rule 8).

A promise is kept by a call that reaches the citizen. One that does not is made again after a pause, at the place in
line that it had (rule 7), as often as the queue says; and nobody is called at a quiet hour.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from ivr.actions import Notes
from queues.hours import is_open
from queues.queue import Queue
from queues.skills import Needs
from router import facts as f
from router import inputs as i
from router.booking import Local
from router.callback import Closed, Registered
from router.contact import Arrived, Connected, Waiting
from router.ending import drop_parties, end
from router.entering import ask_callback, quiet_until
from router.state import State
from router.turn import Turn

CHANNEL: Final = "callback"


def not_reached(turn: Turn, contact: Connected, cause: f.PostponeCause) -> None:
    """Let a call of ours that came to nothing be made again later, if it was promised and may be."""
    callback = turn.state.callbacks.get(contact.card.id)
    assert not isinstance(callback, Closed)  # the state forgets these
    rules = turn.queue_of(contact).calling
    if callback is not None and callback.attempts < rules.attempts:
        contact = drop_parties(turn, contact)
        place, agent = contact.spot.place, contact.agent
        due = quiet_until(turn, turn.queue_of(contact), turn.now + rules.pause)
        turn.emit(f.CallbackPostponed(turn.now, contact.card.id, agent, due, place, cause, *_carried(contact)))
        turn.freed[agent] = None
        return
    if callback is not None:
        turn.emit(f.CallbackClosed(turn.now, contact.card.id, "gave_up"))
    end(turn, contact, "not_reached")


def agent_says_not_reached(turn: Turn, request: i.NotReached) -> None:
    """Take an agent's word that a machine answered, or somebody else."""
    contact = turn.state.contacts.get(request.contact)
    if not isinstance(contact, Connected):
        raise i.Refused("not_connected", f"contact {request.contact} is not with an agent")
    if request.contact not in turn.state.callbacks:
        raise i.Refused("no_callback", f"contact {request.contact} is no callback")
    not_reached(turn, contact, "not_there")


def keep_quiet(turn: Turn) -> None:
    """Take out of line, place kept, who is to be left in peace at this hour."""
    for id_ in list(turn.state.callbacks):
        contact = turn.state.contacts[id_]
        if not isinstance(contact, Waiting):
            continue
        due = quiet_until(turn, turn.queue_of(contact), turn.now)
        if due > turn.now:
            spot = contact.spot
            turn.emit(f.CallbackPostponed(turn.now, id_, "", due, spot.place, "quiet", *_carried(contact)))


def _carried(contact: Waiting | Connected) -> tuple[Needs, float, Notes, int]:
    """Return what a callback takes along into its next turn in line."""
    spot = contact.spot
    return spot.own_needs, spot.priority, spot.notes, spot.offers


# ---- asked for without being on the line -------------------------------------------------------------------------


def ask(turn: Turn, request: i.AskCallback) -> None:
    """Promise to call somebody back who asks for it on a page: in turn, or at a time that is free."""
    queue = turn.state.configuration.queues.get(request.queue)
    if queue is None:
        raise i.Refused("unknown_queue", f"there is no queue {request.queue}")
    if request.contact in turn.state.contacts:
        raise i.Refused("contact_exists", f"there is a contact {request.contact} already")
    if queue.name in turn.state.promises(request.person):
        raise i.Refused("has_callback", "there is a callback of this queue for this number already")
    if request.start is not None:
        _bookable(turn, queue, request.start)
    order, language = turn.state.order + 1, request.language
    turn.emit(f.ContactArrived(turn.now, request.contact, CHANNEL, "", "", order, request.person, language=language))
    contact = turn.state.contacts[request.contact]
    assert isinstance(contact, Arrived)  # nothing else has happened to it
    ask_callback(turn, contact, queue, request.start)
    end(turn, contact, "callback_registered")


def _bookable(turn: Turn, queue: Queue, start: float) -> None:
    if not queue.calling.bookable:
        raise i.Refused("not_bookable", f"no time can be chosen for callbacks of {queue.name}")
    if not any(start == one for one, _ in times(turn.state, queue, turn.now, turn.local)):
        raise i.Refused("time_taken", "this time cannot be booked, or not any more: choose another one")


def times(state: State, queue: Queue, now: float, local: Local) -> Iterator[tuple[float, int]]:
    """Yield the times at which somebody can still be called back, in order, and for how many more that holds."""
    rules = queue.calling
    taken = Counter(
        state.contacts[callback.id].card.due
        for callback in state.callbacks.values()
        if isinstance(callback, Registered) and callback.queue == queue.name
    )
    start = (now // rules.window + 1) * rules.window
    while rules.bookable and start <= now + rules.ahead:
        free = rules.bookable - taken[start]
        moments = (local(start), local(start + rules.window - 1.0))
        if free > 0 and all(is_open(hours, moment) for hours in (rules.hours, queue.hours) for moment in moments):
            yield start, free
        start += rules.window


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.AskCallback: ask,
    i.NotReached: agent_says_not_reached,
}
