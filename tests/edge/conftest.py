"""A real Kamailio; phones and trunks before it, and phones that stand for workers behind it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec import structs

from adapters.edge import configuration, program, rpc
from adapters.edge.passwords import Passwords, prepare_location
from adapters.edge.settings import EdgeSettings, Registration, Trunk
from tests.sip.conftest import free_port, free_ports
from tests.sip.phone import Address, Call, Phone
from tests.sip.sipmessage import Message

DEADLINE_S = 10.0
TRUNK = "127.0.0.2"
"""Where the trunk `operator` calls from."""
PHONES = "127.0.0.3"
STRANGER = "127.0.0.9"
PASSWORD = "known-to-the-phone"
HARMLESS = (
    # A client that trusts somebody else, or nonsense.
    "ERROR: tls [tls_server.c",
    "ERROR: tls [tls_util.h",
    # A client broke its connection off.
    "ERROR: <core> [core/tcp_read.c",
    "ERROR: tcp_read_req: error reading",
    # A page with a name that says nothing of until when.
    "ERROR: auth_ephemeral",
    # An answer came too late for whoever had asked.
    "ERROR: jsonrpcs",
    # The living end had acknowledged its BYE before the dead one was sent its own.
    "ERROR: dialog [dlg_req_within.c:383]: send_bye(): terminating non-confirmed dialogs not supported",
)
NAMES = ("guide01", "guide02", "guide03")
T = TypeVar("T")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: it needs processes, sockets and Debian packages."""
    for item in items:
        if "tests/edge/" in item.path.as_posix():
            item.add_marker(pytest.mark.system)


