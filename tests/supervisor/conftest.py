"""A supervisor as a process of its own, over dummy programs and a real redis-server."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from engine import procfs, records
from engine.datafolder import DataFolder
from engine.process import Process, dump

ROOT = Path(__file__).parents[2]
DUMMY = Path(__file__).with_name("dummy.py")
DEADLINE_S = 10.0
T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = DEADLINE_S) -> T:
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)
    return value


def dummy(label: str, *how: str, stage: int = 1, stop_after: float = 5.0) -> Process:
    return Process(label, [sys.executable, "-S", "-E", str(DUMMY), label, *how], stage=stage, stop_after=stop_after)


class House:
    """One data folder and the supervisors started over it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.work = folder
        self.folder = DataFolder(self.data)
        self._started: list[subprocess.Popen[str]] = []
        self._planned: list[list[str]] = []

    def start(self, *processes: Process) -> subprocess.Popen[str]:
        plan = self.work / "plan.json"
        # With the folder among the arguments no other test's process can be taken for one of this house.
        own = [
            process._replace(argv=[*process.argv, str(self.work)]) if str(DUMMY) in process.argv else process
            for process in processes
        ]
        self._planned += [process.argv for process in own]
        plan.write_text(dump(own))
        return self.command("tests.supervisor.harness", str(self.data), str(plan))

    def command(self, module: str, *options: str) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, "-m", module, *options],
            cwd=self.work,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._started.append(started)
        return started

    def record(self, name: str) -> records.Record | None:
        return next((record for record in records.read_all(self.folder) if record.name == name), None)

    def up(self, name: str) -> int:
        """Wait until a process runs and has begun its work; return its pid."""

        def living() -> int:
            record = self.record(name)
            return record.pid if record is not None and record.living() is not None else 0

        pid = until(living)
        until(lambda: name == "redis" or self.starts(name))
        return pid

    def second(self, name: str) -> int:
        """Return the pid of the second process of a dummy that forks."""
        return int((self.work / f"forked-{name}").read_text())

    def starts(self, name: str) -> int:
        up = self.work / f"up-{name}"
        return len(up.read_text().splitlines()) if up.exists() else 0

    def order(self) -> list[str]:
        return (self.work / "order").read_text().split()

    def end(self) -> None:
        for started in self._started:
            if started.poll() is None:
                started.kill()
            started.communicate()
        for argv in self._planned:
            while (pid := procfs.find(argv)) is not None:
                os.kill(pid, signal.SIGKILL)
                until(lambda pid=pid: procfs.stat(pid) is None)
            for orphan in procfs.orphans(argv):
                os.kill(orphan, signal.SIGKILL)


@pytest.fixture
def house() -> Iterator[House]:
    # Not tmp_path: the path of a Unix socket is at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="vaxel-house-") as folder:
        house = House(Path(folder))
        yield house
        house.end()
