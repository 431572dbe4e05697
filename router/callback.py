"""A callback: the promise to call a citizen who gave up the line but not the place (rules 7, 8).

Its turn in line is an ordinary contact of channel `callback` with the same id; this machine is the promise.
"""

from typing import Final, Literal, assert_never

from msgspec import Struct, structs

from ivr.actions import Notes
from queues.line import Place
from queues.skills import Needs
from router import transitions
from router.facts import (
    CallbackAttempted,
    CallbackClosed,
    CallbackHandedOver,
    CallbackPostponed,
    CallbackRegistered,
    ContactReturned,
)


class Registered(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Waits in line."""

    id: str
    person: str
    queue: str
    attempts: int = 0
    own_needs: Needs = ()
    """What it needs, once it is due."""
    priority: float = 1.0
    place: Place | None = None
    """Its place in line, once it had one (rule 7)."""
    notes: Notes = ()
    offers: int = 0
    """How many offers it was part of; ids of new ones count on."""


class Attempting(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An agent has it, or is reserved for it, and the citizen is being called, or was."""

    id: str
    person: str
    queue: str
    agent: str
    attempts: int


class Closed(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Kept, or no longer needed."""

    id: str
    cause: Literal["kept", "cancelled", "reached_otherwise", "gave_up"]


Callback = Registered | Attempting | Closed

TABLE: Final[transitions.Table] = {
    (Registered, CallbackAttempted): Attempting,
    (Registered, CallbackPostponed): Registered,
    (Registered, CallbackHandedOver): Registered,
    (Registered, CallbackClosed): Closed,
    (Attempting, ContactReturned): Registered,
    (Attempting, CallbackPostponed): Registered,
    (Attempting, CallbackClosed): Closed,
}


def register(fact: CallbackRegistered) -> Registered:
    """Return the callback that comes to be by `fact`."""
    return Registered(fact.callback, fact.person, fact.queue, 0, fact.own_needs, fact.priority, notes=fact.notes)


def evolve(
    callback: Callback,
    fact: CallbackAttempted | CallbackPostponed | CallbackClosed | CallbackHandedOver | ContactReturned,
) -> Callback:
    """Return the callback after `fact`. Raises IllegalTransition."""
    transitions.check(TABLE, callback, fact)
    match fact:
        case CallbackAttempted():
            assert isinstance(callback, Registered)  # by the table
            return Attempting(callback.id, callback.person, callback.queue, fact.agent, callback.attempts + 1)
        case ContactReturned():
            assert isinstance(callback, Attempting)  # by the table
            return Registered(callback.id, callback.person, callback.queue, callback.attempts)
        case CallbackPostponed():
            assert not isinstance(callback, Closed)  # by the table
            carried = (fact.own_needs, fact.priority, fact.place, fact.notes, fact.offers)
            # A citizen who answered and whom nobody took has not been missed.
            attempts = callback.attempts - (fact.cause == "no_agent")
            return Registered(callback.id, callback.person, callback.queue, attempts, *carried)
        case CallbackHandedOver():
            assert isinstance(callback, Registered)  # by the table
            return structs.replace(callback, queue=fact.queue, place=fact.place)
        case CallbackClosed():
            return Closed(callback.id, fact.cause)
        case _:
            assert_never(fact)
