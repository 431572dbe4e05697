"""A citizen rings the house from a page: real browsers, the edge, workers, an engine, and an agent in another page."""

import asyncio
import shutil

import pytest

from router import facts as f
from router.configuration import web_call
from tests.desk.looking import picture
from tests.system.pagephone import ANNA, CITIZEN
from tests.system.webcall import hears_tone, open_agent, open_browser, open_citizen, town

__all__ = ["open_agent", "open_browser", "open_citizen", "town"]
pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


async def in_talk(citizen, agent):
    """Let a citizen ring, choose by a key, and be answered."""
    await citizen.press("Call")
    await citizen.reads("press a key")
    await citizen.press("5")
    await citizen.reads("Somebody is about to answer")
    await agent.press("Take it")
    await agent.reads("Talking")
    await citizen.reads("You are talking with us")
    await citizen.hears_tone(ANNA)
    await hears_tone(agent.browser, CITIZEN)


async def test_a_citizen_rings_chooses_waits_and_talks(town, open_agent, open_citizen):
    agent, citizen = await open_agent(), await open_citizen()
    assert await citizen.complaints() == []
    await in_talk(citizen, agent)
    assert await citizen.complaints() == []
    await picture(citizen, "webcall-talking", width=420)
    seen = await citizen.stats()
    assert (seen["dtls"], seen["srtp"] != "") == ("connected", True)
    record = town.record()
    arrived = record.of(f.ContactArrived)[-1]
    assert (arrived.channel, arrived.entry, arrived.language) == ("call", web_call("town", "en"), "en")
    assert arrived.person is None
    await citizen.press("Mute")
    await citizen.reads("We do not hear you now")
    await citizen.press("Unmute")
    await citizen.press("Hang up")
    await citizen.reads("The call has ended.")
    await agent.reads("No contact in hand.")


@pytest.mark.soak
async def test_a_page_that_is_closed_hangs_up(town, open_agent, open_citizen):
    agent, citizen = await open_agent(), await open_citizen()
    await in_talk(citizen, agent)
    await citizen.browser.command("Page.navigate", url="about:blank")
    async with asyncio.timeout(3):
        await agent.reads("No contact in hand.")


async def test_who_has_no_microphone_is_told_other_ways(town, open_citizen):
    citizen = await open_citizen(hertz=0)
    await citizen.press("Call")
    await citizen.reads("We cannot hear you")
    await citizen.reads("Chat with us")
    assert await citizen.complaints() == []
    await picture(citizen, "webcall-voiceless", width=420)
    assert not town.open_contacts()
