"""Citizens who chat and text, and a city with one real engine whose agents answer over REST."""

import asyncio
import base64
import contextlib
import importlib.util
import os
import secrets
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec
import yaml
from aiohttp import web

from adapters.chat.rooms import contact_of
from tests.sip.conftest import free_port
from tests.system.house import ROOT, House, until
from tests.system.test_api import ask
from web.tokens import TokenFile, make

WORDS = {
    "en": {
        "hello": "Hello!",
        "subjects": "What is it about?",
        "subject_bins": "Bins",
        "subject_person": "Somebody to talk to",
        "number": "Your customer number, six digits",
        "no_input": "I did not understand.",
        "wrong_input": "That is none of it.",
        "chat_none": "I have none",
        "chat_person": "A person, please",
        "chat_still_there": "Are you still there?",
        "chat_closed": "We end this chat now.",
        "sorry": "Nobody is there just now.",
        "received": "We have got your message.",
    }
}
FLOW = {
    "start": {"say": "hello", "next": "menu"},
    "menu": {
        "menu": "subjects",
        "choices": {
            "1": {"to": "bins", "title": "subject_bins"},
            "2": {"to": "line", "title": "subject_person"},
        },
        "otherwise": "line",
    },
    "bins": {"collect": "number", "digits": 6, "next": "line", "otherwise": "line"},
    "line": {"queue": "bench"},
}
ANSWER_S = 15.0

_spec = importlib.util.spec_from_file_location("gateway", ROOT / "examples" / "sms-gateway" / "gateway.py")
assert _spec is not None
assert _spec.loader is not None
gateway = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(gateway)


