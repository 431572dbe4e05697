"""`vaxel backup` while people ring, and `vaxel restore` elsewhere: what was decided and kept is there again."""

import asyncio
import os
import shutil
import subprocess
import sys
import time

import pytest

from adapters.content import store
from router import facts as f
from router.letters import Letter
from tests.system.crew import Crew, bye, ring, wait_in_line
from tests.system.figures import tell
from tests.system.house import ROOT, House
from tests.system.test_api import ask, vaxel

ASSERTED = "P-Asserted-Identity"
RECORDING = "w1-1-1.1.reason.wav"
SOUND = b"RIFF" + bytes(50_000)


def run(*words, **more):
    """Run a command of `vaxel`."""
    return subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=60,
        **more,
    )


def places(house):
    return "--config", house.config, "--data", house.data


def moved(make_house, house, backup):
    """Bring a backup of a house back into another one, which is not started; return it and what was said."""
    back = make_house(workers=house.workers)
    shutil.rmtree(back.config)
    shutil.rmtree(back.data)
    back.sip, back.web, back.agent_phones = house.sip, house.web, house.agent_phones
    done = run("restore", backup, *places(back))
    assert done.returncode == 0, done.stderr
    return back, done.stderr.decode()


async def promise_callback(house, open_phone, number):
    """Let somebody who waits in line have a callback promised instead."""
    call = await ring(house, open_phone, "c", headers=((ASSERTED, f"<sip:{number}@city.example>"),))
    await call.response(200)
    queued = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.ContactQueued)[3:])
    status, told = await asyncio.to_thread(ask, house, "POST", f"/contacts/{queued[0].contact}/call-back", {})
    assert status < 300, told
    await call.end()


async def staffed(house, open_phone):
    """Return a crew whose phones are registered."""
    place = house.agent_phones[0]
    await asyncio.to_thread(house.register, *house.phones_at(place), at=place)
    return await Crew.at(house, open_phone)


async def furnished(make_house, open_phone):
    """Return a house that runs, with agents, a directory and a recording."""
    house: House = make_house(3)
    (house.config / "directory.yaml").write_text("file: directory.csv\ncountry: SE\n")
    shutil.copy(ROOT / "examples" / "malmo" / "directory.csv", house.config)
    await asyncio.to_thread(house.start)
    crew = await staffed(house, open_phone)
    (house.layout.recordings / RECORDING).write_bytes(SOUND)
    store.write(house.layout.content, "office-17-1", "office-17-1", Letter(text="Hej"), {"1": SOUND})
    for path in kept_private(house):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(SOUND if path.suffix == ".vxt" else b"")
    return house, crew


def kept_private(house):
    """Return a recording of a talk, a day of the access log, and who was erased."""
    layout = house.layout
    return layout.tapes / "office-17-1" / "1~citizen.vxt", layout.access / "2000-01-01.jsonl", layout.erasures


def answers(house, token):
    """Return what the API tells of what was kept."""
    _, promised = ask(house, "GET", "/callbacks")
    callbacks = [(one["id"], one["queue"]) for one in promised["callbacks"]]
    return callbacks, ask(house, "GET", "/directory/records?limit=3"), ask(house, "GET", "/queues", token=token)[0]


async def backed_up_under_load(house, open_phone, callers, crew, backup):
    """Make a backup while people talk, wait and ring; return what the API told then, and the journal at the end."""
    token = vaxel(house, "token", "add", "wallboard", "--role", "reader").stdout.strip()
    calls = await wait_in_line(house, open_phone, 3, "t")
    await crew.until_rung(3)
    await promise_callback(house, open_phone, "+46701234567")
    calls += await wait_in_line(house, open_phone, 2, "w")
    load = callers(house, "caller-stays.xml", "queue", "-r", "20", "-m", "60")
    await asyncio.to_thread(house.until_recorded, lambda record: len(record.of(f.ContactArrived)) > 20)
    done = await asyncio.to_thread(run, "backup", backup, *places(house))
    assert done.returncode == 0, done.stderr
    tell(f"backup under load: {done.stderr.decode().strip()}")
    load.end()
    assert not [call for call in calls if call.ended]
    told = answers(house, token)
    for call in calls:
        bye(call)
    crew.end()
    return token, told, await asyncio.to_thread(house.record)


