"""Between the edge and the calls: which workers get calls, and which phones can be rung."""

from collections.abc import Sequence

from adapters.edge.client import WorkerNow
from adapters.sip.client import WorkerClient


class EdgeDesk:
    """What the edge is told and who hears of its phones; an `adapters.edge.client.EdgeDesk`."""

    def __init__(self, clients: Sequence[WorkerClient]) -> None:
        self.phones: frozenset[str] = frozenset()
        self._clients = clients

    def workers(self) -> dict[str, WorkerNow]:
        """Return every worker: whether it takes calls, and its generation."""
        return {client.name: WorkerNow(_room(client), client.life) for client in self._clients}

    def registered(self, phones: frozenset[str]) -> None:
        """Take in which phones are registered."""
        self.phones = phones


def _room(client: WorkerClient) -> bool | None:
    if client.life is None:
        return None
    beat = client.last_beat
    return client.connected and (beat is None or beat.room)
