"""A page that is a telephone, for tests: Chromium with a microphone that plays a tone."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from bench.browser import Browser, Page, chromium
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


def employ(house: House, agent: str) -> None:
    """Let ANNA sign in as an agent."""
    house.layout.prepare()
    _, account = accounts.make("anna", "guide", 0.0, agent=agent)
    hashed = accounts.hashed(PASSWORD)
    AccountFile(house.layout.accounts).add(msgspec.structs.replace(account, hash=hashed, temporary=False))


@contextlib.contextmanager
def open_house(
    request: pytest.FixtureRequest,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    furnish: Callable[[House], None] = lambda _house: None,
    **options: Any,
) -> Iterator[House]:
    """Run a house whose agent works in the page; `furnish` adds to it before it starts."""
    house = House(
        1,
        {
            "phones": {"phones": {PAGE: {"kind": "browser", "title": "Page 1"}}},
            "agents": {"agents": {AGENT: {"phone": PAGE, "queues": ["bench", "quiet"]}}},
            "queues": {"queues": {"bench": {"offer_timeout": 20, "wrap_up": 0, "waiting": "music"}}},
        },
        **options,
    )
    request.node.stash[HOUSES] = [house]
    try:
        for name, change in (changes or {}).items():
            house.change(name, change)
        furnish(house)
        employ(house, AGENT)
        house.start()
        yield house
    finally:
        house.end()


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Return a house whose agent works in the page."""
    with open_house(request) as house:
        yield house


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


class PagePhone(DeskPage):
    """The desk of somebody who telephones with it."""

    def __init__(self, browser: Page) -> None:
        super().__init__(browser)
        self.citizens: list[Call] = []

    async def stats(self) -> dict[str, Any]:
        """Return what the page's connection has counted."""
        return json.loads(await self.browser.evaluate("window.vaxelSeen ? JSON.stringify(window.vaxelSeen) : '{}'"))

    async def hears(self, within: float = 10.0) -> None:
        """Wait until the page is sent sound: the level is that of what is played, after the jitter buffer."""
        first = seen = await self.stats()
        end = time.monotonic() + within
        while seen.get("energy", 0.0) <= first.get("energy", 0.0) + 0.001:
            assert time.monotonic() < end, f"the page hears nothing within {within:g} s: {first}, then {seen}"
            await asyncio.sleep(0.1)
            seen = await self.stats()

    async def hears_tone(self, hertz: float) -> None:
        """Wait until a tone is nearly all that the page is sent."""
        await self.browser.until(f"window.vaxelShare?.({hertz}) > 0.9")


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
      if (this.connectionState === "closed") {
        void this.vaxelEar?.close();  // a page may have 50 at a time
        return;
      }
      const seen = {at: performance.now()}, ways = {};
      let pair;
      (await this.getStats()).forEach((one) => {
        if (one.type === "inbound-rtp") {
          const {totalAudioEnergy: energy, codecId: codec, packetsReceived, jitterBufferEmittedCount} = one;
          Object.assign(seen, {energy, codec, packetsReceived, jitterBufferEmittedCount});
        }
        if (one.type === "outbound-rtp") seen.sends = one.codecId;
        if (one.type === "codec") (seen.codecs ??= {})[one.id] = one.mimeType;
        if (one.type === "transport") Object.assign(seen, {dtls: one.dtlsState, srtp: one.srtpCipher});
        if (one.type === "local-candidate") ways[one.id] = one;
        if (one.type === "candidate-pair" && one.nominated) pair = one.localCandidateId;
      });
      seen.pair = ways[pair];
      window.vaxelSeen = seen;
      setTimeout(look, 100);
    };
    void look();
    this.addEventListener("track", ({track}) => {
      const context = new AudioContext();
      this.vaxelEar = context;
      const heard = new AnalyserNode(context, {fftSize: 8192, smoothingTimeConstant: 0});
      context.createMediaStreamSource(new MediaStream([track])).connect(heard);
      const levels = new Float32Array(heard.frequencyBinCount);
      window.vaxelShare = (hertz) => {
        heard.getFloatFrequencyData(levels);
        const power = [...levels].map((level) => 10 ** (level / 10));
        const sum = (some) => some.reduce((all, one) => all + one, 0);
        const near = power.filter((_, bin) => Math.abs((bin * context.sampleRate) / heard.fftSize - hertz) < 50);
        return sum(power) > 1e-6 ? sum(near) / sum(power) : 0;
      };
    });
  }
};
"""


@contextlib.asynccontextmanager
async def browser_with_voice(
    session: aiohttp.ClientSession, folder: Path, hertz: float, *options: str, inside: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Run a browser whose microphone plays a tone."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    fixed = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={write_tone(folder / 'voice.wav', hertz, 10, RATE)}",
        "--autoplay-policy=no-user-gesture-required",
    )
    async with chromium(session, folder / "profile", *fixed, *options, inside=inside) as browser:
        yield browser


async def open_desk(browser: Browser, house: House, name: str, *, again: bool = False) -> PagePhone:
    """Open the desk in a browser, and sign in there unless that was done before."""
    seen = await browser.open()
    await seen.command("Page.enable")
    await seen.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
    page = PagePhone(seen)
    await seen.command("Page.navigate", url=f"{house.url}/desk?language=en")
    if not again:
        await page.reads("Password")
        await page.sign_in(name)
    await page.reads("Sign out")
    return page


@contextlib.asynccontextmanager
async def pages(
    house: House,
    session: aiohttp.ClientSession,
    folder: Path,
    *options: str,
    voice: float = ANNA,
    inside: Sequence[str] = (),
) -> AsyncIterator[Any]:
    """Run a browser with a voice; give a function that opens ANNA's desk."""
    async with browser_with_voice(session, folder, voice, *options, inside=inside) as browser:
        opened: list[PagePhone] = []

        async def sign_in(*, again: bool = False) -> PagePhone:
            page = await open_desk(browser, house, "anna", again=again)
            opened.append(page)
            await page.reads("My day")
            await asyncio.to_thread(house.until_known, PAGE)
            return page

        yield sign_in
        for call in (call for page in opened for call in page.citizens):
            bye(call)
    await asyncio.to_thread(until, lambda: not house.open_contacts(), what="the house to be quiet")


@pytest.fixture
async def open_page(
    house: House, session: aiohttp.ClientSession, tmp_path: Path, open_phone: Any
) -> AsyncIterator[Any]:
    """Return a function that signs ANNA in. Citizens' phones outlive the browser."""
    async with pages(house, session, tmp_path) as sign_in:
        yield sign_in


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
