"""One page in Chromium, told what to do over its DevTools protocol, and what it notes while it works."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from bench.system import Trouble

START_WITHIN_S: Final = 30.0
SHOWN_WITHIN_S: Final = 30.0
LOOK_EVERY_S: Final = 0.2
ARGV: Final = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")


class Page:
    """A page."""

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

    async def until(self, script: str) -> Any:
        """Return what a script says, once that is true. Looks seldom: looking costs what is being measured."""
        try:
            async with asyncio.timeout(SHOWN_WITHIN_S):
                while not (found := await self.evaluate(script)):  # noqa: ASYNC110 - a page tells nothing by itself
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise Trouble(f"the page does not show: {script}") from None
        return found

    async def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        await self.until(f"document.querySelector({selector!r}) !== null")
        await self.evaluate(f"document.querySelector({selector!r}).focus()")
        await self.command("Input.insertText", text=text)


@contextlib.asynccontextmanager
async def opened(session: aiohttp.ClientSession) -> AsyncIterator[Page]:
    """Run a browser that knows nothing yet; give its page. Raises Trouble."""
    if shutil.which(ARGV[0]) is None:
        raise Trouble("there is no chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            *ARGV, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
        )
        try:
            port = await _port(process)
            async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
                target = (await answer.json())["webSocketDebuggerUrl"]
            async with session.ws_connect(target, max_msg_size=0) as socket:
                yield Page(socket)
        finally:
            process.terminate()
            await process.communicate()


async def _port(process: asyncio.subprocess.Process) -> int:
    assert process.stderr is not None
    async with asyncio.timeout(START_WITHIN_S):
        while b"DevTools listening on" not in (line := await process.stderr.readline()):
            if not line:
                raise Trouble("chromium ended at once")
    return int(line.rpartition(b":")[2].partition(b"/")[0])
