"""The directory on a real Redis."""

import pytest
import redis.asyncio
from msgspec import structs

from adapters.directory import store as names
from adapters.directory.directory import Directory
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings
from adapters.directory.store import RedisStore
from adapters.directory.usage import Use
from adapters.redis.errors import Deposed, StoreAway
from adapters.redis.lead import Lead
from engine.sim.staff import staff
from tests.directory.conftest import NOW, ZONE, Clock, here, person
from tests.redis.conftest import Server, client, server

__all__ = ["client", "server"]
pytestmark = pytest.mark.system

ANNA = person(1, "Åsa", "Berg", absences=(Absence(reason="lunch", since=NOW, until=NOW + 60.5),), protected=True)
NUMBERS = {"p": 9, "f": 3}


@pytest.fixture
async def store(client: "redis.asyncio.Redis") -> RedisStore:
    epoch = await Lead(client, "one").take()
    return RedisStore(client, lambda: epoch)


async def loaded(store: RedisStore) -> dict[str, Record]:
    return {record.id: record async for part in store.load() for record in part}


async def test_changes_last(store: RedisStore) -> None:
    assert (await loaded(store), await store.numbers_given(), await store.uses()) == ({}, {}, {})
    await store.write([ANNA, person(2)], [], NUMBERS)
    await store.write([structs.replace(ANNA, title="Chef")], ["p2", "p3"], NUMBERS)
    assert await loaded(store) == {"p1": structs.replace(ANNA, title="Chef")}
    assert await store.numbers_given() == NUMBERS


async def test_a_new_whole(store: RedisStore, client: "redis.asyncio.Redis") -> None:
    crowd = {record.id: record for record in staff(1500)}
    await store.write([ANNA, person(9)], [], NUMBERS)
    await store.rewrite(crowd.values(), NUMBERS)
    assert await loaded(store) == crowd
    assert await client.exists(names.STAGED) == 0
    await store.rewrite([], NUMBERS)
    assert await loaded(store) == {}


async def test_what_an_interrupted_import_left_is_overwritten(store: RedisStore, client: "redis.asyncio.Redis") -> None:
    await client.hset(names.STAGED, "p77", b"left behind")
    await store.rewrite([ANNA], NUMBERS)
    assert await loaded(store) == {"p1": ANNA}


async def test_a_deposed_leader_writes_nothing(store: RedisStore, client: "redis.asyncio.Redis") -> None:
    await store.write([ANNA], [], NUMBERS)
    await Lead(client, "one").take()
    with pytest.raises(Deposed):
        await store.write([], ["p1"], NUMBERS)
    with pytest.raises(Deposed):
        await store.rewrite([], NUMBERS)
    assert await loaded(store) == {"p1": ANNA}


async def test_uses_last(store: RedisStore) -> None:
    await store.write_uses({"p1": Use(2.5, NOW), "p2": Use(1.0, NOW)}, [])
    await store.write_uses({}, ["p2", "p3"])
    assert await store.uses() == {"p1": Use(2.5, NOW)}


async def test_a_record_that_cannot_be_read_is_passed_over(
    store: RedisStore, client: "redis.asyncio.Redis", caplog: pytest.LogCaptureFixture
) -> None:
    await store.write([ANNA], [], NUMBERS)
    await client.hset(names.RECORDS, "p2", b"\x81\xa5given\xa5Ulrika")
    assert await loaded(store) == {"p1": ANNA}
    assert [vars(record)["action"] for record in caplog.records] == ["directory.unreadable"]
    assert store.unreadable == 1
    assert "Ulrika" not in caplog.text


async def test_a_record_of_a_later_version_is_read(store: RedisStore, client: "redis.asyncio.Redis") -> None:
    await client.hset(names.RECORDS, "p2", b"\x83\xa2id\xa2p2\xa6family\xa2Ek\xa5shoes\x2c")
    assert await loaded(store) == {"p2": Record(id="p2", family="Ek")}


async def test_another_engine_finds_what_the_first_one_kept(client: "redis.asyncio.Redis") -> None:
    async def engine() -> Directory:
        epoch = await Lead(client, "one").take()
        made = Directory(RedisStore(client, lambda: epoch), DirectorySettings(), ZONE.key, Clock(), here)
        await made.load()
        return made

    first = await engine()
    await first.import_("namn;ankn\nÅsa Berg;4411\nBo Ek;4412\n".encode(), "merge", "anna")
    await first.change("p1", {"title": "Chef"}, "anna")
    await first.remove("p2", "anna")
    first.connected("p1")
    await first.tend()
    second = await engine()
    assert second.records == first.records
    assert [found.record.label for found in second.search("chef", protected=False, most=2)] == ["Åsa Berg"]
    assert (await second.add("person", {"family": "Alm"}, "anna")).id == "p3", "p2 was somebody else"
    third = await engine()
    assert third.records == second.records


async def test_redis_away(store: RedisStore, server: Server) -> None:
    server.kill()
    with pytest.raises(StoreAway):
        await store.write([ANNA], [], NUMBERS)
    with pytest.raises(StoreAway):
        await loaded(store)
