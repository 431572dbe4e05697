"""The page to try a chat with, in a real browser."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.chat.page import WORDS, render
from adapters.chat.settings import Page


def test_the_page_may_be_shown_where_it_is_said_and_runs_nothing_but_itself():
    data, policy = render(
        Page(title="<b>Hej</b>", languages=("sv", "en"), embedded_by=("https://malmo.example",)), "en"
    )
    text = data.decode()
    assert "<h1>&lt;b&gt;Hej&lt;/b&gt;</h1>" in text
    assert '<html lang="en" dir="ltr">' in text
    assert "frame-ancestors https://malmo.example" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in render(Page(languages=("sv",)), "")[1]


def test_the_page_speaks_its_languages_and_runs_as_they_do():
    assert len({frozenset(words) for words in WORDS.values()}) == 1
    page = Page(languages=("sv", "fi", "ar", "so"))
    for language, direction, write in (
        ("ar", "rtl", "اكتب هنا"),
        ("fi", "ltr", "Kirjoita tähän"),
        ("so", "ltr", "Write"),
    ):
        text = render(page, language)[0].decode()
        assert f'<html lang="{language}" dir="{direction}">' in text
        assert f'id="write">{write}' in text


class Browser:
    """One page in Chromium, asked over its DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def evaluate(self, script: str) -> Any:
        """Return what a script says; None while the page is being left for another."""
        return (await self.command("Runtime.evaluate", expression=script)).get("result", {}).get("value")

    async def command(self, method: str, **params: Any) -> Any:
        """Return what the browser answers to a command."""
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": params})
        while (told := await self._socket.receive_json()).get("id") != self._asked:
            pass
        return told.get("result", {})  # a page that is just leaving has none

    async def until(self, script: str) -> None:
        """Wait until a script says true."""
        async with asyncio.timeout(20):
            while not await self.evaluate(script):  # noqa: ASYNC110 - a page tells nothing by itself
                await asyncio.sleep(0.05)

    async def reload(self) -> None:
        """Load the page again, and wait until the old one is gone."""
        await self.evaluate("window.isOld = true; location.reload()")
        await self.until("!window.isOld && document.readyState === 'complete'")

    async def until_reads(self, text: str) -> None:
        """Wait until the page shows a text."""
        await self.until(f"document.body.innerText.includes({text!r})")


@contextlib.asynccontextmanager
async def chromium(
    session: aiohttp.ClientSession, folder: Path, *options: str, inside: Sequence[str] = ()
) -> AsyncIterator[Any]:
    """Run a browser; give a function that opens a page in it. `inside` is what its command begins with."""
    argv = [*inside, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", *options]
    process = await asyncio.create_subprocess_exec(
        *argv, f"--user-data-dir={folder}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while b"DevTools listening on" not in (line := await process.stderr.readline()):
            pass
    port = int(line.rpartition(b":")[2].partition(b"/")[0])
    sockets: list[aiohttp.ClientWebSocketResponse] = []

    async def begin(url: str) -> Browser:
        async with session.put(f"http://127.0.0.1:{port}/json/new?{url}") as answer:
            target = (await answer.json())["webSocketDebuggerUrl"]
        sockets.append(await session.ws_connect(target))
        return Browser(sockets[-1])

    yield begin
    for socket in sockets:
        await socket.close()
    process.terminate()
    await process.communicate()


@pytest.fixture
async def browse(session, tmp_path: Path) -> AsyncIterator[Any]:
    """Return a function that opens a page in a browser."""
    async with chromium(session, tmp_path) as begin:
        yield begin


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
async def test_a_citizen_chats_in_a_browser_reloads_it_and_keeps_a_transcript(make_town, browse, tmp_path):
    town = await asyncio.to_thread(make_town)
    page = await browse(town.url().removesuffix("/socket"))
    await page.until_reads("What is it about?")
    await page.evaluate("[...document.querySelectorAll('#choices button')].find(b => b.textContent === 'Bins').click()")
    await page.until_reads("Your customer number, six digits")
    await page.evaluate("$('text').value = '123456'; $('form').requestSubmit()")
    await page.until_reads("You: 123456")
    (contact,) = await asyncio.to_thread(town.contacts, channel="chat")
    agent = await asyncio.to_thread(town.accept, contact["id"])
    await asyncio.to_thread(town.write, contact["id"], "<b>Good</b> morning", agent)
    await page.until_reads("Agent: <b>Good</b> morning")
    await page.reload()
    await page.until_reads("You: 123456")
    await page.until_reads("Agent: <b>Good</b> morning")
    assert await page.evaluate("document.querySelectorAll('#log li').length") == 6
    await page.evaluate("socket.close(); $('leave').click()")  # at a moment when nobody hears it
    await page.until_reads("This chat has ended.")
    transcript = await saved(page, tmp_path / "saved")
    assert [line.partition("  ")[2] for line in transcript.splitlines()] == [
        "Vaxel: Hello!",
        "Vaxel: What is it about?",
        "You: Bins",
        "Vaxel: Your customer number, six digits",
        "You: 123456",
        "Agent: <b>Good</b> morning",
    ]


async def saved(page: Browser, folder: Path) -> str:
    """Press the button that saves the conversation; return what lies in the downloads then."""
    await asyncio.to_thread(folder.mkdir)
    await page.command("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    await page.evaluate("$('save').click()")
    file = folder / "chat.txt"
    async with asyncio.timeout(20):
        while not file.exists():  # noqa: ASYNC110 - a browser tells nothing by itself
            await asyncio.sleep(0.05)
    return file.read_text()
