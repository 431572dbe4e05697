"""Which telephones are in use, as the router knows it: the port `adapters.directory.ports.Lines`."""

from collections.abc import Callable, Iterator
from typing import Final

from router.agent import Agent, Reserved
from router.contact import Connected
from router.state import State

PHONE: Final = "phone:"
"""How the core writes the name of a desk phone at the edge."""
ON_THE_PHONE: Final = frozenset(("call", "text", "callback"))
"""Channels that occupy a telephone."""


class AgentLines:
    """Looks at agents and what they have in hand, once for each moment of the router."""

    def __init__(self, state: Callable[[], State], moment: Callable[[], int]) -> None:
        """`moment` gives a number that changes with the state."""
        self._state = state
        self._moment = moment
        self._seen = -1
        self._busy: set[str] = set()

    def busy(self, phone: str) -> bool:
        """Tell whether an agent at this phone is in a call, or is being rung."""
        moment = self._moment()
        if moment != self._seen:
            self._seen, self._busy = moment, set(self._look())
        return phone in self._busy

    def registered(self, phone: str) -> bool:
        """Tell whether the phone can be rung: nobody says that it cannot."""
        return True

    def phone_of(self, agent: str) -> str:
        """Return the desk phone at which an agent is logged in; empty when at none."""
        known = self._state().agents.get(agent)
        return _phone(known) if known is not None else ""

    def _look(self) -> Iterator[str]:
        state = self._state()
        for agent in state.agents.values():
            phone = _phone(agent)
            if phone and (isinstance(agent, Reserved) or _talks(agent, state)):
                yield phone


def _phone(agent: Agent) -> str:
    address = agent.desk.address
    return address.removeprefix(PHONE) if address.startswith(PHONE) else ""


def _talks(agent: Agent, state: State) -> bool:
    contacts = (state.contacts.get(item.contact) for item in agent.desk.work if item.channel in ON_THE_PHONE)
    return any(isinstance(contact, Connected) for contact in contacts)
