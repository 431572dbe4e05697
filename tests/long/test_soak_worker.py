"""Ten thousand short calls leave a worker as it was: memory, descriptors, ports, PJSIP's own objects.

Run with `pytest -m soak -s tests/long/test_soak_worker.py`; it prints its figures on stderr.
"""

import asyncio
import json
import signal
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.sip import protocol as p
from tests.long.load import Cost, end, sipp
from tests.sip.autoengine import AutoEngine
from tests.sip.conftest import WorkerProcess, free_port, write_tone

ROUNDS = 5
CALLS = 2000
RATE = 50
GROWTH_MAX_KIB = 2048
"""What memory may grow by over the second half: less than half a KiB a call."""


def udp_ports(pid: int) -> int:
    """Count the UDP sockets of a process."""
    inodes = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if "socket" in str(link.readlink())}
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return sum(f"socket:[{line.split()[9]}]" in inodes for line in lines)


class PromptingEngine(AutoEngine):
    """Plays a prompt to each caller before anything else, so that players come and go too."""

    prompt = ""

    def _arrived(self, message: p.CallArrived) -> None:
        super()._arrived(message)
        self.do(p.Hear(0, message.leg, p.Media("p", (self.prompt,), "music")))


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_ten_thousand_calls_leave_nothing_behind(tmp_path):
    worker = WorkerProcess(tmp_path, max_legs=300, rtp_ports=(30000, 39999))
    worker.start()
    assert worker.process is not None
    pid, agent_port = worker.process.pid, free_port()
    PromptingEngine.prompt = write_tone(tmp_path / "prompt.wav", 1000, 0.2)
    engine = await PromptingEngine.connect(worker.settings.socket)
    assert isinstance(engine, PromptingEngine)
    engine.agent = f"sip:agent@127.0.0.1:{agent_port}"
    agent = await sipp("agent.xml", agent_port, folder=tmp_path)
    seen = [Cost.of(pid)]
    ports = udp_ports(pid)
    try:
        for number in range(1, ROUNDS + 1):
            load = ("-s", "1000", "-r", str(RATE), "-m", str(CALLS), "-d", "300")
            target = f"{worker.address[0]}:{worker.address[1]}"
            caller = await sipp("caller.xml", free_port(), target, *load, folder=tmp_path)
            assert await caller.wait() == 0
            await asyncio.sleep(2)
            seen.append(Cost.of(pid))
            cpu = 1000 * (seen[-1].cpu - seen[-2].cpu) / CALLS
            figures = f"{seen[-1].rss_kib} KiB, {seen[-1].descriptors} descriptors, {cpu:.2f} ms/call"
            sys.stderr.write(f"{number * CALLS} calls: {figures}\n")
        assert len(engine.ended) == 2 * ROUNDS * CALLS
        assert engine.failed == []
        assert (await engine.picture()).legs == ()
        assert udp_ports(pid) == ports
        assert {cost.descriptors for cost in seen[1:]} == {seen[0].descriptors}
        half = len(seen) // 2
        assert seen[-1].rss_kib - seen[half].rss_kib < GROWTH_MAX_KIB, [
            b.rss_kib - a.rss_kib for a, b in pairwise(seen)
        ]
    finally:
        engine.kill()
        await end(agent)
        code = worker.stop(signal.SIGTERM)
    assert code == 0
    worker.check()
    stops = [json.loads(line) for line in worker.errors.read_text().splitlines() if '"worker_stops"' in line]
    assert [line["calls"] for line in stops] == [0]
