"""The API: what a request costs the engine, how long it takes, and what hundreds of listeners cost.

The engine is `bench.api_engine`: all of it, with a Redis of its own, but without workers; its CPU is counted from
/proc. This process is the client: plain sockets, so that it costs little.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from bench.rows import Context, Group, Measured, quantile
from bench.system import ROOT, Trouble, cpu_s
from engine import bench_config

AGENTS: Final = 100
WAITING: Final = 1000
LISTENERS: Final = 500
CLIENTS: Final = 4
"""Connections that ask one request after the other."""
PACED: Final = 50.0
"""Requests a second for the latency."""
EVENTS: Final = 50.0
"""Events a second: what 5 calls a second make."""
WEB_PORT: Final = 8280
STOP_WITHIN_S: Final = 20.0
LESS_THAN_AN_EVENT: Final = 60
"""Bytes by which listeners may differ: the heads of HTTP's chunks are not of one length."""
HANDSHAKE: Final = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
EMPTY_OBJECT: Final = b"\x81\x82\x00\x00\x00\x00{}"
"""A masked text frame that asks for everything."""


class Served:
    """An engine that listens."""

    def __init__(self, process: "subprocess.Popen[str]", token: str) -> None:
        self._process = process
        self.token = token
        self.pid = process.pid

    def say(self, line: str) -> None:
        """Tell it what to do."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        """Return what it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def request(self, path: str) -> bytes:
        """Return a request as it goes over the wire."""
        return f"GET /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()


@contextlib.contextmanager
def served() -> Iterator[Served]:
    """Run an engine with 100 agents, who have a pause, and 1,000 callers in line."""
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as name:
        folder = Path(name)
        bench_config.write(folder / "config", agents=AGENTS)
        lift_limits(folder / "config")
        with running(folder, WAITING) as engine:
            yield engine


@contextlib.contextmanager
def running(folder: Path, waiting: int) -> Iterator[Served]:
    """Run an engine with the configuration in a folder, and so many callers in line."""
    argv = [sys.executable, "-m", "bench.api_engine", str(folder / "config"), str(folder / "data"), str(waiting)]
    process = subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise Trouble("the engine did not start")
        token = json.loads((folder / "data" / "run" / "api.json").read_text())["token"]
        yield Served(process, token)
    finally:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Trouble("the engine did not end") from None


def lift_limits(config: Path) -> None:
    """Let one token ask as often as it can."""
    vaxel = config / "vaxel.yaml"
    text = vaxel.read_text().replace("  port: 8080", f"  port: {WEB_PORT}\n  requests_per_second: 100000")
    vaxel.write_text(text)


# ---- requests --------------------------------------------------------------------------------------------------------


class Client:
    """One connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", WEB_PORT))

    async def ask(self, request: bytes) -> int:
        """Send a request; return the bytes of the answer's body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise Trouble(f"the API answered {head[:40]!r}")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await self._reader.readexactly(size)
        return size

    def close(self) -> None:
        self._writer.close()


