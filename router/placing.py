"""Calls that an agent begins, and contacts that an agent fetches: taken unasked, without an offer."""

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import structs

from router import agent as agents
from router import facts as f
from router import inputs as i
from router.agent import LoggedOut, Reserved
from router.contact import Connected, Parked
from router.dialling import Destination
from router.ending import be_done, call_number, set_aside
from router.entering import enqueue_own, put_through
from router.forwarding import parked
from router.talking import admit, free, invite
from router.turn import Turn

CHANNEL: Final = "call"
_CAUSES: Final[dict[str, Literal["busy", "unreachable"]]] = {
    "busy": "busy",
    "agent_busy": "busy",
    "consulting": "busy",
    "phone_gone": "unreachable",
}


def place_call(turn: Turn, request: i.PlaceCall) -> None:
    """Ring the agent's phone, and then the destination."""
    if request.contact in turn.state.contacts:
        raise i.Refused("contact_exists", f"there is a contact {request.contact} already")
    _idle(turn, request.agent)
    free(turn, request.destination, request.agent)
    timeout = _place(turn, request.contact, request.agent, request.destination, request.queue)
    offer = f"{request.contact}.1"
    turn.emit(f.ContactTaken(turn.now, request.contact, request.agent, offer, turn.now + timeout))


def retrieve(turn: Turn, request: i.Retrieve) -> None:
    """Ring the agent's phone for a parked contact."""
    contact = parked(turn, request.slot)
    if contact.card.visit is not None:
        _retrieve_visitor(turn, contact, request.agent)
        return
    _idle(turn, request.agent)
    offer = f"{contact.card.id}.{contact.spot.offers + 1}"
    ringing_until = turn.now + turn.state.configuration.queues[contact.spot.queue].offer_timeout
    be_done(turn, request.agent, contact.card.id)
    turn.emit(f.ContactTaken(turn.now, contact.card.id, request.agent, offer, ringing_until))


def _retrieve_visitor(turn: Turn, contact: Parked, agent: str) -> None:
    """Call a parked visitor to the agent's desk."""
    free_at_desk(turn, agent, contact.card.channel, but=contact.card.id)
    be_done(turn, agent, contact.card.id)
    offer = f"{contact.card.id}.{contact.spot.offers + 1}"
    turn.emit(f.ContactTaken(turn.now, contact.card.id, agent, offer))
    set_aside(turn, agent)
    call_number(turn, contact.card.id, agent)


def free_at_desk(turn: Turn, id_: str, channel: str, *, but: str = "") -> agents.Agent:
    """Check that an agent, once done with contact `but`, can take somebody of `channel` unasked. Raises Refused."""
    agent = turn.state.agents.get(id_)
    if agent is None:
        raise i.Refused("unknown_agent", f"there is no agent {id_}")
    if isinstance(agent, LoggedOut):
        raise i.Refused("agent_logged_out", f"agent {id_} is not logged in")
    profile = turn.state.crew.profile_of.get(id_)
    others = tuple(item for item in agent.desk.work if item.contact != but)
    desk = structs.replace(agent.desk, work=others)
    if isinstance(agent, Reserved) or profile is None or channel not in profile.room(desk):
        raise i.Refused("agent_busy", f"agent {id_} has somebody else to serve", retryable=True)
    return agent


def _idle(turn: Turn, id_: str) -> None:
    """Check that an agent's phone can be rung for a call unasked. Raises Refused."""
    agent = turn.state.agents.get(id_)
    if agent is None:
        raise i.Refused("unknown_agent", f"there is no agent {id_}")
    if isinstance(agent, LoggedOut):
        raise i.Refused("agent_logged_out", f"agent {id_} is not logged in")
    if not agent.desk.address or agent.desk.phone_lost:
        raise i.Refused("phone_gone", f"agent {id_} has no phone that could be rung", retryable=True)
    if agents.engaged(agent):
        raise i.Refused("agent_busy", f"agent {id_} has a call", retryable=True)


