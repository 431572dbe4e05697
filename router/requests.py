"""What the router makes of requests. Each is checked in full before the first fact, so a refusal changes nothing."""

from collections.abc import Callable
from typing import Any, Final

from ivr.session import can_go_on
from queues.queue import Queue
from router import facts as f
from router import forwarding, placing, talking
from router import inputs as i
from router.agent import Agent, LoggedOut, NotResponding, Paused, Work
from router.configuration import Configuration
from router.contact import Arrived, Connected, Contact, Forwarded, InFlow, InLine, Offered, Waiting, WrappingUp
from router.ending import accept, cancel_callback, decline, end, end_wrap_up, finish, hand_back, put_away, withdraw
from router.entering import promise_in_person, register_callback
from router.matching import may_take
from router.offer import Standing
from router.turn import Turn

PROMISED_AHEAD: Final = 30 * 86_400.0
"""The longest time for which a callback may be promised; its number is kept as long."""

# ---- configuration ---------------------------------------------------------------------------------------------


def _apply_configuration(turn: Turn, request: i.ApplyConfiguration) -> None:
    new, old = request.configuration, turn.state.configuration
    if new.revision == old.revision:
        return
    _check_in_use(turn, new)
    for id_, agent in list(turn.state.agents.items()):
        if id_ not in new.agents and not isinstance(agent, LoggedOut):
            put_away(turn, id_, "not_configured", leaving=True)
    turn.emit(f.ConfigurationApplied(turn.now, new))
    _take_back_offers(turn)
    for id_, settings in new.agents.items():
        newly = id_ not in old.agents or not old.agents[id_].signed_in
        if settings.signed_in and newly and isinstance(turn.state.agents[id_], LoggedOut):
            turn.emit(f.AgentLoggedIn(turn.now, id_, settings.address))
            turn.emit(f.AgentReady(turn.now, id_))
    turn.freed.update(dict.fromkeys(turn.state.agents))
    turn.deserted.update(dict.fromkeys(new.queues))


def _take_back_offers(turn: Turn) -> None:
    """Take back what was offered to agents who may not have it any more."""
    for contact in list(turn.state.contacts.values()):
        if isinstance(contact, Offered) and not may_take(turn.state, contact):
            withdraw(turn, contact, "configuration")


def _check_in_use(turn: Turn, new: Configuration) -> None:
    """Refuse a configuration that would leave a contact nowhere."""
    for contact in turn.state.contacts.values():
        if isinstance(contact, InLine) and contact.spot.queue not in new.queues:
            raise i.Refused("queue_in_use", f"queue {contact.spot.queue} still has contacts", retryable=True)
        session = contact.session if isinstance(contact, InFlow | Forwarded) else None
        if session is not None:
            if not can_go_on(turn.state.configuration.flows, new.flows, session):
                raise i.Refused("flow_in_use", f"flow {session.flow} still has contacts", retryable=True)


# ---- agents ----------------------------------------------------------------------------------------------------


def _agent(turn: Turn, id_: str) -> Agent:
    agent = turn.state.agents.get(id_)
    if agent is None:
        raise i.Refused("unknown_agent", f"there is no agent {id_}")
    return agent


def _agent_at_work(turn: Turn, id_: str) -> Agent:
    agent = _agent(turn, id_)
    if isinstance(agent, LoggedOut):
        raise i.Refused("agent_logged_out", f"agent {id_} is not logged in")
    return agent


def _agent_who_stays(turn: Turn, id_: str) -> Agent:
    agent = _agent_at_work(turn, id_)
    if id_ not in turn.state.configuration.agents:
        raise i.Refused("agent_not_configured", f"agent {id_} is not in the configuration any more")
    return agent


def _log_in(turn: Turn, request: i.LogIn) -> None:
    """Log in at a phone; who sits there with nothing in hand has forgotten to leave it."""
    if not isinstance(_agent(turn, request.agent), LoggedOut):
        raise i.Refused("agent_logged_in", f"agent {request.agent} is logged in already")
    address = request.address or turn.state.settings(request.agent).address
    there = turn.state.at_phone.get(address)
    if there is not None:
        if turn.state.agents[there].desk.work:
            raise i.Refused("phone_taken", f"agent {there} has a contact at this phone", retryable=True)
        put_away(turn, there, "leaving", leaving=True)
        turn.emit(f.AgentLoggedOut(turn.now, there))
    turn.emit(f.AgentLoggedIn(turn.now, request.agent, address))


def _log_out(turn: Turn, request: i.LogOut) -> None:
    _agent_at_work(turn, request.agent)
    put_away(turn, request.agent, "leaving", leaving=True)


def _go_ready(turn: Turn, request: i.GoReady) -> None:
    if isinstance(_agent_who_stays(turn, request.agent), Paused | NotResponding):
        turn.emit(f.AgentReady(turn.now, request.agent))


def _pause(turn: Turn, request: i.Pause) -> None:
    _agent_who_stays(turn, request.agent)
    pauses = turn.state.configuration.pauses
    if pauses and request.reason not in pauses:
        raise i.Refused("unknown_pause", f"there is no such reason for a pause; there are: {', '.join(pauses)}")
    put_away(turn, request.agent, request.reason, leaving=False)


