"""SIPp as callers and agents: one process for each scenario."""

import contextlib
import re
import socket
import subprocess
import time
from pathlib import Path

from tests.sip.phone import Address

SCENARIOS = Path(__file__).parent / "scenarios"
SHARED = Path(__file__).parents[1] / "sip" / "scenarios"
START_S = 5.0


class Sipp:
    """One running SIPp."""

    def __init__(self, scenario: str, folder: Path, *options: str) -> None:
        self.scenario = scenario
        path = SCENARIOS / scenario
        self._errors = folder / f"sipp-{time.monotonic_ns()}.err"
        command = ["sipp", "-sf", str(path if path.exists() else SHARED / scenario), "-nostdin", *options]
        command += ["-trace_err", "-error_file", str(self._errors)]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    @property
    def running(self) -> bool:
        """Whether it has calls to make or to take yet."""
        return self._process.poll() is None

    def finish(self, seconds: float = 30.0) -> None:
        """Wait until all its calls are over; each must have gone as the scenario says."""
        try:
            said, _ = self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(f"{self.scenario} has not finished within {seconds:g} s: {self._wrong()}") from None
        assert self._process.returncode == 0, f"{self.scenario}: {self._wrong()}\n{_last_screen(said)}"

    def end(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
        with contextlib.suppress(ValueError):
            self._process.communicate()

    def _wrong(self) -> str:
        return self._errors.read_text(errors="replace")[:3000] if self._errors.exists() else ""


def _last_screen(said: str) -> str:
    """Return the figures SIPp prints at its end."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", said)
    return "\n".join(line for line in plain[-6000:].splitlines() if line.strip())[-3000:]


def until_bound(address: Address, seconds: float = START_S) -> None:
    """Wait until somebody has bound a UDP address."""
    end = time.monotonic() + seconds
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(address)
            except OSError:
                return
        assert time.monotonic() < end, f"nobody listens on {address}"
        time.sleep(0.01)
