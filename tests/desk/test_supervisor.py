"""The pages of somebody who leads, in a real browser: figures that follow, how agents are, who waits and why."""

import shutil
from typing import Any

import pytest

from router import inputs as i
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.web.house import Reception

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


async def test_a_supervisor_sees_the_house_and_changes_it(house: Reception, open_desk: Any) -> None:
    hire(house, "lars", "supervisor")
    desk: DeskPage = await open_desk()
    await desk.sign_in("lars")
    await desk.reads("Växeln")
    await house.put(i.Pause("guide01", "lunch"))
    contact = await house.waits()
    await house.wait(2)
    tiles = "[...document.querySelectorAll('.tile')].map((one) => one.innerText.split(/\\s+/).sort().join(' '))"
    await desk.browser.until(f"{tiles}.includes('1 Waiting')")
    await picture(desk, "wallboard")
    assert await desk.complaints() == []
    await desk.press("Agents")
    await desk.reads("guide01")
    await desk.reads("Lunch")
    await picture(desk, "agents")
    assert await desk.complaints() == []
    await desk.press("Waiting contacts")
    await desk.press(f"Why waiting: {contact}")
    await desk.reads("guide01 is paused")
    await picture(desk, "line", dark=True)
    assert await desk.complaints() == []
    await desk.press("Agents")
    await desk.press("Ready for contacts: guide01")
    await house.until(lambda: type(house.state.agents["guide01"]).__name__ in ("Ready", "Reserved"))


async def test_a_coordinator_sees_figures_alone(house: Reception, open_desk: Any) -> None:
    hire(house, "kim", "coordinator")
    desk: DeskPage = await open_desk()
    await desk.sign_in("kim")
    await desk.reads("Växeln")
    assert await desk.browser.evaluate("document.querySelectorAll('[role=tab]').length") == 0
