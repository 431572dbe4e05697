"""Citizens who send text messages, and the gateway between them and the city, as `examples/sms-gateway` is one: signed
requests both ways."""

import asyncio
import json
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, web

from adapters.post.settings import Hook
from adapters.post.signing import SIGNATURE, TIMESTAMP, check, secret_in, sign
from adapters.sip.logs import log
from engine.demo.citizens import NUMBERS, People
from engine.demo.letters import ANSWERS, LETTERS, THANK_YOU
from engine.demo.town import Town
from router.inputs import Refused

EVERY_S: Final = 150.0
"""Between two text messages, in life, where twelve agents work."""
FIRST_S: Final = 10.0
THANKS: Final = 0.3
"""Share of answers that are answered."""
PATIENCE_S: Final = 3600.0
"""How long somebody looks for an answer, in life."""
AGAIN_AFTER_S: Final = 2.0
TRIES: Final = 10
SECRET_BYTES: Final = 32
LARGEST: Final = 64 * 1024


def make_secret(path: Path) -> None:
    """Make the secret of a hook, which only this user can read, if there is none. Raises OSError."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(SECRET_BYTES))


class Gateway:
    """Carries messages between citizens' telephones and the city, each exactly once. Used as a context."""

    def __init__(self, town: Town, hook: Hook, taken_at: str) -> None:
        """`taken_at` is where the city takes messages."""
        self._town = town
        self._hook = hook
        self._taken_at = taken_at
        self._delivered: set[str] = set()
        self.arrived: dict[str, list[str]] = {}
        """Number to the texts that came to it."""
        self._news = asyncio.Condition()

    async def open(self) -> None:
        """Listen where the city sends messages. Raises OSError."""
        make_secret(Path(self._hook.secret_file))
        address = urlsplit(self._hook.url)
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post(address.path or "/", self._take)
        self._session = ClientSession()
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, address.hostname, address.port).start()
        except OSError:
            await self.close()
            raise

    async def close(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()
        await self._session.close()

    async def _take(self, request: web.Request) -> web.Response:
        """Take a message of the city's. A repeat is answered like the first one, and delivered once."""
        body = await request.read()
        signed = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        try:
            check(secret_in(self._hook.secret_file), self._town.now(), *signed, body)
        except Refused as refused:
            log("demo_sms_refused", id=refused.error_id)
            return web.Response(status=401)
        message = json.loads(body)
        if message["id"] not in self._delivered:
            self._delivered.add(message["id"])
            async with self._news:
                self.arrived.setdefault(message["to"], []).append(message["text"])
                self._news.notify_all()
        return web.Response(status=204)

    async def bring(self, sender: str, text: str) -> bool:
        """Bring a message to the city, under the same id until it is taken; tell whether it was."""
        body = json.dumps({"id": uuid.uuid4().hex, "sender": sender, "text": text}).encode()
        for _ in range(TRIES):
            try:
                headers = sign(secret_in(self._hook.secret_file), self._town.now(), body)
                headers["Content-Type"] = "application/json"
                async with self._session.post(self._taken_at, data=body, headers=headers) as answer:
                    if answer.status < 300:
                        return True
                    if answer.status < 500 and answer.status != 429:
                        log("demo_sms_not_taken", status=answer.status)
                        return False
            except (ClientError, TimeoutError, Refused):
                pass  # it is away; the message waits
            await asyncio.sleep(AGAIN_AFTER_S)
        return False

    async def answered(self, number: str, within: float) -> bool:
        """Wait until an agent's answer comes to a number, and take it; tell whether one came in time."""

        def found() -> str:
            return next((text for text in self.arrived.get(number, ()) if text in WRITTEN), "")

        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(found)
                self.arrived[number].remove(found())
        except TimeoutError:
            return False
        return True


WRITTEN: Final = frozenset(ANSWERS.values())


class Texters:
    """Everybody who sends text messages."""

    def __init__(self, people: People, hooks: Mapping[str, Hook], url: str) -> None:
        """`url` is the city's. There is one hook at least, and it is the one."""
        self._people = people
        name, hook = next(iter(hooks.items()))
        self._gateway = Gateway(people.town, hook, f"{url}/public/v1/post/{name}")
        self._chance: Random = people.chance("text messages")
        self._number = 0

    async def open(self) -> None:
        """Open the gateway. Raises OSError."""
        await self._gateway.open()

    async def close(self) -> None:
        """Close it."""
        await self._gateway.close()

    async def come(self) -> None:
        """Let citizens come for ever."""
        wait = FIRST_S
        while True:
            await asyncio.sleep(self._people.tempo.quicker(wait))
            wait = self._people.between(self._chance, EVERY_S)
            self._number += 1
            chance = self._people.chance(f"text message {self._number}")
            self._people.spawn(f"sms-{self._number}", self._text(chance))

    async def _text(self, chance: Random) -> None:
        """Ask, and thank for the answer now and then."""
        number = chance.choice(NUMBERS)
        _, question = chance.choice(LETTERS[chance.choice(list(LETTERS))])
        if not await self._gateway.bring(number, question):
            return
        answered = await self._gateway.answered(number, self._people.tempo.quicker(PATIENCE_S))
        if answered and chance.random() < THANKS:
            await self._gateway.bring(number, THANK_YOU)
