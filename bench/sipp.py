"""SIPp as caller and as all agents at once.

SIPp binds its media ports in any case; where no RTP is wanted it never reads them, so packets vanish there without an
ICMP error.
"""

import csv
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from bench.system import HOST, Trouble
from engine.bench_config import AGENTS, AGENTS_PORT, CALLERS

SCENARIOS: Final = Path(__file__).parent / "scenarios"
LOCAL_PORT: Final = 5070
CALLERS_MEDIA: Final = 40000
"""Media port of callers at `LOCAL_PORT`, four further for each port above."""
AGENTS_MEDIA: Final = 40002
STATS_EVERY_S: Final = "1"
"""Between lines of statistics."""


class Counts(NamedTuple):
    """What SIPp counted."""

    created: int
    succeeded: int
    failed: int
    retransmitted: int
    open: int


class Sipp:
    """One SIPp process."""

    def __init__(self, folder: Path, name: str, scenario: str, arguments: Sequence[str]) -> None:
        program = shutil.which("sipp")
        if program is None:
            raise Trouble("SIPp is not installed: apt install sip-tester")
        self._stats = folder / f"{name}.csv"
        self._errors = folder / f"{name}.err"
        self._argv = [program, "-sf", str(SCENARIOS / f"{scenario}.xml"), *arguments]
        self._shown = len(self._argv)
        self._argv += ["-nostdin", "-trace_stat", "-stf", str(self._stats), "-fd", STATS_EVERY_S]
        self._argv += ["-trace_err", "-error_file", str(self._errors), "-max_socket", "64"]
        with (folder / f"{name}.out").open("wb") as out:
            self._process = subprocess.Popen(
                self._argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )

    def __enter__(self) -> "Sipp":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def command(self) -> str:
        """The command as it may be shown: no folders."""
        words, show = iter(self._argv[: self._shown]), []
        for word in words:
            show.append(Path(word).name)
        return " ".join(show)

    def wait(self, within_s: float) -> Counts:
        """Wait until its calls are over. Raises Trouble."""
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise Trouble(f"SIPp's calls did not end within {within_s:.0f} s; {self.trouble()}") from None
        return self.counts()

    def stop(self) -> None:
        """End it at once."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def counts(self) -> Counts:
        """Return the last line of its statistics."""
        try:
            with self._stats.open(newline="") as file:
                rows = list(csv.DictReader(file, delimiter=";"))
        except OSError:
            rows = []
        if not rows:
            return Counts(0, 0, 0, 0, 0)
        last = rows[-1]
        return Counts(
            created=int(last["TotalCallCreated"]),
            succeeded=int(last["SuccessfulCall(C)"]),
            failed=int(last["FailedCall(C)"]),
            retransmitted=int(last["Retransmissions(C)"]),
            open=int(last["CurrentCall"]),
        )

    def trouble(self) -> str:
        """Return the first thing it complained about."""
        try:
            lines = self._errors.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        told = [line for line in lines if line.strip() and "following events" not in line]
        return f"SIPp: {told[0][:300]}" if told else "SIPp reports no error"


def callers(
    folder: Path, port: int, rate: float, calls: int, *, scenario: str = "caller", number: str = "direct",
    talk_ms: int = 2000, name: str = "callers", local_port: int = LOCAL_PORT, media: Sequence[str] = (),
) -> Sipp:  # fmt: skip
    """Start callers: `rate` a second, `calls` in all."""
    arguments = [f"{HOST}:{port}", "-s", number, "-i", CALLERS, "-p", str(local_port), "-mi", CALLERS]
    arguments += ["-mp", str(CALLERS_MEDIA + 4 * (local_port - LOCAL_PORT)), *media]
    # Without -l SIPp would hold no more calls open than rate and talk make likely.
    arguments += ["-r", f"{rate:g}", "-m", str(calls), "-l", str(calls), "-d", str(talk_ms)]
    return Sipp(folder, name, scenario, arguments)


def agents(folder: Path, *, scenario: str = "agent", talk_ms: int = 2000, media: Sequence[str] = ()) -> Sipp:
    """Start all agents and wait until they listen."""
    arguments = ["-i", AGENTS, "-p", str(AGENTS_PORT), "-mi", AGENTS, "-mp", str(AGENTS_MEDIA), *media]
    process = Sipp(folder, "agents", scenario, [*arguments, "-d", str(talk_ms)])
    deadline = time.monotonic() + 5
    wanted = f"{int.from_bytes(socket.inet_aton(AGENTS), 'little'):08X}:{AGENTS_PORT:04X}"
    while wanted not in Path("/proc/net/udp").read_text():
        if time.monotonic() > deadline:
            process.stop()
            raise Trouble(f"SIPp does not listen for agents; {process.trouble()}")
        time.sleep(0.01)
    return process
