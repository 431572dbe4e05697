"""The journal without Redis, and with a Redis that is full, read-only or stuck."""

import asyncio
from pathlib import Path

import pytest
import redis.asyncio

from adapters.redis import segments
from adapters.redis.backlog import Limits
from router.ports import Secret
from tests.redis.conftest import MakeBench, Server, stored, until

pytestmark = pytest.mark.system

FAST = Limits(patience=0.05)


async def test_voice_goes_on_without_redis_and_nothing_is_lost(
    make: MakeBench, server: Server, client: redis.asyncio.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make(limits=FAST)
    await bench.journal.start()
    bench.append(0)
    await until(lambda: bench.kept == [0])
    server.kill()
    bench.append(1, Secret("c1", "number", "+46701234567"))
    bench.append(2)
    assert not bench.journal.degraded
    await until(lambda: bench.kept == [0, 1, 2])
    assert bench.told == [True]
    bench.append(3)
    assert bench.kept == [0, 1, 2], "never from within append"
    await until(lambda: bench.kept == [0, 1, 2, 3])
    assert bench.journal.pending == 3
    server.start()
    await until(lambda: bench.told == [True, False])
    assert await stored(client) == ["1-0", "1-1", "1-2", "1-3"]
    assert await client.get("vaxel:vault:c1:number") == b"+46701234567"
    assert bench.kept == [0, 1, 2, 3]
    actions = [record.__dict__.get("action") for record in caplog.records]
    assert actions[0] == "journal_away"
    assert actions[-2:] == ["journal_degraded", "journal_back"]
    assert len(actions) <= 4, "one line for each cause, not for each attempt"
    assert "46701234567" not in caplog.text


async def test_an_absence_shorter_than_patience_is_not_told(make: MakeBench, server: Server) -> None:
    bench = make(limits=Limits(patience=30.0))
    await bench.journal.start()
    server.kill()
    bench.append(0)
    server.start()
    await until(lambda: bench.kept == [0])
    assert bench.told == []


async def test_without_traffic_too_an_absence_is_told(make: MakeBench, server: Server) -> None:
    bench = make(limits=FAST)
    await bench.journal.start()
    server.kill()
    await until(lambda: bench.told == [True])
    server.start()
    await until(lambda: bench.told == [True, False])


@pytest.mark.parametrize("full", ["maxmemory", "read-only"])
async def test_a_redis_that_takes_no_writes_is_like_none(
    make: MakeBench, server: Server, client: redis.asyncio.Redis, full: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make(limits=FAST)
    await bench.journal.start()
    bench.append(0)
    await until(lambda: bench.kept == [0])
    if full == "maxmemory":
        await client.config_set("maxmemory", "1mb")
    else:
        await client.replicaof("127.0.0.1", "1")
    for seq in range(1, 300):
        bench.append(seq, *([Secret(f"c{seq}", "name", "x")] if seq % 3 == 0 else []))
    await until(lambda: bench.told == [True])
    assert await stored(client) == ["1-0"]
    assert ("OOM" if full == "maxmemory" else "READONLY") in caplog.text
    if full == "maxmemory":
        await client.config_set("maxmemory", "0")
    else:
        await client.replicaof("NO", "ONE")
    await until(lambda: bench.told == [True, False])
    assert await stored(client) == [f"1-{seq}" for seq in range(300)]
    assert bench.kept == list(range(300))
    assert await client.get("vaxel:vault:c297:name") == b"x"


async def test_a_stuck_redis_is_waited_for_then_left(make: MakeBench, server: Server) -> None:
    bench = make(limits=Limits(patience=0.05, hang=0.1))
    await bench.journal.start()
    server.freeze(True)
    bench.append(0)
    await until(lambda: bench.told == [True])
    await until(lambda: bench.journal.troubles == 1)
    server.freeze(False)
    await until(lambda: bench.told == [True, False])
    assert bench.kept == [0]


async def test_past_the_bound_entries_are_dropped_and_counted(
    make: MakeBench, server: Server, client: redis.asyncio.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make(limits=Limits(patience=30.0, buffered_entries=5))
    await bench.journal.start()
    server.kill()
    for seq in range(8):
        bench.append(seq)
    assert bench.kept == []
    await until(lambda: len(bench.kept) == 8)
    assert bench.journal.dropped == 3
    assert bench.told == [True]
    assert "buffer is full" in caplog.text
    server.start()
    await until(lambda: bench.told == [True, False])
    bench.append(8)
    await until(lambda: bench.journal.pending == 0)
    assert await stored(client) == ["1-0", "1-1", "1-2", "1-3", "1-4", "1-8"]


async def test_the_bound_on_bytes_counts_too(make: MakeBench, server: Server) -> None:
    bench = make(limits=Limits(buffered_bytes=100))
    await bench.journal.start()
    server.kill()
    for seq in range(20):
        bench.append(seq)
    assert 0 < bench.journal.pending_bytes <= 100
    assert bench.journal.pending + bench.journal.dropped == 20


async def test_what_cannot_be_written_at_the_end_is_kept_in_a_file(
    make: MakeBench, server: Server, tmp_path: Path
) -> None:
    bench = make()
    await bench.journal.start()
    server.kill()
    bench.append(0)
    bench.append(1)
    await bench.journal.close(0.05)
    [file] = (tmp_path / "refused").iterdir()
    assert [kept.seq for kept in segments.read(file)] == [0, 1]


async def test_close_waits_for_what_is_in_flight(make: MakeBench, client: redis.asyncio.Redis) -> None:
    bench = make()
    await bench.journal.start()
    for seq in range(500):
        bench.append(seq)
    await bench.journal.close()
    assert len(await stored(client)) == len(bench.kept) == 500


async def test_what_is_forgotten_does_not_come_back(
    make: MakeBench, server: Server, client: redis.asyncio.Redis
) -> None:
    bench = make()
    await bench.journal.start()
    bench.append(0, Secret("c1", "name", "x"), Secret("c2", "name", "y"))
    await until(lambda: bench.kept == [0])
    bench.journal.forget("c1")
    await client.flushall()
    server.stop()
    server.start()
    await until(lambda: bench.journal.reappended == 1)
    await until(lambda: bench.journal.pending == 0)
    assert await client.get("vaxel:vault:c1:name") is None
    assert await client.get("vaxel:vault:c2:name") == b"y"


async def test_an_entry_after_a_long_silence_does_not_cost_the_connection(make: MakeBench, server: Server) -> None:
    bench = make(limits=Limits(patience=30.0, hang=0.05))
    await bench.journal.start()
    for seq in range(3):
        await asyncio.sleep(0.12)
        bench.append(seq)
        await until(lambda seq=seq: len(bench.kept) == seq + 1)
    assert bench.journal.connections == 1