async def test_what_was_backed_up_comes_back(make_house, open_phone, callers, tmp_path):
    house, crew = await furnished(make_house, open_phone)
    backup = tmp_path / "night.tar.gz"
    token, told, before = await backed_up_under_load(house, open_phone, callers, crew, backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    await crew.phone.close()
    await asyncio.to_thread(house.stop)

    back, said = await asyncio.to_thread(moved, make_house, house, backup)
    tell(f"restored: {' '.join(said.split())}")
    await asyncio.to_thread(back.start)
    after = await asyncio.to_thread(back.record)
    epoch = before.entries[0][0]
    kept = [entry for entry in after.entries if entry[0] == epoch]
    assert len(kept) > 40
    assert kept == before.entries[: len(kept)], "the facts are the same, up to the moment of the backup"
    assert [one.epoch for one in after.of(f.LeaderChanged)] == [epoch, epoch + 1]
    assert not after.wrong()
    assert answers(back, token) == told
    assert len(told[0]) == 1
    assert (back.layout.recordings / RECORDING).read_bytes() == SOUND
    assert (back.layout.content / "office-17-1" / "office-17-1" / "1").read_bytes() == SOUND
    assert all(path.exists() for path in kept_private(back))
    assert kept_private(back)[0].read_bytes() == SOUND
    # The phones' passwords are the same, and the city answers.
    crew = await staffed(back, open_phone)
    call = await ring(back, open_phone, "again")
    await crew.until_rung(1)
    bye(call)
    crew.end()


@pytest.mark.soak
def test_vaxel_need_not_run(make_house, tmp_path):
    house: House = make_house(1)
    house.start()
    house.stop()
    folder = tmp_path / "backups"
    folder.mkdir()
    for _ in range(2):
        done = run("backup", folder, *places(house))
        assert done.returncode == 0, done.stderr
        time.sleep(1.1)  # their names tell the second
    last = max(folder.iterdir())
    done = run("backup", folder, *places(house), "--keep", "1")
    assert b"2 older backups deleted" in done.stderr
    assert len(list(folder.iterdir())) == 1
    assert not last.exists()
    (last,) = folder.iterdir()
    back, said = moved(make_house, house, last)
    assert "journal up to entry 1-" in said
    back.start()
    # Streams go through pipes, for tools that encrypt.
    piped = run("backup", "-", *places(back))
    assert piped.returncode == 0, piped.stderr
    checked = run("restore", "-", "--check", input=piped.stdout)
    assert b"is whole, checked" in checked.stderr, checked.stderr
    assert not (tmp_path / "d").exists()


@pytest.fixture
def stopped(make_house, tmp_path):
    """Return a house that has run, and a backup of it."""
    house: House = make_house(1)
    house.start()
    backup = tmp_path / "b.tar.gz"
    assert run("backup", backup, *places(house)).returncode == 0
    house.stop()
    return house, backup


def test_nothing_is_overwritten_and_nothing_half_restored(stopped, tmp_path):
    house, backup = stopped
    done = run("restore", backup, *places(house))
    assert done.returncode == 2
    assert b"is not empty, and nothing is overwritten" in done.stderr
    done = run("backup", backup, *places(house))
    assert done.returncode == 2
    assert b"is there already" in done.stderr
    torn = tmp_path / "torn.tar.gz"
    torn.write_bytes(backup.read_bytes()[:-3000])
    done = run("restore", torn, "--config", tmp_path / "c", "--data", tmp_path / "d")
    assert done.returncode == 2
    assert b"torn.tar.gz was not restored: it " in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz", "torn.tar.gz"]


def test_a_configuration_that_is_kept_in_version_control_stays(stopped, tmp_path):
    house, backup = stopped
    config = tmp_path / "checked-out"
    shutil.copytree(house.config, config)
    (config / "vaxel.yaml").write_text((config / "vaxel.yaml").read_text() + "\n# newer\n")
    done = run("restore", backup, "--config", config, "--data", tmp_path / "d", "--keep-config")
    assert done.returncode == 0, done.stderr
    assert (config / "vaxel.yaml").read_text().endswith("# newer\n")
