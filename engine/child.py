"""One supervised process: started or adopted, watched through a pidfd, started again when it dies."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from engine import procfs, records
from engine.datafolder import DataFolder
from engine.process import Process

SETTLED_S: Final = 10.0
"""A process that lived so long is started again at once."""
FIRST_DELAY_S: Final = 0.25
LONGEST_DELAY_S: Final = 5.0
USAGE: Final = 2
"""Exit code of a program that says it cannot work as configured: trying again soon is no use."""

GONE_WITHIN_S: Final = 0.5
GONE_EVERY_S: Final = 0.002

LOG_BYTES_MAX: Final = 10 * 1024 * 1024
LOGS_KEPT: Final = 5
LINE_BYTES_MAX: Final = 16 * 1024
"""How far back the last line of a log is looked for."""


class Child:
    """All times are monotonic seconds."""

    def __init__(self, process: Process, folder: DataFolder, *, foreground_logs: bool) -> None:
        self.process = process
        self.pid = 0
        self.pidfd = -1
        """-1 when it does not run."""
        self.start_at: float | None = None
        """When it is to be started; None when it runs or shall not."""
        self.kill_at: float | None = None
        """When SIGTERM has had its time."""
        self.retired = False
        """Not in the plan: not started again."""
        self.ready = False
        self.was_ready = False
        self.restarts = 0
        self.last_exit = ""
        self.brief = True
        """Whether it ended before it had settled."""
        self._folder = folder
        self._foreground_logs = foreground_logs
        self._popen: subprocess.Popen[bytes] | None = None
        self._start_ticks = 0
        self._started = 0.0
        self._failures = 0
        self._log = folder.log / f"{process.name}.log"
        self._log_from = 0

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.pidfd >= 0

    def start(self, now: float) -> None:
        """Start the process in its own session. Raises OSError when the program cannot be run."""
        self.start_at = None
        self._end_orphans()
        environment = {**os.environ, **(self.process.env or {})}
        output = None if self._foreground_logs else self._open_log()
        try:
            self._popen = subprocess.Popen(
                self.process.argv,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            if output is not None and output >= 0:
                os.close(output)
        self._watch(self._popen.pid, now)

    def adopt(self, record: records.Record, now: float) -> None:
        """Take over a process that an earlier supervisor started."""
        self.restarts, self.last_exit = record.restarts, record.last_exit
        self._popen = None
        self.start_at = None
        self._watch(record.pid, now)

    def reap(self, now: float) -> str:
        """Note the end of the process, plan its next start and return how it ended."""
        os.close(self.pidfd)
        self.pidfd = -1
        self.ready = False
        self.kill_at = None
        code = self._popen.wait() if self._popen is not None else None
        self._end_orphans()
        # An adopted process is not our child: the kernel tells that it ended, not how.
        if code is None:
            self.last_exit = "unknown"
        else:
            self.last_exit = f"exit {code}" if code >= 0 else f"signal {-code}"
        self.brief = now - self._started < SETTLED_S
        if not self.brief:
            self._failures = 0
        if code == USAGE:
            delay = LONGEST_DELAY_S
        else:
            delay = min(FIRST_DELAY_S * 2 ** (self._failures - 1), LONGEST_DELAY_S) if self._failures else 0.0
        self._failures += 1
        self.restarts += 1
        self.start_at = None if self.retired else now + delay
        self.pid = 0
        return self.last_exit

    def failed_to_start(self, now: float) -> None:
        """Note that the program could not even be run."""
        self.last_exit = "not started"
        self.start_at = now + LONGEST_DELAY_S
        self.record()

    def terminate(self, now: float) -> None:
        """Ask the process to stop; `kill_at` is set."""
        if self.running:
            self.kill_at = now + self.process.stop_after
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process now."""
        self.kill_at = None
        if self.running:
            self._signal(signal.SIGKILL)

    def last_line(self) -> str:
        """Return the last line the process wrote since its start; empty when that went to the terminal."""
        if self._foreground_logs:
            return ""
        try:
            with self._log.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(self._log_from, end - LINE_BYTES_MAX))
                lines = file.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def record(self) -> None:
        """Write the pid file."""
        record = records.Record(
            name=self.process.name,
            argv=self.process.argv,
            pid=self.pid,
            start=self._start_ticks,
            boot=procfs.boot(),
            restarts=self.restarts,
            last_exit=self.last_exit,
        )
        # On a full disk the processes go on; the next supervisor finds them by their arguments.
        with contextlib.suppress(OSError):
            records.write(self._folder, record)

    def _watch(self, pid: int, now: float) -> None:
        self.pid = pid
        self.pidfd = os.pidfd_open(pid)
        stat = procfs.stat(pid)
        self._start_ticks = stat.start if stat is not None else 0
        self._started = now
        self.ready = not self.process.ready
        self.was_ready = self.was_ready or self.ready
        self.record()

    def _end_orphans(self) -> None:
        """End what outlived the first of several processes, and wait until their ports are free."""
        orphans = procfs.orphans(self.process.argv) if self.process.forks else []
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + GONE_WITHIN_S
        while any(procfs.stat(pid) is not None for pid in orphans) and time.monotonic() < end:
            time.sleep(GONE_EVERY_S)

    def _signal(self, number: int) -> None:
        try:
            signal.pidfd_send_signal(self.pidfd, number)
        except ProcessLookupError:
            return

    def _open_log(self) -> int:
        try:
            rotate(self._log)
            descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError:
            # Better without a log than not at all.
            return subprocess.DEVNULL
        self._log_from = os.fstat(descriptor).st_size
        return descriptor


def rotate(log: Path) -> None:
    """Put a log that has grown large aside; the oldest goes."""
    try:
        if log.stat().st_size < LOG_BYTES_MAX:
            return
    except FileNotFoundError:
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))
