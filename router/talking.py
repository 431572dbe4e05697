"""Who talks with whom while an agent has a call: hold, consult, conference, attended transfer, a lost leg.

Legs are levels, not steps: a contact says who is held and who takes part, and everybody else of it talks together.
Agents have it in hand as long as they take part (rule 6); when the last word is said, `router.ending` goes on.
"""

from collections.abc import Callable
from typing import Any, Final

from router import agent as agents
from router import facts as f
from router import inputs as i
from router import named
from router.calling import not_reached
from router.contact import Connected, Party, interpreters
from router.dialling import Destination
from router.ending import be_done, drop_callbacks, drop_parties, hand_back, party_left, set_aside
from router.state import State
from router.surveying import finish_and_ask
from router.turn import Turn

NOT_REACHED: Final[dict[f.PartyCause, f.PostponeCause]] = {
    "busy": "busy",
    "declined": "busy",
    "unreachable": "unreachable",
}
PARTIES_MAX: Final = 3
"""People besides the citizen and the agent."""
CALL_BACK: Final = 15.0
"""Seconds for which an agent whose leg was lost is called back before the contact goes back to its place."""
CALL_AGAIN: Final = 2.0
"""Seconds between attempts to reach a phone that was lost."""


def talk(turn: Turn, id_: str) -> Connected:
    """Return a telephone contact whose citizen and agent are on the line. Raises Refused."""
    contact = named.connected(turn, id_)
    if not contact.card.talks:
        raise i.Refused("not_by_phone", f"contact {id_} is no telephone call")
    if not contact.agent_there or contact.calling_until is not None:
        raise i.Refused("not_talking", f"contact {id_} is still being connected", retryable=True)
    return contact


def with_agent(turn: Turn, id_: str) -> Connected:
    """Return a contact of whatever channel that its agent can hand over: a call as `talk`. Raises Refused."""
    contact = turn.state.contacts.get(id_)
    return contact if isinstance(contact, Connected) and not contact.card.talks else talk(turn, id_)


def in_hand(turn: Turn, id_: str) -> Connected:
    """Return a contact that its agent can pass on: a call as `talk`, or somebody at the desk. Raises Refused."""
    contact = turn.state.contacts.get(id_)
    if isinstance(contact, Connected) and contact.card.visit is not None:
        return contact
    return talk(turn, id_)


def admit(state: State, destination: Destination, now: float) -> None:
    """Let the dial gate count. Raises Refused."""
    cap = state.dialled.capped(destination, state.configuration.dialling, now)
    if cap is not None:
        raise i.Refused(cap, "this was dialled too often lately; try again later", retryable=True)


def reachable(turn: Turn, destination: Destination, own: str) -> str | None:
    """Check that `destination` may be rung by the agent `own`; return the agent who sits there. Raises Refused."""
    state = turn.state
    if destination.address == state.agents[own].desk.address:
        raise i.Refused("own_phone", "this is the phone one talks from")
    admit(state, destination, turn.now)
    if destination.address in state.lost:
        raise i.Refused("phone_gone", "this phone is not registered", retryable=True)
    return state.at_phone.get(destination.address)


def free(turn: Turn, destination: Destination, own: str) -> str | None:
    """Check that `destination` may be rung by the agent `own`, and is not busy; return the agent who sits there.

    Raises Refused.
    """
    to = reachable(turn, destination, own)
    if turn.state.engaged(destination.address):
        raise i.Refused("busy", "this phone is busy", retryable=True)
    return to


def next_leg(contact: Connected) -> str:
    """Return the name of the next leg that we dial for a contact."""
    return f"{contact.card.id}.{contact.spot.offers + 1}"


# ---- hold and consult ------------------------------------------------------------------------------------------


def hold(turn: Turn, request: i.Hold) -> None:
    """Let the citizen hear music."""
    contact = talk(turn, request.contact)
    if contact.card.leg not in contact.held:
        turn.emit(f.HoldChanged(turn.now, contact.card.id, (*contact.held, contact.card.leg)))


def resume(turn: Turn, request: i.Resume) -> None:
    """Let everybody talk: a conference when somebody was consulted."""
    contact = talk(turn, request.contact)
    if contact.held:
        turn.emit(f.HoldChanged(turn.now, contact.card.id, ()))


def swap(turn: Turn, request: i.Swap) -> None:
    """Let the agent talk with those who are held, and hold those who are not."""
    contact = talk(turn, request.contact)
    others = (contact.card.leg, *(party.leg for party in contact.parties if party.joined and not party.via))
    if len(others) < 2:
        raise i.Refused("nobody_consulted", f"nobody else takes part in contact {request.contact}")
    turn.emit(f.HoldChanged(turn.now, contact.card.id, tuple(leg for leg in others if leg not in contact.held)))


