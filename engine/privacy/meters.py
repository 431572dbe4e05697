"""Metrics of privacy and records. Labels are words of ours."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.access.log import AccessLog
from adapters.records.sending import Sending
from engine.privacy.retention import Retention
from engine.taping import TapeDesk


class PrivacyCollector(Collector):
    """The metrics by their names at /metrics."""

    def __init__(self, registry: CollectorRegistry, access: AccessLog, retention: Retention) -> None:
        self.records: Sending | None = None
        """None without a records system."""
        self.tapes: TapeDesk | None = None
        """None before the house is open."""
        self._access = access
        self._retention = retention
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for while the registry takes us in."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield CounterMetricFamily("vaxel_access_log_lines", "Lines of the access log", value=self._access.written)
        yield CounterMetricFamily(
            "vaxel_access_log_refused", "Looks refused, as they could not be written down", value=self._access.refused
        )
        yield CounterMetricFamily(
            "vaxel_deeds_lost", "What people did and could not be written down", value=self._access.lost
        )
        deleted = CounterMetricFamily("vaxel_deleted", "Personal values deleted by rule", labels=["values"])
        for class_, number in self._retention.deleted.items():
            deleted.add_metric([class_], number)
        yield deleted
        yield CounterMetricFamily(
            "vaxel_deletions_put_off", "Runs that deleted nothing, as something was away", value=self._retention.put_off
        )
        if self.tapes is not None:
            taken = CounterMetricFamily(
                "vaxel_recordings", "Recordings of talks, by what became of them", labels=["what"]
            )
            taken.add_metric(["kept"], self.tapes.taken)
            taken.add_metric(["lost"], self.tapes.lost)
            yield taken
        if self.records is not None:
            yield from _handovers(self.records)


def _handovers(records: Sending) -> Iterator[Metric]:
    tried = CounterMetricFamily(
        "vaxel_handover_attempts", "Attempts to hand a matter over, by what came of them", labels=["outcome"]
    )
    for outcome, count in records.outcomes.items():
        tried.add_metric([outcome], count)
    waiting = GaugeMetricFamily("vaxel_handovers", "Matters not handed over yet", labels=["state"])
    for state, number in zip(("waiting", "failed"), records.waiting(), strict=True):
        waiting.add_metric([state], number)
    yield from (tried, waiting)
