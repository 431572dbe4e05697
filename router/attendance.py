"""Agents as they come and go: logging in and out, ready and pause, wrap-up. Asked for at a desk, by a program, or by a
code dialled at a telephone."""

from collections.abc import Callable
from typing import Any, Final, assert_never

from ivr.actions import Acting
from queues.queue import Queue
from queues.site import DESK
from router import facts as f
from router import inputs as i
from router.agent import Agent, LoggedOut, NotResponding, Paused, Work
from router.contact import Forwarded, InLine, WrappingUp
from router.ending import end_wrap_up, put_away
from router.turn import Turn


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


def log_in(turn: Turn, request: i.LogIn) -> None:
    """Log in at a phone; who sits there with nothing in hand has forgotten to leave it."""
    if not isinstance(_agent(turn, request.agent), LoggedOut):
        raise i.Refused("agent_logged_in", f"agent {request.agent} is logged in already")
    seat, address = _seat(turn, request)
    found = (turn.state.at_phone.get(address), turn.state.at_desk.get(seat))
    there = {one: None for one in found if one is not None}
    for one in there:
        if turn.state.agents[one].desk.work:
            raise i.Refused("phone_taken", f"agent {one} has a contact at this phone or desk", retryable=True)
    for one in there:
        put_away(turn, one, "leaving", leaving=True)
        turn.emit(f.AgentLoggedOut(turn.now, one))
    turn.emit(f.AgentLoggedIn(turn.now, request.agent, address, seat))


def _seat(turn: Turn, request: i.LogIn) -> tuple[str, str]:
    """Return the desk and the phone at which an agent begins to work, each empty if there is none."""
    if not request.address.startswith(DESK):
        return "", request.address or turn.state.settings(request.agent).address
    seat = request.address.removeprefix(DESK)
    name, _, desk = seat.partition("/")
    site = turn.state.configuration.sites.get(name)
    if site is None or desk not in site.desks:
        raise i.Refused("unknown_desk", f"there is no desk {seat}: write PLACE/DESK as in places.yaml")
    return seat, site.desks[desk]


def log_out(turn: Turn, request: i.LogOut) -> None:
    """Leave, once what is in hand is finished."""
    _agent_at_work(turn, request.agent)
    put_away(turn, request.agent, "leaving", leaving=True)


def go_ready(turn: Turn, request: i.GoReady) -> None:
    """Take offers."""
    if isinstance(_agent_who_stays(turn, request.agent), Paused | NotResponding):
        turn.emit(f.AgentReady(turn.now, request.agent))


def pause(turn: Turn, request: i.Pause) -> None:
    """Take no offers, for one of the reasons that the city knows."""
    _agent_who_stays(turn, request.agent)
    pauses = turn.state.configuration.pauses
    if pauses and request.reason not in pauses:
        raise i.Refused("unknown_pause", f"there is no such reason for a pause; there are: {', '.join(pauses)}")
    put_away(turn, request.agent, request.reason, leaving=False)


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


def finish_wrap_up(turn: Turn, request: i.EndWrapUp) -> None:
    """Let an agent be done with a contact."""
    agent, work = _wrapping_up(turn, request)
    end_wrap_up(turn, agent, work.contact)


def extend_wrap_up(turn: Turn, request: i.ExtendWrapUp) -> None:
    """Take longer to be done with a contact, up to the limit of its queue."""
    agent, work = _wrapping_up(turn, request)
    contact = turn.state.contacts.get(work.contact)
    spot = contact.spot if isinstance(contact, (*InLine, Forwarded)) else None
    queue = turn.state.configuration.queues[spot.queue] if spot is not None else Queue(name="")
    until = min((work.until or turn.now) + queue.wrap_up_extension, work.since + queue.wrap_up_max)
    if work.until is not None and until <= work.until:
        raise i.Refused("wrap_up_limit", "wrap-up can be extended no further")
    turn.emit(f.WrapUpExtended(turn.now, work.contact, agent, until))


def act(turn: Turn, phone: str, acting: Acting) -> bool:
    """Do what somebody dialled at `phone` asks for; tell whether it could be done."""
    try:
        request = _asked(turn, phone, acting)
        REQUESTS[type(request)](turn, request)
    except i.Refused:
        return False
    return True


def _asked(turn: Turn, phone: str, acting: Acting) -> i.AnyRequest:
    """Return the request that a deed at a phone stands for. Raises Refused when nobody sits there."""
    if acting.what == "log_in":
        return i.LogIn(acting.agent, phone)
    agent = turn.state.at_phone.get(phone, "")
    match acting.what:
        case "log_out":
            return i.LogOut(agent)
        case "ready":
            return i.GoReady(agent)
        case "pause":
            return i.Pause(agent, acting.argument)
        case "end_wrap_up":
            return i.EndWrapUp(_wraps_up(turn, agent), agent)
        case "extend_wrap_up":
            return i.ExtendWrapUp(_wraps_up(turn, agent), agent)
        case "join_crisis" | "leave_crisis":
            raise AssertionError("is done by router.helping")
        case _:
            assert_never(acting.what)


def _wraps_up(turn: Turn, agent: str) -> str:
    """Return the contact that an agent wraps up; nothing when there is none."""
    known = turn.state.agents.get(agent)
    return next((item.contact for item in known.desk.work if item.wrapping_up), "") if known is not None else ""


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.LogIn: log_in,
    i.LogOut: log_out,
    i.GoReady: go_ready,
    i.Pause: pause,
    i.EndWrapUp: finish_wrap_up,
    i.ExtendWrapUp: extend_wrap_up,
}
