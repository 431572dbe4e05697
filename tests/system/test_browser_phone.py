"""The page as a telephone: a real browser, the edge, workers, an engine, and a citizen who rings."""

import asyncio
import shutil
import time

import pytest

from router import facts as f
from tests.desk.looking import picture
from tests.system.house import MUSIC
from tests.system.pagephone import (
    ANNA,
    PATIENCE_S,
    house,
    open_page,
    session,
    talk,
    until_back,
)

__all__ = ["house", "open_page", "session"]
pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


async def test_both_hear_each_other(house, open_page, open_phone):
    page = await open_page()
    citizen = await talk(house, page, open_phone)
    seen = await page.stats()
    assert (seen["dtls"], seen["codecs"][seen["codec"]]) == ("connected", "audio/PCMA")
    await page.press("Hold")
    await citizen.audio.until_hears(MUSIC, within=PATIENCE_S)
    await page.press("Resume")
    await citizen.audio.until_hears(ANNA, within=PATIENCE_S)
    await page.press("Mute")
    await page.press("Hang up")
    await citizen.end(within=5)


async def test_a_page_that_is_loaded_anew_in_a_call(house, open_page, open_phone):
    page = await open_page()
    citizen = await talk(house, page, open_phone)
    began = time.monotonic()
    await page.browser.command("Page.reload")
    await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.AgentCalledBack))
    await until_back(page, citizen, began)
    await page.press("Hang up")
    await citizen.end(within=5)


async def test_somebody_hears_how_it_sounds(house, open_page, open_phone):
    page = await open_page()
    await page.press("Microphone and loudspeaker")
    await page.reads("As the system prefers")
    await page.browser.until("document.querySelector('meter').value > 0.3")
    assert await page.complaints() == []
    await picture(page, "phone-settings")
    await picture(page, "phone-settings-dark", dark=True)
    assert await page.complaints() == []
    await page.press("Hear yourself")
    await page.reads("Say something")
    await page.hears()
    await page.press("Enough")
    await page.reads("Hear yourself")


@pytest.mark.soak
@pytest.mark.parametrize(("language", "ready"), [("sv", "Klar"), ("fi", "Valmis"), ("ar", "جاهز")])
async def test_the_telephone_reads_well(house, open_page, language, ready):
    page = await open_page()
    url = f"http://127.0.0.1:{house.web[1]}/desk?language={language}"
    await page.browser.command("Page.navigate", url=url)
    await page.reads(ready)
    settings = "document.querySelector('section:has(h2) button[aria-expanded].quiet')"
    await page.browser.until(f"{settings} !== null")
    await page.browser.evaluate(f"{settings}.click()")
    await page.browser.until("document.querySelector('meter') !== null")
    await picture(page, f"phone-{language}")
    assert await page.complaints() == []
