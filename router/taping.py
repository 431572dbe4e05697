"""Recording of talks: off unless the queue says otherwise, announced to both first, and for these two alone.

Whoever is held or consults is not recorded: that part is private. Flows, where sensitive things are typed, are not
talks. The citizen may decline by a key, the agent may pause.
"""

from collections.abc import Callable
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router.contact import Connected
from router.state import State
from router.talking import talk
from router.tape import TapeState
from router.turn import Turn

_JOINS: Final = frozenset((f.OfferAccepted, f.CitizenReached, f.AgentThere, f.ContactHandedOver, f.ContactTaken))
"""Facts after which citizen and agent may be together."""


def is_taped(contact: Connected) -> bool:
    """Tell whether citizen and agent are being recorded now."""
    return contact.taping is not None and contact.taping.state == "on" and are_alone(contact)


def are_alone(contact: Connected) -> bool:
    """Tell whether citizen and agent talk, and nobody else does."""
    together = contact.agent_there and contact.calling_until is None and contact.retry_at is None
    return together and not contact.held and not contact.parties


def follow(turn: Turn) -> None:
    """Announce the recording wherever citizen and agent have come together."""
    if _JOINS.isdisjoint(map(type, turn.facts)):
        return
    for joined in [fact for fact in turn.facts if type(fact) in _JOINS]:
        contact = turn.state.contacts.get(joined.contact)  # type: ignore[union-attr]  # each of them has one
        if isinstance(contact, Connected):
            _consider(turn, contact)


def _consider(turn: Turn, contact: Connected) -> None:
    settings = turn.state.configuration.queues[contact.spot.queue].record
    if settings is None or not contact.card.talks or not contact.agent_there or contact.calling_until is not None:
        return
    before = contact.taping
    if before is None or before.leg != contact.offer:
        state: TapeState = "declined" if before is not None and before.state == "declined" else "announcing"
        _change(turn, contact, state)


def _change(turn: Turn, contact: Connected, state: TapeState, heard: tuple[str, ...] = ()) -> None:
    turn.emit(f.TapeChanged(turn.now, contact.card.id, state, contact.offer, heard))


def _heard(turn: Turn, report: i.AnnouncementHeard) -> None:
    contact = turn.state.contact_of(report.leg)
    if not isinstance(contact, Connected) or contact.taping is None or contact.taping.state != "announcing":
        return
    both = {contact.card.leg, contact.offer}
    heard = tuple(sorted({*contact.taping.heard, report.leg} & both))
    if heard != contact.taping.heard:
        _change(turn, contact, "on" if set(heard) == both else "announcing", heard)


def key_pressed(turn: Turn, contact: Connected, digit: str) -> None:
    """A citizen who talks with an agent has pressed a key."""
    settings = turn.state.configuration.queues[contact.spot.queue].record
    if settings is not None and contact.taping is not None and digit == settings.decline:
        if contact.taping.state != "declined":
            _change(turn, contact, "declined")


def _pause(turn: Turn, request: i.PauseRecording) -> None:
    _turn(turn, request.contact, "on", "paused")


def _resume(turn: Turn, request: i.ResumeRecording) -> None:
    _turn(turn, request.contact, "paused", "on")


def _turn(turn: Turn, id_: str, before: TapeState, after: TapeState) -> None:
    contact = talk(turn, id_)
    taping = contact.taping
    if taping is None or taping.state not in (before, after):
        raise i.Refused("not_recorded", f"contact {id_} is not recorded")
    if taping.state == before:
        _change(turn, contact, after, taping.heard)


def tapes(state: State) -> dict[str, str]:
    """Return contact to matter, of all that are recorded or could be."""
    living = state.contacts.values()
    return {one.card.id: one.card.matter for one in living if isinstance(one, Connected) and one.taping is not None}


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.PauseRecording: _pause,
    i.ResumeRecording: _resume,
}
REPORTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.AnnouncementHeard: _heard}
