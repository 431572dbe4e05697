"""One Vaxel for measuring: supervisor, Redis, worker and engine, as `vaxel run` starts them, in a folder of its own."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from engine import bench_config, procfs, records
from engine.datafolder import DataFolder
from engine.processes import worker_socket

ROOT: Final = Path(__file__).parents[1]
HOST: Final = "127.0.0.1"
READY_WITHIN_S: Final = 30.0
STOPPED_WITHIN_S: Final = 20.0
MIB: Final = 1024 * 1024


class Trouble(Exception):
    """A measurement cannot be made; the text says why."""


class System:
    """Use as a context manager: running and ready inside, gone after."""

    def __init__(self, agents: int, *, port: int = 5060, workers: int = 1, extra_sip: str = "") -> None:
        """`extra_sip` is added to the `sip:` section of the configuration, for what a row must change."""
        self.port = port
        self._scratch = tempfile.TemporaryDirectory(prefix="vaxel-bench-")
        self.folder = Path(self._scratch.name)
        self._config = self.folder / "config"
        bench_config.write(self._config, agents=agents, port=port, workers=workers)
        path = self._config / "vaxel.yaml"
        text = path.read_text()
        if extra_sip:
            text = text.replace("sip:\n", f"sip:\n  {extra_sip}\n", 1)
            path.write_text(text)
        found = re.search(r"web:\n  port: (\d+)", text)
        assert found is not None
        self.web_port = int(found[1])
        self.data = DataFolder(self.folder / "data")
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._killed: set[str] = set()

    def __enter__(self) -> "System":
        try:
            self.start()
        except BaseException:
            self.stop()
            self._scratch.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None or issubclass(kind, Trouble):
                self._must_have_lasted()
        finally:
            self.stop()
            self._scratch.cleanup()

    # ---- life --------------------------------------------------------------------------------------------------

    def start(self) -> float:
        """Start and wait until it is ready; return the seconds that took."""
        for kind, port in ((socket.SOCK_DGRAM, self.port), (socket.SOCK_STREAM, self.web_port)):
            must_be_free(kind, HOST, port)
        must_be_free(socket.SOCK_DGRAM, bench_config.AGENTS, bench_config.AGENTS_PORT)
        argv = [sys.executable, "-m", "engine.supervisor"]
        argv += ["--config", str(self._config), "--data", str(self.data.root)]
        begun = time.monotonic()
        with (self.folder / "supervisor.out").open("ab") as out:
            self._supervisor = subprocess.Popen(
                argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        while not self._ready():
            if self._supervisor.poll() is not None or time.monotonic() - begun > READY_WITHIN_S:
                raise Trouble(f"Vaxel did not get ready: {self._last_words()}")
            time.sleep(0.005)
        return time.monotonic() - begun

    def stop(self) -> None:
        """Stop everything."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        supervisor.terminate()
        try:
            supervisor.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()
        for record in records.read_all(self.data):
            if record.living() is not None:
                os.kill(record.pid, signal.SIGKILL)

    def take_over(self) -> int:
        """Kill supervisor and engine, so that somebody else can command the worker; return the worker's pid."""
        assert self._supervisor is not None
        pids = self.pids()
        self._killed.add("engine")
        self._supervisor.kill()
        self._supervisor.wait()
        os.kill(pids["engine"], signal.SIGKILL)
        return pids["worker-1"]

    @property
    def worker_socket(self) -> str:
        """Where the worker listens for engines."""
        return str(worker_socket(self.data, 1))

    def _must_have_lasted(self) -> None:
        """Raise Trouble when a process was replaced that nobody here killed: then the figures mean nothing."""
        for record in records.read_all(self.data):
            if (record.restarts or not record.pid) and record.name not in self._killed:
                raise Trouble(f"{record.name} ended by itself or by others: {record.last_exit}")

    def kill_engine(self) -> None:
        """Kill the engine; the supervisor starts another."""
        self._killed.add("engine")
        os.kill(self.pids()["engine"], signal.SIGKILL)

    def _last_words(self) -> str:
        lines = (self.folder / "supervisor.out").read_text().strip().splitlines()
        return lines[-1] if lines else "no word on stderr"

    def _ready(self) -> bool:
        try:
            return self._get("/health/ready")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _get(self, path: str) -> tuple[int, str]:
        with contextlib.closing(http.client.HTTPConnection(HOST, self.web_port, timeout=2)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    # ---- looking -----------------------------------------------------------------------------------------------

    def pids(self) -> dict[str, int]:
        """Return name to pid of all processes that do the work."""
        assert self._supervisor is not None
        found = {record.name: record.pid for record in records.read_all(self.data) if record.pid}
        return {"supervisor": self._supervisor.pid, **found}

    def cpu_s(self) -> dict[str, float]:
        """Return process to CPU seconds used so far, user and system, its ended children included."""
        return {name: cpu_s(pid) for name, pid in self.pids().items()}

    def thread_cpu_s(self, name: str) -> dict[str, float]:
        """Return thread (by name and number) to CPU seconds used so far, for one process."""
        tasks = Path(f"/proc/{self.pids().get(name, 0)}/task")
        if not tasks.is_dir():
            raise Trouble(f"{name} does not run")
        found = {}
        for task in sorted(tasks.iterdir(), key=lambda path: int(path.name)):
            with contextlib.suppress(OSError):
                found[f"{(task / 'comm').read_text().strip()}-{task.name}"] = _cpu_of(task / "stat", children=False)
        return found

    def rss_mib(self) -> dict[str, float]:
        """Return process to resident memory."""
        stats = {name: procfs.stat(pid) for name, pid in self.pids().items()}
        return {name: stat.rss_bytes / MIB for name, stat in stats.items() if stat is not None}

    def metrics(self) -> dict[str, float]:
        """Return the engine's metrics, by name and labels as /metrics shows them."""
        _, text = self._get("/metrics")
        lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process and its ended children used so far; 0 when it is gone."""
    try:
        return _cpu_of(Path(f"/proc/{pid}/stat"), children=True)
    except OSError:
        return 0.0


def _cpu_of(path: Path, *, children: bool) -> float:
    text = path.read_text()
    fields = text[text.rindex(")") + 2 :].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / procfs.TICKS_PER_S


def difference(after: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    """Return what was used in between."""
    return {name: value - before.get(name, 0.0) for name, value in after.items()}


def dropped_packets() -> int:
    """Return how many datagrams found a full socket so far, over all UDP sockets that are open now."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return sum(int(line.split()[-1]) for line in lines)


def must_be_free(kind: socket.SocketKind, host: str, port: int) -> None:
    """Raise Trouble when something listens there already."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            name = "tcp" if kind == socket.SOCK_STREAM else "udp"
            raise Trouble(f"{host}:{port}/{name} is taken: stop what listens there") from None
