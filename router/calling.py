"""Calling citizens back: when, how often, and what becomes of a call that does not reach them (rule 8).

A promise is kept by a call that reaches the citizen. One that does not is made again after a pause, at the place in
line that it had (rule 7), as often as the queue says; and nobody is called at a quiet hour.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ivr import actions as a
from ivr.actions import Notes
from queues.hours import is_open
from queues.queue import Queue
from queues.skills import Needs, signature
from router import facts as f
from router import inputs as i
from router.booking import Local
from router.callback import Closed, Registered
from router.contact import Arrived, Connected, Contact, Waiting
from router.dialling import Destination, address_of
from router.ending import cancel_callback, drop_parties, end
from router.entering import Wish, ask_callback, quiet_until
from router.state import State
from router.turn import Turn

CHANNEL: Final = "callback"
PAGE: Final = "page"
"""The entry of those who ask on the public page."""
PAGE_CALLS: Final = 3
"""Calls to one number within a day, after which nobody can ask on the page that it be called once more."""


def not_reached(turn: Turn, contact: Connected, cause: f.PostponeCause) -> None:
    """Let a call of ours that came to nothing be made again later, if it was promised and may be."""
    callback = turn.state.callbacks.get(contact.card.id)
    assert not isinstance(callback, Closed)  # the state forgets these
    rules = turn.queue_of(contact).calling
    if callback is None:
        end(turn, contact, "not_reached")
        return
    if callback.attempts < rules.attempts:
        contact = drop_parties(turn, contact)
    again_later(turn, contact, contact.agent, cause)
    turn.freed[contact.agent] = None


def again_later(turn: Turn, contact: Connected | Waiting, agent: str, cause: f.PostponeCause) -> None:
    """Call again after a pause whom `agent`, if anybody, did not reach, as often as the queue says; not somebody whose
    promise was kept, and who waited for another agent after that."""
    callback, rules = turn.state.callbacks.get(contact.card.id), turn.queue_of(contact).calling
    assert not isinstance(callback, Closed)  # the state forgets these
    if callback is None:
        end(turn, contact, "abandoned")
        return
    if callback.attempts >= rules.attempts and cause != "no_agent":
        turn.emit(f.CallbackClosed(turn.now, contact.card.id, "gave_up"))
        end(turn, contact, "not_reached")
        return
    due = quiet_until(turn, turn.queue_of(contact), turn.now + rules.pause)
    place, carried = contact.spot.place, _carried(contact)
    turn.emit(f.CallbackPostponed(turn.now, contact.card.id, agent, due, place, cause, *carried))


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
        if not isinstance(contact, Waiting) or contact.spot.reached is not None:
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
    if queue.name in turn.state.promised.get(request.person, {}):
        raise i.Refused("has_callback", "there is a callback of this queue for this number already")
    if request.start is not None:
        _bookable(turn, queue, request.start)
    destination = Destination(address_of(request.person))
    if turn.state.dialled.capped(destination, turn.state.configuration.dialling, turn.now) is not None:
        raise i.Refused("number_capped", "this number was called too often lately; ask again later", retryable=True)
    if request.on_page:
        _admit_page(turn, queue, request.person, destination)
    order, entry = turn.state.order + 1, PAGE if request.on_page else ""
    turn.emit(
        f.ContactArrived(
            turn.now, request.contact, CHANNEL, entry, "", order, request.person, language=request.language
        )
    )
    contact = turn.state.contacts[request.contact]
    assert isinstance(contact, Arrived)  # nothing else has happened to it
    ask_callback(turn, contact, queue, request.start, request.person)
    end(turn, contact, "callback_registered")


def _admit_page(turn: Turn, queue: Queue, person: str, destination: Destination) -> None:
    """Let nobody have somebody else called again and again, or fill a line with numbers. Raises Refused."""
    state = turn.state
    if not queue.calling.on_page:
        raise i.Refused("no_page", f"callbacks of {queue.name} are not asked for on a page")
    if state.promised.get(person):
        raise i.Refused("has_callback", "there is a callback for this number already")
    if state.dialled.lately(destination, turn.now) >= PAGE_CALLS:
        raise i.Refused("number_capped", "this number was called too often lately; ask again later", retryable=True)
    waiting = sum(
        one.queue == queue.name and state.contacts[one.id].card.entry == PAGE
        for one in state.callbacks.values()
        if not isinstance(one, Closed)
    )
    if waiting >= queue.calling.on_page:
        raise i.Refused("callbacks_full", "too many wait to be called already; ask again later", retryable=True)


def promise(turn: Turn, contact: Contact, called: a.Called) -> None:
    """Promise what a citizen chose in a flow; the place in a line that the contact left by a key is kept (rule 7)."""
    queue = turn.state.configuration.queues[called.queue]
    wish = Wish(signature(called.needs) if called.needs else (), called.priority, notes=called.notes)
    ask_callback(turn, contact, queue, called.start, called.person, wish)


def appointment(state: State, queue: str, person: str) -> a.Appointment | None:
    """Return when a person has been promised a call by `queue`, or by any when empty; None if it has not, or is being
    called just now."""
    for callback in _promises(state, queue, person):
        contact = state.contacts[callback.id]
        return a.Appointment(contact.card.due if isinstance(contact, Arrived) and not callback.attempts else None)
    return None


def withdraw(turn: Turn, queue: str, person: str) -> None:
    """Cancel what a person was promised by `queue`, or by any when empty."""
    for callback in list(_promises(turn.state, queue, person)):
        cancel_callback(turn, callback.id, "cancelled")


def _promises(state: State, queue: str, person: str) -> Iterator[Registered]:
    for name, id_ in state.promised.get(person, {}).items():
        callback = state.callbacks[id_]
        if isinstance(callback, Registered) and queue in ("", name):
            yield callback


def _bookable(turn: Turn, queue: Queue, start: float) -> None:
    if not queue.calling.bookable:
        raise i.Refused("not_bookable", f"no time can be chosen for callbacks of {queue.name}")
    if not any(start == one for one, _ in times(turn.state, queue, turn.now, turn.local)):
        raise i.Refused("time_taken", "this time cannot be booked, or not any more: choose another one")


def times(state: State, queue: Queue, now: float, local: Local) -> Iterator[tuple[float, int]]:
    """Yield the times at which somebody can still be called back, in order, and for how many more that holds."""
    taken = Counter(
        due
        for callback in state.callbacks.values()
        if isinstance(callback, Registered) and callback.queue == queue.name
        if (due := state.contacts[callback.id].card.due) is not None
    )
    return free_times(queue, taken, now, local)


def free_times(queue: Queue, taken: Mapping[float, int], now: float, local: Local) -> Iterator[tuple[float, int]]:
    """Yield the times of which fewer are `taken` than can be booked, in order, and how many more can."""
    rules = queue.calling
    start = (now // rules.window + 1) * rules.window
    while rules.bookable and start <= now + rules.ahead:
        free = rules.bookable - taken.get(start, 0)
        moments = (local(start), local(start + rules.window - 1.0))
        if free > 0 and all(is_open(hours, moment) for hours in (rules.hours, queue.hours) for moment in moments):
            yield start, free
        start += rules.window


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.AskCallback: ask,
    i.NotReached: agent_says_not_reached,
}
