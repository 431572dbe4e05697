"""An administrator publishes from a page of a running house, whose engine then ends and begins."""

import asyncio
import shutil
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.chat.test_page import browse  # noqa: F401 - a fixture
from tests.desk.conftest import PASSWORD, DeskPage
from tests.desk.test_configuration import write
from tests.system.conftest import make_house as make_house
from tests.system.conftest import start_house as start_house
from tests.system.house import House
from web import accounts
from web.accounts import AccountFile, make

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


def hire(house: House) -> None:
    _, account = make("rut", "administrator", datetime.now(UTC).timestamp() - 1)
    kept = msgspec.structs.replace(account, hash=accounts.hashed(PASSWORD), temporary=False)
    AccountFile(house.layout.accounts).add(kept)


async def test_what_is_published_is_in_force_a_moment_later(start_house: Any, browse: Any) -> None:  # noqa: F811
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
