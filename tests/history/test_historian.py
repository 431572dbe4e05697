"""From a real Redis and its archive into both databases: exactly once, whatever dies, trims or is lost."""

from pathlib import Path

import msgspec
import pytest
import redis.asyncio

from adapters.history import tables as t
from adapters.history.recorder import Memory
from adapters.history.store import Store
from adapters.redis.archive import Archive
from adapters.redis.keys import FIELD, JOURNAL
from adapters.redis.snapshots import Snapshots
from engine import historian as module
from engine import restoring
from engine.historian import Historian, Kept
from engine.rereading import Rereading
from engine.sim.day import MIDNIGHT
from router import journal
from router.state import State
from tests.history.conftest import Entries, figures, rows
from tests.history.recorded import same

pytestmark = pytest.mark.system
UTC = "Etc/UTC"


class Past:
    """A stream that is written bit by bit, with snapshots and an archive, as an engine does."""

    def __init__(self, client: "redis.asyncio.Redis", folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.snapshots = Snapshots(client)
        self.state = State()

    async def write(self, entries: Entries, *, lost: bool = False) -> None:
        pipe = self.client.pipeline(transaction=False)
        for (epoch, seq), data in entries:
            for fact in journal.decode(data).facts:
                self.state.apply(fact)
            if not lost:
                pipe.xadd(JOURNAL, {FIELD: data}, id=f"{epoch}-{seq}")
        await pipe.execute()

    async def snapshot(self, id_: tuple[int, int]) -> None:
        image = await restoring.encode(restoring.Moment(self.state.snapshot(), {}, None))
        await self.snapshots.save(image, f"{id_[0]}-{id_[1]}")
        await self.snapshots.trim(self.folder)


@pytest.fixture
def past(client: "redis.asyncio.Redis", tmp_path: Path) -> Past:
    return Past(client, tmp_path / "archive")


def begin(past: Past, store: Store) -> Historian:
    found = Historian(store, Rereading(past.snapshots, Archive(past.folder)), UTC)
    found.load()
    return found


async def catch_up(historian: Historian) -> None:
    while await historian.advance():
        pass


def agree(store: Store, entries: Entries) -> None:
    """Check that the tallies are the figures that the API and Prometheus tell of the same facts."""
    totals = figures(entries).since_start(MIDNIGHT + 86_400)
    told = {}
    for row in rows(store, t.tallies):
        counted, _ = t.unflat(row._mapping)
        key = row.queue, row.channel
        if key in told:
            told[key].merge(counted)
        else:
            told[key] = counted
    assert totals.queues
    for key, counted in totals.queues.items():
        assert same(told[key], counted), key


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    kept = [table for table in t.metadata.sorted_tables if table is not t.progress]
    return {table.name: [_rounded(row) for row in rows(store, table)] for table in kept}


def _rounded(row: object) -> tuple[object, ...]:
    return tuple(round(value, 6) if isinstance(value, float) else value for value in row)  # type: ignore[attr-defined]


async def test_the_same_figures_as_everywhere(past: Past, store: Store, morning: Entries) -> None:
    await past.write(morning)
    await catch_up(begin(past, store))
    agree(store, morning)
    with store.reading() as connection:
        assert connection.execute(t.segments.select().limit(1)).first() is not None


async def test_however_it_dies_and_is_trimmed(
    past: Past, store: Store, morning: Entries, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "IMAGE_EVERY", 1500)
    parts = [morning[start : start + 700] for start in range(0, len(morning), 700)]
    for number, part in enumerate(parts):
        await past.write(part)
        if number % 2:
            await past.snapshot(part[-1][0])
        if number % 3:  # else it has fallen behind what Redis holds
            historian = begin(past, store)
            await historian.advance()
            if number % 4:
                await catch_up(historian)
        if number == 4:
            await historian.close()
    await catch_up(begin(past, store))
    assert Archive(past.folder).segments()
    agree(store, morning)
    whole = Store(f"sqlite:///{tmp_path}/whole.sqlite")
    whole.upgrade()
    await catch_up(begin(past, whole))
    assert everything(store) == everything(whole)
    whole.close()


async def test_two_at_a_time_write_each_entry_once(past: Past, here: Store, morning: Entries) -> None:
    await past.write(morning[:3000])
    one, other = begin(past, here), begin(past, here)
    await one.advance()
    with pytest.raises(module.WrittenByAnother):
        await other.advance()
    other.load()
    await catch_up(other)
    agree(here, morning[:3000])


async def test_a_hole_is_bridged_by_the_next_snapshot(past: Past, here: Store, morning: Entries) -> None:
    await past.write(morning[:2000])
    await past.write(morning[2000:2400], lost=True)
    await past.write(morning[2400:2500])
    historian = begin(past, here)
    await catch_up(historian)
    assert historian.id == morning[1999][0]
    await past.snapshot(morning[2499][0])
    await past.write(morning[2500:])
    await catch_up(historian)
    assert historian.id == morning[-1][0]
    unknown = [row for row in rows(here, t.contacts) if row.outcome == "unknown"]
    assert unknown
    still = {row.id for row in rows(here, t.contacts) if row.ended is None}
    assert still <= set(past.state.contacts)


async def test_what_another_version_left_open_is_not_guessed(past: Past, here: Store, morning: Entries) -> None:
    await past.write(morning[:1500])
    historian = begin(past, here)
    await catch_up(historian)
    await historian.close()
    with here._transaction() as connection:
        connection.execute(t.progress.update().values(image=msgspec.msgpack.encode("of another version")))
    await past.snapshot(morning[1499][0])
    await past.write(morning[1500:2500])
    await past.snapshot(morning[2499][0])
    await past.write(morning[2500:])
    await catch_up(begin(past, here))
    assert here.progress().id == morning[-1][0]


async def test_a_state_of_another_past_is_left(past: Past, here: Store, morning: Entries) -> None:
    await past.write(morning[:1500])
    historian = begin(past, here)
    await catch_up(historian)
    await historian.close()
    empty = await restoring.encode(restoring.Moment(State().snapshot(), {}, None))
    kept = msgspec.msgpack.encode(Kept(empty, Memory()))
    with here._transaction() as connection:
        connection.execute(t.progress.update().values(image=kept))
    await past.write(morning[1500:2500])
    await past.snapshot(morning[2499][0])
    await past.write(morning[2500:])
    await catch_up(begin(past, here))
    assert here.progress().id == morning[-1][0]


async def test_a_rebuild_gives_the_same(past: Past, here: Store, morning: Entries) -> None:
    await past.write(morning[:1500])
    historian = begin(past, here)
    await catch_up(historian)
    here.clear()
    await past.write(morning[1500:1600])
    with pytest.raises(module.WrittenByAnother):
        await catch_up(historian)
    await catch_up(begin(past, here))
    agree(here, morning[:1600])
