"""Pages that are played: desks and wallboards that ask for what desk/src/api asks for, and citizens who chat."""

import asyncio
import base64
import contextlib
import os
import random
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

import aiohttp

from bench.api import WEB_PORT
from bench.system import Trouble
from web.sessions import csrf_of
from web.signin import COOKIE

ORIGIN: Final = f"http://127.0.0.1:{WEB_PORT}"
API: Final = f"{ORIGIN}/api/v1"
PACE_S: Final = {"desk": 0.05, "board": 0.5}
"""Looks are so far apart (desk/src/agent/house.ts, desk/src/supervisor/house.ts)."""
SOON_S: Final = 2.0
"""Within which pages look after what concerns them all."""
THINK_S: Final = 1.0
"""Until an agent takes what is offered, and until it is done with the wrap-up."""
TALK_S: Final = 20.0
PAUSE_S: Final = 10.0


class Person(NamedTuple):
    """Who is signed in."""

    agent: str
    """Empty for a wallboard."""
    cookie: str


def now() -> float:
    """Return UTC seconds: events are set against the machine's clock."""
    return time.time()  # noqa: TID251 - as above


class Client:
    """A page: it listens by one WebSocket, and looks again when something happened (desk/src/api/level.ts)."""

    def __init__(self, session: aiohttp.ClientSession, person: Person, pace_s: float) -> None:
        self._session = session
        self._headers = {"Cookie": f"{COOKIE}={person.cookie}", "Origin": ORIGIN}
        self._csrf = csrf_of(person.cookie)
        self._pace_s = pace_s
        self._again = asyncio.Event()
        self._reasons: list[float] = []
        """When that happened for which it is to be looked again."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.begun = asyncio.Event()
        self.failed = ""
        self.forget()

    def forget(self) -> None:
        """Count anew."""
        self.told: list[float] = []
        """Milliseconds from each event to its being told here."""
        self.looked: list[float] = []
        """To the answer to the look that it was a reason for."""
        self.events = self.requests = 0

    async def begin(self) -> None:
        """Connect, and look for the first time."""
        self.spawn(self._listen())
        self.spawn(self._watch())
        async with asyncio.timeout(30):
            await self.begun.wait()

    def spawn(self, work: Any) -> None:
        """Do something beside, for as long as this page is open."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed = repr(error)

    def close(self) -> None:
        """Go."""
        for task in tuple(self._tasks):
            task.cancel()

    async def _listen(self) -> None:
        async with self._session.ws_connect(f"{API}/events", headers=self._headers) as socket:
            await socket.send_str("{}")
            async for message in socket:
                came = now()
                for event in message.json():
                    if event["type"].startswith("stream."):
                        soon = event["type"] == "stream.beat"
                        asyncio.get_running_loop().call_later(SOON_S * random.random() * soon, self._again.set)
                        continue
                    self.events += 1
                    self.told.append(1000 * (came - event["at"]))
                    if self.concerns(event):
                        self._reasons.append(event["at"])
                        self._again.set()

    async def _watch(self) -> None:
        while True:
            await self._again.wait()
            self._again.clear()
            reasons, self._reasons = self._reasons, []
            await self.look()
            seen = now()
            self.looked += [1000 * (seen - at) for at in reasons]
            self.begun.set()
            await asyncio.sleep(self._pace_s)

    def concerns(self, _: dict[str, Any]) -> bool:
        """Tell whether an event is a reason to look."""
        return True

    async def look(self) -> None:
        """Ask for what the page shows."""
        raise NotImplementedError

    async def get(self, path: str) -> Any:
        """Ask."""
        self.requests += 1
        async with self._session.get(f"{API}{path}", headers=self._headers) as answer:
            return await answer.json() if answer.ok else None

    async def act(self, path: str, body: Any = None) -> bool:
        """Have something done; tell whether it was."""
        self.requests += 1
        headers = {**self._headers, "Vaxel-Csrf": self._csrf, "Idempotency-Key": str(uuid.uuid4())}
        async with self._session.post(f"{API}{path}", headers=headers, json=body or {}) as answer:
            return answer.ok


