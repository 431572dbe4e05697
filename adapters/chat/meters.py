"""Metrics of chat and hooks. Labels are words of ours."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.chat.desks import Desks
from adapters.chat.rooms import Rooms


class ChatCollector(Collector):
    """The metrics by their names at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.rooms: Rooms | None = None
        """None while nobody can chat."""
        self.desks: Desks | None = None
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for while the registry takes us in."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        rooms, desks = self.rooms, self.desks
        if rooms is None or desks is None:
            return
        yield GaugeMetricFamily("vaxel_chats", "Chats that live, or have just ended", value=len(rooms))
        yield GaugeMetricFamily("vaxel_chats_connected", "Chats whose page is connected", value=rooms.connected)
        yield CounterMetricFamily("vaxel_chats_begun", "Chats begun", value=rooms.begun)
        yield CounterMetricFamily(
            "vaxel_chats_cut_off", "Chats whose citizen did not come back in time", value=rooms.cut_off
        )
        yield GaugeMetricFamily("vaxel_chat_desks", "Agents' pages that are told of messages", value=len(desks))
        yield CounterMetricFamily("vaxel_chat_desks_cut", "Agents' pages that were too slow", value=desks.cut)
