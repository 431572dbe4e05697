"""Lead, snapshots, archive, vault and the check at start, on a real Redis."""

import asyncio
import os
import random
from pathlib import Path

import msgspec
import pytest
import redis.asyncio

from adapters.redis import segments
from adapters.redis.address import PASSWORD, PASSWORD_FILE, Address, read
from adapters.redis.archive import Archive
from adapters.redis.check import check
from adapters.redis.errors import BadAddress, Deposed, LeadTaken, StoreAway, StoreUnfit
from adapters.redis.journal import RedisJournal
from adapters.redis.lead import Lead
from adapters.redis.snapshots import START, Snapshot, Snapshots
from adapters.redis.vault import PASSING, Vault, person_id
from engine.tasks import TaskDied, Tasks
from router.journal import Entry, decode, encode
from router.ports import Secret
from tests.redis.conftest import MakeBench, Server, entry, stored, until

pytestmark = pytest.mark.system


async def fill(client: redis.asyncio.Redis, first: int, last: int, epoch: int = 1) -> None:
    pipeline = client.pipeline(transaction=False)
    for seq in range(first, last + 1):
        pipeline.xadd("vaxel:journal", {"e": encode(entry(seq, epoch))}, id=f"{epoch}-{seq}")
    await pipeline.execute()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.vxj.gz"))


def archived(folder: Path) -> list[segments.Kept]:
    return sorted(kept for path in folder.glob("*.vxj.gz") for kept in segments.read(path))


# ---- lead --------------------------------------------------------------------------------------------------------


async def test_one_leads_and_each_lead_is_a_new_epoch(client: redis.asyncio.Redis) -> None:
    one, two = Lead(client, "one"), Lead(client, "two")
    assert await one.take() == 1
    with pytest.raises(LeadTaken, match="one leads"):
        await two.take()
    assert await Lead(client, "one").take() == 2, "the same node takes over at once"
    await one.release()
    with pytest.raises(LeadTaken):
        await two.take()


async def test_an_orderly_end_gives_the_lead_away(client: redis.asyncio.Redis) -> None:
    one = Lead(client, "one")
    await one.take()
    await one.release()
    assert await Lead(client, "two").take() == 2


async def test_a_leader_that_vanished_is_followed_when_its_lease_ends(client: redis.asyncio.Redis) -> None:
    await Lead(client, "one", lease=0.1).take()
    assert await Lead(client, "two", lease=0.1).wait() == 2


async def test_a_leader_that_lives_keeps_the_lead(client: redis.asyncio.Redis, tasks: Tasks) -> None:
    one = Lead(client, "one", lease=0.15)
    await one.take()
    lost: list[bool] = []
    keeping = one.keep(tasks.spawn, lambda: lost.append(True))
    await until(lambda: one.renewed >= 4)
    with pytest.raises(LeadTaken):
        await Lead(client, "two").take()
    assert not lost
    await client.delete("vaxel:lead")
    await until(lambda: one.renewed >= 6)
    assert await client.get("vaxel:lead") == b"one 1", "a lease nobody else took is taken back"
    await client.delete("vaxel:lead")
    assert await Lead(client, "two").take() == 2
    await keeping
    assert lost == [True]


async def test_the_epoch_rises_above_the_stream_even_when_the_counter_is_lost(client: redis.asyncio.Redis) -> None:
    await fill(client, 0, 3, epoch=41)
    assert await Lead(client, "one").take() == 42


async def test_a_missing_redis_is_waited_for(server: Server, client: redis.asyncio.Redis) -> None:
    server.kill()
    lead = Lead(client, "one", lease=0.5)
    with pytest.raises(StoreAway):
        await lead.take()
    waiting = asyncio.get_running_loop().create_task(lead.wait())
    server.start()
    assert await waiting == 1


# ---- snapshots ---------------------------------------------------------------------------------------------------


async def test_state_is_the_snapshot_and_the_entries_after_it(client: redis.asyncio.Redis) -> None:
    snapshots = Snapshots(client)
    assert await snapshots.load() is None
    assert [found async for found in snapshots.entries_after()] == []
    assert await snapshots.last_id() == START
    await fill(client, 0, 2500)
    await snapshots.save(b"state", "1-1200")
    await fill(client, 0, 9, epoch=2)
    kept = await snapshots.load()
    assert kept == Snapshot("1-1200", b"state")
    after = [found async for found in snapshots.entries_after(kept.stream_id, batch=100)]
    assert [stream_id for stream_id, _ in after] == [f"1-{n}" for n in range(1201, 2501)] + [
        f"2-{n}" for n in range(10)
    ]
    assert after[0][1] == entry(1201)
    assert await snapshots.last_id() == "2-9"


async def test_a_deposed_leader_cannot_save_a_snapshot(client: redis.asyncio.Redis) -> None:
    snapshots = Snapshots(client)
    await fill(client, 0, 3, epoch=1)
    await snapshots.save(b"good", "1-2")
    await fill(client, 0, 3, epoch=2)
    with pytest.raises(Deposed):
        await snapshots.save(b"bad", "1-3")
    assert await snapshots.load() == Snapshot("1-2", b"good")


