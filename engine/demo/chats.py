"""Citizens who chat from the city's pages: they press a button, ask, wait for answers, lose the connection now and
then, and leave."""

import asyncio
import base64
import contextlib
import json
import os
from random import Random
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

from adapters.chat.settings import ChatSettings
from engine.demo.citizens import People, Tally
from engine.demo.letters import FAULT, LETTERS, THANK_YOU
from engine.demo.tempo import some

EVERY_S: Final = 180.0
"""Between two chats, in life, where twelve agents work."""
FIRST_S: Final = 10.0
TYPES_S: Final = 20.0
"""How long somebody writes a message, in life."""
PATIENCE_S: Final = 900.0
"""How long somebody waits for an answer, in life."""
CUT_OFF: Final = 0.1
"""Share of messages after which the connection is lost."""
QUESTIONS: Final = 12
"""A flow asks so many, at most, before somebody is waited for; a form is longer than a menu."""


class Chatters:
    """Everybody who chats."""

    def __init__(self, people: People, tally: Tally, settings: ChatSettings, url: str) -> None:
        self._people = people
        self._tally = tally
        self._settings = settings
        self._url = url
        self._chance: Random = people.chance("chats")
        self._number = 0

    async def come(self) -> None:
        """Let citizens come for ever."""
        async with ClientSession() as session:
            wait = FIRST_S
            while True:
                await asyncio.sleep(self._people.tempo.quicker(wait))
                wait = self._people.between(self._chance, EVERY_S)
                self._number += 1
                page = self._chance.choice(list(self._settings.pages))
                url = f"{self._url}/public/v1/chat/{page}/socket"
                chatter = Chatter(self._people, self._tally, self._chance, session, url)
                language = self._chance.choice(self._settings.pages[page].languages)
                self._people.spawn(f"chat-{self._number}", chatter.chat(language))


class Chatter:
    """One citizen, and the page."""

    def __init__(self, people: People, tally: Tally, chance: Random, session: ClientSession, url: str) -> None:
        self._people = people
        self._tally = tally
        self._chance = chance
        self._session = session
        self._url = url
        self._secret = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
        self._status: dict[str, Any] = {}
        self._seen = self._answers = 0

    async def chat(self, language: str) -> None:
        """Chat until there is nothing more to say, or nobody answers."""
        _, question = self._chance.choice(LETTERS.get(language, LETTERS["en"]))
        hello = {"type": "hello", "language": language}
        with contextlib.suppress(ClientError, ConnectionError, TimeoutError):
            async with asyncio.timeout(self._people.tempo.quicker(PATIENCE_S)):
                self._tally.chatted += 1
                async with self._session.ws_connect(self._url) as socket:
                    await self._hello(socket, hello)
                    await self._answer_flow(socket)
                    await self._say(socket, {"type": "say", "text": question})
                    if self._chance.random() >= CUT_OFF:
                        await self._part(socket)
                        return
                async with self._session.ws_connect(self._url) as again:
                    await self._hello(again, hello)
                    await self._part(again)

    async def _hello(self, socket: ClientWebSocketResponse, hello: dict[str, Any]) -> None:
        await socket.send_json(hello | {"secret": self._secret, "seen": self._seen})
        self._status = {}
        await self._until(socket, lambda: bool(self._status))

    async def _answer_flow(self, socket: ClientWebSocketResponse) -> None:
        """Press a button, or write where there is none, while there are questions to answer."""
        for _ in range(QUESTIONS):
            choices = self._status.get("choices", ())
            if self._status.get("state") != "asked":
                return
            if not choices:
                await self._say(socket, {"type": "say", "text": FAULT})
                continue
            chosen = self._chance.choice(choices) if self._status.get("asks") == "choice" else choices[-1]
            await self._say(socket, {"type": "choose", "key": chosen["key"]})

    async def _part(self, socket: ClientWebSocketResponse) -> None:
        """Wait for an answer, say thank you, and leave."""
        await self._until(socket, lambda: self._answers > 0)
        if self._answers:
            self._tally.chats_answered += 1
            await self._say(socket, {"type": "say", "text": THANK_YOU})
            await socket.send_json({"type": "leave"})
            await self._until(socket, lambda: False)

    async def _say(self, socket: ClientWebSocketResponse, frame: dict[str, Any]) -> None:
        """Write one message, and wait until it is kept."""
        await socket.send_json({"type": "typing"})
        await asyncio.sleep(self._people.tempo.quicker(some(self._chance, TYPES_S)))
        count = self._status.get("heard", 0) + 1
        await socket.send_json(frame | {"count": count, "question": self._status.get("question", 0)})
        await self._until(socket, lambda: self._status.get("heard", 0) >= count)

    async def _until(self, socket: ClientWebSocketResponse, condition: Any) -> None:
        """Read until something holds, or the chat is over."""
        while not condition() and self._status.get("state") != "ended":
            message = await socket.receive()
            if message.type is not WSMsgType.TEXT:
                raise ConnectionError("the page was closed")
            told = json.loads(message.data)
            if told["type"] == "status":
                self._status = told
            elif told["type"] == "message":
                self._seen = told["number"]
                self._answers += told["author"] == "agent"
