"""The directory within an engine: filled once, read beside calls; long work in another process; busy phones."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest
import redis.asyncio
from msgspec import structs

from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.resolving import Candidate
from adapters.directory.settings import DirectorySettings
from adapters.redis.lead import Lead
from engine import people, pool
from engine.config import load
from engine.installation import Installation
from engine.lines import AgentLines
from engine.pool import Pool
from router import inputs as i
from router.dialling import Destination
from tests.config.test_config_load import MALMO
from tests.core.city import City, agent
from tests.directory.conftest import NOW, ZONE, here
from tests.directory.test_resolving import DESK, Telephones
from tests.redis.conftest import Server, client, server, until

__all__ = ["client", "server"]
ROOT = Path(__file__).parents[2]


# ---- another process ---------------------------------------------------------------------------------------------


@pytest.fixture
def aside() -> Iterator[Pool]:
    made = Pool()
    yield made
    made.close()


async def test_work_is_done_in_another_process(aside: Pool) -> None:
    first = await aside(os.getpid)
    assert first != os.getpid()
    assert await asyncio.gather(aside(divmod, 7, 2), aside(os.getpid)) == [(3, 1), first]
    with pytest.raises(ZeroDivisionError):
        await aside(divmod, 1, 0)
    assert await aside(os.getpid) == first


async def test_it_ends_when_there_is_nothing_to_do(aside: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE_S", 0.05)
    first = await aside(os.getpid)
    await until(lambda: not Path(f"/proc/{first}").exists())
    assert await aside(os.getpid) != first


async def test_one_that_was_killed_is_followed_by_another(aside: Pool) -> None:
    first = await aside(os.getpid)
    os.kill(first, signal.SIGKILL)
    with contextlib.suppress(BrokenExecutor):
        await aside(time.sleep, 10)
    assert await aside(os.getpid) != first


PARENT = """
import asyncio, os, time
from engine.pool import Pool
async def main():
    pool = Pool()
    print(await pool(os.getpid), flush=True)
    await pool(time.sleep, 60)
if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.system
async def test_it_ends_with_its_engine(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    child = await asyncio.to_thread(_killed_parent, program)
    await until(lambda: not Path(f"/proc/{child}").exists())


def _killed_parent(program: Path) -> int:
    """Let a program begin long work, kill it, and return its child."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, env=environ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    return child


# ---- the first file ----------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def living(client: "redis.asyncio.Redis", installation: Installation) -> AsyncIterator[people.People]:
    """An engine's directory, at work."""
    epoch = await Lead(client, "one").take()
    shared = Pool()
    found = people.people(client, installation, lambda: epoch, lambda: NOW, Telephones(), shared)
    living = asyncio.get_running_loop().create_task(found.live())
    try:
        yield found
    finally:
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
        await found.close()
        shared.close()


@pytest.mark.system
async def test_the_first_file_is_read_once(client: "redis.asyncio.Redis") -> None:
    installation = load(MALMO).installation
    async with living(client, installation) as first:
        await until(lambda: len(first.directory.records) > 300)
        await first.directory.remove("p1001", "tester")
        first.directory.connected("p1002")
    async with living(client, installation) as second:
        await until(lambda: second.directory.ready)
        assert "p1001" not in second.directory.records
        assert second.directory.records == first.directory.records
        found = [house.directory.search("a", protected=True, most=5) for house in (first, second)]
        assert found[0] == found[1]


@pytest.mark.system
async def test_a_first_file_with_mistakes_is_told_of(
    client: "redis.asyncio.Redis", tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    file = tmp_path / "people.csv"
    for text in ("namn;ankn\nBo Hemlig;x\n", None):
        file.write_text(text) if text else file.unlink()
        installation = load(MALMO).installation
        installation = structs.replace(installation, directory=structs.replace(installation.directory, first=str(file)))
        caplog.clear()
        async with living(client, installation) as house:
            await until(lambda: caplog.records)
            assert house.directory.ready
            assert house.directory.records == {}
        assert {vars(record)["action"] for record in caplog.records} == {"directory.not_filled"}
        assert "Hemlig" not in caplog.text


@pytest.mark.system
async def test_it_waits_for_redis(
    client: "redis.asyncio.Redis", server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(people, "RETRY_S", 0.02)
    installation = structs.replace(load(MALMO).installation, directory=DirectorySettings())
    await Lead(client, "one").take()
    server.kill()
    shared = Pool()
    found = people.people(client, installation, lambda: 1, lambda: NOW, Telephones(), shared)
    living = asyncio.get_running_loop().create_task(found.live())
    await until(lambda: any(vars(one).get("action") == "directory.waiting" for one in caplog.records))
    assert not found.directory.ready
    server.start()
    await until(lambda: found.directory.ready)
    living.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await living
    server.kill()
    await found.close()
    shared.close()


# ---- busy phones -------------------------------------------------------------------------------------------------


async def test_an_extension_that_is_busy_is_one_all_the_same() -> None:
    """Whether its caller waits or is told is not for the directory to say."""
    directory = Directory(MemoryStore([DESK]), DirectorySettings(), ZONE.key, lambda: NOW, here)
    await directory.load()
    found = people.People(directory, Telephones(busy="desk1"))
    assert found.extension("4411") == Candidate(way="desk", record="p1", phone="desk1")
    assert found.extension("4499") is None


def test_phones_of_agents() -> None:
    city = City(agents=[agent("anna"), agent("bo"), agent("cy")], ready=False)
    lines = AgentLines(lambda: city.state)
    for name, address in (("anna", "phone:desk1"), ("bo", "sip:bo@desk")):
        city.put(i.LogIn(name, address))
        city.put(i.GoReady(name))
    assert [lines.phone_of(name) for name in ("anna", "bo", "cy", "nobody")] == ["desk1", "", "", ""]
    assert not lines.busy("desk1")
    city.put(i.Pause("bo", "lunch"))
    city.call("c1", "tax", leg="c1")
    assert lines.busy("desk1"), "it rings"
    city.put(i.PickedUp(leg="c1.1"))
    assert lines.busy("desk1")
    assert not lines.busy("desk2")
    city.put(i.Forward("c1", Destination("phone:desk2")))
    assert not lines.busy("desk1")
    assert lines.busy("desk2"), "rung for a contact that was sent on"
    city.put(i.CitizenGone(contact="c1", cause="hung_up"))
    assert not lines.busy("desk2")
    assert lines.registered("desk2")
    city.put(i.PhoneGone(phone="phone:desk2"))
    assert not lines.registered("desk2")