def consult(turn: Turn, request: i.Consult) -> None:
    """Ring somebody while the citizen hears music."""
    invite(turn, talk(turn, request.contact), request.destination)


def check_room(contact: Connected) -> None:
    """Refuse to bring more people in than can be, or a second one while one is rung. Raises Refused."""
    ringing = not all(party.joined for party in contact.parties)
    if len(contact.parties) >= PARTIES_MAX or ringing or contact.seeking is not None:
        raise i.Refused("consulting", f"contact {contact.card.id} has somebody being rung already", retryable=True)


def invite(turn: Turn, contact: Connected, destination: Destination, via: str = "") -> None:
    """Ring somebody for the agent of a contact, who talks with them from leg `via`. Raises Refused.

    A telephone with a second line says by itself which of the two holds (`LegHeld`): nobody is held here then.
    """
    check_room(contact)
    to = free(turn, destination, contact.agent)
    talkers = (contact.card.leg, *(party.leg for party in contact.parties if not party.via))
    ring(turn, contact, destination, to, contact.held if via else talkers, via=via)


def ring(
    turn: Turn,
    contact: Connected,
    destination: Destination,
    to: str | None,
    held: tuple[str, ...],
    *,
    via: str = "",
    queue: str = "",
) -> None:
    """Ring a party for the agent of a contact; `held` hear music meanwhile. `queue` is the one anybody is sought of."""
    be_done(turn, to, contact.card.id)
    if to is not None:
        set_aside(turn, to)
    queues = turn.state.configuration.queues
    timeout = queues[queue].offer_timeout if queue else turn.queue_of(contact).forward_timeout
    id_, leg, deadline = contact.card.id, next_leg(contact), turn.now + timeout
    turn.emit(f.PartyInvited(turn.now, id_, leg, contact.agent, destination, deadline, held, to, via, of_queue=queue))


def drop_party(turn: Turn, request: i.DropParty) -> None:
    """Let somebody who was consulted go, or look for nobody of a queue any more."""
    contact = talk(turn, request.contact)
    if contact.seeking is not None and not request.party:
        _seek_no_more(turn, contact)
        return
    legs = [party.leg for party in contact.parties]
    leg = request.party or (legs[0] if len(legs) == 1 else "")
    if leg not in legs:
        raise i.Refused("unknown_party", f"contact {request.contact} has no such party")
    party_left(turn, contact, leg, "dropped")


def _seek_no_more(turn: Turn, contact: Connected) -> None:
    """Look for nobody of a queue any more; who is being rung for it need not come. Others who take part stay."""
    assert contact.seeking is not None  # callers have made sure
    turn.emit(f.ConsultEnded(turn.now, contact.card.id, contact.seeking.queue, "withdrawn"))
    for party in contact.parties:
        if party.queue and not party.joined:
            party_left(turn, talk(turn, contact.card.id), party.leg, "dropped")


def connect(turn: Turn, request: i.Connect) -> None:
    """Let the agent leave the citizen with who was consulted."""
    contact = talk(turn, request.contact)
    if not _heirs(contact):
        raise i.Refused("nobody_consulted", f"nobody else takes part in contact {request.contact}")
    leave(turn, contact)


def leave(turn: Turn, contact: Connected) -> None:
    """Take the agent out; who was consulted last has the citizen from now on, others of the house are dropped.

    An interpreter stays with an agent who has the citizen, and is nobody to leave a citizen with.
    """
    heirs = _heirs(contact)
    joined = [party for party in heirs if party.joined]
    heir = joined[-1] if joined else heirs[-1]
    stays = [party.leg for party in interpreters(contact)] if heir.joined and heir.agent is not None else []
    contact = drop_parties(turn, contact, but=(heir.leg, *stays))
    close_promise(turn, contact)
    wrap_up_until = wrap_up_end(turn, contact)
    if heir.joined and heir.agent is not None:
        turn.emit(f.ContactHandedOver(turn.now, contact.card.id, contact.agent, heir.agent, heir.leg, wrap_up_until))
    else:
        turn.emit(_handed_to(turn, contact, heir, wrap_up_until))


def _heirs(contact: Connected) -> list[Party]:
    """Return who could have the citizen when the agent leaves."""
    return [party for party in contact.parties if not party.interprets]


