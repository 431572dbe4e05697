"""The supervisor on real processes."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from engine import bench_config, processes, procfs
from engine.installation import Installation
from engine.process import Process
from tests.supervisor.conftest import House, dummy, until

pytestmark = pytest.mark.system

MIB_KIB = 1024


def finished(started: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = started.communicate(timeout=20)
    return started.returncode, errors


@pytest.fixture
def redis(house: House) -> Process:
    house.folder.prepare()
    return processes.private_redis(house.folder)


def test_redis_is_ready_before_the_others_start(house: House, redis: Process) -> None:
    supervisor = house.start(dummy("engine", stage=2), dummy("worker"), redis)
    house.up("engine")
    house.up("worker")
    assert processes.redis_url(house.folder, Installation()) == f"unix://{redis.ready}"
    answer = subprocess.run(
        ["redis-cli", "-s", redis.ready, "config", "get", "*"], capture_output=True, text=True, check=True
    )
    settings = dict(zip(*[iter(answer.stdout.split("\n"))] * 2, strict=False))
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["port"] == "0"
    supervisor.terminate()
    assert finished(supervisor) == (0, "")
    assert house.record("redis") is None


def test_each_process_leads_its_own_session(house: House) -> None:
    house.start(dummy("worker"))
    pid = house.up("worker")
    assert os.getsid(pid) == pid


def test_what_dies_is_started_again_at_once(house: House) -> None:
    house.start(dummy("engine", stage=2), dummy("worker"))
    engine, worker = house.up("engine"), house.up("worker")
    killed = time.monotonic()
    os.kill(engine, signal.SIGKILL)
    until(lambda: (record := house.record("engine")) is not None and record.pid not in (0, engine))
    spawned = time.monotonic() - killed
    assert spawned < 0.5, "the measured figure is in docs/decisions/supervisor.md; this bound allows for a busy machine"
    record = house.record("engine")
    assert record is not None
    assert (record.restarts, record.last_exit) == (1, "signal 9")
    assert house.up("worker") == worker


def test_what_dies_again_soon_waits_longer_each_time(house: House) -> None:
    house.start(dummy("engine", "brief"))
    until(lambda: house.starts("engine") >= 4)
    # 0, 0.25 and 0.5 s stand before the second, third and fourth start, 1 s before the fifth.
    time.sleep(0.3)
    assert house.starts("engine") == 4


def test_the_end_of_the_supervisor_touches_nobody_and_the_next_one_adopts_all(house: House, redis: Process) -> None:
    plan = (redis, dummy("worker"), dummy("engine", stage=2))
    first = house.start(*plan)
    pids = [house.up(process.name) for process in plan]
    first.kill()
    first.wait()
    assert all(procfs.stat(pid) is not None for pid in pids)
    second = house.start(*plan)
    until(lambda: (house.folder.log / "supervisor.log").read_text().count("process_adopted") == 3)
    until(lambda: house.folder.supervisor() == second.pid)
    assert [house.up(process.name) for process in plan] == pids
    # Not its child, and still watched.
    os.kill(pids[2], signal.SIGKILL)
    until(lambda: house.up("engine") != pids[2])
    record = house.record("engine")
    assert record is not None
    assert record.last_exit == "unknown"
    assert [house.up("redis"), house.up("worker")] == pids[:2]
    second.terminate()
    assert finished(second)[0] == 0
    assert all(procfs.stat(pid) is None for pid in pids)


def test_what_outlives_the_first_of_several_processes_is_ended(house: House) -> None:
    """Kamailio's children would keep its ports, so that it could not be started again."""
    house.start(dummy("edge", "forks")._replace(forks=True))
    first = house.up("edge")
    second = house.second("edge")
    os.kill(first, signal.SIGKILL)
    until(lambda: procfs.stat(second) is None)
    until(lambda: house.starts("edge") == 2)
    assert house.up("edge") != first


def test_it_is_ended_too_when_nobody_watched(house: House) -> None:
    plan = dummy("edge", "forks")._replace(forks=True)
    supervisor = house.start(plan)
    first = house.up("edge")
    second = house.second("edge")
    supervisor.kill()
    supervisor.wait()
    os.kill(first, signal.SIGKILL)
    until(lambda: procfs.stat(first) is None)
    assert procfs.stat(second) is not None
    house.start(plan)
    until(lambda: house.starts("edge") == 2)
    assert procfs.stat(second) is None


def test_several_processes_are_adopted_as_one(house: House) -> None:
    plan = dummy("edge", "forks")._replace(forks=True)
    supervisor = house.start(plan)
    first, second = house.up("edge"), house.second("edge")
    supervisor.kill()
    supervisor.wait()
    (house.folder.run / "edge.pid").unlink()
    again = house.start(plan)
    assert house.up("edge") == first
    again.terminate()
    assert finished(again) == (0, "")
    assert procfs.stat(first) is procfs.stat(second) is None
    assert house.starts("edge") == 1


