"""What those who lead change for now (docs/supervising.md): whom agents serve, who goes first, which queue is open.

Nothing here goes round the rules: an assignment is what rule 1 asks about, urgency is a weight of rule 3, an agent who
is to get a contact next is a preferred one of rule 4. `router.led` says what is kept.
"""

import math
from collections.abc import Callable
from typing import Any, Final

from queues.site import PLACE
from router import facts as f
from router import inputs as i
from router.alerting import look_around
from router.contact import Offered, Waiting
from router.ending import withdraw
from router.entering import may_become_free
from router.matching import resting
from router.turn import Turn

FACTOR_MAX: Final = 100.0
"""By how much a contact can be made more urgent, or, the other way round, less."""
AHEAD_MAX: Final = 31 * 86_400.0
"""Seconds for which anything may be changed for now; whoever needs more changes the configuration."""
TODAY_MAX: Final = 2 * 86_400.0
BULLETINS_MAX: Final = 100
"""Shown to several agents."""
MESSAGES_MAX: Final = 20
"""Of one agent to colleagues who have not read them."""


def _within(turn: Turn, until: float, longest: float) -> None:
    if not turn.now < until <= turn.now + longest:
        raise i.Refused("bad_time", f"it ends at a time within the next {longest / 86_400.0:g} days")


# ---- contacts --------------------------------------------------------------------------------------------------


def _waiting(turn: Turn, id_: str) -> Waiting | Offered:
    contact = turn.state.contacts.get(id_)
    if contact is None:
        raise i.Refused("unknown_contact", f"there is no contact {id_} now")
    if not isinstance(contact, Waiting | Offered) or (isinstance(contact, Offered) and contact.calling):
        raise i.Refused("not_waiting", f"contact {id_} does not wait in line", retryable=True)
    return contact


def _urge(turn: Turn, request: i.Urge) -> None:
    """Change the weight of a waiting contact, or put it before all others of its queue (rule 3)."""
    contact = _waiting(turn, request.contact)
    if not (math.isfinite(request.factor) and 1.0 / FACTOR_MAX <= request.factor <= FACTOR_MAX):
        raise i.Refused("bad_factor", f"the factor lies between {1.0 / FACTOR_MAX:g} and {FACTOR_MAX:g}")
    if isinstance(contact, Offered):
        raise i.Refused("not_waiting", f"contact {request.contact} is being offered just now", retryable=True)
    spot = contact.spot
    if (spot.factor, spot.first) != (request.factor, request.first):
        weight = turn.queue_of(contact).weight * spot.priority * request.factor
        turn.emit(f.UrgencyChanged(turn.now, contact.card.id, request.factor, request.first, weight))


def _assign(turn: Turn, request: i.AssignContact) -> None:
    """Let a waiting contact be offered to one agent next, as soon as that one is free (rules 1, 4, 5 and 6)."""
    contact = _waiting(turn, request.contact)
    _within(turn, request.until, AHEAD_MAX)
    spot = contact.spot
    if request.agent not in turn.state.agents:
        raise i.Refused("unknown_agent", f"there is no agent {request.agent}")
    if not may_become_free(turn.state, request.agent, spot.queue, spot.needs):
        text = f"agent {request.agent} is not at work, or cannot serve contact {request.contact}"
        raise i.Refused("cannot_serve", text, retryable=True)
    if resting(spot, request.agent, turn.now):
        raise i.Refused("agent_rests", f"agent {request.agent} has just refused contact {request.contact}")
    if isinstance(contact, Offered):
        if contact.agent == request.agent:
            return
        withdraw(turn, contact, "assigned")
    turn.emit(f.ContactAssigned(turn.now, contact.card.id, request.agent, request.until))


# ---- agents ----------------------------------------------------------------------------------------------------


def _reassign(turn: Turn, request: i.AssignAgent) -> None:
    known = turn.state.configuration
    if request.agent not in known.agents:
        raise i.Refused("unknown_agent", f"there is no agent {request.agent}")
    for name in request.queues or ():
        if name not in known.queues:
            raise i.Refused("unknown_queue", f"there is no queue {name}")
    skills = request.skills or {}
    if any(not 1 <= level <= 5 or skill.startswith(PLACE) for skill, level in skills.items()):
        raise i.Refused("bad_skill", "a skill has a level between 1 and 5; that of a place follows from the desk")
    if request.queues is None and request.skills is None:
        raise i.Refused("nothing_chosen", "name queues, skills or both")
    if request.until is not None:
        _within(turn, request.until, AHEAD_MAX)
    turn.emit(f.AgentAssigned(turn.now, request.agent, request.queues, request.skills, request.until))
    look_around(turn)


def _end_assignment(turn: Turn, request: i.EndAssignment) -> None:
    if request.agent not in turn.state.assignments:
        raise i.Refused("not_assigned", f"agent {request.agent} serves what is configured")
    _assignment_over(turn, request.agent, "asked")


def _assignment_over(turn: Turn, agent: str, cause: f.EndCause) -> None:
    turn.emit(f.AssignmentEnded(turn.now, agent, cause))
    look_around(turn)


