"""Metrics of forms. Labels are words of ours."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.forms.serving import Forms


class FormsCollector(Collector):
    """The metrics by their names at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.forms: Forms | None = None
        """None while there are none."""
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for while the registry takes us in."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        if self.forms is None:
            return
        sent = CounterMetricFamily(
            "vaxel_forms", "Forms that were sent, by what became of them", labels=["form", "outcome"]
        )
        for (form, outcome), count in self.forms.outcomes.items():
            sent.add_metric([form, outcome], count)
        yield sent
