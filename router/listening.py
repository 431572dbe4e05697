"""Listening to a talk: somebody who leads is heard by nobody, by the agent alone (whisper), or by all (barge).

Whoever listens takes no part in serving the citizen: is nobody to leave the citizen with, counts for no figure, and
answers no wish for help. One listens at a time; it ends when the agent has the talk no longer.
"""

from collections.abc import Callable
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router.contact import Connected
from router.ending import be_done, listener_left, set_aside
from router.talking import free, next_leg, talk
from router.turn import Turn


def _listen(turn: Turn, request: i.Listen) -> None:
    """Ring whoever wants to listen, or let whoever listens be heard by others than before."""
    contact = talk(turn, request.contact)
    listener = contact.listener
    if listener is None:
        _invite(turn, contact, request)
    elif request.destination is not None and request.destination.address != listener.destination.address:
        raise i.Refused("listened_to", f"somebody else listens to contact {request.contact}")
    elif request.mode != listener.mode:
        turn.emit(f.ListenerChanged(turn.now, contact.card.id, listener.leg, request.mode, listener.shown))


def _invite(turn: Turn, contact: Connected, request: i.Listen) -> None:
    if request.destination is None:
        raise i.Refused("nobody_listens", f"nobody listens to contact {request.contact}: name the phone to ring")
    if request.destination.outside:
        raise i.Refused("not_inside", "one listens from a phone of the house")
    to = free(turn, request.destination, contact.agent)
    id_, leg = contact.card.id, next_leg(contact)
    be_done(turn, to, id_)
    if to is not None:
        set_aside(turn, to)
    deadline, shown = turn.now + turn.queue_of(contact).offer_timeout, turn.state.configuration.rules.listening_shown
    turn.emit(
        f.ListenerInvited(
            turn.now, id_, leg, contact.agent, request.destination, deadline, request.mode, to=to, shown=shown
        )
    )


def _stop(turn: Turn, request: i.StopListening) -> None:
    contact = turn.state.contacts.get(request.contact)
    if not isinstance(contact, Connected) or contact.listener is None:
        raise i.Refused("nobody_listens", f"nobody listens to contact {request.contact}")
    listener_left(turn, contact, "dropped")


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.Listen: _listen, i.StopListening: _stop}
