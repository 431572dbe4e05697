"""Invited agents come to help in a crisis, and go back: by request, or at a phone of the house with the code that they
were given (docs/crisis.md)."""

from collections.abc import Callable
from typing import Any, Final

from ivr.actions import Acting, Deed
from router import attendance
from router import facts as f
from router import inputs as i
from router.agent import LoggedOut
from router.alerting import look_around, running, send_home
from router.crisis import Running
from router.state import State
from router.turn import Turn

DEEDS: Final[frozenset[Deed]] = frozenset(("join_crisis", "leave_crisis"))
"""What can be done about it at a telephone."""


def check_invited(state: State, crisis: Running, agent: str) -> None:
    """Check that a crisis asks an agent for help. Raises Refused."""
    settings = state.configuration.agents.get(agent)
    if settings is None:
        raise i.Refused("unknown_agent", f"there is no agent {agent}")
    if not set(settings.reserve) & set(crisis.measures.helpers):
        raise i.Refused("not_invited", f"agent {agent} is in no group that is asked to help")


def _join(turn: Turn, request: i.JoinCrisis) -> None:
    _check_free(turn, request.crisis, request.agent)
    turn.emit(f.HelperJoined(turn.now, request.agent, request.crisis))
    look_around(turn)


def _check_free(turn: Turn, crisis: str, agent: str) -> None:
    check_invited(turn.state, running(turn, crisis), agent)
    if any(agent in one.helpers for one in turn.state.running):
        raise i.Refused("helps_already", f"agent {agent} helps already")


def _leave(turn: Turn, request: i.LeaveCrisis) -> None:
    crisis = running(turn, request.crisis)
    if request.agent not in crisis.helpers:
        raise i.Refused("does_not_help", f"agent {request.agent} does not help there")
    turn.emit(f.HelperLeft(turn.now, request.agent, request.crisis))
    look_around(turn)
    if request.agent in crisis.came:
        send_home(turn, request.agent)


# ---- by telephone ----------------------------------------------------------------------------------------------


def act(turn: Turn, phone: str, acting: Acting) -> bool:
    """Do what somebody dialled at `phone` asks for; tell whether it could be done."""
    try:
        if acting.what == "join_crisis":
            _come(turn, phone, acting.crisis, acting.agent)
        else:
            _go(turn, phone)
    except i.Refused:
        return False
    return True


def _come(turn: Turn, phone: str, crisis: str, agent: str) -> None:
    """Join at a phone, and take offers there. Who helps already, and works nowhere, begins to work there."""
    helps = agent in running(turn, crisis).helpers
    if not helps:
        _check_free(turn, crisis, agent)
    away = isinstance(turn.state.agents.get(agent), LoggedOut)
    if away:
        attendance.log_in(turn, i.LogIn(agent, phone))
    elif turn.state.at_phone.get(phone) != agent:
        raise i.Refused("agent_logged_in", f"agent {agent} works at another phone")
    if not helps:
        turn.emit(f.HelperJoined(turn.now, agent, crisis, came=away))
    attendance.go_ready(turn, i.GoReady(agent))
    look_around(turn)


def _go(turn: Turn, phone: str) -> None:
    """Let whoever sits at a phone help no longer."""
    agent = turn.state.at_phone.get(phone, "")
    crisis = next((one.id for one in turn.state.running if agent in one.helpers), "")
    _leave(turn, i.LeaveCrisis(crisis, agent))


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.JoinCrisis: _join,
    i.LeaveCrisis: _leave,
}
