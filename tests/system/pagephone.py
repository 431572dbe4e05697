"""A page that is a telephone, for tests: Chromium with a microphone that plays a tone."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from tests.chat.test_page import Browser, chromium
from tests.desk.conftest import PASSWORD, DeskPage
from tests.sip.conftest import write_tone
from tests.sip.phone import Call
from tests.system.conftest import HOUSES
from tests.system.crew import bye
from tests.system.figures import tell
from tests.system.house import House, until
from web import accounts
from web.accounts import AccountFile

PAGE, AGENT = "page1", "agent0001"
CITIZEN, ANNA = 1300.0, 550.0
RATE = 48000
PATIENCE_S = 8.0
BACK_WITHIN_S = 15.0
"""Until whoever was cut off talks again."""


@pytest.fixture(scope="module")
def house(request):
    """Return a house whose agent works in the page."""
    house = House(
        1,
        {
            "phones": {"phones": {PAGE: {"kind": "browser", "title": "Page 1"}}},
            "agents": {"agents": {AGENT: {"phone": PAGE, "queues": ["bench", "quiet"]}}},
            "queues": {"queues": {"bench": {"offer_timeout": 20, "wrap_up": 0, "waiting": "music"}}},
        },
    )
    request.node.stash[HOUSES] = [house]
    try:
        house.layout.prepare()
        _, account = accounts.make("anna", "guide", 0.0, agent=AGENT)
        hashed = accounts.hashed(PASSWORD)
        AccountFile(house.layout.accounts).add(msgspec.structs.replace(account, hash=hashed, temporary=False))
        house.start()
        yield house
    finally:
        house.end()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


class PagePhone(DeskPage):
    """The desk of somebody who telephones with it."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser)
        self.citizens: list[Call] = []

    async def stats(self) -> dict[str, Any]:
        """Return what the page's connection has counted."""
        return json.loads(await self.browser.evaluate("window.vaxelSeen ? JSON.stringify(window.vaxelSeen) : '{}'"))

    async def hears(self, within: float = 10.0) -> None:
        """Wait until the page is sent sound: the level is that of what is played, after the jitter buffer."""
        before = (await self.stats()).get("energy", 0.0)
        async with asyncio.timeout(within):
            while (await self.stats()).get("energy", 0.0) <= before + 0.001:  # noqa: ASYNC110 - a page tells nothing
                await asyncio.sleep(0.1)


WATCH = """
const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
const plain = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
if (ask) navigator.mediaDevices.getUserMedia = ({audio}) => ask({audio: {...audio, ...plain}});
const Made = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Made {
  constructor(...all) {
    super(...all);
    window.vaxelBreak = () => {
      Object.defineProperty(this, "connectionState", {value: "failed"});
      this.dispatchEvent(new Event("connectionstatechange"));
    };
    const look = async () => {
      if (this.connectionState === "closed") return;
      const seen = {};
      (await this.getStats()).forEach((one) => {
        if (one.type === "inbound-rtp") Object.assign(seen, {energy: one.totalAudioEnergy, codec: one.codecId});
        if (one.type === "codec") (seen.codecs ??= {})[one.id] = one.mimeType;
        if (one.type === "transport") Object.assign(seen, {dtls: one.dtlsState, srtp: one.srtpCipher});
      });
      window.vaxelSeen = seen;
      setTimeout(look, 100);
    };
    void look();
  }
};
"""


@contextlib.asynccontextmanager
async def browser_with_voice(session: aiohttp.ClientSession, folder: Path, hertz: float) -> AsyncIterator[Any]:
    """Run a browser whose microphone plays a tone; give a function that opens a page in it."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    options = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={write_tone(folder / 'voice.wav', hertz, 10, RATE)}",
        "--autoplay-policy=no-user-gesture-required",
    )
    async with chromium(session, folder / "profile", *options) as begin:
        yield begin


async def open_desk(begin: Any, house: House, name: str, *, again: bool = False) -> PagePhone:
    """Open the desk in a browser, and sign in there unless that was done before."""
    browser: Browser = await begin("about:blank")
    await browser.command("Page.enable")
    await browser.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
    page = PagePhone(browser)
    await browser.command("Page.navigate", url=f"http://127.0.0.1:{house.web[1]}/desk?language=en")
    if not again:
        await page.reads("Password")
        await page.sign_in(name)
    await page.reads("Sign out")
    return page


@pytest.fixture
async def open_page(
    house: House, session: aiohttp.ClientSession, tmp_path: Path, open_phone: Any
) -> AsyncIterator[Any]:
    """Return a function that opens ANNA's desk. Citizens' phones outlive it."""
    async with browser_with_voice(session, tmp_path, ANNA) as begin:
        opened: list[PagePhone] = []

        async def sign_in(*, again: bool = False) -> PagePhone:
            page = await open_desk(begin, house, "anna", again=again)
            opened.append(page)
            await page.reads("Ready")
            await asyncio.to_thread(house.until_known, PAGE)
            return page

        yield sign_in
        for call in (call for page in opened for call in page.citizens):
            bye(call)
    await asyncio.to_thread(until, lambda: not house.open_contacts(), what="the house to be quiet")


async def talk(house: House, page: PagePhone, open_phone: Any) -> Any:
    """Let a citizen ring, and ANNA take it; return the citizen's call, in which both hear each other."""
    phone = await open_phone("0701234567")
    citizen = await phone.invite(house.sip, "direct")
    page.citizens.append(citizen)
    await page.press("Take it")
    await page.reads("Talking")
    await citizen.response(200)
    citizen.audio.say(CITIZEN)
    await citizen.audio.until_hears(ANNA, within=PATIENCE_S)
    await page.hears()
    return citizen


async def until_back(page: PagePhone, citizen: Any, began: float) -> None:
    """Wait until both hear each other again, which nobody had to press anything for."""
    citizen.audio.packets.clear()
    await citizen.audio.until_hears(ANNA, within=BACK_WITHIN_S)
    await page.hears(within=BACK_WITHIN_S)
    tell(f"talking again {time.monotonic() - began:.1f} s after")
