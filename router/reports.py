"""What the router makes of reports and deadlines. Late and doubled ones find nothing to change."""

from collections.abc import Callable
from typing import Any, Final

from queues.channels import CHANNELS
from router import (
    alerting,
    announcing,
    calling,
    citizenfirst,
    consulting,
    flowing,
    forwarding,
    handover,
    hearing,
    messages,
    people,
    surveying,
    talking,
    taping,
)
from router import facts as f
from router import inputs as i
from router.agent import Reserved
from router.configuration import CODE
from router.contact import (
    Arrived,
    Away,
    Connected,
    Contact,
    Forwarded,
    Hearing,
    InFlow,
    Leaving,
    Offered,
    Parked,
    Waiting,
    WrappingUp,
)
from router.deadlines import Deadline
from router.ending import (
    accept,
    citizen_left,
    decline,
    end,
    end_wrap_up,
    finish,
    gone_for_good,
    hand_back,
    miss,
    party_left,
    turned_away,
    withdraw,
)
from router.entering import come_back, fall_due, leave_line, widen
from router.offer import Standing
from router.placing import dialled
from router.turn import Turn


def _time_passed(turn: Turn, report: i.TimePassed) -> None:
    """Deadlines are looked at after every input."""


def _arrived(turn: Turn, report: i.Arrived) -> None:
    state = turn.state
    if report.contact in state.contacts or report.mark in state.marks:
        return
    entries, channel = state.entries, report.channel
    entry = entries.get((CODE, report.entry)) if report.phone else None
    entry = entry or entries.get((channel, report.entry)) or entries.get((CHANNELS[channel].entered_as, report.entry))
    if entry is None:
        turn.emit(f.ContactRefused(turn.now, report.contact, report.channel, "unknown_entry"))
        return
    known = state.persons.remembered(report.person, turn.now)
    person = None if known.shared else report.person
    remembered = known.language if CHANNELS[channel].live and not known.shared else ""
    turn.emit(
        f.ContactArrived(
            turn.now,
            report.contact,
            report.channel,
            report.entry,
            report.leg,
            state.order + 1,
            person,
            report.preferred,
            remembered or entry.language,
            state.configuration.relay_patience if report.relay else 1.0,
            phone=report.phone,
            matter=report.matter,
            text=report.text,
        )
    )
    arrived = state.contacts[report.contact]
    if report.speaks or report.needs or report.keep:
        needs = (*arrived.card.needs, *report.needs)
        people.note(turn, report.contact, needs, report.speaks or None, keep=report.keep)
        arrived = state.contacts[report.contact]
    if report.written and isinstance(arrived, Arrived):
        messages.begin(
            turn, arrived, "" if report.told else entry.acknowledge, automatic=report.automatic, mark=report.mark
        )
    if not hearing.hears_first(turn, state.contacts[report.contact], flow=entry.flow):
        flowing.begin(turn, state.contacts[report.contact], entry.flow)


# ---- legs ------------------------------------------------------------------------------------------------------


def _picked_up(turn: Turn, report: i.PickedUp) -> None:
    offer = turn.state.offers.get(report.leg)
    if isinstance(offer, Standing):
        accept(turn, offer)
        messages.connected(turn, offer.contact)
        return
    match turn.state.contact_of(report.leg):
        case Offered() as contact if contact.calling and report.leg == contact.card.leg:
            citizenfirst.answered(turn, contact)
        case Connected() as contact:
            talking.picked_up(turn, contact, report.leg)
        case Forwarded() as contact:
            forwarding.picked_up(turn, contact, report.leg)
        case _:
            return


def _not_picked_up(turn: Turn, report: i.NotPickedUp) -> None:
    offer = turn.state.offers.get(report.leg)
    if isinstance(offer, Standing):
        if report.cause == "declined" or report.cause == "busy":
            decline(turn, offer, report.cause)
        else:
            miss(turn, offer, report.cause)
        return
    match turn.state.contact_of(report.leg):
        case Offered() as contact if contact.calling and report.leg == contact.card.leg:
            citizenfirst.not_answered(turn, contact, talking.NOT_REACHED.get(report.cause, "no_answer"))
        case Connected() as contact:
            talking.not_picked_up(turn, contact, report.leg, report.cause)
        case Forwarded() as contact:
            forwarding.not_picked_up(turn, contact, report.leg, report.cause)
        case _:
            return