# ---- queues ----------------------------------------------------------------------------------------------------


def _set_today(turn: Turn, request: i.SetToday) -> None:
    """Open or close a queue; `Router` sees to what follows, as for its hours."""
    if request.queue not in turn.state.configuration.queues:
        raise i.Refused("unknown_queue", f"there is no queue {request.queue}")
    _within(turn, request.until, TODAY_MAX)
    turn.emit(f.QueueTodaySet(turn.now, request.queue, request.open, request.until))


def _end_today(turn: Turn, request: i.EndToday) -> None:
    if request.queue not in turn.state.today:
        raise i.Refused("keeps_hours", f"queue {request.queue} keeps its hours")
    turn.emit(f.QueueTodayEnded(turn.now, request.queue, "asked"))


def _queue_alarm(turn: Turn, report: i.QueueAlarm) -> None:
    if report.queue not in turn.state.configuration.queues:
        return
    stands = f"{report.queue}/{report.alarm}" in turn.state.alarms
    ways = turn.state.configuration.alarm_ways
    if report.raised and not stands:
        turn.emit(f.AlarmRaised(turn.now, report.queue, report.alarm, ways))
    elif stands and not report.raised:
        turn.emit(f.AlarmOver(turn.now, report.queue, report.alarm, ways))


def _alert_taken(turn: Turn, report: i.AlertTaken) -> None:
    if report.alert in turn.state.alerts:
        turn.emit(f.AlertSent(turn.now, report.alert))


def _alert_not_taken(turn: Turn, report: i.AlertNotTaken) -> None:
    if report.alert in turn.state.alerts:
        turn.emit(f.AlertFailed(turn.now, report.alert, report.cause, report.retry_at))


# ---- what all are told -----------------------------------------------------------------------------------------


def _post(turn: Turn, request: i.PostBulletin) -> None:
    state = turn.state
    if request.agent:
        _check_message(turn, request)
    elif sum(not one.agent for one in state.bulletins.values()) >= BULLETINS_MAX:
        raise i.Refused("too_many_notices", f"{BULLETINS_MAX} are shown already: take some back first")
    if request.bulletin in state.bulletins:
        raise i.Refused("too_many_notices", f"there is a notice {request.bulletin} already")
    for name in request.queues:
        if name not in state.configuration.queues:
            raise i.Refused("unknown_queue", f"there is no queue {name}")
    _within(turn, request.until, AHEAD_MAX)
    turn.emit(f.BulletinPosted(turn.now, request.bulletin, request.queues, request.until, request.agent, request.by))


def _check_message(turn: Turn, request: i.PostBulletin) -> None:
    """Refuse what one agent may not write to another. Raises Refused."""
    if request.agent not in turn.state.configuration.agents:
        raise i.Refused("unknown_agent", f"there is no agent {request.agent}")
    unread = sum(bool(one.agent) and one.by == request.by for one in turn.state.bulletins.values())
    if unread >= MESSAGES_MAX:
        text = f"{MESSAGES_MAX} messages of agent {request.by} have not been read yet"
        raise i.Refused("too_many_messages", text, retryable=True)


def _read(turn: Turn, request: i.ReadBulletin) -> None:
    bulletin = turn.state.bulletins.get(request.bulletin)
    if bulletin is None or not bulletin.concerns(turn.state.settings(request.agent)):
        raise i.Refused("unknown_notice", f"there is no notice {request.bulletin} for agent {request.agent}")
    if request.agent not in bulletin.readers:
        turn.emit(f.BulletinRead(turn.now, request.bulletin, request.agent))
    if bulletin.agent:
        _bulletin_over(turn, bulletin.id, "asked")


def _bulletin_over(turn: Turn, id_: str, cause: f.EndCause) -> None:
    turn.emit(f.BulletinEnded(turn.now, id_, cause, turn.state.bulletins[id_].agent))


def _take_back(turn: Turn, request: i.EndBulletin) -> None:
    if request.bulletin not in turn.state.bulletins:
        raise i.Refused("unknown_notice", f"there is no notice {request.bulletin}")
    _bulletin_over(turn, request.bulletin, "asked")


# ---- time ------------------------------------------------------------------------------------------------------


def due(turn: Turn, id_: str, kind: str) -> None:
    """End what was changed for now; it has been checked to be there."""
    match kind:
        case "assignment":
            _assignment_over(turn, id_, "over")
        case "today":
            turn.emit(f.QueueTodayEnded(turn.now, id_, "over"))
        case "bulletin":
            _bulletin_over(turn, id_, "over")
        case _:
            raise AssertionError(f"those who lead have changed nothing of kind {kind}")


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.Urge: _urge,
    i.AssignContact: _assign,
    i.AssignAgent: _reassign,
    i.EndAssignment: _end_assignment,
    i.SetToday: _set_today,
    i.EndToday: _end_today,
    i.PostBulletin: _post,
    i.ReadBulletin: _read,
    i.EndBulletin: _take_back,
}
REPORTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.QueueAlarm: _queue_alarm,
    i.AlertTaken: _alert_taken,
    i.AlertNotTaken: _alert_not_taken,
}
