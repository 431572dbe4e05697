"""The figures as Prometheus reads them. Gauges say what `metrics.live` says; counters and histograms count what
happened in this engine's life, so they begin at 0 when it starts, as Prometheus expects.

No label holds a personal value: labels are names from the configuration and words of the facts, so their number is
bounded.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from msgspec import Struct, field, structs
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from metrics.figures import COUNTED, TALK_S, WAIT_S, Figures, Spread, spread
from metrics.health import EdgeHealth, Health
from metrics.live import ChannelOfQueue, Live, QueueNow
from metrics.projection import Totals

DECISION_S: Final = (10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 50e-3)
LAG_S: Final = (0.5e-3, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 0.1, 0.25, 0.5, 1.0, 5.0)
OFFERS: Final = {"offer_made": "made", "offer_accepted": "accepted", "offer_withdrawn": "withdrawn"}
"""Tag of a fact to the outcome it is; the others name theirs."""


class Name(NamedTuple):
    """What stands behind a metric's name."""

    kind: Literal["gauge", "counter", "histogram"]
    labels: tuple[str, ...]
    help: str


PLACE: Final = ("queue", "channel")
NAMES: Final[dict[str, Name]] = {
    # now
    "vaxel_contacts": Name("gauge", (*PLACE, "state"), "Contacts present; queue is empty before one is asked for"),
    "vaxel_longest_wait_seconds": Name("gauge", PLACE, "Of those waiting now, 0 when nobody is"),
    "vaxel_expected_wait_seconds": Name("gauge", (*PLACE, "bound"), "Of somebody who comes now; 80 % low to high"),
    "vaxel_agents": Name("gauge", ("state",), "Agents, by what they are doing"),
    "vaxel_queue_agents": Name("gauge", ("queue", "state"), "Agents who serve the queue, by what they are doing"),
    "vaxel_available_agents": Name("gauge", PLACE, "Agents of the queue with room for the channel"),
    "vaxel_available_skilled_agents": Name("gauge", (*PLACE, "skill"), "Those of them who have the skill"),
    "vaxel_channel_available_agents": Name("gauge", ("channel",), "Agents with room for the channel"),
    "vaxel_skill_available_agents": Name("gauge", ("skill", "channel"), "Those of them who have the skill"),
    "vaxel_help_wanted": Name("gauge", (), "Contacts with which agents want somebody who leads to help"),
    "vaxel_queue_open": Name("gauge", ("queue",), "1 while the queue takes contacts"),
    "vaxel_queue_target_seconds": Name("gauge", ("queue",), "The wait that the queue promises"),
    "vaxel_queue_target_share": Name("gauge", ("queue",), "The share of contacts for which it promises that"),
    # today
    "vaxel_service_level": Name("gauge", (*PLACE, "formula"), "Of today; the formulas are those of docs/metrics.md"),
    "vaxel_eligible_share": Name("gauge", PLACE, "Share of today's open time with at least one eligible agent"),
    "vaxel_staffed_share": Name("gauge", ("queue",), "Share of today's open time with somebody at work who serves it"),
    "vaxel_reached_share": Name("gauge", ("channel", "formula"), "Share of today's contacts that reached a person"),
    # since this engine started
    "vaxel_queue_contacts_total": Name("counter", (*PLACE, "what"), "Contacts that asked for the queue"),
    "vaxel_turned_away_total": Name("counter", (*PLACE, "obstacle"), "Contacts that took a way out of the queue"),
    "vaxel_wait_seconds": Name("histogram", PLACE, "From asking for the queue to an agent's answer"),
    "vaxel_abandoned_wait_seconds_total": Name("counter", PLACE, "What the abandoned had waited, together"),
    "vaxel_talk_seconds": Name("histogram", PLACE, "Each connection of citizen and agent"),
    "vaxel_announced_waits_total": Name("counter", (*PLACE, "truth"), "Waits told to callers, by what became true"),
    "vaxel_announced_waits_off_seconds_total": Name("counter", (*PLACE, "truth"), "By how much they were wrong"),
    "vaxel_need_contacts_total": Name("counter", ("skill", "channel", "what"), "Contacts that needed the skill"),
    "vaxel_need_wait_seconds": Name("histogram", ("skill", "channel"), "Wait of those that needed the skill"),
    "vaxel_contacts_ended_total": Name("counter", (*PLACE, "outcome", "reached"), "Contacts that are over"),
    "vaxel_contacts_refused_total": Name("counter", (), "Contacts by ways in that are not configured"),
    "vaxel_queue_open_seconds_total": Name("counter", ("queue",), "Time the queue was open"),
    "vaxel_queue_staffed_seconds_total": Name("counter", ("queue",), "Open time with somebody at work who serves it"),
    "vaxel_queue_eligible_seconds_total": Name("counter", PLACE, "Open time with at least one eligible agent"),
    "vaxel_interpreters_total": Name("counter", ("language", "outcome"), "Interpreters who were asked to join a call"),
    "vaxel_survey_asked_total": Name("counter", ("queue",), "Citizens who were asked how it was"),
    "vaxel_survey_answers_total": Name("counter", (*PLACE, "language", "answer"), "What they answered"),
    "vaxel_offers_total": Name("counter", ("outcome",), "Offers to agents"),
    "vaxel_facts_total": Name("counter", ("fact",), "Facts decided"),
    # health
    "vaxel_decision_seconds": Name("histogram", (), "Time the router takes for one input"),
    "vaxel_loop_lag_seconds": Name("histogram", (), "How late the engine's event loop runs"),
    "vaxel_epoch": Name("gauge", (), "Number of this leader"),
    "vaxel_bugs_total": Name("counter", (), "Inputs whose handling broke off by a mistake of Vaxel's"),
    "vaxel_reports_doubled_total": Name("counter", (), "Reports that had been taken in before"),
    "vaxel_journal_degraded": Name("gauge", (), "1 while facts cannot be written to Redis and are buffered"),
    "vaxel_journal_buffered_entries": Name("gauge", (), "Journal entries not yet acknowledged"),
    "vaxel_journal_buffered_bytes": Name("gauge", (), "What they take in memory"),
    "vaxel_journal_entries_total": Name("counter", ("what",), "Journal entries"),
    "vaxel_journal_troubles_total": Name("counter", (), "Connections to Redis lost, and writes it refused"),
    "vaxel_journal_facts_to_replay": Name("gauge", (), "Facts after the last snapshot: a restart replays them"),
    "vaxel_worker_up": Name("gauge", ("worker",), "1 while the engine hears the SIP worker and knows its calls"),
    "vaxel_worker_legs": Name("gauge", ("worker",), "Call legs in the SIP worker"),
    "vaxel_worker_text_dropped_total": Name("counter", ("worker",), "Characters of real-time text that were too many"),
    "vaxel_worker_calls_total": Name("counter", ("worker", "what"), "Calls to the SIP worker, since it started"),
    "vaxel_worker_cpu_seconds_total": Name("counter", ("worker",), "Processor time of the SIP worker"),
    "vaxel_voice_total": Name("counter", ("what",), "Events from workers and commands to them"),
    "vaxel_dial_refused_total": Name("counter", ("reason",), "Numbers that the dial gate did not let be dialled"),
    "vaxel_trunk_registered": Name("gauge", ("trunk",), "1 while the trunk is registered at its provider"),
    "vaxel_edge_up": Name("gauge", (), "1 while the edge answers the engine; absent where there is none"),
    "vaxel_edge_phones": Name("gauge", (), "Phones that are registered"),
    "vaxel_edge_dialogs_ended_total": Name("counter", (), "Dialogs ended because their worker died"),
    "vaxel_edge_bans_total": Name("counter", (), "Addresses banned for wrong passwords"),
    "vaxel_edge_refused_total": Name("counter", ("reason",), "Requests that the edge refused"),
}  # fmt: skip

