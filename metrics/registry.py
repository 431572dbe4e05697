"""Prometheus metrics of the engine. No label holds a personal value: labels are names from the configuration and
words of the facts, so their number is bounded."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from metrics.projection import Measured, Projection, Stage, Waited
from router import facts as f

DECISION_S: Final = (10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 50e-3)
LAG_S: Final = (0.5e-3, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 0.1, 0.25, 0.5, 1.0, 5.0)
WAIT_S: Final = (1, 2, 5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1800, 3600)
TALK_S: Final = (5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600)

COUNTED: Final = ("arrived", "answered", "abandoned", "short_abandoned", "turned_away", "resumed")
REFUSED: Final = "refused_"
OUTCOMES: Final[dict[type, str]] = {
    f.OfferMade: "made",
    f.OfferAccepted: "accepted",
    f.OfferWithdrawn: "withdrawn",
}


class EdgeMetrics:
    """What is known of the edge, by its names at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.up = Gauge("vaxel_edge_up", "1 while the edge answers the engine", registry=registry)
        self.phones = Gauge("vaxel_edge_phones", "Phones that are registered", registry=registry)
        self.ended = Counter("vaxel_edge_dialogs_ended", "Dialogs ended because their worker died", registry=registry)
        self.bans = Counter("vaxel_edge_bans", "Addresses banned for wrong passwords", registry=registry)
        self.refused = Counter(
            "vaxel_edge_refused", "Requests that the edge refused, by reason", ["reason"], registry=registry
        )
        self._told: dict[str, int] = {}

    def show(self, up: bool, phones: int, ended: int, counts: Mapping[str, int]) -> None:
        """Take over what the edge is like now; `counts` are its own since its start, which may have been just now."""
        self.up.set(up)
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


class Metrics:
    """The metrics by their names at /metrics (counters get `_total` there)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.facts = Counter("vaxel_facts", "Facts decided, by type", ["fact"], registry=registry)
        self.contacts = Gauge(
            "vaxel_contacts", "Contacts present, by stage, queue and channel", ["state", "queue", "channel"],
            registry=registry,
        )  # fmt: skip
        self.offers = Counter(
            "vaxel_offers", "Offers: made, accepted, declined, busy, no_answer, unreachable, withdrawn", ["outcome"],
            registry=registry,
        )  # fmt: skip
        self.decision = Histogram(
            "vaxel_decision_seconds", "Time the router takes for one input", buckets=DECISION_S, registry=registry
        )
        self.loop_lag = Histogram(
            "vaxel_loop_lag_seconds", "How late the engine's event loop runs", buckets=LAG_S, registry=registry
        )
        self.journal_degraded = Gauge(
            "vaxel_journal_degraded", "1 while facts cannot be written to Redis and are buffered", registry=registry
        )
        self.journal_buffered = Gauge(
            "vaxel_journal_buffered_entries", "Journal entries not yet acknowledged", registry=registry
        )
        self.reports_doubled = Counter(
            "vaxel_reports_doubled", "Reports from outside that had been absorbed before", registry=registry
        )
        self.worker_up = Gauge(
            "vaxel_worker_up", "1 while the engine hears the SIP worker", ["worker"], registry=registry
        )
        self.worker_legs = Gauge("vaxel_worker_legs", "Call legs in the SIP worker", ["worker"], registry=registry)
        self.edge = EdgeMetrics(registry)
        self.wait = Histogram(
            "vaxel_wait_seconds", "Time from asking for a queue to an agent's answer", ["queue", "channel"],
            buckets=WAIT_S, registry=registry,
        )  # fmt: skip
        self.talk = Histogram(
            "vaxel_talk_seconds", "Time of each connection of citizen and agent", ["queue", "channel"],
            buckets=TALK_S, registry=registry,
        )  # fmt: skip
        self.queue_contacts = Counter(
            "vaxel_queue_contacts", "Contacts: arrived, answered, abandoned, short_abandoned, turned_away, resumed",
            ["queue", "channel", "what"], registry=registry,
        )  # fmt: skip
        self._projection = Projection()
        self._shown: dict[tuple[Stage, str, str], int] = {}
        self._told: dict[tuple[str, str, str], int] = {}
        # Looking a label up costs more than counting.
        self._fact_counts: dict[type, Counter] = {}
        self._offer_counts: dict[str, Counter] = {}

    @property
    def projection(self) -> Projection:
        """The figures behind the contact metrics."""
        return self._projection

    def observe(self, fact: f.AnyFact) -> None:
        """Count a fact. Gauges and queue figures follow at `refresh`, which costs nothing per fact."""
        kind = type(fact)
        if kind not in self._fact_counts:
            self._fact_counts[kind] = self.facts.labels(_tag(fact))
        self._fact_counts[kind].inc()
        outcome = _outcome(fact)
        if outcome:
            if outcome not in self._offer_counts:
                self._offer_counts[outcome] = self.offers.labels(outcome)
            self._offer_counts[outcome].inc()
        for measured in self._projection.apply(fact):
            self._measure(measured)

    def refresh(self) -> None:
        """Bring gauges and queue figures up to date; call before `/metrics` is read."""
        for place, number in self._projection.present.items():
            if self._shown.get(place) != number:
                self._shown[place] = number
                self.contacts.labels(*place).set(number)
        for (queue, channel), figures in self._projection.figures.items():
            for what in COUNTED:
                number = getattr(figures, what)
                more = number - self._told.get((queue, channel, what), 0)
                if more:
                    self._told[queue, channel, what] = number
                    self.queue_contacts.labels(queue, channel, what).inc(more)

    def _measure(self, measured: Measured) -> None:
        histogram = self.wait if isinstance(measured, Waited) else self.talk
        histogram.labels(measured.queue, measured.channel).observe(measured.seconds)


def _tag(fact: f.AnyFact) -> str:
    return str(type(fact).__struct_config__.tag)


def _outcome(fact: f.AnyFact) -> str:
    if isinstance(fact, f.OfferDeclined | f.OfferMissed):
        return fact.cause
    return OUTCOMES.get(type(fact), "")
