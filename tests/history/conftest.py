"""Both databases, real ones: SQLite in a file, PostgreSQL in a folder of the tests, on a Unix socket."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.history.store import Store
from bench.postgres import Postgres
from tests.redis.conftest import client, server

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
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    store.upgrade()
    yield store
    store.close()


def rows(store: Store, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    """Return all of a table, in order."""
    with store.reading() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))
