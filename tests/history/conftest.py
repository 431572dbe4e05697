"""Both databases, real ones: SQLite in a file, PostgreSQL in a folder of the tests, on a Unix socket."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.history.store import Store
from tests.redis.conftest import client, server

__all__ = ["client", "server"]

BIN = Path("/usr/lib/postgresql")
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=32MB"


class Postgres:
    """One server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bin = max(BIN.glob("*/bin"))
        self._number = 0
        self._run("initdb", "--pgdata", str(folder / "data"), "--username", "vaxel", "--auth", "trust", "--no-sync")
        self.start()

    def start(self) -> None:
        options = f"{OPTIONS} -k {self._folder}"
        data, log = str(self._folder / "data"), str(self._folder / "log")
        self._run("pg_ctl", "--pgdata", data, "--log", log, "--wait", "--options", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "--pgdata", str(self._folder / "data"), "--wait", "--mode", "immediate", "stop")

    def database(self) -> str:
        """Make a database and return its address."""
        self._number += 1
        name = f"history{self._number}"
        self._run("createdb", "--host", str(self._folder), "--username", "vaxel", name)
        return f"postgresql://vaxel@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([self._bin / program, *arguments], check=True, stdout=subprocess.DEVNULL, timeout=60)


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
