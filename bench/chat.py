"""Chat: how long a citizen's message takes to the agent's page, with 500 chats open.

The engine is `bench.api_engine` with a Redis of its own and without workers. This process is all citizens' pages and
all agents' pages; each message carries the time at which it was sent, so its own work counts too.
"""

import asyncio
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import uvloop
import yaml

from adapters.chat.rooms import contact_of
from bench.api import WEB_PORT, lift_limits
from bench.rows import Context, Group, Measured, quantile
from bench.system import ROOT, Trouble
from engine import bench_config
from web.tokens import TokenFile, make

CHATS: Final = 500
EACH: Final = 3
"""Chats an agent has at a time."""
RATE: Final = 50.0
"""Messages a second, of all citizens: each writes every ten seconds."""
AT_ONCE: Final = 20
OPEN_WITHIN_S: Final = 120.0
API: Final = f"http://127.0.0.1:{WEB_PORT}/api/v1"
SOCKET: Final = f"http://127.0.0.1:{WEB_PORT}/public/v1/chat/bench/socket"
WORDS: Final = ("chat_none", "chat_person", "chat_still_there", "chat_closed", "sorry")


def _configure(folder: Path) -> str:
    """Write a configuration in which many chat, and everybody may be listened to; return the token for that."""
    bench_config.write(folder / "config", agents=-(-CHATS // EACH))
    lift_limits(folder / "config")
    agents = yaml.safe_load((folder / "config" / "agents.yaml").read_text())
    for agent in agents["agents"].values():
        agent["capacity"] = {"call": 1, "chat": EACH}
    (folder / "config" / "agents.yaml").write_text(yaml.safe_dump(agents))
    chat = {
        "pages": {"bench": {"queue": "bench"}},
        "proxies": ["127.0.0.1"],
        "words": {"en": dict.fromkeys(WORDS, "...")},
    }
    (folder / "config" / "chat.yaml").write_text(yaml.safe_dump(chat))
    (folder / "data").mkdir()
    shown, token = make("bench", "supervisor", "", datetime.now(UTC).timestamp())
    TokenFile(folder / "data" / "tokens.json").add(token)
    return shown


class Chats:
    """All pages."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._pages: list[aiohttp.ClientWebSocketResponse] = []
        self._counts: list[int] = []
        self.took: list[float] = []
        """Milliseconds from a citizen's page to the agent's."""
        self._tasks: list[asyncio.Task[None]] = []
        self._taken = 0

    async def open(self) -> None:
        """Let all citizens begin to chat, and agents take them."""
        agents = [one["id"] for one in (await self._ask("GET", "/agents"))["agents"]]
        for agent in agents:
            url = f"{API}/agents/{agent}/messages/socket"
            self._tasks.append(
                asyncio.get_running_loop().create_task(self._listen(await self._session.ws_connect(url)))
            )
        for first in range(0, len(agents), AT_ONCE):
            some = agents[first : first + AT_ONCE]
            await asyncio.gather(*(self._ask("POST", f"/agents/{agent}/ready") for agent in some))
        for first in range(0, CHATS, AT_ONCE):
            await asyncio.gather(*(self._begin(number) for number in range(first, first + AT_ONCE)))
            await self._accept()
        async with asyncio.timeout(OPEN_WITHIN_S):
            while await self._accept() < CHATS:
                await self._tick()

    async def _tick(self) -> None:
        """Let a moment pass: nothing is measured meanwhile."""
        await asyncio.sleep(0.1)

    async def _begin(self, number: int) -> None:
        source = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
        page = await self._session.ws_connect(SOCKET, headers=source)
        secret = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
        await page.send_json({"type": "hello", "secret": secret})
        status = await page.receive_json()
        if status["type"] != "status" or not contact_of(secret):
            raise Trouble(f"a chat did not begin: {status}")
        self._pages.append(page)
        self._counts.append(0)
        self._tasks.append(asyncio.get_running_loop().create_task(self._read(page)))

    async def _accept(self) -> int:
        """Take offers; return how many chats somebody has."""
        contacts = (await self._ask("GET", "/contacts?channel=chat&state=offered"))["contacts"]
        taken = await asyncio.gather(*(self._ask("POST", f"/offers/{one['offer']}/accept") for one in contacts))
        self._taken += sum(taken)
        return self._taken

    async def write(self, seconds: float) -> None:
        """Let citizens write, evenly in time, whoever it is."""
        begun = time.perf_counter()
        for number in range(int(seconds * RATE)):
            await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
            chosen = random.randrange(CHATS)
            self._counts[chosen] += 1
            frame = {"type": "say", "count": self._counts[chosen], "text": str(time.perf_counter())}
            await self._pages[chosen].send_json(frame)
        async with asyncio.timeout(OPEN_WITHIN_S):
            while len(self.took) < int(seconds * RATE):
                await self._tick()

    async def _listen(self, desk: aiohttp.ClientWebSocketResponse) -> None:
        async for message in desk:
            told = json.loads(message.data)
            if told["type"] == "message":
                self.took.append((time.perf_counter() - float(told["text"])) * 1000)

    async def _read(self, page: aiohttp.ClientWebSocketResponse) -> None:
        async for _ in page:
            pass

    async def _ask(self, method: str, path: str) -> Any:
        async with self._session.request(method, f"{API}{path}") as answer:
            return await answer.json() if answer.status == 200 else answer.ok

    async def close(self) -> None:
        """Let everybody go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _once(token: str, seconds: float, say: Any) -> list[float]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    ) as session:
        chats = Chats(session)
        say(f"{CHATS} chats begin")
        await chats.open()
        say("citizens write")
        await chats.write(seconds)
        await chats.close()
    return chats.took


def deliver(context: Context) -> list[Measured]:
    """Measure `chat.deliver_ms`."""
    repeats: list[tuple[float, ...]] = []
    seconds = context.choose(20, 5)
    for _ in range(context.repeats):
        with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as name:
            folder = Path(name)
            token = _configure(folder)
            argv = [sys.executable, "-m", "bench.api_engine", str(folder / "config"), str(folder / "data"), "0"]
            process = subprocess.Popen(
                argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            try:
                assert process.stdout is not None
                if process.stdout.readline() != "ready\n":
                    raise Trouble("the engine did not start")
                took = uvloop.run(_once(token, seconds, context.say))
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(20)
        repeats.append((quantile(took, 0.5), quantile(took, 0.99)))
    note = f"{RATE:g} messages/s among {CHATS} chats of {-(-CHATS // EACH)} agents, each with a page"
    counted = "from the citizen's page to the agent's, both in the measuring process; kept in Redis in between"
    return [Measured("chat.deliver_ms", repeats, ("python -m bench chat.deliver_ms",), counted, note=note)]


GROUPS: Final = [Group(("chat.deliver_ms",), 150, 50, deliver)]
