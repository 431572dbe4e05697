"""Wideband between a page and the town: by G.722 and by Opus what lies above 4 kHz is heard at both ends."""

import asyncio
import shutil

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import attach, start_worker
from tests.sip.test_wideband import RATE, WIDE, WidePhone
from tests.system.house import CALLERS
from tests.system.pagephone import open_house, pages, session

__all__ = ["attach", "session", "start_worker"]
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]
VOICE, CITIZEN = 6000.0, 5500.0
"""Narrowband ends at 4000."""


@pytest.mark.parametrize(("codec", "negotiated"), [("g722", "audio/G722"), ("opus", "audio/opus")])
async def test_what_lies_above_four_kilohertz(request, session, start_worker, attach, tmp_path, codec, negotiated):
    codecs = {"vaxel": {"sip": {"codecs": [*dict.fromkeys((codec, "g722", "a-law"))]}}}
    with open_house(request, codecs, clock_rate=RATE) as house:
        # The citizen's telephone speaks G.722 and nothing else.
        worker = start_worker(name="citizen", address=CALLERS, codecs=WIDE, clock_rate=RATE)
        citizen = WidePhone(worker, await attach(worker), tmp_path)
        async with pages(house, session, tmp_path, voice=VOICE) as sign_in:
            page = await sign_in()
            citizen.engine.dial(citizen.leg, f"sip:direct@{house.sip[0]}:{house.sip[1]}")
            await page.press("Take it")
            await page.reads("Talking")
            await citizen.engine.next(p.LegAnswered)
            citizen.say(CITIZEN)
            await page.hears_tone(CITIZEN)
            await citizen.until_hears(VOICE)
            seen = await page.stats()
            assert {seen["codecs"][seen[way]] for way in ("codec", "sends")} == {negotiated}
            await page.press("Hang up")
            ended = await asyncio.wait_for(citizen.engine.next(p.LegEnded), 5)
            assert ended.stats.codec == WIDE[0]