async def test_an_entry_of_another_format_is_not_guessed_at(client: redis.asyncio.Redis) -> None:
    await client.xadd("vaxel:journal", {"e": encode(Entry(99, 0, (), {}))}, id="1-0")
    with pytest.raises(msgspec.ValidationError, match="format 99"):
        [found async for found in Snapshots(client).entries_after()]


async def test_trimming_goes_to_the_older_snapshot_and_leaves_an_archive(
    client: redis.asyncio.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.redis.snapshots.SEGMENT_ENTRIES", 40)
    snapshots = Snapshots(client)
    await fill(client, 0, 199)
    await snapshots.save(b"a", "1-99")
    assert await snapshots.trim(tmp_path) == 0, "one snapshot is not enough to trim"
    await snapshots.save(b"b", "1-150")
    assert await snapshots.trim(tmp_path, up_to="1-9") == 10, "history has not read further"
    assert await snapshots.trim(tmp_path) == 90
    assert await stored(client) == [f"1-{seq}" for seq in range(100, 200)]
    assert names(tmp_path) == ["1-0_1-9.vxj.gz", "1-10_1-49.vxj.gz", "1-50_1-89.vxj.gz", "1-90_1-99.vxj.gz"]
    kept = archived(tmp_path)
    assert [(one.epoch, one.seq) for one in kept] == [(1, seq) for seq in range(100)]
    assert decode(kept[7].data) == entry(7)
    assert await snapshots.trim(tmp_path) == 0
    archive = Archive(tmp_path)
    assert [(kept.epoch, kept.seq) for kept in archive.entries((1, 42))] == [(1, seq) for seq in range(43, 100)]
    assert archive.snapshots() == [(1, 99)]
    assert archive.snapshot((1, 99)) == b"a"
    # The older snapshot still leads to the end.
    older = await snapshots.load(older=True)
    assert older is not None
    assert len([found async for found in snapshots.entries_after(older.stream_id)]) == 100


async def test_the_journal_goes_on_over_a_trimmed_stream(
    make: MakeBench, server: Server, client: redis.asyncio.Redis
) -> None:
    bench = make()
    await bench.journal.start()
    bench.append(0)
    await until(lambda: bench.kept == [0])
    await client.xtrim("vaxel:journal", maxlen=0, approximate=False)
    server.stop()
    server.start()
    bench.append(1)
    await until(lambda: bench.kept == [0, 1])
    assert await stored(client) == ["1-1"]
    assert bench.journal.lost == bench.journal.reappended == 0


def test_the_archive_is_kept_for_its_days(tmp_path: Path) -> None:
    old = segments.write(tmp_path, [segments.Kept(1, 0, b"x")])
    new = segments.write(tmp_path, [segments.Kept(1, 1, b"x")])
    os.utime(old, (1_000_000.0, 1_000_000.0))
    os.utime(new, (1_000_000.0 + 86_400 * 9, 1_000_000.0 + 86_400 * 9))
    archive = Archive(tmp_path)
    archive.keep_snapshot((1, 0), b"state")
    os.utime(tmp_path / "1-0.vxs.gz", (1_000_000.0, 1_000_000.0))
    assert archive.expire(1_000_000.0 + 86_400 * 5) == 2
    assert list(tmp_path.iterdir()) == [new]


def test_a_damaged_segment_is_said_to_be_one(tmp_path: Path) -> None:
    path = segments.write(tmp_path, [segments.Kept(1, seq, random.Random(seq).randbytes(50)) for seq in range(20)])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(segments.BadSegment):
        list(segments.read(path))


# ---- vault -------------------------------------------------------------------------------------------------------


async def test_values_are_kept_until_they_are_erased_together(client: redis.asyncio.Redis) -> None:
    vault = Vault(client)
    await vault.put(Secret("c1", "number", "+4640341000"))
    await vault.put(Secret("c1", "digits", "1984"))
    await vault.put(Secret("c2", "name", "Åsa"))
    assert await vault.get("c1") == {"number": "+4640341000", "digits": "1984"}
    assert await client.ttl("vaxel:vault:c1:number") == -1, "nothing is deleted without a rule"
    assert PASSING["digits"] - 5 < await client.ttl("vaxel:vault:c1:digits") <= PASSING["digits"]
    assert sorted([owner async for owner in vault.owners()]) == ["c1", "c1", "c2"]
    assert await vault.forget("c1") == 2
    assert await vault.get("c1") == {}
    assert await vault.get("c2") == {"name": "Åsa"}
    assert await vault.written("c1", "contact_data") is None


async def test_a_class_is_deleted_by_when_it_was_written_and_nothing_else(client: redis.asyncio.Redis) -> None:
    vault, now = Vault(client), float((await client.time())[0])
    for number in range(1203):
        await vault.put(Secret(f"c{number}", "number", "+4640341000"))
        await vault.put(Secret(f"c{number}.m1", "text", "Hej"))
    old = {f"c{number}": now - 1000 for number in range(1201)}
    await client.zadd("vaxel:written:contact_data", old)
    assert await vault.expire("contact_data", now - 500, lambda owner: owner in {"c7", "c700"}) == 1199
    assert await vault.expire("contact_data", now - 500, lambda owner: owner in {"c7", "c700"}) == 0
    for owner in ("c7", "c700", "c1201", "c1202"):
        assert "number" in await vault.get(owner)
    assert await vault.get("c8") == {}
    assert await vault.get("c8.m1") == {"text": "Hej"}, "another class"
    assert await vault.forget("c7", before=now - 2000) == 0, "written since"
    assert await vault.forget("c7", before=now) == 1


async def test_what_leads_to_a_contact_that_is_spared_stays_and_marks_of_mails_go_by_themselves(
    client: redis.asyncio.Redis,
) -> None:
    vault, now = Vault(client), float((await client.time())[0])
    for owner, value in (("mail.aa", "k1"), ("reference.bb", "k2"), ("seen.cc", "box 7")):
        await vault.put(Secret(owner, "thread", value))
    assert await client.ttl("vaxel:vault:seen.cc:thread") > 0
    assert await vault.expire("words", now + 9, lambda owner: owner == "k1") == 1
    assert await vault.get("mail.aa") == {"thread": "k1"}
    assert await vault.get("reference.bb") == {}


async def test_a_pseudonym_is_the_same_for_the_same_person_and_store(client: redis.asyncio.Redis) -> None:
    pepper = await Vault(client).pepper()
    assert pepper == await Vault(client).pepper()
    assert len(pepper) == 32
    one = person_id("+4640341000", pepper)
    assert one == person_id("+4640341000", pepper)
    assert one != person_id("+4640341001", pepper)
    assert one != person_id("+4640341000", bytes(32))
    assert "341000" not in one


# ---- check and address -------------------------------------------------------------------------------------------


async def test_a_private_redis_is_fit(client: redis.asyncio.Redis, caplog: pytest.LogCaptureFixture) -> None:
    await check(client)
    assert caplog.text == ""


async def test_an_unfit_redis_is_refused_with_one_line(
    client: redis.asyncio.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    await client.config_set("appendonly", "no")
    await check(client)
    assert "appendonly yes" in caplog.text
    await client.config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(StoreUnfit, match="set `maxmemory-policy noeviction`"):
        await check(client)
    await client.config_set("maxmemory-policy", "noeviction")
    await client.replicaof("127.0.0.1", "1")
    with pytest.raises(StoreUnfit, match="replica"):
        await check(client)


async def test_a_password_is_used_but_not_shown(client: redis.asyncio.Redis, server: Server, tasks: Tasks) -> None:
    await client.config_set("requirepass", "s3cret")
    address = read(f"unix://{server.socket}", {PASSWORD: "s3cret"})
    assert "s3cret" not in repr(address)
    own = address.client()
    await check(own)
    await own.aclose()
    told: list[bool] = []
    kept: list[bool] = []
    journal = RedisJournal(
        address,
        1,
        spawn=tasks.spawn,
        refused_folder=server.folder,
        on_degraded=told.append,
        on_deposed=lambda: None,
    )
    await journal.start()
    journal.append(entry(0), [], lambda: kept.append(True))
    await until(lambda: kept)
    await journal.close()
    wrong = RedisJournal(
        Address(path=address.path, password="wrong"),
        2,
        spawn=tasks.spawn,
        refused_folder=server.folder,
        on_degraded=told.append,
        on_deposed=lambda: None,
    )
    with pytest.raises(StoreAway, match="WRONGPASS"):
        await wrong.start()


def test_urls_are_read_and_passwords_kept_out_of_them(tmp_path: Path) -> None:
    assert read("unix:///run/redis.sock?db=2", {}) == Address(path="/run/redis.sock", db=2)
    assert read("redis://vaxel@store:6380/1", {}) == Address(host="store", port=6380, db=1, username="vaxel")
    file = tmp_path / "password"
    file.write_text("from-file\n")
    assert read("redis://store", {PASSWORD_FILE: str(file)}).password == "from-file"
    assert read("redis://store", {PASSWORD: "other"}, str(file)).password == "from-file"
    for url in ("redis://:pw@store", "http://store", "store:6379", "redis://store:port"):
        with pytest.raises(BadAddress) as error:
            read(url, {})
        assert "pw" not in str(error.value)


# ---- tasks -------------------------------------------------------------------------------------------------------


async def test_a_task_that_dies_is_loud(tasks: Tasks, caplog: pytest.LogCaptureFixture) -> None:
    async def die() -> None:
        raise RuntimeError("no more")

    async def live() -> None:
        await asyncio.sleep(3600)

    async def end() -> None:
        return

    _ = tasks.spawn("steady", live())
    await tasks.spawn("short", end())
    _ = tasks.spawn("weak", die())
    with pytest.raises(TaskDied, match="task weak died") as error:
        await tasks.died()
    assert isinstance(error.value.__cause__, RuntimeError)
    assert tasks.names() == ["steady"]
    assert "task weak died" in caplog.text
    await tasks.cancel()
    assert tasks.names() == []
