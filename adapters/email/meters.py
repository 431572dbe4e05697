"""Metrics of mail. Labels are words of ours and of the configuration."""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.email.post import Post

NAMES: Final = (
    "vaxel_mail_mailbox_up",
    "vaxel_mail_taken_total",
    "vaxel_mail_kinds_total",
    "vaxel_mail_attempts_total",
    "vaxel_mail_outbox",
)


class MailCollector(Collector):
    """The metrics by their names at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.post: Post | None = None
        """None while there is no mail."""
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for while the registry takes us in."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        post = self.post
        if post is None:
            return
        up = GaugeMetricFamily("vaxel_mail_mailbox_up", "Whether a mailbox is being read", labels=["mailbox"])
        for name, watch in post.watches.items():
            up.add_metric([name], watch.seen.up)
        taken = CounterMetricFamily(
            "vaxel_mail_taken", "Mails looked at, by what became of them", labels=["mailbox", "outcome"]
        )
        for (mailbox, outcome), count in post.intake.outcomes.items():
            taken.add_metric([mailbox, outcome], count)
        kinds = CounterMetricFamily(
            "vaxel_mail_kinds", "Mails looked at, by who wrote them", labels=["mailbox", "kind"]
        )
        for (mailbox, kind), count in post.intake.kinds.items():
            kinds.add_metric([mailbox, kind], count)
        tried = CounterMetricFamily(
            "vaxel_mail_attempts", "Attempts to send a mail, by what came of them", labels=["mailbox", "outcome"]
        )
        for (mailbox, cause), count in post.sender.outcomes.items():
            tried.add_metric([mailbox, cause], count)
        outbox = GaugeMetricFamily("vaxel_mail_outbox", "Mails of ours that have not left", labels=["state"])
        waiting, failed = post.sender.leaving.counts()
        outbox.add_metric(["waiting"], waiting)
        outbox.add_metric(["failed"], failed)
        yield from (up, taken, kinds, tried, outbox)
