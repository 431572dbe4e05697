"""What the router makes of requests. Each is checked in full before the first fact, so a refusal changes nothing."""

from collections.abc import Callable
from typing import Any, Final

from ivr.session import can_go_on
from router import (
    alerting,
    attendance,
    calling,
    consulting,
    forwarding,
    handover,
    helping,
    interpreting,
    inviting,
    matters,
    messages,
    named,
    people,
    placing,
    promises,
    secondline,
    secrecy,
    talking,
    taping,
    visiting,
)
from router import facts as f
from router import inputs as i
from router.agent import LoggedOut
from router.configuration import Configuration
from router.contact import (
    Arrived,
    Connected,
    Contact,
    Forwarded,
    Hearing,
    InFlow,
    InLine,
    Offered,
    Spot,
    Waiting,
    WrappingUp,
)
from router.ending import accept, cancel_callback, decline, end, hand_back, put_away, withdraw
from router.entering import promise_in_person, register_callback
from router.matching import may_take
from router.offer import Standing
from router.surveying import finish_and_ask
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
        if isinstance(contact, InLine) and not _needed(contact, contact.spot) <= new.queues.keys():
            raise i.Refused("queue_in_use", f"queue {contact.spot.queue} still has contacts", retryable=True)
        visit = contact.card.visit
        site = new.sites.get(visit.site) if visit is not None else None
        if visit is not None and (site is None or visit.service not in site.services):
            raise i.Refused("place_in_use", f"{visit.service} at {visit.site} still has visits", retryable=True)
        if isinstance(contact, Hearing) and contact.queue not in ("", *new.queues):
            raise i.Refused("queue_in_use", f"queue {contact.queue} still has contacts", retryable=True)
        if isinstance(contact, Hearing) and contact.flow not in ("", *new.flows):
            raise i.Refused("flow_in_use", f"flow {contact.flow} still has contacts", retryable=True)
        session = contact.session if isinstance(contact, InFlow | Forwarded) else None
        if session is not None:
            if not can_go_on(turn.state.configuration.flows, new.flows, session):
                raise i.Refused("flow_in_use", f"flow {session.flow} still has contacts", retryable=True)


def _needed(contact: Contact, spot: Spot) -> set[str]:
    """Return the queues that a contact is in, comes back to, or of which somebody is sought."""
    seeking = contact.seeking if isinstance(contact, Connected) else None
    sent = spot.sent
    return {spot.queue, *([seeking.queue] if seeking is not None else []), *([sent.queue] if sent is not None else [])}


# ---- offers and contacts ---------------------------------------------------------------------------------------


def _standing(turn: Turn, id_: str) -> Standing:
    offer = turn.state.offers.get(id_)
    if not isinstance(offer, Standing):
        raise i.Refused("offer_gone", f"offer {id_} is not open any more")
    return offer


def _accept_offer(turn: Turn, request: i.AcceptOffer) -> None:
    standing = _standing(turn, request.offer)
    accept(turn, standing)
    messages.connected(turn, standing.contact)


def _decline_offer(turn: Turn, request: i.DeclineOffer) -> None:
    decline(turn, _standing(turn, request.offer), "declined")


def _finish(turn: Turn, request: i.Finish) -> None:
    finish_and_ask(turn, named.connected(turn, request.contact))


def _hand_back(turn: Turn, request: i.HandBack) -> None:
    hand_back(turn, named.connected(turn, request.contact), "handed_back")


def _register_callback(turn: Turn, request: i.RegisterCallback) -> None:
    contact = named.contact(turn, request.contact)
    if not isinstance(contact, Waiting | Offered) or contact.card.id in turn.state.callbacks:
        raise i.Refused("not_waiting", f"contact {request.contact} does not wait in a line")
    if contact.card.person is None:
        raise i.Refused("number_withheld", f"contact {request.contact} left no number to call")
    if isinstance(contact, Offered):
        raise i.Refused("being_offered", f"contact {request.contact} is being answered", retryable=True)
    register_callback(turn, contact)
    end(turn, contact, "callback_registered")


def _promise_callback(turn: Turn, request: i.PromiseCallback) -> None:
    contact = named.contact(turn, request.contact)
    if not isinstance(contact, Connected | WrappingUp):
        raise i.Refused("not_connected", f"contact {request.contact} is not with an agent")
    person = request.person or contact.card.person
    if person is None:
        raise i.Refused("number_withheld", f"contact {request.contact} left no number to call")
    if contact.spot.queue in turn.state.promises(person):
        raise i.Refused("has_callback", f"the citizen of contact {request.contact} waits for a callback already")
    if not turn.now < request.due <= turn.now + PROMISED_AHEAD:
        raise i.Refused("bad_time", "a callback is promised for a time within the next 30 days")
    promise_in_person(turn, contact, request.due, person)


def _cancel_callback(turn: Turn, request: i.CancelCallback) -> None:
    contact = turn.state.contacts.get(request.callback)
    if request.callback not in turn.state.callbacks or not isinstance(contact, Arrived | Waiting | Offered):
        raise i.Refused("unknown_callback", f"there is no callback {request.callback} waiting")
    cancel_callback(turn, request.callback, "cancelled")


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.ApplyConfiguration: _apply_configuration,
    i.AcceptOffer: _accept_offer,
    i.DeclineOffer: _decline_offer,
    i.Finish: _finish,
    i.HandBack: _hand_back,
    i.RegisterCallback: _register_callback,
    i.PromiseCallback: _promise_callback,
    i.CancelCallback: _cancel_callback,
    **attendance.REQUESTS,
    **talking.REQUESTS,
    **forwarding.REQUESTS,
    **placing.REQUESTS,
    **messages.REQUESTS,
    **matters.REQUESTS,
    **visiting.REQUESTS,
    **calling.REQUESTS,
    **promises.REQUESTS,
    **people.REQUESTS,
    **interpreting.REQUESTS,
    **alerting.REQUESTS,
    **helping.REQUESTS,
    **secrecy.REQUESTS,
    **handover.REQUESTS,
    **inviting.REQUESTS,
    **taping.REQUESTS,
    **secondline.REQUESTS,
    **consulting.REQUESTS,
}
