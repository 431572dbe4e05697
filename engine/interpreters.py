"""The duty list of interpreters, as the router is told of it: who could be rung, in order, through the dial gate."""

from collections.abc import Callable, Mapping

from adapters.sip.wishes import Meaning, Wish
from engine.installation import Interpreting, Rung
from router.agent import LoggedOut
from router.dialling import PHONE, Destination
from router.inputs import AskInterpreter, OnDuty
from router.state import State


def on_duty(rung: Mapping[str, Rung], number: Callable[[str], Meaning], state: State) -> list[tuple[OnDuty, Meaning]]:
    """Return who interprets and could be rung, in order: a number that the gate refuses, or an agent who is not at
    work, is passed over."""
    found: list[tuple[OnDuty, Meaning]] = []
    for name, one in rung.items():
        meaning = number(one.number) if one.number else Meaning(destination=_seat(one, state))
        if meaning.destination is not None:
            found.append((OnDuty(name, meaning.destination), meaning))
    return found


def _seat(one: Rung, state: State) -> Destination | None:
    if one.phone:
        return Destination(PHONE + one.phone)
    agent = state.agents.get(one.agent)
    if agent is None or isinstance(agent, LoggedOut) or not agent.desk.address.startswith((PHONE, "sip:")):
        return None
    return Destination(agent.desk.address)


def pressed(
    interpreting: Mapping[str, Interpreting],
    number: Callable[[str], Meaning],
    state: Callable[[], State],
    contact: str,
    code: str,
) -> Wish | None:
    """Word what an agent wishes who pressed the code of a language; None for a code that no language has."""
    language = next((name for name, one in interpreting.items() if code and one.code == code), None)
    if language is None:
        return None
    found = on_duty(interpreting[language].rung, number, state())
    request = AskInterpreter(contact, language, tuple(one for one, _ in found))
    return Wish(request, others=tuple(meaning for _, meaning in found))
