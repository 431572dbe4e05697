"""Both ends of a web call, for tests: a citizen's page and an agent's, each in a browser with a voice of its own."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from bench.browser import Page, chromium
from tests.sip.conftest import free_port
from tests.system.conftest import HOUSES
from tests.system.house import House, until
from tests.system.pagephone import AGENT, ANNA, CITIZEN, PAGE, PASSWORD, WATCH, PagePhone, browser_with_voice
from web import accounts
from web.accounts import AccountFile

LANGUAGES = ("en", "sv", "fi", "ar")
FLOW = """\
start:
  menu: menu
  choices: {5: line}
  timeout: 8 s
  tries: 9
  otherwise: quiet
line:
  queue: bench
quiet:
  queue: quiet
"""
CALLS = """\
pages:
  town:
    title: {en: Call the town, sv: Ring staden, fi: Soita kaupungille, ar: اتصل بالمدينة}
    flow: town
    languages: [en, sv, fi, ar]
    calls: 2
    per_hour: 1000
    chat: town
    embedded_by: ["{site}"]
"""
CHAT = "pages:\n  town: {queue: bench, languages: [en, sv, fi, ar]}\nwords:\n"
HEAR = """
navigator.mediaDevices && (() => {
  const Listening = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Listening {
    constructor(...all) {
      super(...all);
      window.vaxelConnection = this;
      this.addEventListener("track", ({track}) => {
        const context = new AudioContext();
        const analyser = context.createAnalyser();
        analyser.fftSize = 8192;
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        const bins = new Float32Array(analyser.frequencyBinCount);
        window.vaxelHertz = () => {
          analyser.getFloatFrequencyData(bins);
          const loudest = bins.reduce((best, one, n) => one > bins[best] ? n : best, 1);
          return bins[loudest] < -60 ? 0 : loudest * context.sampleRate / analyser.fftSize;
        };
      });
    }
  };
})();
"""


def furnish(house: House) -> None:
    """Let a house be rung from a page, in four languages."""
    (house.config / "flows" / "town.yaml").write_text(FLOW)
    (house.config / "webcalls.yaml").write_text(CALLS.replace("{site}", f"http://localhost:{free_port()}"))
    for language in LANGUAGES[1:]:
        shutil.copytree(house.config / "prompts" / "en", house.config / "prompts" / language)
    spoken = "".join(f"{one}:\n  no_input: again\n  wrong_input: no\n" for one in LANGUAGES)
    (house.config / "prompts.yaml").write_text(spoken)
    said = "".join(
        f"  {one}: {{chat_still_there: a, chat_closed: b, chat_none: c, chat_person: d}}\n" for one in LANGUAGES
    )
    (house.config / "chat.yaml").write_text(CHAT + said)


@pytest.fixture(scope="module")
def town(request: pytest.FixtureRequest) -> Any:
    """Return a house that is rung from a page, and whose agent works in one."""
    house = House(
        1,
        {
            "phones": {"phones": {PAGE: {"kind": "browser", "title": "Page 1"}}},
            "agents": {"agents": {AGENT: {"phone": PAGE, "queues": ["bench", "quiet"], "capacity": {"chat": 1}}}},
            "queues": {"queues": {"bench": {"offer_timeout": 20, "wrap_up": 0, "waiting": "music"}}},
        },
    )
    furnish(house)
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


class CitizenPage(PagePhone):
    """The page from which a citizen rings."""

    async def hears_tone(self, hertz: float, within: float = 10.0) -> None:
        """Wait until that tone is the loudest of what the page is sent."""
        await hears_tone(self.browser, hertz, within)


async def hears_tone(browser: Page, hertz: float, within: float = 10.0) -> None:
    """Wait until that tone is the loudest of what a page is sent."""
    async with asyncio.timeout(within):
        while abs((await browser.evaluate("window.vaxelHertz ? vaxelHertz() : 0") or 0) - hertz) > 30:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest.fixture
async def open_browser(tmp_path: Path) -> AsyncIterator[Any]:
    """Return a function that opens a page in a browser of its own; its microphone hears a tone, if there is one."""
    async with contextlib.AsyncExitStack() as running:
        session = await running.enter_async_context(aiohttp.ClientSession())

        async def begin(name: str, hertz: float) -> Page:
            folder = tmp_path / name
            own = browser_with_voice(session, folder, hertz) if hertz else chromium(session, folder)
            browser = await running.enter_async_context(own)
            page = await browser.open()
            await page.command("Page.enable")
            await page.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH + HEAR)
            return page

        yield begin


@pytest.fixture
async def open_agent(town: House, open_browser: Any) -> Any:
    """Return a function that signs ANNA in."""

    async def sign_in() -> PagePhone:
        browser = await open_browser("agent", ANNA)
        page = PagePhone(browser)
        await browser.command("Page.navigate", url=f"http://127.0.0.1:{town.web[1]}/desk?language=en")
        await page.reads("Password")
        await page.sign_in("anna")
        await page.reads("Ready")
        await asyncio.to_thread(town.until_known, PAGE)
        return page

    return sign_in


@pytest.fixture
async def open_citizen(town: House, open_browser: Any) -> AsyncIterator[Any]:
    """Return a function that opens the page to ring from."""

    opened: list[CitizenPage] = []

    async def begin(language: str = "en", hertz: float = CITIZEN) -> CitizenPage:
        browser = await open_browser(f"citizen-{language}-{hertz:g}", hertz)
        page = CitizenPage(browser)
        opened.append(page)
        url = f"http://127.0.0.1:{town.web[1]}/public/v1/call/town?language={language}"
        await browser.command("Page.navigate", url=url)
        await browser.until("document.querySelector('button.call') !== null")
        return page

    yield begin
    for page in opened:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await page.browser.command("Page.navigate", url="about:blank")
    await asyncio.to_thread(until, lambda: not town.open_contacts(), 60, what="the town to be quiet")
