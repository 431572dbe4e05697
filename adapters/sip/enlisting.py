"""Which worker registers which trunk: one for each, and another when that one is gone.

Level, not edge: whenever a worker tells what is, it is told what should be. A worker keeps a registration until it is
told otherwise, engine or not, and nobody takes it from a living one: both would register the same Contact, so that the
first to leave would take the other's registration with it. One that drains gives them back by itself, and only then
another is told.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from adapters.sip.protocol import Attached, Command, Enlist, Trunk, TrunkState


class Client(Protocol):
    """What is needed of a connection to a worker."""

    name: str
    draining: bool
    """It admits no new calls and is about to end."""

    @property
    def life(self) -> str | None:
        """Return the generation that lives; empty when none does, None when that cannot be told just now."""

    def command(self, command: Command) -> None:
        """Number a command and send it."""


class TrunkNow(Struct):
    """A trunk's registration."""

    registered: bool = False
    code: int = 0
    """The registrar's last answer; 408 for none, 0 before the first."""


class Enlisting:
    """Keeps the trunks registered."""

    def __init__(self, trunks: Sequence[str], clients: Sequence[Client]) -> None:
        """`clients` in the order in which they are to be taken."""
        self.trunks = {trunk: TrunkNow() for trunk in trunks}
        self._clients = clients
        self._pictures: dict[str, dict[str, Trunk]] = {}
        """What each worker registers, as it told last."""

    def pictured(self, worker: str, picture: Attached) -> None:
        """Compare what a worker registers with what it should."""
        self._pictures[worker] = {trunk.network: trunk for trunk in picture.trunks}
        living = [client for client in self._clients if client.life != ""]
        if any(client.name not in self._pictures for client in living):
            # Who has yet to tell may be the one that registers.
            return
        staying = [client for client in living if not client.draining]
        for trunk in self.trunks:
            told = next((here[trunk] for here in map(self._of, living) if trunk in here), None)
            if told is not None:
                self.trunks[trunk] = TrunkNow(told.registered, told.code)
            elif staying:
                staying[0].command(Enlist(0, trunk, True))

    def changed(self, event: TrunkState) -> None:
        """Note what a registrar said."""
        if event.network in self.trunks:
            self.trunks[event.network] = TrunkNow(event.registered, event.code)

    def _of(self, client: Client) -> dict[str, Trunk]:
        return self._pictures[client.name]
