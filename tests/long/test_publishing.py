"""Publishing in a running house: from a page, while the engine ends and begins; and what no engine can begin with."""

import asyncio
import shutil
import socket
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.desk.conftest import PASSWORD, DeskPage, session  # noqa: F401 - a fixture
from tests.desk.test_configuration import write
from tests.system.asking import ask
from tests.system.conftest import make_house as make_house
from tests.system.conftest import start_house as start_house
from tests.system.house import House
from tests.system.test_publishing import published, seen, taken_up
from web import accounts
from web.accounts import AccountFile, make

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


def hire(house: House) -> None:
    _, account = make("rut", "administrator", datetime.now(UTC).timestamp() - 1)
    kept = msgspec.structs.replace(account, hash=accounts.hashed(PASSWORD), temporary=False)
    AccountFile(house.layout.accounts).add(kept)


async def test_what_is_published_is_in_force_a_moment_later(start_house: Any, browse: Any) -> None:
    house: House = await asyncio.to_thread(start_house, 1, workers=1)
    await asyncio.to_thread(hire, house)
    desk = DeskPage(await browse(f"http://127.0.0.1:{house.web[1]}/desk?language=en"))
    await desk.sign_in("rut")
    await desk.browser.until("!!document.querySelector('.pages')")
    await desk.browser.evaluate("location.hash = '#configuration'")
    await desk.reads("changed in the folder")
    engine = house.pid("engine")
    queues = (house.config / "queues.yaml").read_text()
    await write(desk, "queues.yaml", f"# Ours.\n{queues}")
    await desk.press("Look at the change")
    await desk.reads("No mistakes found.")
    await desk.type("Why this change? (No names of citizens.)", "Says whose it is.")
    await desk.press("Publish")
    await desk.reads("Published, and in force.")
    await desk.reads("Says whose it is.")
    assert house.pid("engine") not in (0, engine)
    assert (house.config / "queues.yaml").read_text() == f"# Ours.\n{queues}"


def test_what_no_engine_can_begin_with_is_taken_back(start_house: Any) -> None:
    house: House = start_house(1, workers=1)
    first = seen(house)
    engine = house.pid("engine")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        vaxel_file = first["files"]["vaxel.yaml"]
        port = f"port: {house.web[1]}"
        assert vaxel_file.count(port) == 1
        changed = vaxel_file.replace(port, f"port: {taken.getsockname()[1]}")
        asked = {"base": first["version"], "why": "Another port.", "files": {"vaxel.yaml": changed}}
        status, told = ask(house, "POST", "/configuration/publish", asked)
        assert status == 200, told
        taken_up(house, engine)
    newest = next(one for one in published(house) if one["why"] == "Another port.")
    assert "is taken by another program" in newest["taken_back"]
    assert seen(house)["version"] == first["version"]
