"""Crises begin, change and end (docs/crisis.md)."""

from collections.abc import Callable
from typing import Any, Final

from router import facts as f
from router import inputs as i
from router.agent import LoggedOut
from router.contact import Offered
from router.crisis import Running
from router.ending import put_away, withdraw
from router.hearing import tell_all
from router.matching import may_take
from router.turn import Turn

AHEAD_MAX: Final = 30 * 86_400.0
"""The longest time for which a crisis may be planned; whoever needs more says so again."""
RUNNING_MAX: Final = 10
MESSAGES_MAX: Final = 200


def _start(turn: Turn, request: i.StartCrisis) -> None:
    state = turn.state
    if request.crisis in state.crises or any(one.plan == request.plan for one in state.running):
        raise i.Refused("crisis_exists", f"{request.plan} is running already: amend it, or end it first")
    if len(state.running) >= RUNNING_MAX:
        raise i.Refused("too_many_crises", f"{RUNNING_MAX} crises are running: end one first")
    _check(turn, request)
    turn.emit(f.CrisisStarted(turn.now, request.crisis, request.plan, request.measures))
    if request.languages:
        turn.emit(f.CrisisSaid(turn.now, request.crisis, 1, request.languages))
    look_around(turn)


def _amend(turn: Turn, request: i.AmendCrisis) -> None:
    before = running(turn, request.crisis)
    _check(turn, request)
    if request.measures != before.measures:
        turn.emit(f.CrisisAmended(turn.now, request.crisis, request.measures))
        look_around(turn)


def _check(turn: Turn, request: i.StartCrisis | i.AmendCrisis) -> None:
    measures, known = request.measures, turn.state.configuration
    for name in (*measures.queues, *((measures.triage,) if measures.triage else ())):
        if name not in known.queues:
            raise i.Refused("unknown_queue", f"there is no queue {name}")
    for name in measures.sites:
        if name not in known.sites:
            raise i.Refused("unknown_place", f"there is no place {name}")
    if measures.until is not None and not turn.now < measures.until <= turn.now + AHEAD_MAX:
        raise i.Refused("bad_time", "a crisis ends at a time within the next 30 days")


def _announce(turn: Turn, request: i.Announce) -> None:
    before = running(turn, request.crisis)
    if request.message != len(before.messages) + 1:
        raise i.Refused("crisis_changed", "somebody else has announced something just now: look, and say it again")
    if request.message > MESSAGES_MAX:
        raise i.Refused("too_many_messages", f"a crisis has at most {MESSAGES_MAX} announcements")
    turn.emit(f.CrisisSaid(turn.now, request.crisis, request.message, request.languages))
    tell_all(turn)


def _end(turn: Turn, request: i.EndCrisis) -> None:
    running(turn, request.crisis)
    end(turn, request.crisis, over=False)


def end(turn: Turn, crisis: str, *, over: bool = True) -> None:
    """Let everything be as before a crisis."""
    came = running(turn, crisis).came
    turn.emit(f.CrisisEnded(turn.now, crisis, "over" if over else "asked"))
    look_around(turn)
    for agent in came:
        send_home(turn, agent)


def send_home(turn: Turn, agent: str) -> None:
    """Let somebody who came for a crisis alone leave, once what is in hand is finished."""
    known = turn.state.agents.get(agent)
    if known is not None and not isinstance(known, LoggedOut):
        put_away(turn, agent, "leaving", leaving=True)


def running(turn: Turn, crisis: str) -> Running:
    """Return a crisis that runs. Raises Refused."""
    found = turn.state.crises.get(crisis)
    if not isinstance(found, Running):
        raise i.Refused("unknown_crisis", f"there is no crisis {crisis} running")
    return found


def look_around(turn: Turn) -> None:
    """See to what has changed for agents and for those who wait: who may serve whom, and what is told."""
    for contact in list(turn.state.contacts.values()):
        if isinstance(contact, Offered) and not may_take(turn.state, contact):
            withdraw(turn, contact, "configuration")
    turn.freed.update(dict.fromkeys(turn.state.agents))
    turn.deserted.update(dict.fromkeys(turn.state.configuration.queues))
    tell_all(turn)


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.StartCrisis: _start,
    i.AmendCrisis: _amend,
    i.Announce: _announce,
    i.EndCrisis: _end,
}
