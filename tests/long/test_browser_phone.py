"""A page that is a telephone, in trouble: it is away, asleep, in another tab or network; and what it stands on dies."""

import asyncio
import shutil
import time

import pytest

from router import facts as f
from tests.system.house import MUSIC
from tests.system.pagephone import (
    ANNA,
    BACK_WITHIN_S,
    PAGE,
    PATIENCE_S,
    house,
    open_page,
    session,
    talk,
    until_back,
)

CALLS = 1000
"""More than an agent takes in a day: what is used up by each call would be used up by then."""
__all__ = ["house", "open_page", "session"]
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


async def test_a_page_that_is_away_for_a_while(house, open_page, open_phone):
    page = await open_page()
    citizen = await talk(house, page, open_phone)
    here = await page.browser.evaluate("location.href")
    await page.browser.command("Page.navigate", url="about:blank")
    await citizen.audio.until_hears(MUSIC, within=BACK_WITHIN_S)
    began = time.monotonic()
    await page.browser.command("Page.navigate", url=here)
    await until_back(page, citizen, began)
    await page.press("Hang up")
    await citizen.end(within=5)


@pytest.mark.timeout(1800)
async def test_as_many_calls_as_a_long_day_has(house, open_page, open_phone):
    page = await open_page()
    for _ in range(CALLS):
        citizen = await talk(house, page, open_phone)
        page.citizens.clear()
        await page.press("Hang up")
        await citizen.end(within=5)
        await page.reads("Ready")


async def test_an_edge_that_dies_in_a_call(house, open_page, open_phone):
    page = await open_page()
    citizen = await talk(house, page, open_phone)
    await asyncio.to_thread(house.kill, "edge")
    await page.reads("Connecting")
    await citizen.audio.until_hears(ANNA, within=PATIENCE_S)
    await asyncio.to_thread(house.until_known, PAGE)
    await page.reads("Talking")
    await page.press("Hang up")
    await citizen.end(within=5)


async def test_an_engine_that_dies_in_a_call(house, open_page, open_phone):
    page = await open_page()
    citizen = await talk(house, page, open_phone)
    await asyncio.to_thread(house.kill, "engine")
    await citizen.audio.until_hears(ANNA, within=PATIENCE_S)
    await page.hears()
    await asyncio.to_thread(house.until_serving)
    await page.press("Hold")
    await citizen.audio.until_hears(MUSIC, within=PATIENCE_S)
    await page.press("Resume")
    await citizen.audio.until_hears(ANNA, within=PATIENCE_S)
    citizen.bye()
    await page.reads("No contact in hand.")


async def test_sound_that_breaks_off_is_brought_back(house, open_page, open_phone):
    """As in another network: the page lets itself be called back."""
    page = await open_page()
    citizen = await talk(house, page, open_phone)
    lost = len(house.record().of(f.AgentCalledBack))
    began = time.monotonic()
    await page.browser.evaluate("vaxelBreak()")
    await asyncio.to_thread(house.until_recorded, lambda record: len(record.of(f.AgentCalledBack)) > lost)
    await until_back(page, citizen, began)
    await page.press("Hang up")
    await citizen.end(within=5)


async def test_another_tab_is_the_phone_once_the_first_is_closed(house, open_page, open_phone):
    first = await open_page()
    citizen = await talk(house, first, open_phone)
    second = await open_page(again=True)
    await second.reads("In another tab")
    await first.browser.command("Page.navigate", url="about:blank")
    began = time.monotonic()
    await until_back(second, citizen, began)
    await second.press("Hang up")
    await citizen.end(within=5)


async def test_a_page_that_sleeps_is_not_rung_in_vain(house, open_page, open_phone):
    page = await open_page()
    await page.browser.command("Debugger.enable")
    await page.browser.command("Debugger.pause")
    await asyncio.to_thread(
        house.until_recorded, lambda record: f"phone:{PAGE}" in record.replay().lost, 40, "the page to be missed"
    )
    citizen = await (await open_phone("0701234567")).invite(house.sip, "direct")
    page.citizens.append(citizen)
    await citizen.response(200)
    await citizen.audio.until_hears(MUSIC, within=PATIENCE_S)
    assert not house.record().of(f.OfferMissed)
    await page.browser.command("Debugger.disable")
    await page.press("Take it")
    await citizen.audio.until_hears(ANNA, within=PATIENCE_S)
    await page.press("Hang up")
    await citizen.end(within=5)