_FAMILIES: Final = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily, "histogram": HistogramMetricFamily}


class Timings(Struct):
    """What is timed beside the facts, in this engine's life."""

    decision: Spread = field(default_factory=lambda: spread(DECISION_S))
    lag: Spread = field(default_factory=lambda: spread(LAG_S))

    def decided(self, seconds: float) -> None:
        """Count how long the router took for one input."""
        self.decision.add(seconds, DECISION_S)

    def lagged(self, seconds: float) -> None:
        """Count how late the engine's event loop ran."""
        self.lag.add(seconds, LAG_S)


class Reading(Struct, frozen=True):
    """All that is shown of one moment."""

    live: Live
    totals: Totals
    """Since this engine started."""
    facts: dict[str, int]
    """By tag, since this engine started."""
    timings: Timings


class EngineCollector(Collector):
    """Makes the metrics when they are asked for."""

    def __init__(self, read: Callable[[], Reading | None]) -> None:
        """`read` gives the figures, None while there are none."""
        self._read = read

    def describe(self) -> Iterable[Metric]:
        """Return nothing: otherwise the registry would ask for figures to learn the names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the families that have samples, all of the same moment."""
        reading = self._read()
        if reading is None:
            return
        page = _Page()
        _now_and_today(page, reading.live)
        _since_start(page, reading)
        _health(page, reading.live.health)
        yield from (family for family in page.families.values() if family.samples)