def _hung_up(turn: Turn, report: i.HungUp) -> None:
    offer = turn.state.offers.get(report.leg)
    if isinstance(offer, Standing):
        miss(turn, offer, "unreachable")
        return
    contact = turn.state.contact_of(report.leg)
    if contact is None:
        return
    if isinstance(contact, Connected) and report.leg == contact.offer:
        _agent_hung_up(turn, contact, report.cause)
    elif report.leg == contact.card.leg or report.leg == contact.card.id:
        _gone(turn, contact, report.cause)
    elif isinstance(contact, Connected):
        _party_hung_up(turn, contact, report)
    elif isinstance(contact, Forwarded):
        forwarding.hung_up(turn, contact, report.leg, report.cause)


def _agent_hung_up(turn: Turn, contact: Connected, cause: f.LeaveCause) -> None:
    """By will the contact is over, by accident it is not."""
    if contact.card.talks:
        talking.agent_hung_up(turn, contact, cause)
    elif cause == "hung_up":
        surveying.finish_and_ask(turn, contact)
    else:
        hand_back(turn, contact, "leg_lost")


def _party_hung_up(turn: Turn, contact: Connected, report: i.HungUp) -> None:
    for party in contact.parties:
        if report.leg in (party.leg, party.via):
            party_left(turn, contact, party.leg, report.cause)


def _key_pressed(turn: Turn, report: i.KeyPressed) -> None:
    contact = turn.state.contacts.get(report.contact)
    if isinstance(contact, Waiting):
        announcing.key_pressed(turn, contact, report.digit)
    elif isinstance(contact, WrappingUp):
        surveying.answered(turn, contact, report.digit)
    elif isinstance(contact, Connected):
        taping.key_pressed(turn, contact, report.digit)
    else:
        flowing.key_pressed(turn, report)


def _message_arrived(turn: Turn, report: i.MessageArrived) -> None:
    if not messages.arrived(turn, report):
        return
    match turn.state.contacts[report.contact]:
        case InFlow() as contact if not report.aside:
            flowing.written(turn, contact, report)
        case Waiting() as contact if report.key:
            announcing.key_pressed(turn, contact, report.key)
        case WrappingUp() as contact:
            surveying.answered(turn, contact, report.key)
        case _:
            return


def _citizen_gone(turn: Turn, report: i.CitizenGone) -> None:
    contact = turn.state.contacts.get(report.contact)
    if contact is not None:
        _gone(turn, contact, report.cause)


def _gone(turn: Turn, contact: Contact, cause: f.LeaveCause) -> None:
    """Go on without the citizen."""
    policy = CHANNELS[contact.card.channel]
    match contact:
        case Waiting() | Offered() if contact.spot.reached is not None:
            citizenfirst.gone(turn, contact)
        case Connected() if contact.calling_until is not None and contact.card.talks:
            calling.not_reached(turn, contact, "no_answer")
        case Connected() if policy.live and cause == "hung_up":
            finish(turn, contact)
        case Connected() if policy.live:
            waiting = hand_back(turn, contact, "citizen_lost")
            if policy.attended:
                citizen_left(turn, waiting, cause)
        case WrappingUp():
            _at_the_end(turn, contact, silent=False)
        case _ if policy.attended:
            _left(turn, contact, cause)
        case _:
            return


def _left(turn: Turn, contact: Contact, cause: f.LeaveCause) -> None:
    """Go on without a citizen who was on the line, and had no agent yet."""
    match contact:
        case Arrived() | Hearing() | InFlow():
            flowing.left_behind(turn, contact)
            end(turn, contact, "abandoned" if cause == "hung_up" else "lost")
        case Forwarded():
            forwarding.citizen_gone(turn, contact, cause)
        case Parked():
            citizen_left(turn, forwarding.give_back(turn, contact, "citizen_lost", None), cause)
        case Leaving():
            _at_the_end(turn, contact, silent=False)
        case Waiting():
            citizen_left(turn, contact, cause)
        case Offered():
            withdraw(turn, contact, "citizen_left")
            _left(turn, turn.state.contacts[contact.card.id], cause)
        case _:
            return


def _at_the_end(turn: Turn, contact: Leaving | WrappingUp, *, silent: bool) -> None:
    """Let a citizen go to whom nothing more happens."""
    if isinstance(contact, Leaving):
        turned_away(turn, contact)
    else:
        surveying.left(turn, contact, silent=silent)


# ---- phones ----------------------------------------------------------------------------------------------------


def _phone_seen(turn: Turn, report: i.PhoneSeen) -> None:
    if report.phone in turn.state.lost:
        turn.emit(f.PhoneFound(turn.now, report.phone))
        turn.freed[turn.state.at_phone.get(report.phone, "")] = None


