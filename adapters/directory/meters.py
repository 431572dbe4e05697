"""Metrics of the directory. Labels are words of ours."""

from collections import Counter

from prometheus_client import CollectorRegistry, Gauge

from adapters.directory.directory import Directory


class Meters:
    """The metrics by their names at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._records = Gauge("vaxel_directory_records", "Records of the directory", ["kind"], registry=registry)
        self._ready = Gauge("vaxel_directory_ready", "Whether the directory has been read", registry=registry)
        self._unreadable = Gauge(
            "vaxel_directory_unreadable_records", "Records that were left out as they cannot be read", registry=registry
        )

    def show(self, directory: Directory) -> None:
        """Bring the metrics up to date; call before /metrics is read."""
        counts = Counter(record.kind for record in directory.records.values())
        self._records.labels("person").set(counts["person"])
        self._records.labels("function").set(counts["function"])
        self._ready.set(directory.ready)
        self._unreadable.set(directory.unreadable)
