"""The dashboards against a real Prometheus that holds a morning of the simulated city: no panel is empty.

The morning's figures are read every half minute of virtual time, as Prometheus would, and put into its store with those
times; the recording rules are worked out afterwards, over the same hours.
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client import CollectorRegistry, ProcessCollector

from engine.sim.day import MIDNIGHT, Day
from engine.sim.malmo import OPENS
from metrics import live
from metrics.exposition import NAMES, EngineCollector, Reading, Timings
from metrics.formulas import SERVICE_LEVELS, share
from metrics.health import EdgeHealth, Health, JournalHealth, WorkerHealth
from metrics.projection import Totals
from tests.sip.conftest import free_port

ROOT = Path(__file__).parents[2]
RULES: Final = ROOT / "deploy/prometheus/vaxel.rules.yml"
BEGIN: Final = MIDNIGHT + OPENS * 3600
END: Final = BEGIN + 3 * 3600
STEP: Final = 30.0
HALF_AN_HOUR: Final = 1800.0
TARGET: Final = 'instance="sim",job="vaxel"'

pytestmark = pytest.mark.system


class Morning:
    """The city from opening on, and what Prometheus would have read of it."""

    def __init__(self) -> None:
        self.day = Day(seed=1, guides=30)
        self.day.world.later(0.0, lambda: self.day.people.ring("general", "+4640000000"))  # before opening
        self.timings = Timings()
        self.registry = CollectorRegistry()
        self.registry.register(EngineCollector(self._read))
        ProcessCollector(registry=self.registry)
        self.half_an_hour_ago = Totals()
        self.now = Totals()

    def scrape(self) -> Iterator[str]:
        """Yield lines of OpenMetrics with the times of the simulation."""
        at = BEGIN
        while at <= END:
            self.day.world.run(at)
            if at == END - HALF_AN_HOUR:
                self.half_an_hour_ago = self._totals(at)
            yield f"up{{{TARGET}}} 1 {at}\n"
            for family in self.registry.collect():
                for sample in family.samples:
                    labels = ",".join((TARGET, *(f"{name}={json.dumps(v)}" for name, v in sample.labels.items())))
                    yield f"{sample.name}{{{labels}}} {sample.value} {at}\n"
            at += STEP
        self.now = self._totals(END)
        yield "# EOF\n"

    def _totals(self, at: float) -> Totals:
        assert self.day.house.projection is not None
        return self.day.house.projection.since_start(at)

    def _read(self) -> Reading:
        house, at = self.day.house, self.day.world.now
        assert house.spine is not None
        assert house.projection is not None
        self.timings.decided(40e-6)
        self.timings.lagged(1e-3)
        health = Health(
            journal=JournalHealth(entries={"appended": house.spine.seq}),
            voice={"events": house.spine.seq},
            workers={"w1": WorkerHealth(True, len(house.worker.legs), house.spine.seq)},
            edge=EdgeHealth(True, 3, refused={"flood": 0}),
            dial_refused={"number_country": 0},
            trunks={"telia": True},
        )
        figures = live.make(house.spine.router.state, house.projection, health, at)
        return Reading(figures, house.projection.since_start(at), house.projection.facts_by_tag(), self.timings)


class Prometheus:
    """A Prometheus process over a folder of blocks."""

    def __init__(self, data: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._process = subprocess.Popen(
            [
                "prometheus",
                "--config.file=/dev/null",
                f"--storage.tsdb.path={data}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address={self.url.removeprefix('http://')}",
                "--log.level=error",
            ]
        )
        deadline = time.monotonic() + 20
        while not self._ready():
            assert self._process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            return bool(self._get("/-/ready"))
        except OSError:
            return False

    def _get(self, path: str, **query: Any) -> bytes:
        text = urllib.parse.urlencode(query)
        with urllib.request.urlopen(f"{self.url}{path}?{text}", timeout=20) as answer:
            return bytes(answer.read())

    def values(self, expr: str) -> list[tuple[dict[str, str], float]]:
        """Return the series of an expression at the end of the morning, those that are numbers."""
        return [(one["metric"], float(one["value"][1])) for one in self._ask("query", query=expr, time=END)]

    def points(self, expr: str) -> int:
        """Return how many numbers an expression has in the last two hours of the morning."""
        found = self._ask("query_range", query=expr, start=END - 7200, end=END, step=60)
        return sum(text != "NaN" for one in found for _, text in one["values"])

    def _ask(self, what: str, **query: Any) -> list[Any]:
        answer = json.loads(self._get(f"/api/v1/{what}", **query))
        return list(answer["data"]["result"])

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(20)


def promtool(*arguments: str) -> None:
    subprocess.run(["promtool", "tsdb", "create-blocks-from", *arguments], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def morning() -> Morning:
    return Morning()


@pytest.fixture(scope="module")
def prometheus(morning: Morning, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    text, data = folder / "morning.txt", folder / "data"
    with text.open("w") as file:
        file.writelines(morning.scrape())
    promtool("openmetrics", str(text), str(data))
    for layer in ("first", "second"):  # the second time for rules that read what others recorded
        _work_out_rules(data, folder / layer)
    running = Prometheus(data)
    yield running
    running.stop()


def _work_out_rules(data: Path, output: Path) -> None:
    reader = Prometheus(data)
    try:
        times = f"--start={BEGIN}", f"--end={END}", f"--eval-interval={STEP:.0f}s"
        promtool("rules", *times, f"--url={reader.url}", f"--output-dir={output}", str(RULES))
    finally:
        reader.stop()
    for block in output.iterdir():
        block.rename(data / block.name)


def targets() -> dict[str, tuple[str, bool]]:
    """Return each query of the dashboards, by dashboard, panel and letter, and whether it is of one moment."""
    return {
        f"{page.stem}, {panel['title']}, {target['refId']}": (target["expr"], target["instant"])
        for page in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
        for panel in json.loads(page.read_text())["panels"]
        for target in panel.get("targets", ())
    }


@pytest.mark.parametrize("name", targets())
def test_a_panel_has_something_to_show(name: str, prometheus: Prometheus) -> None:
    expr, instant = targets()[name]
    for variable, value in {"$queue": ".*", "$channel": ".*", "$formula": "of_all", "$__range": "3h"}.items():
        expr = expr.replace(variable, value)
    assert prometheus.values(expr) if instant else prometheus.points(expr)


def test_service_level_in_prometheus_is_that_of_the_formulas(prometheus: Prometheus, morning: Morning) -> None:
    counted = morning.now.minus(morning.half_an_hour_ago).queues
    compared = 0
    for labels, value in prometheus.values("vaxel:service_level:30m"):
        part, whole = SERVICE_LEVELS[labels["formula"]](counted[labels["queue"], labels["channel"]])
        if whole > 20:
            assert value == pytest.approx(share(part, whole), abs=0.02), labels
            compared += 1
    assert compared >= len(SERVICE_LEVELS)


def test_eligible_share_in_prometheus_is_that_of_the_projection(prometheus: Prometheus, morning: Morning) -> None:
    expr = "vaxel_queue_eligible_seconds_total / on (queue) group_left () vaxel_queue_open_seconds_total"
    for labels, value in prometheus.values(expr):
        place = labels["queue"], labels["channel"]
        assert value == pytest.approx(morning.now.eligible[place] / morning.now.open[labels["queue"]])


def test_the_dashboards_are_current() -> None:
    done = subprocess.run([sys.executable, ROOT / "deploy/grafana/make_dashboards.py", "--check"], check=False)
    assert done.returncode == 0, "run python deploy/grafana/make_dashboards.py"


def test_the_dashboards_name_metrics_that_exist() -> None:
    recorded = set(re.findall(r"record: (\S+)", RULES.read_text()))
    for expr, _ in targets().values():
        assert set(re.findall(r"\bvaxel:[\w:]+", expr)) <= recorded
        assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bvaxel_\w+", expr)} <= set(NAMES)


def test_panels_do_not_overlap() -> None:
    for page in (ROOT / "deploy/grafana/dashboards").glob("*.json"):
        taken: set[tuple[int, int]] = set()
        for panel in json.loads(page.read_text())["panels"]:
            place = panel["gridPos"]
            cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            assert not cells & taken, panel["title"]
            assert max(x for x, _ in cells) < 24
            taken |= cells
