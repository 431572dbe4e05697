"""`vaxel run`: starts Redis, SIP workers and the engine as siblings, starts again what dies, adopts what lives.

It holds no domain code and stays small: only light modules of the house are imported here. Each process has its own
session, so the end of the supervisor (even by SIGKILL) touches none of them; the next supervisor finds them by pid file
or by their arguments. One thread, one poll over pidfds; nothing here may block for long.
"""

import argparse
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from engine import procfs, records
from engine.child import USAGE, Child, rotate
from engine.datafolder import DataFolder, DataFolderError
from engine.process import BadPlan, Process, load
from engine.ready import answers

READY_EVERY_S: Final = 0.01
LOG: Final = "supervisor.log"
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Planner = Callable[[], list[Process]]


def run(config: Path, data: Path, *, foreground_logs: bool = False) -> int:
    """Become the supervisor: this process is replaced, so that what the command line imported takes no memory."""
    argv = [sys.executable, "-m", "engine.supervisor", "--config", str(config), "--data", str(data)]
    if foreground_logs:
        argv.append("--foreground-logs")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, argv)


def plan_in_child(config: Path, data: Path) -> list[Process]:
    """Plan the processes in a short-lived process that may import much. Raises `BadPlan`."""
    argv = [sys.executable, "-m", "engine.processes", "--config", str(config), "--data", str(data)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadPlan(done.stderr.strip().rpartition("\n")[2] or f"planning failed with exit {done.returncode}")
    return load(done.stdout)


def supervise(data: Path, planner: Planner, *, foreground_logs: bool = False) -> int:
    """Run until told to stop; return the exit code: 0 after an orderly stop, 2 when it cannot work as configured."""
    folder = DataFolder(data)
    try:
        folder.prepare()
        # Held as long as this process lives: a second supervisor is refused.
        folder.lock()
        processes = planner()
    except (DataFolderError, BadPlan) as error:
        say(str(error))
        return USAGE
    return Supervisor(folder, processes, foreground_logs=foreground_logs).run()


class Supervisor:
    """Watches the processes of one data folder."""

    def __init__(self, folder: DataFolder, processes: list[Process], *, foreground_logs: bool) -> None:
        self._folder = folder
        self._children = [Child(process, folder, foreground_logs=foreground_logs) for process in processes]
        self._foreground_logs = foreground_logs
        self._poll = select.poll()
        self._by_pidfd: dict[int, Child] = {}
        self._base_ready = False
        self._adopted = False
        self._stopping: int | None = None
        """The stage being stopped."""
        self._exit_code = 0
        self._wake_in, self._wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self) -> int:
        """Supervise until stopped; return the exit code."""
        for number in STOP_SIGNALS:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self._wake_out)
        self._poll.register(self._wake_in, select.POLLIN)
        rotate(self._folder.log / LOG)
        self._adopt()
        while True:
            now = time.monotonic()
            self._start_due(now)
            if self._base_became_ready():
                continue
            self._kill_due(now)
            if self._stopping is not None and not self._stop_further(now):
                break
            self._wait()
        for child in self._children:
            records.remove(self._folder, child.process.name)
        self._note("supervisor_stopped")
        return self._exit_code

    # ---- start ---------------------------------------------------------------------------------------------------

    def _adopt(self) -> None:
        now = time.monotonic()
        known = {record.name: record for record in records.read_all(self._folder)}
        for child in self._children:
            record = known.pop(child.process.name, None)
            if record is None or record.living() is None:
                # A supervisor killed between start and pid file leaves no record.
                record = self._look_for(child.process) or record
            if record is None or record.living() is None:
                if record is not None:
                    child.restarts, child.last_exit = record.restarts + 1, "unknown" if record.pid else record.last_exit
                child.start_at = now
                continue
            self._take_over(child, record, now)
            if record.argv != child.process.argv:
                child.terminate(now)
        for record in known.values():
            records.remove(self._folder, record.name)
            if record.living() is not None:
                child = Child(Process(record.name, record.argv), self._folder, foreground_logs=self._foreground_logs)
                child.retired = True
                self._children.append(child)
                self._take_over(child, record, now)
                child.terminate(now)

    def _look_for(self, process: Process) -> records.Record | None:
        pid = procfs.find(process.argv)
        stat = procfs.stat(pid) if pid is not None else None
        if pid is None or stat is None:
            return None
        return records.Record(process.name, process.argv, pid=pid, start=stat.start, boot=procfs.boot())

    def _take_over(self, child: Child, record: records.Record, now: float) -> None:
        child.adopt(record, now)
        self._watch(child)
        self._adopted = True
        self._note("process_adopted", child)

    def _start_due(self, now: float) -> None:
        for child in self._children:
            if child.start_at is None or child.start_at > now or self._stopping is not None:
                continue
            if child.process.stage and not self._base_ready:
                continue
            try:
                child.start(now)
            except OSError as error:
                child.failed_to_start(now)
                self._complain(f"cannot start {child.process.name}: {error}", child)
                self._give_up_if_new(child)
                continue
            self._watch(child)
            self._note("process_started", child)

    def _base_became_ready(self) -> bool:
        for child in self._children:
            if child.running and not child.ready and answers(child.process.ready):
                child.ready = child.was_ready = True
        if self._base_ready:
            return False
        self._base_ready = all(child.ready for child in self._children if not child.process.stage)
        return self._base_ready

    def _watch(self, child: Child) -> None:
        self._by_pidfd[child.pidfd] = child
        self._poll.register(child.pidfd, select.POLLIN)

    # ---- wait ----------------------------------------------------------------------------------------------------

    def _wait(self) -> None:
        for descriptor, _ in self._poll.poll(self._patience_ms()):
            if descriptor == self._wake_in:
                os.read(self._wake_in, 512)
                self._begin_stop()
            else:
                self._ended(self._by_pidfd.pop(descriptor))

    def _patience_ms(self) -> float | None:
        now = time.monotonic()
        moments = [child.kill_at for child in self._children if child.kill_at is not None]
        if self._stopping is None:
            startable = [child for child in self._children if self._base_ready or not child.process.stage]
            moments += [child.start_at for child in startable if child.start_at is not None]
        if any(child.running and not child.ready for child in self._children):
            moments.append(now + READY_EVERY_S)
        return max(0.0, min(moments) - now) * 1000 if moments else None

    def _ended(self, child: Child) -> None:
        now = time.monotonic()
        self._poll.unregister(child.pidfd)
        wanted = self._stopping is not None or child.retired
        pid, how = child.pid, child.reap(now)
        # A killed process had no time to say why.
        line = "" if how.startswith("signal") else child.last_line()
        if not wanted and child.start_at is not None and child.start_at <= now and self._base_ready:
            # First of all back to work; telling comes after.
            self._start_due(now)
        if child.retired:
            self._children.remove(child)
            records.remove(self._folder, child.process.name)
        elif not child.running:
            child.record()
        self._note("process_ended", child, how=how, was=pid)
        if wanted:
            return
        if how == f"exit {USAGE}" or (child.process.ready and not child.was_ready):
            self._give_up_if_new(child)
        again = "started again"
        if self._stopping is not None:
            again = "vaxel stops"
        elif child.start_at is not None:
            again = f"next try in {child.start_at - now:g} s"
        self._complain(f"{child.process.name} ended ({how}){': ' + line if line else ''}; {again}", child)

    def _give_up_if_new(self, child: Child) -> None:
        # At the first start nothing is lost by stopping, and the user sees the one line that matters.
        if not self._adopted and child.brief and child.restarts <= 1 and self._stopping is None:
            self._exit_code = USAGE
            self._begin_stop()

    # ---- stop ----------------------------------------------------------------------------------------------------

    def _begin_stop(self) -> None:
        if self._stopping is None:
            self._note("supervisor_stopping")
            self._stopping = max((child.process.stage for child in self._children), default=0) + 1

    def _kill_due(self, now: float) -> None:
        for child in self._children:
            if child.kill_at is not None and child.kill_at <= now:
                self._complain(f"{child.process.name} does not stop: killed", child)
                child.kill()

    def _stop_further(self, now: float) -> bool:
        """Go to the next stage when one has ended; tell whether anything is left to wait for."""
        assert self._stopping is not None
        while not any(child.running and child.process.stage >= self._stopping for child in self._children):
            self._stopping -= 1
            if self._stopping < 0:
                return False
            for child in self._children:
                if child.process.stage == self._stopping:
                    child.terminate(now)
        return True

    # ---- tell ----------------------------------------------------------------------------------------------------

    def _complain(self, text: str, child: Child) -> None:
        say(text)
        self._note("trouble", child, text=text)

    def _note(self, action: str, child: Child | None = None, **more: str | int) -> None:
        line: dict[str, str | int] = {"at": datetime.now(UTC).isoformat(), "action": action, **more}
        if child is not None:
            line |= {"process": child.process.name, "pid": child.pid, "restarts": child.restarts}
        with contextlib.suppress(OSError), (self._folder.log / LOG).open("a") as file:
            file.write(json.dumps(line) + "\n")


def say(text: str) -> None:
    """Tell the user, in one line."""
    # The terminal may be gone; the processes must not go with it.
    with contextlib.suppress(OSError):
        sys.stderr.write(f"vaxel: {text}\n")
        sys.stderr.flush()


def main() -> int:
    """Supervise, as `run` starts it."""
    parser = argparse.ArgumentParser(prog="python -m engine.supervisor")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--foreground-logs", action="store_true")
    options = parser.parse_args()
    config, data = options.config.absolute(), options.data.absolute()
    return supervise(data, lambda: plan_in_child(config, data), foreground_logs=options.foreground_logs)


if __name__ == "__main__":
    sys.exit(main())