def _phone_gone(turn: Turn, report: i.PhoneGone) -> None:
    """An offer to a phone that is gone is taken back at once: nobody's fault (rule 5)."""
    if report.phone in turn.state.lost:
        return
    agent = turn.state.agents.get(turn.state.at_phone.get(report.phone, ""))
    turn.emit(f.PhoneLost(turn.now, report.phone))
    if isinstance(agent, Reserved):
        offer = turn.state.offers[agent.offer]
        assert isinstance(offer, Standing)  # as long as the agent is reserved
        contact = turn.state.contacts[offer.contact]
        if isinstance(contact, Offered) and CHANNELS[contact.card.channel].voice:
            withdraw(turn, contact, "agent_gone")


REPORTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.TimePassed: _time_passed,
    i.Arrived: _arrived,
    i.PhoneSeen: _phone_seen,
    i.PhoneGone: _phone_gone,
    i.PhoneDialled: dialled,
    i.ConnectionKnown: flowing.connection_known,
    i.PickedUp: _picked_up,
    i.NotPickedUp: _not_picked_up,
    i.HungUp: _hung_up,
    i.PromptEnded: flowing.prompt_ended,
    i.KeyPressed: _key_pressed,
    i.DigitsTyped: flowing.digits_typed,
    i.DigitsChecked: flowing.digits_checked,
    i.SpeechRecorded: flowing.speech_recorded,
    i.CitizenGone: _citizen_gone,
    i.MessageArrived: _message_arrived,
    **messages.REPORTS,
    **handover.REPORTS,
    **taping.REPORTS,
}


# ---- deadlines -------------------------------------------------------------------------------------------------


def due(turn: Turn, deadline: Deadline) -> None:
    """Do what a deadline is for. It has been checked not to be stale."""
    match deadline.kind:
        case "responding":
            turn.emit(f.AgentReady(turn.now, deadline.id))
        case "wrap_up":
            _wrap_up_over(turn, deadline.id)
        case "crisis":
            alerting.end(turn, deadline.id)
        case _:
            _due_for(turn, turn.state.contacts[deadline.id], deadline)


def _due_for(turn: Turn, contact: Contact, deadline: Deadline) -> None:
    match contact:
        case InFlow() | Hearing():
            flowing.timed_out(turn, contact)
        case Waiting():
            _due_in_line(turn, contact, deadline)
        case Offered():
            _offer_over(turn, contact)
        case Arrived():
            fall_due(turn, contact)
        case Connected():
            _due_with_agent(turn, contact, deadline)
        case Forwarded():
            forwarding.due(turn, contact, deadline.kind)
        case Parked():
            forwarding.park_over(turn, contact)
        case Away():
            end(turn, contact, gone_for_good(contact.cause))
        case Leaving() | WrappingUp():
            _at_the_end(turn, contact, silent=True)
        case _:
            raise AssertionError(f"{type(contact).__name__} has no deadlines")


def _offer_over(turn: Turn, contact: Offered) -> None:
    offer = turn.state.offers[contact.offer]
    assert isinstance(offer, Standing)  # by the contact's state
    if contact.calling:
        citizenfirst.not_answered(turn, contact, "no_answer")
    else:
        miss(turn, offer, "no_answer")


def _wrap_up_over(turn: Turn, agent: str) -> None:
    for item in turn.state.agents[agent].desk.work:
        if item.until is not None and item.until <= turn.now:
            end_wrap_up(turn, agent, item.contact)


def _due_with_agent(turn: Turn, contact: Connected, deadline: Deadline) -> None:
    if deadline.kind == "idle":
        messages.idle(turn, contact)
    elif deadline.kind == "seek":
        consulting.give_up(turn, contact, "nobody")
    else:
        talking.due(turn, contact, deadline.kind)


def _due_in_line(turn: Turn, contact: Waiting, deadline: Deadline) -> None:
    match deadline.kind:
        case "grace":
            turn.emit(f.GraceEnded(turn.now, contact.card.id))
        case "step":
            widen(turn, contact)
            turn.deserted[contact.spot.queue] = None
        case "too_long":
            leave_line(turn, contact, "too_long")
        case "rest" | "overdue":
            turn.seekers[contact.card.id] = None
        case "hold":
            citizenfirst.hold_over(turn, contact)
        case "announce":
            announcing.review(turn, contact)
        case "vain":
            come_back(turn, contact, "not_taken")
        case _:
            raise AssertionError(f"nobody waiting has a deadline of kind {deadline.kind}")
