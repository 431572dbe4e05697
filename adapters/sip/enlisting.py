"""Which worker registers which trunk: one for each, and another when that one is gone.

Level, not edge: whenever a worker tells what is, it is told what should be. The first worker that is not known to be
gone, and does not drain, registers all trunks; a worker keeps a registration until it is told otherwise, engine or not.
Who takes over waits until the other has taken its registration back: to the registrar the two are one, and it believes
the later word.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from adapters.sip.protocol import Attached, Command, Enlist, TrunkState


class Client(Protocol):
    """What is needed of a connection to a worker."""

    name: str

    draining: bool

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
        self._clients = {client.name: client for client in clients}
        self._holders: dict[str, str] = {}
        """Trunk to the worker that has it, as far as it has told."""

    def pictured(self, worker: str, picture: Attached) -> None:
        """Compare what a worker registers with what it should."""
        able = (client for client in self._clients.values() if client.life != "" and not client.draining)
        chosen = next(able, None)
        here = {trunk.network: trunk for trunk in picture.trunks}
        client = self._clients[worker]
        for name in self.trunks:
            if name in here:
                self._holders[name] = worker
            elif self._holders.get(name) == worker:
                del self._holders[name]
            should = client is chosen and self._is_free(name, worker)
            if should != (name in here) and not (picture.draining and name in here):
                client.command(Enlist(0, name, should))
            if should and name in here:
                self.trunks[name] = TrunkNow(here[name].registered, here[name].code)

    def changed(self, event: TrunkState) -> None:
        """Note what a registrar said."""
        if event.network in self.trunks:
            self.trunks[event.network] = TrunkNow(event.registered, event.code)
            if not event.registered:
                self._holders.pop(event.network, None)

    def _is_free(self, trunk: str, worker: str) -> bool:
        """Tell whether no other worker has a trunk."""
        holder = self._holders.get(trunk, worker)
        return holder == worker or self._clients[holder].life == ""
