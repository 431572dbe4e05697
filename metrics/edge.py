"""Prometheus metrics of the edge, but for whether it answers (`metrics.exposition`)."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

REFUSED: Final = "refused_"


class EdgeMeters:
    """What is known of the edge, by its names at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.phones = Gauge("vaxel_edge_phones", "Phones that are registered", registry=registry)
        self.ended = Counter("vaxel_edge_dialogs_ended", "Dialogs ended because their worker died", registry=registry)
        self.bans = Counter("vaxel_edge_bans", "Addresses banned for wrong passwords", registry=registry)
        self.refused = Counter(
            "vaxel_edge_refused", "Requests that the edge refused, by reason", ["reason"], registry=registry
        )
        self._told: dict[str, int] = {}

    def show(self, phones: int, ended: int, counts: Mapping[str, int]) -> None:
        """Take over what the edge is like now; `counts` are its own since its start, which may have been just now."""
        self.phones.set(phones)
        self.ended.inc(self._more("ended", ended))
        for name, number in counts.items():
            if name == "bans":
                self.bans.inc(self._more(name, number))
            elif name.startswith(REFUSED):
                self.refused.labels(name.removeprefix(REFUSED)).inc(self._more(name, number))

    def _more(self, name: str, number: int) -> int:
        before, self._told[name] = self._told.get(name, 0), number
        return number - before if number >= before else number
