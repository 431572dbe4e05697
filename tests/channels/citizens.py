"""A citizen for each channel, with the means that citizens have: a telephone, a page, a mailbox, two feet."""

import asyncio
import email.message
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp

from tests.channels.city import HALL, NUMBER, VOICES, City
from tests.chat.town import Page, Sms
from tests.mail.town import Town as Letters
from tests.sip.phone import Call
from tests.sip.textphone import TextPhone
from tests.system.crew import bye
from tests.system.house import CALLERS

SENDER: Final = "+46701740605"
VOICE: Final = 1300.0
OpenPhone = Callable[..., Awaitable[Any]]


class Citizen:
    """Somebody who reaches us; by a channel without messages unless told otherwise."""

    writes = False

    def __init__(self, city: City, session: aiohttp.ClientSession, open_phone: OpenPhone) -> None:
        self.city = city
        self.session = session
        self.open_phone = open_phone
        self.id = ""
        """Of the contact."""

    async def come(self) -> None:
        """Reach us, by all means; return once there is a contact."""
        raise NotImplementedError

    async def say(self, text: str) -> None:
        """Write something more."""

    async def talks(self, agent: str) -> None:
        """Wait until there is really somebody: for telephones, a voice."""

    async def heard(self, texts: list[str]) -> None:
        """Wait until all that agents wrote has come, each once and in order."""

    async def close(self) -> None:
        """Put everything away."""

    async def _new(self, channel: str) -> str:
        async def look() -> str:
            return next((one["id"] for one in await self.city.contacts() if one["channel"] == channel), "")

        return str(await self.city.until(look, f"a contact by {channel}"))


class Caller(Citizen):
    """Rings."""

    call: Call

    async def come(self) -> None:
        phone = await self.open_phone("citizen")
        self.call = await phone.invite(self.city.house.sip, "direct")
        await self.call.response(200, within=20.0)
        self.call.audio.say(VOICE)
        self.id = await self._new("call")

    async def talks(self, agent: str) -> None:
        await _hears(self.call, agent)

    async def close(self) -> None:
        bye(self.call)


class CalledBack(Caller):
    """Asks for a call on a page, and is rung once an agent is there, by each who takes the promise over."""

    async def come(self) -> None:
        asked = {"queue": "bench", "number": NUMBER}
        told = await self.city.ask("POST", "/callbacks", asked)
        self.id = told.get("callback", "") or await self._new("callback")
        self._rung: asyncio.Queue[Call] = asyncio.Queue()
        self._answering = asyncio.get_running_loop().create_task(self._answer())

    async def _answer(self) -> None:
        while True:
            call = await self.city.outside.next_call(within=60.0)
            (await call.answer()).say(VOICE)
            self._rung.put_nowait(call)

    async def talks(self, agent: str) -> None:
        self.call = await self._rung.get()
        await super().talks(agent)

    async def close(self) -> None:
        self._answering.cancel()
        await super().close()


async def _hears(call: Call, agent: str) -> None:
    assert call.audio is not None
    await call.audio.until_hears(VOICES[agent], within=15.0)


class Visitor(Citizen):
    """Takes a number at the kiosk."""

    async def come(self) -> None:
        told = await self.city.ask("POST", f"/places/{HALL}/tickets", {"service": "tax"})
        self.id = told.get("visit", "") or await self._new("visit")


class Chatter(Citizen):
    """Opens a page, and loses the connection after each message."""

    writes = True
    page: Page

    async def come(self) -> None:
        self.page = Page(self.session, self.city.town.url("straight"))
        self.id = self.page.contact
        await self.page.until(lambda page: page.status, "the chat to begin")
        await self.say("question 1")

    async def say(self, text: str) -> None:
        await self.page.say(text)
        await self.page.cut()

    async def heard(self, texts: list[str]) -> None:
        await self.page.until(lambda page: self._answers == texts, f"{texts}, {self._answers}")

    @property
    def _answers(self) -> list[str]:
        return [one["text"] for one in self.page.messages if one["author"] == "agent"]

    async def close(self) -> None:
        await self.page.close()


class Texter(Citizen):
    """Sends SMS; the gateway brings each of them twice."""

    writes = True
    sms: Sms

    async def come(self) -> None:
        self.sms = Sms(self.city.town, self.session)
        await self.sms.open()
        await self.say("question 1")
        self.id = await self._new("post")

    async def say(self, text: str) -> None:
        id_ = uuid.uuid4().hex
        for _ in range(2):
            await self.sms.text(SENDER, text, id_)

    async def heard(self, texts: list[str]) -> None:
        def answers() -> list[str]:  # beside them the acknowledgement, once a day
            return [text for _, text in self.sms.received if text.startswith("answer")]

        async def look() -> bool:
            return len(answers()) >= len(texts)

        await self.city.until(look, "the answers")
        assert answers() == texts

    async def close(self) -> None:
        await self.sms.close()


class Writer(Citizen):
    """Writes letters; the world brings each of them twice."""

    writes = True

    async def come(self) -> None:
        self.letters = Letters(self.city.post, self.city.house)
        self.subject = f"Fråga {uuid.uuid4().hex[:8]}"
        self.first: email.message.EmailMessage | None = None
        await self.say("question 1")
        self.id = await self._new("mail")

    async def say(self, text: str) -> None:
        answers = {"In-Reply-To": str(self.first["Message-ID"])} if self.first is not None else {}
        mail = await asyncio.to_thread(lambda: self.letters.write(text, Subject=self.subject, **answers))
        await asyncio.to_thread(self.letters.bring, mail.as_bytes())
        self.first = self.first or mail

    async def heard(self, texts: list[str]) -> None:
        async def look() -> bool:
            return len(await asyncio.to_thread(self._answers)) >= len(texts)

        await self.city.until(look, "the answers")
        assert await asyncio.to_thread(self._answers) == texts

    def _answers(self) -> list[str]:
        own = [one for one in self.letters.mails("kim") if self.subject in str(one["Subject"])]
        return [one.get_content().splitlines()[0] for one in own if one["Auto-Submitted"] is None]


class Typist(Citizen):
    """Rings with a text telephone."""

    writes = True
    phone: TextPhone

    async def come(self) -> None:
        self.phone = await TextPhone.open(CALLERS)
        self.phone.ring("sip:direct@{}:{}".format(*self.city.house.sip), audio=False)
        self.id = await self._new("text")
        await self.say("question 1")

    async def say(self, text: str) -> None:
        self.phone.type(f"{text}\n")

    async def heard(self, texts: list[str]) -> None:
        await self.phone.until(lambda: all(text in self.phone.display for text in texts), 15.0)
        lines = [line for line in self.phone.display.splitlines() if line.startswith("answer")]
        assert lines == texts

    async def close(self) -> None:
        self.phone.hang_up()
        await self.phone.close()


CITIZENS: Final[dict[str, type[Citizen]]] = {
    "call": Caller,
    "text": Typist,
    "chat": Chatter,
    "mail": Writer,
    "post": Texter,
    "visit": Visitor,
    "callback": CalledBack,
}
"""By channel."""
