"""Metrics of the API. Labels are routes, statuses and words of ours: bounded, and no personal values."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS: Final = (1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """The metrics by their names at /metrics (counters get `_total` there)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            "vaxel_api_seconds", "Time to answer an API request", ["route", "status"], buckets=SECONDS,
            registry=registry,
        )  # fmt: skip
        self.sign_ins_failed = Counter("vaxel_api_sign_ins_failed", "Wrong tokens sent to the API", registry=registry)
        self.replayed = Counter(
            "vaxel_api_replayed", "Answers given again for a repeated Idempotency-Key", registry=registry
        )
        self.streams = Gauge(
            "vaxel_event_clients", "Clients that listen to the event stream", ["form"], registry=registry
        )
        self.events = Counter("vaxel_events", "Events published", registry=registry)
        self.cut = Counter(
            "vaxel_event_clients_cut", "Clients of the event stream that were cut off", ["reason"], registry=registry
        )
        self._published = self._failed = 0

    def show(self, published: int, failed: int) -> None:
        """Show what was counted elsewhere: events published and wrong tokens, since the start."""
        self.events.inc(published - self._published)
        self.sign_ins_failed.inc(failed - self._failed)
        self._published, self._failed = published, failed