class Edge:
    """One Kamailio with its folder. It stands before workers w1 and w2, knows the trunk `operator` and three phones."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        inner = free_ports(5)
        trunks = (Trunk(name="operator", sources=(f"{TRUNK}/32",), calls_per_second=1000),)
        base = EdgeSettings(
            socket=str(folder / "edge.sock"),
            phones=str(folder / "phones.sqlite"),
            location=str(folder / "location.sqlite"),
            tls_file=str(folder / "tls.cfg"),
            workers_file=str(folder / "workers.list"),
            port=free_port(),
            inner_port=inner,
            workers=(("w1", f"127.0.0.1:{inner + 2}"), ("w2", f"127.0.0.1:{inner + 4}")),
            trunks=trunks,
            registration=Registration(ping=0),
            log_level=0,
        )
        self.settings = structs.replace(base, **changes)
        self.passwords = Passwords(Path(self.settings.phones))
        self.log = folder / "kamailio.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> Address:
        """Where phones and trunks reach it."""
        return self.settings.address, self.settings.port

    @property
    def inner(self) -> Address:
        """Where workers reach it."""
        return "127.0.0.1", self.settings.inner_port

    @property
    def alive(self) -> bool:
        """Whether it is the process that was started."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def write(self) -> Path:
        """Write what Kamailio reads; return kamailio.cfg."""
        for name in NAMES:
            self.passwords.set(name, PASSWORD)
        prepare_location(Path(self.settings.location))
        Path(self.settings.workers_file).write_text(configuration.dispatcher(self.settings))
        Path(self.settings.tls_file).write_text(configuration.tls(self.settings))
        path = self.folder / "kamailio.cfg"
        path.write_text(configuration.kamailio(self.settings))
        return path

    def start(self) -> None:
        """Start it and wait until it answers."""
        argv, more = program.arguments(self.write(), self.folder), program.environment(self.settings)
        environment = os.environ | more
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + DEADLINE_S
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.01)

    def ask(self, kind: type[T], method: str, *parameters: str | int) -> T:
        """Ask by JSON-RPC."""
        return rpc.ask(self.settings.socket, kind, method, *parameters)

    def count(self, name: str) -> int:
        """Return a statistic of its own."""
        (line,) = self.ask(list[str], "stats.get_statistics", name)
        return int(line.rpartition("= ")[2])

    def registered(self) -> set[str]:
        """Return the phones that have a contact."""
        found = self.ask(dict[str, Any], "ul.dump", "brief")
        return {aor["AoR"] for domain in found["Domains"] for aor in domain["Domain"]["AoRs"]}

    def _answers(self) -> bool:
        with contextlib.suppress(rpc.EdgeAway):
            return bool(self.ask(dict[str, Any], "core.uptime"))
        return False

    def kill(self) -> None:
        """End all its processes at once."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def check(self) -> None:
        """Say what went wrong inside."""
        said = self.log.read_text(errors="replace")
        for line in HARMLESS:
            said = said.replace(line, "")
        for bad in ("CRITICAL", "BUG:", "ERROR:", "core dump"):
            assert bad not in said, said[-4000:]


class Worker(Phone):
    """Stands for a SIP worker: at its port, and with its life in Contact."""

    name = ""
    options = True
    """Answers OPTIONS."""

    def other(self, message: Message, addr: Address) -> None:
        if message.method == "OPTIONS" and self.options:
            self.respond(message, addr, "200 OK")
        elif message.method != "OPTIONS":
            super().other(message, addr)


StartEdge = Callable[..., Edge]
OpenPhone = Callable[..., Awaitable[Phone]]


@pytest.fixture
def start_edge() -> Iterator[StartEdge]:
    """Return a function that starts an edge; see `Edge` for what is so unless it is told otherwise."""
    started: list[Edge] = []
    with tempfile.TemporaryDirectory(prefix="vaxel-edge-") as folder:

        def start(**changes: Any) -> Edge:
            place = Path(folder) / str(len(started))
            place.mkdir()
            edge = Edge(place, **changes)
            started.append(edge)
            edge.start()
            return edge

        try:
            yield start
            for edge in started:
                edge.check()
        finally:
            for edge in started:
                edge.kill()


@pytest.fixture
def edge(start_edge: StartEdge) -> Edge:
    """Return an edge with the usual settings."""
    return start_edge()


@pytest.fixture
async def open_phone() -> AsyncIterator[OpenPhone]:
    """Return a function that opens phones, at an address or connected to an edge; they are closed at the end."""
    opened: list[Phone] = []

    async def open_one(user: str = "guide01", host: str = PHONES, to: Edge | None = None, **more: Any) -> Phone:
        if to is None:
            phone = await Phone.open(user, host, **more)
        else:
            phone = await Phone.connect(to.address, user, host=host, **more)
        phone.password = PASSWORD
        opened.append(phone)
        return phone

    yield open_one
    for phone in opened:
        await phone.close()
    await asyncio.sleep(0)


@pytest.fixture
async def workers(edge: Edge) -> AsyncIterator[list[Worker]]:
    """Return both workers of `edge`."""
    async with standing(edge) as found:
        yield found


@contextlib.asynccontextmanager
async def standing(edge: Edge) -> AsyncIterator[list[Worker]]:
    """Let phones stand where the workers of an edge should be."""
    found = []
    try:
        for name, address in edge.settings.workers:
            host, _, port = address.rpartition(":")
            worker = await Worker.open(name, host, int(port))
            assert isinstance(worker, Worker)
            worker.name = name
            worker.parameters = f";worker={name}-life"
            found.append(worker)
        yield found
    finally:
        for worker in found:
            await worker.close()
        await asyncio.sleep(0)


async def next_call(workers: list[Worker], within: float = 3.0) -> Call:
    """Wait until either worker is rung."""
    waiting = [asyncio.get_running_loop().create_task(worker.ringing.get()) for worker in workers]
    done, pending = await asyncio.wait(waiting, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    assert done, "no worker was rung"
    return done.pop().result()


async def until(condition: Callable[[], T], within: float = DEADLINE_S, what: str = "it") -> T:
    """Wait until a condition holds; return its value."""
    end = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {within:g} s for {what} in vain"
        await asyncio.sleep(0.01)
    return value
