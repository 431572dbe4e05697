"""A web call in trouble: network, edge, engine, browser; and its page in each language, by keys alone."""

import asyncio
import contextlib
import shutil
import time

import pytest

from router import facts as f
from tests.desk.looking import picture
from tests.system.figures import tell
from tests.system.pagephone import ANNA, CITIZEN, PATIENCE_S
from tests.system.test_webcall import in_talk
from tests.system.webcall import LANGUAGES, hears_tone, open_agent, open_browser, open_citizen, town

__all__ = ["open_agent", "open_browser", "open_citizen", "town"]
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]
BREAK = """
Object.defineProperty(vaxelConnection, "connectionState", {value: "failed", configurable: true});
vaxelConnection.dispatchEvent(new Event("connectionstatechange"));
delete vaxelConnection.connectionState;
"""
UFRAG = "vaxelConnection.localDescription.sdp.split('a=ice-ufrag:')[1].split('\\r')[0]"


async def both_hear(citizen, agent):
    await citizen.hears_tone(ANNA, within=PATIENCE_S)
    await hears_tone(agent.browser, CITIZEN, within=PATIENCE_S)


async def test_sound_that_breaks_off_goes_another_way(town, open_agent, open_citizen):
    agent, citizen = await open_agent(), await open_citizen()
    await in_talk(citizen, agent)
    before = await citizen.browser.evaluate(UFRAG)
    await citizen.browser.evaluate(BREAK)
    await citizen.browser.until(f"{UFRAG} !== {before!r}")
    await citizen.reads("You are talking with us")
    await both_hear(citizen, agent)
    await agent.press("Hang up")
    await citizen.reads("The call has ended.")


async def test_an_edge_that_dies_in_a_call(town, open_agent, open_citizen):
    agent, citizen = await open_agent(), await open_citizen()
    await in_talk(citizen, agent)
    before, began = await citizen.browser.evaluate(UFRAG), time.monotonic()
    await asyncio.to_thread(town.kill, "edge")
    await agent.reads("Connecting")
    await both_hear(citizen, agent)
    await asyncio.to_thread(town.until_known, "page1")
    await citizen.browser.until(f"{UFRAG} !== {before!r} && vaxelConnection.signalingState === 'stable'")
    tell(f"the edge knows the page again {time.monotonic() - began:.1f} s after")
    await agent.press("Hang up")
    await citizen.reads("The call has ended.")


async def test_an_engine_that_dies_in_a_call(town, open_agent, open_citizen):
    agent, citizen = await open_agent(), await open_citizen()
    await in_talk(citizen, agent)
    await asyncio.to_thread(town.kill, "engine")
    await both_hear(citizen, agent)
    await asyncio.to_thread(town.until_serving)
    await citizen.browser.evaluate(BREAK)
    await citizen.reads("You are talking with us")
    await citizen.press("Hang up")
    await agent.reads("No contact in hand.")


async def test_a_browser_that_is_killed_is_missed(town, open_agent, open_citizen):
    agent, citizen = await open_agent(), await open_citizen()
    await in_talk(citizen, agent)
    began = time.monotonic()
    with contextlib.suppress(TimeoutError):  # what is dead does not answer
        async with asyncio.timeout(1):
            await citizen.browser.command("Page.crash")
    await asyncio.to_thread(town.until_recorded, lambda record: not town.open_contacts(), 40, "the page to be missed")
    tell(f"a dead page is missed {time.monotonic() - began:.1f} s after")
    await agent.reads("No contact in hand.")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_reads_well_and_is_used_by_keys_alone(town, open_agent, open_citizen, language):
    citizen = await open_citizen(language)
    for dark in (False, True):
        await picture(citizen, f"webcall-{language}{'-dark' * dark}", width=420, dark=dark)
        assert await citizen.complaints() == []
    await citizen.browser.command(
        "Emulation.setDeviceMetricsOverride", width=320, height=700, deviceScaleFactor=1, mobile=False
    )
    assert await citizen.browser.evaluate("document.documentElement.scrollWidth") <= 320
    for _ in range(12):
        await citizen.key("Tab")
        if await citizen.browser.evaluate("document.activeElement.matches('button.call')"):
            break
    await citizen.key("Enter")
    await citizen.browser.until("document.querySelector('.keypad') !== null")
    await picture(citizen, f"webcall-{language}-asked", width=320)
    assert await citizen.complaints() == []
    assert await citizen.browser.evaluate("document.documentElement.scrollWidth") <= 320
    await asyncio.to_thread(town.until_recorded, lambda record: record.of(f.FlowMoved))
    await citizen.browser.command("Input.dispatchKeyEvent", type="keyDown", key="5", text="5")
    await asyncio.to_thread(
        town.until_recorded, lambda record: any(one.queue == "bench" for one in record.of(f.ContactQueued))
    )
    assert await citizen.browser.evaluate("document.activeElement.matches('button.call')"), "it is where it was"
    await citizen.key("Enter")
    await citizen.browser.until("document.querySelector('.keypad') === null")
    await picture(citizen, f"webcall-{language}-ended", width=420)