# ---- offers and contacts ---------------------------------------------------------------------------------------


def _standing(turn: Turn, id_: str) -> Standing:
    offer = turn.state.offers.get(id_)
    if not isinstance(offer, Standing):
        raise i.Refused("offer_gone", f"offer {id_} is not open any more")
    return offer


def _accept_offer(turn: Turn, request: i.AcceptOffer) -> None:
    accept(turn, _standing(turn, request.offer))


def _decline_offer(turn: Turn, request: i.DeclineOffer) -> None:
    decline(turn, _standing(turn, request.offer), "declined")


def _contact(turn: Turn, id_: str) -> Contact:
    contact = turn.state.contacts.get(id_)
    if contact is None:
        raise i.Refused("unknown_contact", f"there is no contact {id_} now")
    return contact


def _connected(turn: Turn, id_: str) -> Connected:
    contact = _contact(turn, id_)
    if not isinstance(contact, Connected):
        raise i.Refused("not_connected", f"contact {id_} is not with an agent")
    return contact


def _finish(turn: Turn, request: i.Finish) -> None:
    finish(turn, _connected(turn, request.contact))


def _hand_back(turn: Turn, request: i.HandBack) -> None:
    hand_back(turn, _connected(turn, request.contact), "handed_back")


def _wrapping_up(turn: Turn, request: i.EndWrapUp | i.ExtendWrapUp) -> tuple[str, Work]:
    """Return who wraps up a contact, and that piece of work."""
    contact = turn.state.contacts.get(request.contact)
    agent = request.agent or (contact.agent if isinstance(contact, WrappingUp) else "")
    known = turn.state.agents.get(agent)
    work = known.desk.work if known is not None else ()
    found = next((item for item in work if item.contact == request.contact and item.wrapping_up), None)
    if found is None:
        raise i.Refused("not_wrapping_up", f"contact {request.contact} is not in wrap-up")
    return agent, found


def _end_wrap_up(turn: Turn, request: i.EndWrapUp) -> None:
    agent, work = _wrapping_up(turn, request)
    end_wrap_up(turn, agent, work.contact)


def _extend_wrap_up(turn: Turn, request: i.ExtendWrapUp) -> None:
    agent, work = _wrapping_up(turn, request)
    contact = turn.state.contacts.get(work.contact)
    spot = contact.spot if isinstance(contact, (*InLine, Forwarded)) else None
    queue = turn.state.configuration.queues[spot.queue] if spot is not None else Queue(name="")
    until = min((work.until or turn.now) + queue.wrap_up_extension, work.since + queue.wrap_up_max)
    if work.until is not None and until <= work.until:
        raise i.Refused("wrap_up_limit", "wrap-up can be extended no further")
    turn.emit(f.WrapUpExtended(turn.now, work.contact, agent, until))


def _register_callback(turn: Turn, request: i.RegisterCallback) -> None:
    contact = _contact(turn, request.contact)
    if not isinstance(contact, Waiting | Offered) or contact.card.id in turn.state.callbacks:
        raise i.Refused("not_waiting", f"contact {request.contact} does not wait in a line")
    if contact.card.person is None:
        raise i.Refused("number_withheld", f"contact {request.contact} left no number to call")
    if isinstance(contact, Offered):
        raise i.Refused("being_offered", f"contact {request.contact} is being answered", retryable=True)
    register_callback(turn, contact)
    end(turn, contact, "callback_registered")


def _promise_callback(turn: Turn, request: i.PromiseCallback) -> None:
    contact = _contact(turn, request.contact)
    if not isinstance(contact, Connected | WrappingUp):
        raise i.Refused("not_connected", f"contact {request.contact} is not with an agent")
    person = contact.card.person
    if person is None:
        raise i.Refused("number_withheld", f"contact {request.contact} left no number to call")
    if contact.spot.queue in turn.state.promised.get(person, {}):
        raise i.Refused("has_callback", f"the citizen of contact {request.contact} waits for a callback already")
    if not turn.now < request.due <= turn.now + PROMISED_AHEAD:
        raise i.Refused("bad_time", "a callback is promised for a time within the next 30 days")
    promise_in_person(turn, contact, request.due)


def _cancel_callback(turn: Turn, request: i.CancelCallback) -> None:
    contact = turn.state.contacts.get(request.callback)
    if request.callback not in turn.state.callbacks or not isinstance(contact, Arrived | Waiting | Offered):
        raise i.Refused("unknown_callback", f"there is no callback {request.callback} waiting")
    cancel_callback(turn, request.callback, "cancelled")


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.ApplyConfiguration: _apply_configuration,
    i.LogIn: _log_in,
    i.LogOut: _log_out,
    i.GoReady: _go_ready,
    i.Pause: _pause,
    i.AcceptOffer: _accept_offer,
    i.DeclineOffer: _decline_offer,
    i.Finish: _finish,
    i.EndWrapUp: _end_wrap_up,
    i.HandBack: _hand_back,
    i.RegisterCallback: _register_callback,
    i.PromiseCallback: _promise_callback,
    i.CancelCallback: _cancel_callback,
    i.ExtendWrapUp: _extend_wrap_up,
    **talking.REQUESTS,
    **forwarding.REQUESTS,
    **placing.REQUESTS,
}
