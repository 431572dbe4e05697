"""What people hear, measured on the RTP that reaches their phones."""

import asyncio
import time

import pytest

from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.crew import Crew, bye, ring
from tests.system.figures import tell
from tests.system.house import MUSIC

PROMPT = 1000.0
CITIZEN = 1300.0
AGENT = 550.0


@pytest.fixture
def house(make_house):
    """Return a house with one agent, whose prompts are tones."""
    house = make_house(agents=1)
    write_tone(house.config / "prompts/en/short.wav", PROMPT, 0.8)
    write_tone(house.config / "prompts/en/menu.wav", PROMPT, 0.8)
    house.start()
    return house


async def test_prompt_then_music_then_each_other(house, open_phone):
    crew = await Crew.at(house, open_phone, AGENT)
    crew.answers = False
    call = await ring(house, open_phone, "citizen", "queue")
    await call.audio.until_hears(PROMPT)
    heard = time.monotonic()
    await call.audio.until_hears(MUSIC)
    assert time.monotonic() - heard < 1.2, "the prompt is followed by music, not by silence"
    assert call.audio.gap(heard, time.monotonic()) < 0.1
    rung = await crew.until_rung(1)
    await asyncio.sleep(0.3)
    assert call.audio.hears(MUSIC), "music goes on while the agent's phone rings"
    call.audio.say(CITIZEN)
    await crew.answer(rung.call)
    picked_up = time.monotonic()
    await asyncio.gather(call.audio.until_hears(AGENT), rung.call.audio.until_hears(CITIZEN))
    tell(f"agent's 200 -> both heard 200 ms of each other: {(time.monotonic() - picked_up) * 1000:.0f} ms")
    bye(rung.call)
    await call.end()
    crew.end()
    await asyncio.to_thread(house.check)


async def test_a_key_leads_on_from_the_menu(house, open_phone):
    crew = await Crew.at(house, open_phone, AGENT)
    call = await ring(house, open_phone, "citizen", "ivr")
    await call.audio.until_hears(PROMPT)
    call.audio.say(CITIZEN)
    await call.audio.press("5")
    rung = await crew.until_rung(1)
    await asyncio.gather(call.audio.until_hears(AGENT), rung.call.audio.until_hears(CITIZEN))
    bye(call)
    await rung.call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    (contact,) = record.queued_order()
    assert record.about(contact)[:3] == ["ContactArrived", "FlowMoved", "ContactQueued"]


async def test_the_next_caller_hears_music_until_the_agent_is_free(house, open_phone):
    crew = await Crew.at(house, open_phone, AGENT)
    first = await ring(house, open_phone, "first")
    await first.audio.until_hears(AGENT)
    second = await ring(house, open_phone, "second")
    second.audio.say(CITIZEN)
    await second.audio.until_hears(MUSIC)
    assert first.audio.hears(AGENT), "nobody hears the second caller"
    bye(crew.rung[0].call)
    await first.end()
    await second.audio.until_hears(AGENT)
    await crew.rung[1].call.audio.until_hears(CITIZEN)
    bye(second)
    await crew.rung[1].call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert len(record.of(f.OfferMade)) == 2