class Board(Client):
    """A wallboard."""

    def __init__(self, session: aiohttp.ClientSession, person: Person) -> None:
        super().__init__(session, person, PACE_S["board"])

    async def look(self) -> None:
        if await self.get("/figures") is None:
            raise Trouble("a wallboard is shown no figures")


class Desk(Client):
    """An agent's desk, and the agent."""

    def __init__(self, session: aiohttp.ClientSession, person: Person) -> None:
        super().__init__(session, person, PACE_S["desk"])
        self.agent = person.agent
        self._contact = ""
        """Which is served."""
        self._view: Any = None

    @property
    def is_idle(self) -> bool:
        """Whether the agent waits for a contact."""
        return not self._contact and self._view is not None and self._view["agent"]["state"] == "ready"

    def concerns(self, event: dict[str, Any]) -> bool:
        if self._contact and event.get("contact") == self._contact:
            self.spawn(self._read())
        return bool(event.get("agent") == self.agent)

    async def look(self) -> None:
        self._view = await self.get(f"/agents/{self.agent}/desk")
        if self._view is None:
            raise Trouble("a desk is shown nothing")
        offer = self._view["agent"].get("offer")
        if offer is not None and not self._contact:
            self._contact = offer["contact"]
            self.spawn(self._serve(offer["offer"]))

    def rest(self) -> None:
        """Take a short pause."""
        self.spawn(self._rest())

    async def _rest(self) -> None:
        if await self.act(f"/agents/{self.agent}/pause", {"reason": "break"}):
            await asyncio.sleep(PAUSE_S)
            await self.act(f"/agents/{self.agent}/ready")

    async def _read(self) -> None:
        """Ask for what a contact's conversation shows."""
        await self.get(f"/contacts/{self._contact}/messages")

    async def _serve(self, offer: str) -> None:
        """Take a contact, talk, and be done with it."""
        contact = f"/contacts/{self._contact}"
        try:
            await asyncio.gather(*(self.get(path) for path in (f"{contact}/citizen", f"{contact}/story", "/needs")))
            await asyncio.sleep(THINK_S)
            if not await self.act(f"/offers/{offer}/accept"):
                return
            await asyncio.gather(*(self.get(f"{contact}/{part}") for part in ("messages", "remarks", "texts", "draft")))
            await asyncio.sleep(TALK_S * (0.5 + random.random()))
            await self.act(f"{contact}/finish")
            await asyncio.sleep(THINK_S)
            await self.act(f"{contact}/end-wrap-up", {"agent": self.agent})
        finally:
            self._contact = ""


class Citizens:
    """Citizens who chat, each from an address of its own."""

    def __init__(self, session: aiohttp.ClientSession, first: int = 0) -> None:
        self._session = session
        self._number = first

    async def come(self, page: str, rate: float) -> None:
        """Let so many come a second, evenly in time, for as long as it is wanted."""
        begun, number = time.perf_counter(), 0
        async with asyncio.TaskGroup() as tasks:
            while True:
                number += 1
                await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
                tasks.create_task(self._chat(page))

    async def _chat(self, page: str) -> None:
        """Write once, then read until the chat is over."""
        async with self.writing(page) as socket:
            async for message in socket:
                told = message.json()
                if told["type"] == "status" and told["state"] == "ended":
                    return

    @contextlib.asynccontextmanager
    async def writing(self, page: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Begin a chat and write a line."""
        self._number += 1
        source = {"X-Forwarded-For": f"10.{self._number // 62_500}.{self._number // 250 % 250}.{self._number % 250}"}
        secret = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
        url = f"{ORIGIN}/public/v1/chat/{page}/socket"
        async with self._session.ws_connect(url, headers=source) as socket:
            await socket.send_json({"type": "hello", "secret": secret})
            await socket.send_json({"type": "say", "count": 1, "text": "When is the library open?"})
            yield socket
