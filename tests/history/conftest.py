"""Both databases, real ones: SQLite in a file, PostgreSQL in a folder of the tests, on a Unix socket."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.history.recorder import Recorder
from adapters.history.store import START, Progress, Store
from bench.postgres import Postgres
from engine.sim.day import MIDNIGHT, Day, local
from metrics.projection import Projection
from router import journal
from router.state import State
from tests.redis.conftest import client, server

Entries = list[tuple[tuple[int, int], bytes]]
"""Id and content of journal entries."""

__all__ = ["Postgres", "client", "server"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not tmp_path: the path of a Unix socket is at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="vaxel-pg-"))
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/history.sqlite"
    address: str = request.getfixturevalue("postgres").database()
    return address


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Store]:
    """Return an SQLite, for what does not depend on the kind of database."""
    store = Store(f"sqlite:///{tmp_path}/history.sqlite")
    store.upgrade()
    yield store
    store.close()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    store.upgrade()
    yield store
    store.close()


@pytest.fixture(scope="session")
def morning() -> Entries:
    """Return the journal of an hour with all channels, and a second engine in the middle of it."""
    day = Day(3, guides=20)
    day.world.run(MIDNIGHT + 8.4 * 3600)
    day.house.crash()
    day.house.start()
    day.world.run(MIDNIGHT + 9.1 * 3600)
    return day.house.store.entries


def figures(entries: Entries) -> Projection:
    state, counted = State(), Projection(local)
    for _, data in entries:
        facts = journal.decode(data).facts
        for fact in facts:
            state.apply(fact)
        counted.decided(facts, state)
    return counted


def record(entries: Entries, store: Store) -> None:
    """Write the history of a journal in one go."""
    state, recorder = State(), Recorder(local)
    for _, data in entries:
        facts = journal.decode(data).facts
        for fact in facts:
            state.apply(fact)
        recorder.decided(facts, state)
    store.write(recorder.take(), START, Progress(entries[-1][0], recorder.memory.last_at, START, b""))


def rows(store: Store, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    """Return all of a table, in order."""
    with store.reading() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))