def test_a_process_without_pid_file_is_found_by_its_arguments(house: House) -> None:
    first = house.start(dummy("worker"))
    pid = house.up("worker")
    first.kill()
    first.wait()
    (house.folder.run / "worker.pid").unlink()
    house.start(dummy("worker"))
    assert house.up("worker") == pid
    assert house.starts("worker") == 1


def test_a_pid_file_of_another_process_with_the_same_pid_is_not_believed(house: House) -> None:
    first = house.start(dummy("worker"))
    pid = house.up("worker")
    first.kill()
    first.wait()
    os.kill(pid, signal.SIGKILL)
    until(lambda: procfs.stat(pid) is None)
    path = house.folder.run / "worker.pid"
    path.write_text(path.read_text().replace(f'"pid": {pid}', f'"pid": {os.getpid()}'))
    house.start(dummy("worker"))
    until(lambda: house.starts("worker") == 2)


def test_a_process_no_longer_planned_is_stopped(house: House) -> None:
    first = house.start(dummy("worker-1"), dummy("worker-2"))
    kept, gone = house.up("worker-1"), house.up("worker-2")
    first.kill()
    first.wait()
    house.start(dummy("worker-1"))
    until(lambda: procfs.stat(gone) is None)
    assert house.up("worker-1") == kept
    until(lambda: house.record("worker-2") is None)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_goes_from_the_engine_down(house: House, number: int) -> None:
    supervisor = house.start(dummy("base", stage=0), dummy("worker"), dummy("engine", stage=2))
    for name in ("base", "worker", "engine"):
        house.up(name)
    supervisor.send_signal(number)
    assert finished(supervisor) == (0, "")
    assert house.order() == ["engine", "worker", "base"]


def test_what_does_not_stop_is_killed(house: House) -> None:
    supervisor = house.start(dummy("worker"), dummy("engine", "stubborn", stage=2, stop_after=0.2))
    house.up("worker")
    pid = house.up("engine")
    supervisor.terminate()
    code, errors = finished(supervisor)
    assert code == 0
    assert errors == "vaxel: engine does not stop: killed\n"
    assert procfs.stat(pid) is None
    assert house.order() == ["engine", "worker"]


def test_a_second_supervisor_is_refused(house: House) -> None:
    first = house.start(dummy("worker"))
    pid = house.up("worker")
    code, errors = finished(house.start(dummy("worker")))
    assert code == 2
    assert errors.startswith(f"vaxel: vaxel runs already on {house.data} (pid {first.pid})")
    assert errors.count("\n") == 1
    assert house.up("worker") == pid


def test_a_program_that_cannot_work_as_configured_stops_the_first_start(house: House) -> None:
    code, errors = finished(house.start(dummy("engine", stage=2), dummy("worker", "usage")))
    assert code == 2
    assert errors == "vaxel: worker ended (exit 2): port 5060 is taken; vaxel stops\n"
    assert house.starts("worker") == 1


def test_later_it_is_tried_again_slowly_and_the_others_go_on(house: House) -> None:
    first = house.start(dummy("engine", stage=2))
    engine = house.up("engine")
    first.kill()
    first.wait()
    house.start(dummy("engine", stage=2), dummy("worker", "usage"))
    until(lambda: (record := house.record("worker")) is not None and record.last_exit == "exit 2")
    assert house.up("engine") == engine
    time.sleep(0.5)
    assert house.starts("worker") == 1


def test_a_data_folder_that_cannot_be_written_is_named(house: House) -> None:
    (house.work / "data").write_text("a file where a folder should be")
    code, errors = finished(house.command("engine.supervisor", "--config", ".", "--data", "data/below"))
    assert code == 2
    assert errors.startswith(f"vaxel: cannot write to the data folder {house.work}/data/below: ")
    assert errors.count("\n") == 1


def test_a_missing_redis_server_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    bench_config.write(house.work / "conf", agents=1)
    monkeypatch.setenv("PATH", str(house.work))
    code, errors = finished(house.command("engine.supervisor", "--config", "conf", "--data", "data"))
    assert code == 2
    assert errors.startswith("vaxel: redis-server is not installed: ")
    assert errors.count("\n") == 1


def test_a_missing_program_is_named(house: House) -> None:
    code, errors = finished(house.start(Process("worker", ["/nowhere/at/all"])))
    assert code == 2
    assert errors.startswith("vaxel: cannot start worker: ")


def test_the_supervisor_stays_small(house: House, redis: Process) -> None:
    supervisor = house.start(redis, dummy("worker"))
    house.up("worker")
    status = Path(f"/proc/{supervisor.pid}/status").read_text()
    rss_kib = int(status.split("VmRSS:")[1].split()[0])
    assert rss_kib < 25 * MIB_KIB
