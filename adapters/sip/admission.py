"""Who may call, and for whom there is room."""

from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from adapters.sip.settings import Network, WorkerSettings

_SOURCES_REMEMBERED: Final = 4096


class Admission:
    """Knows the networks and the room."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._edge = settings.edge
        self._named = {network.name: network for network in settings.networks}
        self._first = settings.networks[0] if settings.networks else None
        self._networks = [(ip_network(source), network) for network in settings.networks for source in network.sources]
        self._max = settings.max_legs
        self._reserve = settings.agent_reserve
        self._find = lru_cache(_SOURCES_REMEMBERED)(self._look_up)

    def network(self, source: str, named: str = "") -> Network | None:
        """Return the network that `source`, an `address:port`, belongs to: the one that the edge has `named`, or,
        without an edge, the first that fits."""
        if self._edge:
            return self._named.get(named) if source == self._edge else None
        return self._find(source.rpartition(":")[0].strip("[]"))

    def named(self, name: str) -> Network | None:
        """Return the network of that name; the first one without a name."""
        return self._named.get(name) if name else self._first

    def room_for_caller(self, inbound: int, dialled: int) -> bool:
        """Tell whether one more caller fits, and an agent's leg for each caller after that."""
        callers = inbound + 1
        kept = self._reserve or max(callers - dialled, 0)
        return callers + dialled + kept <= self._max

    def room_to_dial(self, legs: int) -> bool:
        """Tell whether one more leg fits."""
        return legs < self._max

    def _look_up(self, address: str) -> Network | None:
        try:
            found = ip_address(address)
        except ValueError:
            return None
        for block, network in self._networks:
            if found.version == block.version and found in block:
                return network
        return None
