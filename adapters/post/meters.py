"""Metrics of hooks. Labels are words of ours."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.post.sending import Sending
from adapters.post.taking import Taking


class PostCollector(Collector):
    """The metrics by their names at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.taking: Taking | None = None
        """None without hooks."""
        self.sending: Sending | None = None
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for while the registry takes us in."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        taking, sending = self.taking, self.sending
        if taking is None or sending is None:
            return
        taken = CounterMetricFamily("vaxel_post_taken", "Messages that hooks brought", labels=["outcome"])
        for outcome, count in taking.outcomes.items():
            taken.add_metric([outcome], count)
        tried = CounterMetricFamily(
            "vaxel_post_attempts", "Attempts to send a message through a hook, by what came of them", labels=["outcome"]
        )
        for outcome, count in sending.outcomes.items():
            tried.add_metric([outcome], count)
        outbox = GaugeMetricFamily("vaxel_post_outbox", "Messages that have not left by their hook", labels=["state"])
        waiting, failed = sending.leaving.counts()
        outbox.add_metric(["waiting"], waiting)
        outbox.add_metric(["failed"], failed)
        yield from (taken, tried, outbox)