class _Page:
    """The families by name."""

    def __init__(self) -> None:
        self.families = {
            name: _FAMILIES[about.kind](name, about.help, labels=about.labels) for name, about in NAMES.items()
        }

    def add(self, name: str, value: float | None, *labels: str) -> None:
        """Add a sample, unless there is nothing to tell."""
        if value is not None:
            self.families[name].add_metric(labels, float(value))

    def spread(self, name: str, edges: tuple[float, ...], one: Spread, *labels: str) -> None:
        """Add a histogram."""
        names = [*(repr(edge) for edge in edges), "+Inf"]
        self.families[name].add_metric(labels, list(zip(names, accumulate(one.counts), strict=True)), one.total)


# ---- now and today ---------------------------------------------------------------------------------------------


def _now_and_today(page: _Page, live: Live) -> None:
    for doing, number in live.agents.items():
        page.add("vaxel_agents", number, doing)
    page.add("vaxel_help_wanted", live.help_wanted)
    for name, queue in live.queues.items():
        _queue(page, name, queue)
    for channel, here in live.channels.items():
        page.add("vaxel_channel_available_agents", here.available_agents, channel)
        for state, number in here.without_queue.items():
            page.add("vaxel_contacts", number, "", channel, state)
        for formula, value in here.reached_share.items():
            page.add("vaxel_reached_share", value, channel, formula)
    for skill, about in live.skills.items():
        for channel, number in about.available_agents.items():
            page.add("vaxel_skill_available_agents", number, skill, channel)


def _queue(page: _Page, name: str, queue: QueueNow) -> None:
    page.add("vaxel_queue_open", queue.open, name)
    page.add("vaxel_queue_target_seconds", queue.target_wait, name)
    page.add("vaxel_queue_target_share", queue.target_share, name)
    page.add("vaxel_staffed_share", queue.staffed_share, name)
    for doing, number in queue.agents.items():
        page.add("vaxel_queue_agents", number, name, doing)
    for channel, here in queue.channels.items():
        _channel_of_queue(page, name, channel, here)


def _channel_of_queue(page: _Page, queue: str, channel: str, here: ChannelOfQueue) -> None:
    for state, number in here.contacts.items():
        page.add("vaxel_contacts", number, queue, channel, state)
    page.add("vaxel_longest_wait_seconds", here.longest_wait or 0.0, queue, channel)
    if here.expected_wait is not None:
        for bound, seconds in structs.asdict(here.expected_wait).items():
            page.add("vaxel_expected_wait_seconds", seconds, queue, channel, bound)
    page.add("vaxel_available_agents", here.available_agents, queue, channel)
    for skill, number in here.available_with.items():
        page.add("vaxel_available_skilled_agents", number, queue, channel, skill)
    page.add("vaxel_eligible_share", here.eligible_share, queue, channel)
    for formula, value in here.today.service_level.items():
        page.add("vaxel_service_level", value, queue, channel, formula)


# ---- since this engine started ---------------------------------------------------------------------------------


def _citizens(page: _Page, totals: Totals) -> None:
    for asked, number in totals.interpreters.items():
        page.add("vaxel_interpreters_total", number, *asked)
    for queue, number in totals.survey_asked.items():
        page.add("vaxel_survey_asked_total", number, queue)
    for answer, number in totals.survey_answers.items():
        page.add("vaxel_survey_answers_total", number, *answer)