def _place(turn: Turn, contact: str, agent: str, destination: Destination, queue: str) -> float:
    """Let a call of the agent's own come to be; return how long the agent's phone may ring."""
    settings = turn.state.settings(agent)
    name = queue or min(settings.queues, key=lambda one: (settings.queues[one], one), default="")
    if name not in settings.queues:
        raise i.Refused("unknown_queue", f"agent {agent} does not serve the queue whose number would be shown")
    person = destination.address.removeprefix("number:") if destination.outside else None
    turn.emit(
        f.ContactArrived(
            turn.now, contact, CHANNEL, "", f"{contact}.c", turn.state.order + 1, person, destination=destination
        )
    )
    enqueue_own(turn, contact, name)
    return turn.state.configuration.queues[name].offer_timeout


# ---- a phone of the house rings us -----------------------------------------------------------------------------


def dialled(turn: Turn, report: i.PhoneDialled) -> None:
    """Do what somebody wants who dialled at a phone of the house; what cannot be is a fact too.

    An emergency is put through whatever the agent at the phone has in hand.
    """
    if turn.state.contact_of(report.leg) is not None:
        return
    try:
        _dialled(turn, report)
    except i.Refused as refusal:
        if report.destination is not None and report.destination.emergency:
            _without_agent(turn, report, report.destination)
            return
        turn.emit(f.ContactRefused(turn.now, report.leg, CHANNEL, _CAUSES.get(refusal.error_id, "not_allowed")))


def _dialled(turn: Turn, report: i.PhoneDialled) -> None:
    agent = turn.state.agents.get(turn.state.at_phone.get(report.phone, ""))
    in_talk = _talk_at(turn, report.phone)
    if report.refused or (report.destination is None and not report.slot):
        raise i.Refused("number_refused", "this may not be dialled")
    if report.slot:
        _fetch(turn, report, agent)
    elif report.destination is None:
        raise AssertionError("checked above")
    elif agent is None:
        _without_agent(turn, report, report.destination)
    elif in_talk is not None:
        invite(turn, in_talk, report.destination, via=report.leg)
    else:
        if agents.engaged(agent):
            raise i.Refused("agent_busy", f"agent {agent.desk.id} has a call")
        free(turn, report.destination, agent.desk.id)
        _place(turn, report.leg, agent.desk.id, report.destination, "")
        turn.emit(f.ContactTaken(turn.now, report.leg, agent.desk.id, report.leg))


def _talk_at(turn: Turn, phone: str) -> Connected | None:
    """Return the call that the agent at a phone leads, if there is one in which both are on the line."""
    contact = turn.state.contacts.get(turn.state.talk_at(phone))
    if isinstance(contact, Connected) and contact.agent_there and contact.calling_until is None:
        return contact
    return None


def _fetch(turn: Turn, report: i.PhoneDialled, agent: agents.Agent | None) -> None:
    """Put an agent who dialled a slot through to who is parked there."""
    contact = parked(turn, report.slot)
    if agent is None or agents.engaged(agent):
        raise i.Refused("agent_busy", "only an agent without a call fetches a contact")
    be_done(turn, agent.desk.id, contact.card.id)
    turn.emit(f.ContactTaken(turn.now, contact.card.id, agent.desk.id, report.leg))


def _without_agent(turn: Turn, report: i.PhoneDialled, destination: Destination) -> None:
    """Put a phone at which no agent works through to another phone of the house; numbers are for agents."""
    if destination.outside and not destination.emergency:
        raise i.Refused("agents_only", "only agents ring numbers outside")
    if destination.address in turn.state.lost:
        raise i.Refused("phone_gone", "this phone is not registered")
    if turn.state.engaged(destination.address):
        raise i.Refused("busy", "this phone is busy")
    admit(turn.state, destination, turn.now)
    order = turn.state.order + 1
    turn.emit(f.ContactArrived(turn.now, report.leg, CHANNEL, "", report.leg, order, None, phone=report.phone))
    ring_for = turn.state.configuration.rules.internal_ring
    put_through(turn, report.leg, destination, ring_for, f"{report.leg}.1")


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {i.PlaceCall: place_call, i.Retrieve: retrieve}
