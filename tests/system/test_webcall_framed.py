"""The web call in a frame of a city's own site, which is another than Vaxel's: who may show it, and who is heard."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import yaml

from bench.browser import Browser, Page
from tests.desk.conftest import DeskPage
from tests.desk.looking import picture
from tests.desk.site import open_site
from tests.sip.conftest import free_port
from tests.system.house import House
from tests.system.pagephone import CITIZEN, PATIENCE_S, WATCH, browser_with_voice
from tests.system.test_webcall import in_talk
from tests.system.webcall import HEAR, CitizenPage, open_agent, open_browser, town

__all__ = ["open_agent", "open_browser", "town"]
pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
WHERE = """(() => {
    const {x, y, width, height} = %s.getBoundingClientRect();
    return [x, y, width, height];
})()"""


class FramedPage(CitizenPage):
    """The page from which a citizen rings, in a frame, where a mouse presses what it is moved to."""

    def __init__(self, browser: Page, around: Page) -> None:
        super().__init__(browser)
        self.around = around

    async def press(self, name: str) -> None:
        """Press the button or link of that name: a frame plays nothing before somebody pressed something."""
        one = f"[...document.querySelectorAll('button, a')].find((one) => one.textContent.trim() === {name!r})"
        await self.browser.until(f"{one} !== undefined")
        await self.browser.evaluate(f"{one}.scrollIntoView({{block: 'center'}})")
        is_there = False
        async with asyncio.timeout(PATIENCE_S):
            while not is_there:  # the browser knows where a frame is once it has drawn it
                at = await self._middle(one)
                await self.around.command("Input.dispatchMouseEvent", type="mouseMoved", **at)
                is_there = await self.browser.evaluate(f"{one}.matches(':hover')")
        for kind in ("mousePressed", "mouseReleased"):
            await self.around.command("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)

    async def _middle(self, one: str) -> dict[str, float]:
        """Return where something in the frame is, in the page around it."""
        left, top, *_ = await self.around.evaluate(WHERE % "document.querySelector('iframe')")
        x, y, width, height = await self.browser.evaluate(WHERE % one)
        return {"x": left + x + width / 2, "y": top + y + height / 2}


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Return a browser with a citizen's voice, which plays nothing before somebody pressed something."""
    strict = "--autoplay-policy=document-user-activation-required"
    async with (
        aiohttp.ClientSession() as session,
        browser_with_voice(session, tmp_path / "citizen", CITIZEN, strict) as one,
    ):
        yield one


@contextlib.asynccontextmanager
async def shown(town: House, browser: Browser, port: int, allowed: str) -> AsyncIterator[FramedPage]:
    """Let a site on a port show the page; give the frame."""
    vaxel = f"http://127.0.0.1:{town.web[1]}"
    text = (
        '<!doctype html><html lang="en"><head><title>City</title></head><body><h1>City</h1>'
        f'<iframe src="{vaxel}/public/v1/call/town?language=en" title="Call us" width="420" height="480"{allowed}>'
        "</iframe></body></html>"
    )
    async with open_site(port, text, f"default-src 'none'; frame-src {vaxel}") as site:
        around = await browser.open(site)
        yield FramedPage(await browser.find(f"{vaxel}/public/v1/call/town", "iframe"), around)


def listed(town: House) -> int:
    """Return the port of the site that may show the page."""
    (site,) = yaml.safe_load((town.config / "webcalls.yaml").read_text())["pages"]["town"]["embedded_by"]
    return int(site.rpartition(":")[2])


async def test_a_citizen_rings_talks_and_hangs_up_in_a_frame(town, open_agent, browser):
    agent = await open_agent()
    async with shown(town, browser, listed(town), ' allow="microphone"') as citizen:
        await citizen.browser.until("document.querySelector('button.call') !== null")
        assert await citizen.browser.evaluate("window.parent !== window && document.cookie === ''")
        await citizen.browser.evaluate(WATCH + HEAR)
        await in_talk(citizen, agent)
        assert not await citizen.browser.evaluate("document.body.innerText.includes('Turn the sound on')")
        assert await citizen.complaints() == []
        await citizen.press("Hang up")
        await citizen.reads("The call has ended.")
        await agent.reads("No contact in hand.")


async def test_a_site_that_forgot_the_microphone_is_named_and_a_window_is_offered(town, browser):
    async with shown(town, browser, listed(town), "") as citizen:
        await citizen.press("Call")
        await citizen.reads("your browser, or the site around this page, does not allow it")
        await citizen.reads("Chat with us")
        assert await citizen.complaints() == []
        await picture(DeskPage(citizen.around), "webcall-framed", width=500, height=640)
        await citizen.press("Open in a window of its own")
        alone = CitizenPage(await browser.find(f"{town.url}/public/v1/call/town?language=en", "page"))
        await alone.browser.until("window.parent === window")
        await alone.press("Call")
        await alone.reads("press a key")
        await alone.press("Hang up")
        await alone.reads("The call has ended.")


async def test_a_site_that_is_not_listed_shows_an_empty_frame(town, browser):
    async with shown(town, browser, free_port(), ' allow="microphone"') as citizen:
        await citizen.browser.until("location.protocol === 'chrome-error:'")
        assert not await citizen.browser.evaluate("document.body.innerText.includes('Call')")
