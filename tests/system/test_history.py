"""The history of a running Vaxel: a second later in the report, whatever is killed."""

import json
import subprocess
import sys
from pathlib import Path

from router import facts as f
from tests.system.house import until
from tests.system.test_figures import call


def vaxel(house, *words):
    command = [str(Path(sys.executable).with_name("vaxel")), *words, "--data", str(house.data)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def answered(house):
    return json.loads(vaxel(house, "report", "--json"))["whole"]["counts"]["answered"]


def test_calls_are_in_the_report_whatever_is_killed(start_house, callers, agents):
    house = start_house(agents=1, history=True)
    call(house, callers, agents)
    until(lambda: answered(house) == 1, what="the first call in the report")
    house.kill("history")
    call(house, callers, agents)
    house.kill("engine")
    until(lambda: house.get("/health/ready")[0] == 200)
    until(lambda: answered(house) == 2, what="the second call in the report")
    shown = vaxel(house, "report", "--language", "sv")
    assert "servicenivå" in shown
    assert "100.0 %" in shown
    ended = house.record().of(f.ContactEnded)
    assert vaxel(house, "history", "rebuild").endswith("The history is whole again.\n")
    assert answered(house) == len(ended) == 2


def test_the_history_reads_what_the_engine_wrote_last(start_house, callers, agents):
    house = start_house(agents=1, history=True)
    call(house, callers, agents)
    assert house.stop() == 0
    assert answered(house) == 1, "read before Redis was stopped, and told without Vaxel"