class Town:
    """A house where one can chat at `page`, and text by the hook `sms`."""

    def __init__(self, house: House, **more: Any) -> None:
        self.house = house
        self.tokens: dict[str, str] = {}
        self.sms_port = free_port("127.0.0.1")
        self.secret = secrets.token_hex(32)
        (house.config / "secret").write_text(self.secret)
        file = {
            "pages": {"page": {"flow": "chat", "languages": ["en"]}, "straight": {"queue": "bench"}},
            "hooks": {
                "sms": {
                    "queue": "bench",
                    "acknowledge": "received",
                    "url": f"http://127.0.0.1:{self.sms_port}/send",
                    "secret_file": "secret",
                    "senders": "numbers",
                }
            },
            "words": WORDS,
            **more,
        }
        (house.config / "chat.yaml").write_text(yaml.safe_dump(file))
        (house.config / "flows" / "chat.yaml").write_text(yaml.safe_dump(FLOW))
        house.change("vaxel", {"flows": {"person": "bench", "keys": {"0": "person"}}})
        agents = yaml.safe_load((house.config / "agents.yaml").read_text())["agents"]
        house.change("agents", {"agents": {name: {"capacity": {"chat": 3, "post": 3}} for name in agents}})
        house.layout.prepare()
        kept = TokenFile(house.layout.tokens)
        for name, role, agent in (("lead", "supervisor", ""), *((agent, "agent", agent) for agent in agents)):
            self.tokens[name], token = make(name, role, agent, datetime.now(UTC).timestamp())
            kept.add(token)

    def url(self, page: str = "page") -> str:
        """Return where a page connects to."""
        return f"http://127.0.0.1:{self.house.web[1]}/public/v1/chat/{page}/socket"

    def desk(self, session: aiohttp.ClientSession, agent: str) -> Any:
        """Connect an agent's page; use it as a context."""
        url = f"http://127.0.0.1:{self.house.web[1]}/api/v1/agents/{agent}/messages/socket"
        return session.ws_connect(url, headers={"Authorization": f"Bearer {self.tokens[agent]}"})

    @property
    def hook(self) -> str:
        """Return where the gateway brings messages to."""
        return f"http://127.0.0.1:{self.house.web[1]}/public/v1/post/sms"

    def ask(self, method: str, path: str, body: Any = None, by: str = "lead", **headers: str) -> Any:
        """Ask the API, as a supervisor or an agent; what it refuses fails the test."""
        status, told = ask(self.house, method, path, body, self.tokens[by], **headers)
        assert status < 300, (method, path, status, told)
        return told

    def contacts(self, **wanted: str) -> list[dict[str, Any]]:
        """Return the contacts that live."""
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        return list(self.ask("GET", f"/contacts?{query}")["contacts"])

    def accept(self, contact: str) -> str:
        """Let whoever is asked take a contact; return the agent."""
        offered = until(
            lambda: [one for one in self.contacts(state="offered") if one["id"] == contact], what="an offer"
        )[0]
        self.ask("POST", f"/offers/{offered['offer']}/accept", by=offered["agent"])
        return str(offered["agent"])

    def write(self, contact: str, text: str, by: str) -> None:
        """Let an agent write to a citizen."""
        self.ask("POST", f"/contacts/{contact}/messages", {"text": text}, by=by)

    def upload(self, contact: str, name: str, data: bytes, by: str) -> str:
        """Let an agent give a file for a contact; return what names it."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.house.web[1]}/api/v1/contacts/{contact}/attachments?name={name}",
            data,
            {"Authorization": f"Bearer {self.tokens[by]}", "Content-Type": "application/octet-stream"},
        )
        with urllib.request.urlopen(request) as answer:
            return str(msgspec.json.decode(answer.read())["attachment"])

    def attach(self, contact: str, name: str, data: bytes, text: str, by: str) -> None:
        """Let an agent send a file."""
        key = self.upload(contact, name, data, by)
        self.ask("POST", f"/contacts/{contact}/messages", {"text": text, "attachments": [key]}, by=by)

    def messages(self, contact: str) -> list[dict[str, Any]]:
        """Return a conversation, as a supervisor sees it."""
        return list(self.ask("GET", f"/contacts/{contact}/messages")["messages"])


class Page:
    """A citizen's page: it keeps what is not heard of, comes back when it is cut off, and forgets nothing."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str = "") -> None:
        self._session = session
        self._url = url
        self.secret = secret or base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
        self.contact = contact_of(self.secret)
        self.messages: list[dict[str, Any]] = []
        self.status: dict[str, Any] = {}
        self.typing = 0
        self.refused: list[dict[str, Any]] = []
        self.count = 0
        self._unheard: list[dict[str, Any]] = []
        self._leaving = False
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self._changed = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._live())

    async def _live(self) -> None:
        while self.status.get("state") != "ended":
            with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                async with self._session.ws_connect(self._url) as self.socket:
                    await self._send({"type": "hello", "secret": self.secret, "seen": len(self.messages)})
                    sent = False
                    async for message in self.socket:
                        self._take(msgspec.json.decode(message.data))
                        if not sent and self.status:
                            sent = True
                            for one in list(self._unheard):
                                await self._send(one)
                            if self._leaving:
                                await self._send({"type": "leave"})
            self.socket = None
            await asyncio.sleep(0.05)

    async def _send(self, frame: dict[str, Any]) -> None:
        if self.socket is not None and not self.socket.closed:
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                await self.socket.send_str(msgspec.json.encode(frame).decode())

    def _take(self, frame: dict[str, Any]) -> None:
        match frame.pop("type"):
            case "message":
                assert frame["number"] == len(self.messages) + 1, "each message once, in order"
                self.messages.append(frame)
            case "status":
                self.status = frame
                self._unheard = [one for one in self._unheard if one["count"] > frame["heard"]]
            case "typing":
                self.typing += 1
            case "refused":
                self.refused.append(frame)
        self._changed.set()

    async def say(self, text: str, **more: str) -> None:
        """Write something."""
        await self._count({"type": "say", "text": text, **more})

    async def choose(self, key: str) -> None:
        """Press a button."""
        await self._count({"type": "choose", "key": key})

    async def _count(self, frame: dict[str, Any]) -> None:
        self.count += 1
        frame |= {"count": self.count, "question": self.status.get("question", 0)}
        self._unheard.append(frame)
        await self._send(frame)

    async def send(self, **frame: Any) -> None:
        """Send whatever is wanted. Who leaves wants to have left, whatever happens to the connection."""
        self._leaving = self._leaving or frame.get("type") == "leave"
        await self._send(frame)

    async def cut(self) -> None:
        """Lose the connection without a word."""
        if self.socket is not None and self.socket._response.connection is not None:
            transport = self.socket._response.connection.transport
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)

    async def until(self, condition: Callable[["Page"], Any], what: str = "it") -> Any:
        """Wait until something holds of the page."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while not (value := condition(self)):
                    self._changed.clear()
                    await self._changed.wait()
                return value
        except TimeoutError:
            raise AssertionError(f"waited for {what} in vain: {self.status}, {self.messages}") from None

    async def until_state(self, state: str) -> None:
        """Wait until the chat is in a state."""
        await self.until(lambda page: page.status.get("state") == state, state)

    @property
    def texts(self) -> list[str]:
        """Return what stands on the page."""
        return [one["text"] for one in self.messages]

    async def close(self) -> None:
        """Close the page for good."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class Sms:
    """The example gateway, with telephones behind it."""

    def __init__(self, town: Town, session: aiohttp.ClientSession) -> None:
        self.received: list[tuple[str, str]] = []
        self.away = False
        self._changed = asyncio.Event()
        self._session = session
        self.gateway = gateway.Gateway(town.hook, town.secret.encode(), self._deliver)
        self._town = town
        self._runner: web.AppRunner | None = None

    async def _deliver(self, to: str, text: str) -> None:
        self.received.append((to, text))
        self._changed.set()

    async def until(self, count: int) -> None:
        """Wait until so many SMS have come."""
        async with asyncio.timeout(2 * ANSWER_S):
            while len(self.received) < count:
                self._changed.clear()
                await self._changed.wait()

    async def open(self) -> None:
        """Listen."""

        async def take(request: web.Request) -> web.StreamResponse:
            if self.away:
                return web.Response(status=503)
            answer: web.Response = await self.gateway.take(request)
            return answer

        app = web.Application()
        app.router.add_post("/send", take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._town.sms_port).start()

    async def text(self, sender: str, text: str, id_: str = "") -> None:
        """Send an SMS to the city."""
        await self.gateway.bring(self._session, sender, text, id_)

    async def close(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
