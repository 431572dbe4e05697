"""Chromium, told what to do over its DevTools protocol: for what is measured and for what is tested on pages."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import aiohttp

from bench.system import Trouble

START_WITHIN_S: Final = 30.0
SHOWN_WITHIN_S: Final = 20.0
LOOK_EVERY_S: Final = 0.05
TOLD_CHARACTERS: Final = 1000
"""Of a page that does not show what it should."""
ARGV: Final = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")


class Page:
    """A page, or another site's frame within one."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def command(self, method: str, **params: Any) -> Any:
        """Return what the browser answers."""
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": params})
        while (told := await self._socket.receive_json()).get("id") != self._asked:
            pass
        return told.get("result", {})  # a page that is just leaving has none

    async def evaluate(self, script: str) -> Any:
        """Return what a script says; None while the page is being left for another."""
        answer = await self.command("Runtime.evaluate", expression=script, returnByValue=True)
        return answer.get("result", {}).get("value")

    async def until(self, script: str, every: float = LOOK_EVERY_S) -> Any:
        """Return what a script says, once that is true. Raises Trouble."""
        try:
            async with asyncio.timeout(SHOWN_WITHIN_S):
                while not (found := await self.evaluate(script)):  # noqa: ASYNC110 - a page tells nothing by itself
                    await asyncio.sleep(every)
        except TimeoutError:
            shown = await self.evaluate(f"document.body.innerText.slice(0, {TOLD_CHARACTERS})")
            raise Trouble(f"the page does not show: {script}\nIt shows: {shown}") from None
        return found

    async def until_reads(self, text: str) -> None:
        """Wait until the page shows a text. Raises Trouble."""
        await self.until(f"document.body.innerText.includes({text!r})")

    async def reload(self) -> None:
        """Load the page again, and wait until the old one is gone. Raises Trouble."""
        await self.evaluate("window.isOld = true; location.reload()")
        await self.until("!window.isOld && document.readyState === 'complete'")

    async def type(self, selector: str, text: str) -> None:
        """Type into a field. Raises Trouble."""
        await self.until(f"document.querySelector({selector!r}) !== null")
        await self.evaluate(f"document.querySelector({selector!r}).focus()")
        await self.command("Input.insertText", text=text)


class Browser:
    """One that runs, and the pages that are open in it."""

    def __init__(self, session: aiohttp.ClientSession, port: int, sockets: contextlib.AsyncExitStack) -> None:
        """`sockets` closes what is opened."""
        self._session = session
        self._url = f"http://127.0.0.1:{port}/json"
        self._sockets = sockets

    async def open(self, url: str = "about:blank") -> Page:
        """Return a new page."""
        async with self._session.put(f"{self._url}/new?{url}") as answer:
            return await self._attached(await answer.json())

    async def find(self, url: str, kind: Literal["page", "iframe"]) -> Page:
        """Return what shows an address that begins so, once something does. A frame is found that is of another site
        than what is around it: it is a process of its own, which DevTools knows apart. Raises Trouble."""
        try:
            async with asyncio.timeout(SHOWN_WITHIN_S):
                while True:
                    async with self._session.get(f"{self._url}/list") as answer:
                        there = await answer.json()
                    for one in there:
                        if one["type"] == kind and one["url"].startswith(url):
                            return await self._attached(one)
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise Trouble(f"no {kind} shows {url}") from None

    async def _attached(self, target: dict[str, Any]) -> Page:
        socket = self._session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)
        return Page(await self._sockets.enter_async_context(socket))


@contextlib.asynccontextmanager
async def chromium(
    session: aiohttp.ClientSession, profile: Path, *options: str, inside: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Run a browser that keeps what it knows in a folder. `inside` is what its command begins with. Raises Trouble."""
    if shutil.which(ARGV[0]) is None:
        raise Trouble("there is no chromium: apt-get install chromium")
    process = await asyncio.create_subprocess_exec(
        *inside, *ARGV, *options, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    loop = asyncio.get_running_loop()
    port: asyncio.Future[int] = loop.create_future()
    reading = loop.create_task(_read(process.stderr, port))
    try:
        async with asyncio.timeout(START_WITHIN_S):
            await port
        async with contextlib.AsyncExitStack() as sockets:
            yield Browser(session, port.result(), sockets)
    finally:
        process.terminate()
        await reading
        await process.wait()


async def _read(complaints: asyncio.StreamReader, port: asyncio.Future[int]) -> None:
    """Find out where DevTools listen. The rest is read too: nobody wants to know it, but whoever writes it would stand
    still once the pipe is full, and the sound with it."""
    async for line in complaints:
        if not port.done() and b"DevTools listening on" in line:
            port.set_result(int(line.rpartition(b":")[2].partition(b"/")[0]))
    if not port.done():
        port.set_exception(Trouble("chromium ended at once"))