def _handed_to(turn: Turn, contact: Connected, heir: Party, wrap_up_until: float | None) -> f.ContactForwarded:
    return f.ContactForwarded(
        turn.now,
        contact.card.id,
        contact.agent,
        heir.destination,
        heir.leg,
        heir.deadline,
        joined=heir.joined,
        to=heir.agent,
        wrap_up_until=wrap_up_until,
    )


def close_promise(turn: Turn, contact: Connected) -> None:
    """Count a callback as kept once its citizen is passed on (rule 8)."""
    if contact.card.id in turn.state.callbacks:
        turn.emit(f.CallbackClosed(turn.now, contact.card.id, "kept"))


def wrap_up_end(turn: Turn, contact: Connected) -> float | None:
    """Return until when an agent who leaves a contact may wrap up, None when its queue grants no time."""
    seconds = turn.queue_of(contact).wrap_up
    return turn.now + seconds if seconds > 0 else None


# ---- legs that come and go -------------------------------------------------------------------------------------


def picked_up(turn: Turn, contact: Connected, leg: str) -> None:
    """Go on when somebody whom we rang picked up: agent, citizen or party."""
    id_ = contact.card.id
    if leg == contact.offer:
        if not contact.agent_there:
            turn.emit(f.AgentThere(turn.now, id_, contact.agent))
    elif leg == contact.card.leg:
        if contact.calling_until is not None:
            turn.emit(f.CitizenReached(turn.now, id_))
            if contact.card.person is not None:
                drop_callbacks(turn, contact.card.person)
    elif any(party.leg == leg and not party.joined for party in contact.parties):
        turn.emit(f.PartyJoined(turn.now, id_, leg))


def not_picked_up(turn: Turn, contact: Connected, leg: str, cause: f.PartyCause) -> None:
    """Go on when somebody whom we rang did not pick up."""
    if leg == contact.offer:
        if not contact.agent_there:
            _agent_not_there(turn, contact, cause)
    elif leg == contact.card.leg:
        if contact.calling_until is not None:
            not_reached(turn, contact, NOT_REACHED.get(cause, "no_answer"))
    elif any(party.leg == leg for party in contact.parties):
        party_left(turn, contact, leg, cause)


def _agent_not_there(turn: Turn, contact: Connected, cause: f.PartyCause) -> None:
    """Try the agent's phone again, or give up."""
    if contact.calling_until is not None:
        not_reached(turn, contact, "no_answer")
    elif cause == "declined":
        hand_back(turn, contact, "leg_lost")
    else:
        turn.emit(f.AgentMissing(turn.now, contact.card.id, contact.agent, turn.now + CALL_AGAIN))


def agent_hung_up(turn: Turn, contact: Connected, cause: f.LeaveCause) -> None:
    """Go on without the agent's leg: it was lost, or put down on purpose.

    Somebody consulted on the same line is left with the citizen by that; with a line for each, it ends the one.
    """
    on_hold = contact.card.leg in contact.held
    if contact.calling_until is not None:
        not_reached(turn, contact, "no_answer")
    elif cause == "cut_off" or (on_hold and not contact.parties):
        call_back(turn, contact)  # nobody means to leave a citizen on hold for ever
    elif any(not party.via for party in _heirs(contact)):
        leave(turn, contact)
    else:
        finish_and_ask(turn, contact)


def call_back(turn: Turn, contact: Connected, until: float | None = None) -> None:
    """Ring an agent whose leg was lost, for `CALL_BACK` seconds in all; the citizen hears music."""
    if not agents.stays(turn.state.agents[contact.agent]) or not contact.card.talks:
        hand_back(turn, contact, "leg_lost")
        return
    end_at = turn.now + CALL_BACK if until is None else until
    turn.emit(f.AgentCalledBack(turn.now, contact.card.id, contact.agent, next_leg(contact), end_at))


def due(turn: Turn, contact: Connected, kind: str) -> None:
    """Do what a deadline of a talk is for."""
    match kind:
        case "party":
            late = next(one for one in contact.parties if one.deadline is not None and one.deadline <= turn.now)
            party_left(turn, contact, late.leg, "no_answer")
        case "citizen":
            not_reached(turn, contact, "no_answer")
        case "retry":
            call_back(turn, contact, contact.ringing_until)
        case "recall" if contact.calling_until is not None:
            not_reached(turn, contact, "no_answer")
        case "recall":
            hand_back(turn, contact, "leg_lost")
        case _:
            raise AssertionError(f"a talk has no deadline of kind {kind}")


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.Hold: hold,
    i.Resume: resume,
    i.Swap: swap,
    i.Consult: consult,
    i.DropParty: drop_party,
    i.Connect: connect,
}
