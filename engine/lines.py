"""Which telephones are in use, as the router knows it: the port `adapters.directory.ports.Lines`."""

from collections.abc import Callable

from router.dialling import PHONE
from router.state import State

"""How the core writes the name of a desk phone at the edge."""


class AgentLines:
    """Asks the router's state."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    def busy(self, phone: str) -> bool:
        """Tell whether somebody talks at this phone, or is being rung there."""
        return self._state().engaged(f"{PHONE}{phone}")

    def registered(self, phone: str) -> bool:
        """Tell whether the phone can be rung: it is not known to be gone."""
        return f"{PHONE}{phone}" not in self._state().lost

    def phone_of(self, agent: str) -> str:
        """Return the desk phone at which an agent is logged in; empty when at none."""
        known = self._state().agents.get(agent)
        address = known.desk.address if known is not None else ""
        return address.removeprefix(PHONE) if address.startswith(PHONE) else ""
