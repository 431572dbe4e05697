"""The journal on a real Redis: order, pipelining, secrets, fencing, restarts."""

import random
from pathlib import Path

import pytest
import redis.asyncio

from adapters.redis import segments
from adapters.redis.backlog import Limits
from adapters.redis.errors import Deposed, StoreAway
from router.journal import decode
from router.ports import Secret
from tests.redis.conftest import MakeBench, Server, entry, stored, until

pytestmark = pytest.mark.system


async def test_entries_are_kept_in_order_under_their_ids(make: MakeBench, client: redis.asyncio.Redis) -> None:
    bench = make(epoch=7)
    await bench.journal.start()
    for seq in range(1000):
        bench.append(seq)
    assert bench.kept == []
    await until(lambda: len(bench.kept) == 1000)
    assert bench.kept == list(range(1000))
    assert await stored(client) == [f"7-{seq}" for seq in range(1000)]
    first = (await client.xrange("vaxel:journal", count=1))[0]
    assert decode(first[1][b"e"]) == entry(0, 7)
    assert bench.journal.pending == bench.journal.pending_bytes == 0


async def test_a_small_window_holds_back_but_loses_nothing(make: MakeBench, client: redis.asyncio.Redis) -> None:
    bench = make(limits=Limits(window_entries=3))
    await bench.journal.start()
    for seq in range(100):
        bench.append(seq)
    await until(lambda: len(bench.kept) == 100)
    assert await stored(client) == [f"1-{seq}" for seq in range(100)]


async def test_secrets_stand_before_the_entry(make: MakeBench, client: redis.asyncio.Redis) -> None:
    bench = make()
    await bench.journal.start()
    seen: list[str] = []
    secrets = [Secret("c1", "number", "+4640341000"), Secret("c1", "name", "Åsa")]
    bench.journal.append(entry(0), secrets, lambda: seen.append("kept"))
    await until(lambda: seen)
    assert (await client.get("vaxel:vault:c1:name")).decode() == "Åsa"
    assert await client.zscore("vaxel:written:contact_data", "c1") is not None


async def test_an_unknown_kind_of_secret_writes_nothing(make: MakeBench, client: redis.asyncio.Redis) -> None:
    bench = make()
    await bench.journal.start()
    with pytest.raises(ValueError, match="shoe"):
        bench.append(0, Secret("c1", "shoe", "43"))
    bench.append(0)
    await until(lambda: bench.kept == [0])


async def test_start_says_that_redis_is_missing(make: MakeBench, server: Server) -> None:
    server.kill()
    with pytest.raises(StoreAway):
        await make().journal.start()


async def test_an_older_leader_is_refused_and_its_entries_are_kept_in_a_file(
    make: MakeBench, client: redis.asyncio.Redis, tmp_path: Path
) -> None:
    old, new = make(epoch=1), make(epoch=2)
    await old.journal.start()
    old.append(0)
    await until(lambda: old.kept == [0])
    await new.journal.start()
    new.append(0)
    await until(lambda: new.kept == [0])
    old.append(1, Secret("c9", "number", "+46700000001"))
    old.append(2)
    await until(lambda: old.deposed)
    old.append(3)
    assert old.kept == [0]
    assert old.journal.refused == 3
    assert await stored(client) == ["1-0", "2-0"]
    files = sorted((tmp_path / "refused").iterdir())
    assert [[kept.seq for kept in segments.read(file)] for file in files] == [[1, 2], [3]]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert await client.get("vaxel:vault:c9:number") == b"+46700000001"


async def test_an_older_leader_cannot_start(make: MakeBench, client: redis.asyncio.Redis) -> None:
    await client.xadd("vaxel:journal", {"e": b""}, id="5-0")
    old = make(epoch=4)
    with pytest.raises(Deposed):
        await old.journal.start()
    assert old.deposed


async def test_kills_of_redis_lose_and_double_nothing(
    make: MakeBench, server: Server, client: redis.asyncio.Redis
) -> None:
    rng = random.Random(20)
    bench = make(limits=Limits(patience=60.0))
    await bench.journal.start()
    seq = 0
    for _ in range(8):
        for _ in range(rng.randrange(1, 400)):
            owner = [Secret(f"c{seq}", "text", "x")] if rng.random() < 0.1 else []
            bench.append(seq, *owner)
            seq += 1
        goal = rng.randrange(seq + 1)
        await until(lambda goal=goal: len(bench.kept) >= goal)
        server.kill()
        for _ in range(rng.randrange(50)):
            bench.append(seq)
            seq += 1
        server.start()
    await until(lambda: len(bench.kept) == seq)
    assert bench.kept == list(range(seq))
    assert await stored(client) == [f"1-{number}" for number in range(seq)]
    assert bench.journal.connections > 1
    assert bench.told == []
    assert bench.journal.lost == bench.journal.dropped == 0


async def test_a_store_that_lost_acknowledged_entries_gets_them_again(
    make: MakeBench, server: Server, client: redis.asyncio.Redis
) -> None:
    bench = make()
    await bench.journal.start()
    for seq in range(50):
        bench.append(seq)
    await until(lambda: len(bench.kept) == 50)
    # What a failed-over replica looks like: the end of the stream never reached it.
    await client.xtrim("vaxel:journal", maxlen=0, approximate=False)
    await client.delete("vaxel:journal")
    for seq in range(20):
        await client.xadd("vaxel:journal", {"e": b"old"}, id=f"1-{seq}")
    server.stop()
    server.start()
    await until(lambda: bench.journal.reappended == 30)
    bench.append(50)
    await until(lambda: len(bench.kept) == 51)
    assert await stored(client) == [f"1-{seq}" for seq in range(51)]
    assert bench.kept == list(range(51))
    assert bench.journal.lost == 0


async def test_what_memory_no_longer_holds_is_counted_as_lost(
    make: MakeBench, server: Server, client: redis.asyncio.Redis
) -> None:
    bench = make(limits=Limits(recent_entries=5))
    await bench.journal.start()
    for seq in range(20):
        bench.append(seq)
    await until(lambda: len(bench.kept) == 20)
    await client.delete("vaxel:journal")
    server.stop()
    server.start()
    await until(lambda: bench.journal.reappended == 5)
    assert bench.journal.lost == 15
    await until(lambda: bench.journal.pending == 0)
    assert await stored(client) == [f"1-{seq}" for seq in range(15, 20)]


async def test_a_hole_in_the_stream_is_mended(make: MakeBench, server: Server, client: redis.asyncio.Redis) -> None:
    bench = make()
    await bench.journal.start()
    bench.append(0)
    await until(lambda: bench.kept == [0])
    # As if Redis had refused 1-1 for want of memory and then taken 1-2 and 1-4.
    await client.acl_setuser("other", enabled=True, nopass=True, keys=["*"], categories=["+@all"])
    await client.execute_command("ACL", "SETUSER", "default", "-xadd")
    for seq in range(1, 6):
        bench.append(seq)
    await until(lambda: bench.journal.troubles > 0)
    await client.execute_command("AUTH", "other", "x")
    for seq in (2, 4):
        await client.execute_command("XADD", "vaxel:journal", f"1-{seq}", "e", "x")
    await client.execute_command("ACL", "SETUSER", "default", "+xadd")
    await until(lambda: len(bench.kept) == 6)
    await until(lambda: bench.journal.pending == 0)
    assert await stored(client) == [f"1-{seq}" for seq in range(6)]
    assert b"x" not in [row[1][b"e"] for row in await client.xrange("vaxel:journal")]
