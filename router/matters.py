"""What contacts are about: contacts of one matter belong together, and agents say what they were about."""

from collections.abc import Callable
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router import named
from router.contact import Connected, WrappingUp
from router.turn import Turn


def _join(turn: Turn, request: i.JoinMatter) -> None:
    contact = named.contact(turn, request.contact)
    if contact.card.matter != request.matter:
        secret = contact.card.matter in turn.state.secret
        turn.emit(f.MatterJoined(turn.now, request.contact, request.matter))
        if secret and request.matter not in turn.state.secret:
            # Otherwise joining would be a way to lift secrecy.
            turn.emit(f.SecrecyChanged(turn.now, request.matter, secret=True, contact=request.contact))


def _describe(turn: Turn, request: i.Describe) -> None:
    """Note what a contact was about, as long as its agent has it, be it to wrap up."""
    if request.agent not in turn.state.agents:
        raise i.Refused("unknown_agent", f"there is no agent {request.agent}")
    contact = turn.state.contacts.get(request.contact)
    having = isinstance(contact, Connected | WrappingUp) and contact.agent == request.agent
    if not having and not turn.state.has_in_hand(request.agent, request.contact):
        raise i.Refused("not_connected", f"contact {request.contact} is not with agent {request.agent}")
    _check_word("reason", request.reason, turn.state.configuration.reasons)
    if request.gap:
        _check_word("gap", request.gap, turn.state.configuration.gaps)
    turn.emit(
        f.ContactDescribed(
            turn.now,
            request.contact,
            request.agent,
            request.reason,
            request.avoidable,
            request.gap,
            request.follow_up,
        )
    )


def _check_word(field: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise i.Refused(f"unknown_{field}", f"there is no such {field}; known: {', '.join(known)}")


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.JoinMatter: _join, i.Describe: _describe}
