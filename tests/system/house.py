"""Vaxel as it stands in a city: supervisor, redis-server, Kamailio, SIP workers and engine, all real processes."""

import contextlib
import os
import random
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import redis
import yaml

from adapters.edge.passwords import Passwords
from engine import bench_config, procfs, records
from engine.datafolder import DataFolder
from tests.sip.conftest import free_port, free_ports, write_tone
from tests.sip.phone import Address
from tests.sip.registering import register
from tests.sip.sipmessage import Message, Sdp, token
from tests.system.record import Record

ROOT = Path(__file__).parents[2]
MUSIC = 700.0
"""Hertz of what waiting callers hear."""
CALLERS = "127.0.0.2"
AGENTS = "127.0.0.3"
DEADLINE_S = 20.0
PROBE_EVERY_S = 0.25
LOG_TAIL_LINES = 40
LEGS = 300
PASSWORD = "as-good-as-any"
"""Of every phone here."""
T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = DEADLINE_S, what: str = "it") -> T:
    """Wait until a condition holds; return its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {seconds:g} s for {what} in vain"
        time.sleep(0.01)
    return value


def merge(base: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Put `changes` into nested mappings; other values are replaced."""
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            merge(base[key], value)
        else:
            base[key] = value


class House:
    """One configuration, one data folder, and the processes on them.

    `changes` go into the files that `vaxel bench-config` writes: {"queues": {"queues": {"bench": {"wrap_up": 1}}}}.
    Callers ring from 127.0.0.2, a trunk. Agents' phones are at `agent_phones`, one for each agent when `apart`; they
    register at the edge, or are rung there without one (`edge=False`, one worker then).
    A `hasty` supervisor starts at once again what dies, however often.
    """

    def __init__(
        self,
        agents: int = 1,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        apart: bool = False,
        clock_rate: int = 8000,
        hasty: bool = False,
        edge: bool = True,
        history: bool = False,
        workers: int | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vaxel-"))
        self.config = self.folder / "config"
        self.data = self.folder / "data"
        self.layout = DataFolder(self.data)
        self.sip: Address = "127.0.0.1", free_port()
        self.web: Address = "127.0.0.1", free_port()
        self.edge = edge
        self.history = history
        self.trusted: ssl.SSLContext | None = None
        """Whom to believe at a web port that speaks TLS; None where it speaks plainly."""
        self.workers = workers or (2 if edge else 1)
        self.agent_phones: list[Address] = []
        self._program = "tests.system.hasty" if hasty else "engine.supervisor"
        self._supervisors: list[subprocess.Popen[str]] = []
        bench_config.write(self.config, agents=agents, port=self.sip[1], workers=self.workers, clock_rate=clock_rate)
        write_tone(self.config / "music" / "default.wav", MUSIC, 2, clock_rate)
        self._place(agents, apart)
        ports = 2 * LEGS * self.workers
        low = random.randrange(40000, 60000 - ports, 200)
        self.change(
            "vaxel",
            {
                "log_level": "info",
                "sip": {"rtp_ports": f"{low}-{low + ports - 1}", "max_legs": LEGS},
                "web": {"port": self.web[1]},
                "history": {"enabled": history},
            },
        )
        if edge:
            self._put_behind_edge()
        for name, change in (changes or {}).items():
            self.change(name, change)

    def _place(self, agents: int, apart: bool) -> None:
        """Give the agents' phones an address of this house's own."""
        shared = free_port(AGENTS)
        path = self.config / "agents.yaml"
        text = path.read_text()
        for number in range(1, agents + 1):
            port = free_port(AGENTS) if apart else shared
            self.agent_phones.append((AGENTS, port))
            name = f"agent{number:04}"
            text = text.replace(f"sip:{name}@{AGENTS}:{bench_config.AGENTS_PORT}", f"sip:{name}@{AGENTS}:{port}")
        path.write_text(text)

    def _put_behind_edge(self) -> None:
        """Make callers a trunk and the agents' phones registered ones."""
        vaxel = yaml.safe_load((self.config / "vaxel.yaml").read_text())
        del vaxel["sip"]["networks"]
        vaxel |= {"edge": "kamailio", "trunks": {"callers": {"address": [CALLERS], "calls_per_second": 1000}}}
        # SIPp takes an OPTIONS for a call.
        vaxel["sip"]["registration"] = {"ping": 0}
        vaxel["sip"]["inner_port"] = free_ports(2 * self.workers + 1)
        vaxel["sip"]["browsers"] = {"port": free_port()}
        (self.config / "vaxel.yaml").write_text(yaml.safe_dump(vaxel))
        agents = yaml.safe_load((self.config / "agents.yaml").read_text())
        for name, agent in agents["agents"].items():
            del agent["address"]
            agent["phone"] = name
        (self.config / "agents.yaml").write_text(yaml.safe_dump(agents))
        (self.config / "phones.yaml").write_text(yaml.safe_dump({"phones": {name: {} for name in agents["agents"]}}))
        self.layout.edge.mkdir(mode=0o700, parents=True)
        known = Passwords(self.layout.edge / "phones.sqlite")
        for name in agents["agents"]:
            known.set(name, PASSWORD)

    def phones_at(self, address: Address) -> list[str]:
        """Return the names of the phones at an address."""
        return [f"agent{n:04}" for n, at in enumerate(self.agent_phones, 1) if at == address]

    def register(self, *phones: str, at: Address) -> None:
        """Register phones that somebody else will be at `at`, and wait until they are rung."""
        register(self.sip, at, PASSWORD, *phones)
        self.until_known(*phones)

    def registrations_on_disk(self) -> int:
        """Return how many phones an edge that starts anew knows."""
        uri = f"file:{self.layout.edge / 'location.sqlite'}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as base:
            (count,) = base.execute("SELECT count(*) FROM location").fetchone()
        return int(count)

    def until_known(self, *phones: str) -> None:
        """Wait until the engine knows that these phones can be rung."""
        addresses = {f"phone:{phone}" for phone in phones}
        until(lambda: not addresses & self.record().replay().lost, what="the engine to know of the phones")

    def change(self, name: str, change: Mapping[str, Any]) -> None:
        """Change one configuration file, before the start."""
        path = self.config / f"{name}.yaml"
        values = yaml.safe_load(path.read_text())
        merge(values, change)
        path.write_text(yaml.safe_dump(values))

    # ---- life --------------------------------------------------------------------------------------------------

    def launch(self, environment: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start a supervisor in a session of its own, and wait for nothing."""
        started = subprocess.Popen(
            [sys.executable, "-m", self._program, "--config", str(self.config), "--data", str(self.data)],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._supervisors.append(started)
        return started

    def start(self) -> "subprocess.Popen[str]":
        """Start a supervisor and wait until calls are served."""
        supervisor = self.launch()
        self.until_serving(supervisor)
        return supervisor

    def until_serving(self, supervisor: "subprocess.Popen[str] | None" = None, seconds: float = DEADLINE_S) -> None:
        """Wait until every part is ready, and a call gets an answer that only a configured engine can give: 404 for an
        unknown number."""

        def served() -> bool:
            if supervisor is not None and supervisor.poll() is not None:
                raise AssertionError(f"the supervisor ended with {supervisor.returncode}: {supervisor.communicate()}")
            return ask(self.sip, "nobody-has-this-number") == 404 and self.get("/health/ready")[0] == 200

        until(served, seconds, "the first answer")

    def refuse(self, seconds: float = DEADLINE_S, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Start a supervisor that cannot work; return its exit code and what it said."""
        supervisor = self.launch(environment)
        _, said = supervisor.communicate(timeout=seconds)
        return supervisor.returncode, said

    def stop(self, seconds: float = DEADLINE_S) -> int:
        """Stop the supervisor in order; return its exit code."""
        supervisor = self._supervisors[-1]
        supervisor.terminate()
        return supervisor.wait(seconds)

    def kill_supervisor(self) -> None:
        """End the supervisor by SIGKILL."""
        self._supervisors[-1].kill()
        self._supervisors[-1].wait()

    def pid(self, name: str) -> int:
        """Return the pid of a process that runs, 0 when it does not."""
        record = next((record for record in records.read_all(self.layout) if record.name == name), None)
        return record.pid if record is not None and record.living() is not None else 0

    def pids(self) -> dict[str, int]:
        """Return the pids of all processes that run."""
        return {record.name: record.pid for record in records.read_all(self.layout) if record.living() is not None}

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a process by its name; return the pid it had."""
        pid = self.pid(name)
        assert pid, f"{name} does not run"
        os.kill(pid, how)
        return pid

    def end(self) -> None:
        """End everything, and leave nothing behind: no process, no folder."""
        for supervisor in self._supervisors:
            if supervisor.poll() is None:
                supervisor.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    supervisor.wait(DEADLINE_S)
            if supervisor.poll() is None:
                supervisor.kill()
            supervisor.communicate()
        until(self._sweep, what="the processes to be gone")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> bool:
        """Kill whatever names our folder in its arguments; tell whether there was nothing."""
        clean = True
        for entry in procfs.PROC.iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                ours = os.fsencode(str(self.folder)) in (entry / "cmdline").read_bytes()
                if ours and procfs.stat(int(entry.name)) is not None:
                    os.kill(int(entry.name), signal.SIGKILL)
                    clean = False
        return clean

    # ---- looking -----------------------------------------------------------------------------------------------

    @property
    def worker_names(self) -> list[str]:
        """The processes that carry calls."""
        return [f"worker-{number}" for number in range(1, self.workers + 1)]

    @property
    def process_names(self) -> set[str]:
        """All processes but the supervisor."""
        beside = [*(["edge", "tracer"] if self.edge else []), *(["history"] if self.history else [])]
        return {"redis", "engine", *self.worker_names, *beside}

    @property
    def url(self) -> str:
        """Where the web server is."""
        scheme = "https" if self.trusted is not None else "http"
        return f"{scheme}://{self.web[0]}:{self.web[1]}"

    @property
    def redis_socket(self) -> Path:
        """Where the private Redis listens."""
        return self.layout.run / "redis.sock"

    def redis(self) -> "redis.Redis":
        """Return a client of the private Redis; use it as a context."""
        return redis.Redis(unix_socket_path=str(self.redis_socket))

    def record(self) -> Record:
        """Read the journal."""
        return Record.read(self.redis_socket, self.layout.archive)

    def until_recorded(self, condition: Callable[[Record], T], seconds: float = 10.0, what: str = "facts") -> T:
        """Wait until the journal is as wanted."""
        return until(lambda: condition(self.record()), seconds, what)

    def open_contacts(self) -> dict[str, str]:
        """Return the contacts that have not ended, and their states' names."""
        return {id_: type(contact).__name__ for id_, contact in self.record().replay().contacts.items()}

    def check(self, seconds: float = 10.0) -> Record:
        """Wait until every contact has ended; then the journal must be whole and every invariant hold at each entry."""
        until(lambda: not self.open_contacts(), seconds, "all contacts to end")
        record = self.record()
        assert not record.wrong(), "\n".join(record.wrong())
        for name in ("engine", *self.worker_names):
            said = self.log(name)
            for bad in ("Traceback", "callback_failed", "Fatal Python error", '"spine.bug"'):
                assert bad not in said, f"{name}: {said[max(0, said.index(bad) - 300) :][:3000]}"
        return record

    def log(self, name: str) -> str:
        """Return all a process has written."""
        path = self.layout.log / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def logs(self) -> str:
        """Return the ends of all logs."""
        if not self.layout.log.exists():
            return ""
        parts = []
        for path in sorted(self.layout.log.glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
            parts.append(f"--- {path.name}\n" + "\n".join(line[:1000] for line in lines))
        return "\n".join(parts)

    def get(self, path: str) -> tuple[int, str]:
        """Ask the web server; 0 when it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=2, context=self.trusted) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""


def ask(to: Address, called: str, within: float = PROBE_EVERY_S) -> int:
    """Send one INVITE and acknowledge its final answer; return the status, 0 when none came in time."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((CALLERS, 0))
        probe.connect(to)
        here = f"{CALLERS}:{probe.getsockname()[1]}"
        headers = [
            ("Via", f"SIP/2.0/UDP {here};rport;branch=z9hG4bK{token()}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:probe@{here}>;tag={token()}"),
            ("To", f"<sip:{called}@{to[0]}:{to[1]}>"),
            ("Call-ID", token(16)),
            ("CSeq", "1 INVITE"),
            ("Contact", f"<sip:probe@{here}>"),
        ]
        body = ("Content-Type", "application/sdp")
        start = f"sip:{called}@{to[0]}:{to[1]} SIP/2.0"
        end = time.monotonic() + within
        with contextlib.suppress(OSError):
            probe.send(Message(f"INVITE {start}", [*headers, body], str(Sdp(CALLERS, 9, (8,)))).encode())
            while (left := end - time.monotonic()) > 0:
                probe.settimeout(left)
                answer = Message.parse(probe.recv(65536))
                if answer.status >= 200:
                    headers[3:4] = [("To", answer["To"])]
                    headers[5:6] = [("CSeq", "1 ACK")]
                    probe.send(Message(f"ACK {start}", headers).encode())
                    return answer.status
        return 0
