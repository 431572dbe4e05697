"""A real worker process per test, and what talks to it."""

import asyncio
import contextlib
import fcntl
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import wave
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pytest

from adapters.sip import protocol as p
from adapters.sip.settings import Network, WorkerSettings
from tests.sip import g711
from tests.sip.engine import KEY, Engine
from tests.sip.phone import Address, Phone

ROOT = Path(__file__).parents[2]
MUSIC = 400.0
"""Hertz of the music that waiting callers hear."""
PROMPT = 1000.0
SORRY = 1500.0
CLAIMS: Final = Path(tempfile.gettempdir()) / f"vaxel-test-ports-{os.getuid()}"
CLAIMS_KEPT: Final = 200
_claims: deque[int] = deque()
_RTP_BASES = itertools.count(random.randrange(20000, 50000, 400), 200)


def write_tone(path: Path, hertz: float, seconds: float, rate: int = 8000) -> str:
    """Write a WAV file with a tone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(g711.tone(hertz, seconds, rate).astype("<i2").tobytes())
    return str(path)


def read_samples(path: Path) -> tuple[g711.Samples, int]:
    """Return the samples of a linear WAV file and their rate."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float), file.getframerate()


def _claim(port: int) -> None:
    """Keep a port from tests in other processes, which may look before it is bound here. Raises OSError."""
    CLAIMS.mkdir(exist_ok=True)
    if len(_claims) == CLAIMS_KEPT:
        os.close(_claims.popleft())
    claim = os.open(CLAIMS / str(port), os.O_CREAT | os.O_RDWR, 0o600)
    _claims.append(claim)
    fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port free for UDP and TCP."""
    return free_ports(1, host)


def free_ports(count: int, host: str = "127.0.0.1") -> int:
    """Return the first of `count` ports in a row that are free for UDP and TCP."""
    while True:
        first = random.randrange(10000, 19999 - count)
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    _claim(port)
                    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                        stack.enter_context(socket.socket(type=kind)).bind((host, port))
            except OSError:
                continue
            return first


class WorkerProcess:
    """A worker under test."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        base = next(_RTP_BASES) % 40000 + 20000
        low = base - base % 2
        fields: dict[str, Any] = {
            "name": "w1",
            "socket": str(folder / "worker.sock"),
            "dial_key": KEY,
            "port": free_port(),
            "rtp_ports": (low, low + 199),
            "max_legs": 60,
            "clock_rate": 8000,
            "networks": (Network(name="trunk", sources=("127.0.0.1/32",), may_assert=True),),
            "codecs": ("PCMA/8000", "PCMU/8000", "G722/16000"),
            "music": {"default": write_tone(folder / "music.wav", MUSIC, 2)},
            **changes,
        }
        self.settings = WorkerSettings(**fields)
        self.file = folder / f"{self.settings.name}.msgpack"
        self.file.write_bytes(msgspec.msgpack.encode(self.settings))
        self.errors = folder / f"{self.settings.name}.err"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for its SIP port."""
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "adapters.sip.worker", str(self.file)],
                cwd=ROOT,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        deadline = time.monotonic() + 10
        while b"worker_started" not in self.errors.read_bytes():
            assert self.process.poll() is None, self.errors.read_text()
            assert time.monotonic() < deadline, self.errors.read_text()
            time.sleep(0.02)

    @property
    def address(self) -> Address:
        return self.settings.address, self.settings.port

    def stop(self, how: signal.Signals = signal.SIGKILL) -> int:
        """End it; return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(5)

    def check(self) -> None:
        """No callback failed, no crash."""
        said = self.errors.read_text(errors="replace")
        assert "callback_failed" not in said, said
        assert "Traceback" not in said, said
        assert "Fatal Python error" not in said, said


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Return a function that starts workers; they are killed at the end."""
    started: list[WorkerProcess] = []

    def start(**changes: Any) -> WorkerProcess:
        worker = WorkerProcess(tmp_path, **changes)
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        crashed = worker.process is not None and worker.process.poll() not in (None, 0)
        worker.stop()
        worker.check()
        assert not crashed, worker.errors.read_text()


@pytest.fixture
def worker(start_worker: Callable[..., WorkerProcess]) -> WorkerProcess:
    """Return a worker with default settings."""
    return start_worker()


@pytest.fixture
async def engine(worker: WorkerProcess, attach: Callable[..., Any]) -> Engine:
    """Return an engine attached to `worker`."""
    engine: Engine = await attach(worker)
    await engine.next(p.Attached)
    return engine


@pytest.fixture
async def attach() -> AsyncIterator[Callable[..., Any]]:
    """Return a function that attaches engines to workers; they are gone at the end."""
    attached: list[Engine] = []

    async def attach_one(worker: WorkerProcess, **more: Any) -> Engine:
        attached.append(await Engine.connect(worker.settings.socket, **more))
        return attached[-1]

    yield attach_one
    for engine in attached:
        engine.kill()
    await asyncio.sleep(0)


@pytest.fixture
async def open_phone() -> AsyncIterator[Callable[..., Any]]:
    """Return a function that opens phones; they are closed at the end."""
    opened: list[Phone] = []

    async def open_one(user: str = "phone", to: Address | None = None, **more: Any) -> Phone:
        phone = await (Phone.connect(to, user) if to else Phone.open(user, **more))
        opened.append(phone)
        return phone

    yield open_one
    for phone in opened:
        await phone.close()
    await asyncio.sleep(0)
