"""What Prometheus reads."""

import re
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from metrics import live
from metrics.exposition import NAMES, EngineCollector, Reading, Timings
from metrics.health import EdgeHealth, Health, JournalHealth, WorkerHealth
from router import facts as f
from router import inputs as i
from tests.core.city import agent
from tests.metrics.counted import Counted
from tests.metrics.test_live import FINNISH, busy

ROOT = Path(__file__).parents[2]
HEALTH = Health(
    epoch=3,
    bugs=1,
    doubled=2,
    journal=JournalHealth(degraded=True, buffered=4, entries={"appended": 9, "lost": 1}, facts_to_replay=7),
    voice={"events": 5},
    workers={"w1": WorkerHealth(True, 12, 100, 2, 3.5), "w2": WorkerHealth(up=False)},
    dial_refused={"number_country": 2},
    trunks={"telia": True},
    edge=EdgeHealth(True, 3, 1, 2, {"flood": 4}),
)


def registry_of(city: Counted, timings: Timings | None = None) -> CollectorRegistry:
    def read() -> Reading:
        now, counted = city.now, city.projection
        figures = live.make(city.state, counted, HEALTH, now)
        return Reading(figures, counted.since_start(now), counted.facts_by_tag(), timings or Timings())

    registry = CollectorRegistry()
    registry.register(EngineCollector(read))
    return registry


def lines(city: Counted, timings: Timings | None = None) -> list[str]:
    text = generate_latest(registry_of(city, timings)).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


def everything() -> Counted:
    """Return a city in which all that is told of has happened."""
    it = busy()
    it.call("f", "finnish")
    it.hang_up("f")
    it.hang_up("c5")
    it.call("nobody", "full")
    it.projection.decided([f.WaitAnnounced(it.now, "c4", 1, None, 4, 60.0, 120.0)], it.state)
    it.answer("c4")
    it.call("nowhere", "nowhere")
    it.fail("c3")
    it.ready("fia", "cy", "dia")
    it.projection.decided([f.InterpreterMissing(it.now, "c4", "anna", "arabic", "busy")], it.state)
    asked = f.SurveyAsked(it.now, "c4", "tax", "survey", 5, it.now + 20.0)
    it.projection.decided([asked, f.SurveyAnswered(it.now, "c4", "tax", "call", "sv", 4, 5)], it.state)
    return it


def test_now_and_counts() -> None:
    timings = Timings()
    timings.decided(30e-6)
    timings.lagged(3e-3)
    told = lines(busy(), timings)
    assert 'vaxel_contacts{channel="call",queue="tax",state="offered"} 2.0' in told
    assert 'vaxel_contacts{channel="call",queue="",state="in_flow"} 1.0' in told
    assert 'vaxel_longest_wait_seconds{channel="call",queue="tax"} 12.0' in told
    assert 'vaxel_agents{state="reserved"} 3.0' in told
    assert 'vaxel_queue_agents{queue="tax",state="reserved"} 3.0' in told
    assert 'vaxel_available_skilled_agents{channel="mail",queue="tax",skill="finnish"} 0.0' in told
    assert 'vaxel_queue_contacts_total{channel="call",queue="tax",what="answered"} 2.0' in told
    assert 'vaxel_wait_seconds_bucket{channel="call",le="2.0",queue="tax"} 2.0' in told
    assert 'vaxel_wait_seconds_count{channel="call",queue="tax"} 2.0' in told
    assert 'vaxel_offers_total{outcome="accepted"} 2.0' in told
    assert 'vaxel_facts_total{fact="contact_arrived"} 7.0' in told
    assert 'vaxel_decision_seconds_bucket{le="5e-05"} 1.0' in told
    assert "vaxel_loop_lag_seconds_sum 0.003" in told
    assert 'vaxel_service_level{channel="call",formula="of_answered",queue="tax"} 1.0' in told


def test_health() -> None:
    told = lines(Counted())
    assert "vaxel_journal_degraded 1.0" in told
    assert 'vaxel_journal_entries_total{what="lost"} 1.0' in told
    assert "vaxel_journal_facts_to_replay 7.0" in told
    assert 'vaxel_worker_up{worker="w1"} 1.0' in told
    assert 'vaxel_worker_up{worker="w2"} 0.0' in told
    assert 'vaxel_worker_calls_total{what="rejected",worker="w1"} 2.0' in told
    assert "vaxel_edge_up 1.0" in told


def test_counters_begin_with_the_engine_and_gauges_of_today_with_the_day() -> None:
    it = Counted(agents=[agent("anna")])
    it.call("c")
    it.answer("c")
    it.restart()
    it.projection.started(it.now)
    told = lines(it)
    assert 'vaxel_queue_contacts_total{channel="call",queue="tax",what="answered"} 0.0' in told
    assert 'vaxel_service_level{channel="call",formula="of_answered",queue="tax"} 1.0' in told


def test_before_the_engine_is_open_nothing_is_told() -> None:
    registry = CollectorRegistry()
    registry.register(EngineCollector(lambda: None))
    assert generate_latest(registry) == b""


def test_no_personal_values() -> None:
    it = Counted(agents=[agent("secret-agent")], flows=[FINNISH])
    it.put(i.Arrived(contact="secret-c", channel="call", entry="finnish", leg="secret-leg", person="secret-person"))
    it.put(i.Arrived(contact="secret-c2", channel="call", entry="tax", person="secret-person"))
    it.put(i.Pause("secret-agent", "secret reason"))
    assert not [line for line in lines(it) if "secret" in line]


def documented() -> dict[str, tuple[str, set[str]]]:
    """Return what the tables of docs/metrics.md say: name to kind and labels."""
    rows = re.findall(r"^\| `(vaxel_\w+)` \| (\w+) \|([^|]*)\|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def test_the_page_lists_every_metric() -> None:
    assert documented() == {name: (about.kind, set(about.labels)) for name, about in NAMES.items()}


def test_a_busy_city_tells_of_every_metric_as_described() -> None:
    text = generate_latest(registry_of(everything())).decode()
    told = {family.name: family for family in text_string_to_metric_families(text)}
    for name, about in NAMES.items():
        family = told[name.removesuffix("_total")]
        assert family.type == about.kind, name
        assert _labels(family.samples) == set(about.labels), name


def _labels(samples: Iterable[object]) -> set[str]:
    return {label for sample in samples for label in sample.labels} - {"le"}  # type: ignore[attr-defined]
