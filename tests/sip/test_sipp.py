"""SIPp's callers and agents, as in the benchmarks."""

import asyncio

import pytest

from tests.long.load import end, sipp
from tests.sip.autoengine import AutoEngine
from tests.sip.conftest import free_port


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_fifty_at_once(start_worker, tmp_path, transport):
    worker = start_worker(max_legs=100, rtp_ports=(30000, 39999))
    engine = await AutoEngine.connect(worker.settings.socket)
    port, how = free_port(), ("-t", "t1") if transport == "tcp" else ()
    engine.agent = f"sip:agent@127.0.0.1:{port};transport={transport}"
    agent = await sipp("agent.xml", port, *how, folder=tmp_path)
    target = f"{worker.address[0]}:{worker.address[1]}"
    load = ("-s", "1000", "-r", "1000", "-l", "50", "-m", "50", "-d", "1500")
    caller = await sipp("caller.xml", free_port(), target, *how, *load, folder=tmp_path)
    assert await asyncio.wait_for(caller.wait(), 20) == 0
    await asyncio.sleep(0.3)
    assert (engine.bridged, len(engine.ended), engine.failed) == (50, 100, [])
    assert (await engine.picture()).legs == ()
    engine.kill()
    await end(agent)
