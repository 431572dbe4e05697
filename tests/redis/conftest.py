"""A real redis-server on a Unix socket, which tests may kill and start again."""

import asyncio
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from adapters.redis.address import Address
from adapters.redis.backlog import Limits
from adapters.redis.journal import RedisJournal
from engine.tasks import Tasks
from router.facts import LeaderChanged
from router.journal import Entry
from router.ports import Secret

DEADLINE_S = 10.0


class Server:
    """One redis-server with its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.address = Address(path=str(self.socket))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *options: str) -> None:
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)]
        command += [
            "--appendonly",
            "yes",
            "--appendfsync",
            "everysec",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
        end = time.monotonic() + DEADLINE_S
        while not self._answers():
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.005)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def freeze(self, frozen: bool) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self.socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(64).startswith(b"+PONG")
            except OSError:
                return False


@pytest.fixture
def server() -> Iterator[Server]:
    # Not tmp_path: the path of a Unix socket is at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="vaxel-redis-") as folder:
        server = Server(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
async def client(server: Server) -> AsyncIterator["redis.asyncio.Redis"]:
    client = server.address.client()
    yield client
    await client.aclose()


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.cancel()


class Bench:
    """A journal and what it told."""

    def __init__(self, server: Server, tasks: Tasks, folder: Path, epoch: int, limits: Limits) -> None:
        self.told: list[bool] = []
        self.deposed = False
        self.kept: list[int] = []
        self.epoch = epoch
        self.journal = RedisJournal(
            server.address,
            epoch,
            spawn=tasks.spawn,
            refused_folder=folder,
            on_degraded=self.told.append,
            on_deposed=self._on_deposed,
            limits=limits,
        )

    def append(self, seq: int, *secrets: Secret) -> None:
        self.journal.append(entry(seq, self.epoch), list(secrets), lambda: self.kept.append(seq))

    def _on_deposed(self) -> None:
        self.deposed = True


MakeBench = Callable[..., Bench]


@pytest.fixture
async def make(server: Server, tasks: Tasks, tmp_path: Path) -> AsyncIterator[MakeBench]:
    made: list[Bench] = []

    def build(epoch: int = 1, limits: Limits | None = None) -> Bench:
        bench = Bench(server, tasks, tmp_path / "refused", epoch, limits or Limits())
        made.append(bench)
        return bench

    yield build
    for bench in made:
        await bench.journal.close(0.01)


def entry(seq: int, epoch: int = 1) -> Entry:
    return Entry(1, seq, (LeaderChanged(float(seq), epoch),), {})


async def until(condition: Callable[[], object], seconds: float = DEADLINE_S) -> None:
    """Wait for a condition, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.002)


async def stored(client: "redis.asyncio.Redis") -> list[str]:
    """Return the ids of the stream."""
    return [row[0].decode() for row in await client.xrange("vaxel:journal")]
