"""`vaxel status` on real processes."""

import io
import os
import signal

import pytest
from rich.console import Console

from engine import procfs, status
from tests.supervisor.conftest import House, dummy, until

pytestmark = pytest.mark.system


def shown(house: House) -> tuple[int, str]:
    text = io.StringIO()
    code = status.show(house.data, Console(file=text, width=120))
    return code, text.getvalue()


def test_all_that_runs_is_shown(house: House) -> None:
    supervisor = house.start(dummy("worker"), dummy("engine", stage=2))
    pids = [supervisor.pid, house.up("engine"), house.up("worker")]
    code, text = shown(house)
    assert code == 0
    rows = [line.split() for line in text.splitlines()[1:]]
    assert [row[0] for row in rows] == ["supervisor", "engine", "worker"]
    assert [int(row[1]) for row in rows] == pids
    assert all("MiB" in row for row in rows)


def test_what_does_not_run_is_shown_and_told_by_the_exit_code(house: House) -> None:
    first = house.start(dummy("engine", stage=2))
    engine = house.up("engine")
    first.kill()
    first.wait()
    code, text = shown(house)
    assert code == 1
    assert text.count("not running") == 1
    house.start(dummy("engine", stage=2), dummy("worker", "usage"))
    until(lambda: (record := house.record("worker")) is not None and record.last_exit == "exit 2")
    assert house.up("engine") == engine
    code, text = shown(house)
    assert code == 1
    assert "exit 2" in next(line for line in text.splitlines() if "worker" in line)


def test_without_any_process_one_line_says_so(house: House) -> None:
    assert shown(house) == (1, f"vaxel does not run on {house.data}\n")


def test_after_an_orderly_stop_nothing_is_left(house: House) -> None:
    supervisor = house.start(dummy("engine", stage=2))
    pid = house.up("engine")
    supervisor.terminate()
    supervisor.wait(10)
    assert procfs.stat(pid) is None
    assert shown(house)[0] == 1


def test_a_process_that_only_waits_to_be_reaped_does_not_live() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    until(lambda: procfs.stat(pid) is None)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_to_another_user_nothing_is_said(house: House) -> None:
    house.data.mkdir(exist_ok=True)
    house.data.chmod(0)
    try:
        code, text = shown(house)
    finally:
        house.data.chmod(0o700)
    assert code == 1
    assert "closed to this user" in text
