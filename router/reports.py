"""What the router makes of reports and deadlines. Late and doubled ones find nothing to change."""

from collections.abc import Callable
from typing import Any, Final

from queues.channels import CHANNELS
from router import facts as f
from router import flowing
from router import inputs as i
from router.contact import Arrived, Away, Connected, InFlow, Leaving, Offered, Waiting, WrappingUp
from router.deadlines import Deadline
from router.ending import accept, citizen_left, decline, end, finish, hand_back, miss, turned_away, withdraw
from router.entering import leave_line, widen
from router.offer import Accepted, Standing
from router.turn import Turn


def _time_passed(turn: Turn, report: i.TimePassed) -> None:
    """Deadlines are looked at after every input."""


def _arrived(turn: Turn, report: i.Arrived) -> None:
    if report.contact in turn.state.contacts:
        return
    entry = turn.state.entries.get((report.channel, report.entry))
    if entry is None:
        turn.emit(f.ContactRefused(turn.now, report.contact, report.channel, "unknown_entry"))
        return
    turn.emit(
        f.ContactArrived(
            turn.now,
            report.contact,
            report.channel,
            report.entry,
            report.leg,
            turn.state.order + 1,
            report.person,
            report.preferred,
            entry.language,
            turn.state.configuration.relay_patience if report.relay else 1.0,
        )
    )
    flowing.begin(turn, turn.state.contacts[report.contact], entry.flow)


def _offer_answered(turn: Turn, report: i.OfferAnswered) -> None:
    offer = turn.state.offers.get(report.offer)
    if isinstance(offer, Standing):
        accept(turn, offer)


def _offer_failed(turn: Turn, report: i.OfferFailed) -> None:
    offer = turn.state.offers.get(report.offer)
    if not isinstance(offer, Standing):
        return
    if report.cause == "declined" or report.cause == "busy":
        decline(turn, offer, report.cause)
    else:
        miss(turn, offer, report.cause)


def _citizen_gone(turn: Turn, report: i.CitizenGone) -> None:
    contact = turn.state.contacts.get(report.contact)
    if contact is None:
        return
    policy = CHANNELS[contact.card.channel]
    match contact:
        case Connected() if policy.live and report.cause == "hung_up":
            finish(turn, contact)
        case Connected() if policy.live:
            waiting = hand_back(turn, contact, "citizen_lost")
            if policy.attended:
                citizen_left(turn, waiting, report.cause)
        case _ if not policy.attended:
            return
        case Arrived() | InFlow():
            flowing.left_behind(turn, contact)
            end(turn, contact, "abandoned" if report.cause == "hung_up" else "lost")
        case Leaving():
            turned_away(turn, contact)
        case Waiting():
            citizen_left(turn, contact, report.cause)
        case Offered():
            withdraw(turn, contact, "citizen_left")
            _citizen_gone(turn, report)
        case _:
            return


def _agent_gone(turn: Turn, report: i.AgentGone) -> None:
    offer = turn.state.offers.get(report.offer)
    if isinstance(offer, Standing):
        miss(turn, offer, "unreachable")
    elif isinstance(offer, Accepted):
        contact = turn.state.contacts[offer.contact]
        assert isinstance(contact, Connected)  # an accepted offer stands as long as the talk
        if report.cause == "hung_up":
            finish(turn, contact)
        else:
            hand_back(turn, contact, "leg_lost")


REPORTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.TimePassed: _time_passed,
    i.Arrived: _arrived,
    i.PromptEnded: flowing.prompt_ended,
    i.KeyPressed: flowing.key_pressed,
    i.DigitsTyped: flowing.digits_typed,
    i.DigitsChecked: flowing.digits_checked,
    i.SpeechRecorded: flowing.speech_recorded,
    i.OfferAnswered: _offer_answered,
    i.OfferFailed: _offer_failed,
    i.CitizenGone: _citizen_gone,
    i.AgentGone: _agent_gone,
}


# ---- deadlines -------------------------------------------------------------------------------------------------


def due(turn: Turn, deadline: Deadline) -> None:
    """Do what a deadline is for. It has been checked not to be stale."""
    if deadline.kind == "responding":
        turn.emit(f.AgentReady(turn.now, deadline.id))
        return
    contact = turn.state.contacts[deadline.id]
    match contact:
        case InFlow():
            flowing.timed_out(turn, contact)
        case Waiting():
            _due_in_line(turn, contact, deadline)
        case Offered():
            offer = turn.state.offers[contact.offer]
            assert isinstance(offer, Standing)  # by the contact's state
            miss(turn, offer, "no_answer")
        case WrappingUp():
            end(turn, contact, "served")
        case Away():
            end(turn, contact, "abandoned" if contact.cause == "hung_up" else "lost")
        case Leaving():
            turned_away(turn, contact)
        case _:
            raise AssertionError(f"{type(contact).__name__} has no deadlines")


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
        case _:
            raise AssertionError(f"nobody waiting has a deadline of kind {deadline.kind}")
