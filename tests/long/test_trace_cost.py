"""What tracing costs: processor time per call with and without it, side by side on one machine."""

import os
import statistics
import time

import pytest

from engine import procfs
from tests.system.figures import tell

pytestmark = [pytest.mark.soak, pytest.mark.system, pytest.mark.timeout(600)]

AGENTS = 40
RATE = 10
CALLS = 300
TALK_MS = 1000
MORE_MS = 3.0
"""What a call may cost more, in milliseconds."""


def used(house) -> dict[str, float]:
    """Return the processor seconds of each process so far, its children's too."""
    spent = {}
    for name, pid in house.pids().items():
        family = [int(one.name) for one in procfs.PROC.iterdir() if one.name.isdigit()]
        stats = [stat for one in family if (stat := procfs.stat(one)) is not None and stat.session == pid]
        spent[name] = sum(stat.cpu_s for stat in stats)
    return spent


def cost(make_house, agents, callers, keep) -> dict[str, float]:
    """Let calls go through a house; return milliseconds per call and process."""
    house = make_house(AGENTS, {"vaxel": {"trace": {"keep": keep}, "log_level": "warning"}})
    house.start()
    serving = agents(house, "agent.xml")
    before = used(house)
    ringing = callers(house, "caller.xml", "direct", "-r", str(RATE), "-m", str(CALLS), "-d", str(TALK_MS))
    ringing.finish(CALLS / RATE + 30)
    time.sleep(1.0)
    spent = {name: (cpu - before.get(name, 0.0)) / CALLS * 1000 for name, cpu in used(house).items()}
    serving.end()
    house.end()
    return spent


def test_what_tracing_costs(make_house, agents, callers):
    runs: dict[str, list[dict[str, float]]] = {"0 s": [], "72 h": []}
    for _ in range(3):
        for keep, found in runs.items():
            found.append(cost(make_house, agents, callers, keep))
    means = {
        keep: {name: statistics.median(one.get(name, 0.0) for one in found) for name in found[0] | found[-1]}
        for keep, found in runs.items()
    }
    for keep, spent in means.items():
        parts = ", ".join(f"{name} {ms:.2f}" for name, ms in sorted(spent.items()))
        whole, load = sum(spent.values()), os.getloadavg()[0]
        tell(f"trace: keep: {keep}: {whole:.2f} ms of processor a call ({parts}); load of the machine {load:.1f}")
    assert sum(means["72 h"].values()) - sum(means["0 s"].values()) < MORE_MS