def _since_start(page: _Page, reading: Reading) -> None:
    totals = reading.totals
    for place, figures in totals.queues.items():
        _figures(page, "vaxel_queue_contacts_total", "vaxel_wait_seconds", figures, place)
        _figures_of_queue(page, figures, place)
    for place, figures in totals.needs.items():
        _figures(page, "vaxel_need_contacts_total", "vaxel_need_wait_seconds", figures, place)
    for end, number in totals.ended.items():
        page.add("vaxel_contacts_ended_total", number, end.queue, end.channel, end.outcome, str(end.reached).lower())
    page.add("vaxel_contacts_refused_total", totals.refused)
    for queue, seconds in totals.open.items():
        page.add("vaxel_queue_open_seconds_total", seconds, queue)
    for queue, seconds in totals.staffed.items():
        page.add("vaxel_queue_staffed_seconds_total", seconds, queue)
    for place, seconds in totals.eligible.items():
        page.add("vaxel_queue_eligible_seconds_total", seconds, *place)
    _citizens(page, totals)
    for cause, number in totals.offers.items():
        page.add("vaxel_offers_total", number, cause)
    for fact, number in reading.facts.items():
        page.add("vaxel_facts_total", number, fact)
        if fact in OFFERS:
            page.add("vaxel_offers_total", number, OFFERS[fact])
    page.spread("vaxel_decision_seconds", DECISION_S, reading.timings.decision)
    page.spread("vaxel_loop_lag_seconds", LAG_S, reading.timings.lag)


def _figures_of_queue(page: _Page, figures: Figures, place: tuple[str, str]) -> None:
    for obstacle, number in figures.turned_away.items():
        page.add("vaxel_turned_away_total", number, *place, obstacle)
    page.add("vaxel_abandoned_wait_seconds_total", figures.abandoned_wait, *place)
    page.spread("vaxel_talk_seconds", TALK_S, figures.talk, *place)
    for truth, told in figures.told.items():
        page.add("vaxel_announced_waits_total", told, *place, truth)
    for truth, seconds in figures.told_off.items():
        page.add("vaxel_announced_waits_off_seconds_total", seconds, *place, truth)


def _figures(page: _Page, counts: str, waits: str, figures: Figures, place: tuple[str, str]) -> None:
    for what in COUNTED:
        page.add(counts, getattr(figures, what), *place, what)
    page.spread(waits, WAIT_S, figures.wait, *place)


# ---- health ----------------------------------------------------------------------------------------------------


def _health(page: _Page, health: Health) -> None:
    page.add("vaxel_epoch", health.epoch)
    page.add("vaxel_bugs_total", health.bugs)
    page.add("vaxel_reports_doubled_total", health.doubled)
    journal = health.journal
    page.add("vaxel_journal_degraded", journal.degraded)
    page.add("vaxel_journal_buffered_entries", journal.buffered)
    page.add("vaxel_journal_buffered_bytes", journal.buffered_bytes)
    page.add("vaxel_journal_troubles_total", journal.troubles)
    page.add("vaxel_journal_facts_to_replay", journal.facts_to_replay)
    for what, number in journal.entries.items():
        page.add("vaxel_journal_entries_total", number, what)
    for what, number in health.voice.items():
        page.add("vaxel_voice_total", number, what)
    for reason, number in health.dial_refused.items():
        page.add("vaxel_dial_refused_total", number, reason)
    for trunk, registered in health.trunks.items():
        page.add("vaxel_trunk_registered", registered, trunk)
    if health.edge is not None:
        _edge(page, health.edge)
    for name, worker in health.workers.items():
        page.add("vaxel_worker_up", worker.up, name)
        page.add("vaxel_worker_legs", worker.legs, name)
        page.add("vaxel_worker_cpu_seconds_total", worker.cpu, name)
        page.add("vaxel_worker_calls_total", worker.admitted, name, "admitted")
        page.add("vaxel_worker_calls_total", worker.rejected, name, "rejected")
        page.add("vaxel_worker_text_dropped_total", worker.text_dropped, name)


def _edge(page: _Page, edge: EdgeHealth) -> None:
    page.add("vaxel_edge_up", edge.up)
    page.add("vaxel_edge_phones", edge.phones)
    page.add("vaxel_edge_dialogs_ended_total", edge.dialogs_ended)
    page.add("vaxel_edge_bans_total", edge.bans)
    for reason, number in edge.refused.items():
        page.add("vaxel_edge_refused_total", number, reason)