async def _flood(request: bytes, number: int) -> None:
    """Ask as often as that, over several connections at once."""
    clients = [await Client.open() for _ in range(CLIENTS)]

    async def one(client: Client) -> None:
        for _ in range(number // CLIENTS):
            await client.ask(request)

    await asyncio.gather(*(one(client) for client in clients))
    for client in clients:
        client.close()


async def _pace(request: bytes, number: int) -> list[float]:
    """Ask at an even pace; return the milliseconds each took."""
    client = await Client.open()
    took = []
    begun = time.perf_counter()
    for count in range(number):
        await asyncio.sleep(max(0.0, begun + count / PACED - time.perf_counter()))
        asked = time.perf_counter()
        await client.ask(request)
        took.append(1000 * (time.perf_counter() - asked))
    client.close()
    return took


def requests(context: Context) -> list[Measured]:
    """Live state and a page of contacts."""
    found = []
    number = int(context.choose(4000, 400))
    paced = int(context.choose(500, 50))
    with served() as engine:
        for key, path in (("api.live", "/live"), ("api.contacts", "/contacts?limit=100&state=waiting&queue=bench")):
            request = engine.request(path)
            asyncio.run(_flood(request, 100))
            rates, latencies, wall = [], [], []
            for _ in range(context.repeats):
                before, begun = cpu_s(engine.pid), time.perf_counter()
                asyncio.run(_flood(request, number))
                wall.append(number / (time.perf_counter() - begun))
                rates.append((number / (cpu_s(engine.pid) - before),))
                took = asyncio.run(_pace(request, paced))
                latencies.append((quantile(took, 0.5), quantile(took, 0.95)))
            commands = [f"bench.api_engine; GET /api/v1{path}, {AGENTS} agents, {WAITING} waiting"]
            found += [
                Measured(
                    f"{key}_per_s", rates, commands, "requests over the engine's CPU seconds", {"wall, /s": max(wall)}
                ),
                Measured(f"{key}_ms", latencies, commands, f"{PACED:g} requests a second"),
            ]
    return found


# ---- listeners -------------------------------------------------------------------------------------------------------


class Ear(asyncio.Protocol):
    """A listener that counts bytes and notes when the last came."""

    def __init__(self, hello: bytes) -> None:
        self._hello = hello
        self.bytes = 0
        self.heard: list[float] = []
        self.lost = False
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if not self.begun.done():
            self.begun.set_result(None)
        self.heard.append(time.perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


async def _listen(engine: Served, kind: Literal["sse", "websocket"], number: int) -> tuple[float, float, int]:
    """Let so many events happen while 500 listen; return the engine's CPU seconds, seconds in all, and bytes heard."""
    hello = engine.request("/events")
    if kind == "websocket":
        hello = hello[:-2] + HANDSHAKE + EMPTY_OBJECT
    loop = asyncio.get_running_loop()
    ears = [Ear(hello) for _ in range(LISTENERS)]
    transports = []
    for ear in ears:
        transport, _ = await loop.create_connection(lambda ear=ear: ear, "127.0.0.1", WEB_PORT)  # type: ignore[misc]
        transports.append(transport)
    await asyncio.gather(*(ear.begun for ear in ears))
    await asyncio.sleep(1)
    engine.say("lag")
    await loop.run_in_executor(None, engine.hear)
    before = [ear.bytes for ear in ears]
    cpu, begun = cpu_s(engine.pid), time.perf_counter()
    engine.say(f"go {number} {EVENTS}")
    await asyncio.sleep(number / EVENTS + 1)
    used, passed = cpu_s(engine.pid) - cpu, time.perf_counter() - begun
    heard = [ear.bytes - had for ear, had in zip(ears, before, strict=True)]
    if any(ear.lost for ear in ears) or max(heard) - min(heard) > LESS_THAN_AN_EVENT:
        raise Trouble(f"not everybody heard everything: {min(heard)} to {max(heard)} bytes")
    for transport in transports:
        transport.close()
    return used, passed, heard[0]


def listeners(context: Context) -> list[Measured]:
    """500 listeners, 50 events a second."""
    found = []
    number = int(context.choose(1000, 200))
    kinds: tuple[Literal["sse", "websocket"], ...] = ("sse", "websocket")
    with served() as engine:
        for kind in kinds:
            costs, lags, detail = [], [], {}
            quiet, lag = _quiet(engine, number)
            for _ in range(context.repeats):
                used, passed, heard = asyncio.run(_listen(engine, kind, number))
                engine.say("lag")
                _, p99, worst = map(float, engine.hear().split())
                costs.append((1e6 * (used - quiet) / number / LISTENERS,))
                lags.append((1000 * p99,))
                detail = {
                    "engine, %": 100 * used / passed,
                    "lag at most, ms": 1000 * worst,
                    "lag p99 without listeners, ms": 1000 * lag,
                    "bytes": heard,
                }
                time.sleep(1)
            commands = [f"bench.api_engine; {LISTENERS} x GET /api/v1/events ({kind}), {EVENTS:g} events a second"]
            found += [
                Measured(f"events.{kind}_us", costs, commands, "the engine's CPU, less that without listeners", detail),
                Measured(f"events.{kind}_lag_ms", lags, commands, "looked at every 5 ms"),
            ]
    return found


def _quiet(engine: Served, number: int) -> tuple[float, float]:
    """Return the CPU seconds that the same events cost when nobody listens, and the p99 of the lag then."""
    engine.say("lag")
    engine.hear()
    before = cpu_s(engine.pid)
    engine.say(f"go {number} {EVENTS}")
    time.sleep(number / EVENTS + 1)
    used = cpu_s(engine.pid) - before
    engine.say("lag")
    return used, float(engine.hear().split()[1])


GROUPS: Final = (
    Group(("api.live_per_s", "api.live_ms", "api.contacts_per_s", "api.contacts_ms"), 110, 15, requests),
    Group(("events.sse_us", "events.sse_lag_ms", "events.websocket_us", "events.websocket_lag_ms"), 190, 45, listeners),
)
