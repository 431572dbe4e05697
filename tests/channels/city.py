"""A house with every channel, and two agents who are driven over REST: one of `bench`, one of `quiet`, a desk each.

Where an agent has a telephone it is picked up or refused like a telephone; all else is a request.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import yaml

from engine.mailservers import MailServers
from tests.chat.town import WORDS, Town
from tests.mail.town import mail_file
from tests.sip.conftest import free_port, write_tone
from tests.sip.phone import Call, Phone
from tests.system.api import ask_again
from tests.system.house import CALLERS, PASSWORD, House, until

FIRST, SECOND = "agent0001", "agent0002"
QUEUES = {FIRST: "bench", SECOND: "quiet"}
VOICES = {FIRST: 550.0, SECOND: 950.0}
HALL = "hall"
NUMBER = "0701234567"
"""Of the citizen whom we call back."""
MORE = {"text_connected": "You are connected.", "wait_next": "You are next.", "left_for_colleagues": "We shall look."}
TEXTS = {"en": WORDS["en"] | MORE}
CALLS = frozenset({"call", "callback"})
WITHIN_S = 25.0


def furnish(house: House, post: MailServers) -> Town:
    """Return the town on a house that is not started."""
    queue = {"wrap_up": 0, "keep_place": 60, "offer_timeout": 20}
    house.change("queues", {"queues": {"bench": queue, "quiet": queue}, "rules": {"rest": 0.5, "not_responding": 0.5}})
    house.change("vaxel", {"trunks": {"callers": {"host": CALLERS, "port": free_port(CALLERS)}}})
    house.change("numbers", {"numbers": {"direct": {"queue": "bench"}}})
    capacity = {"call": 1, "text": 1, "chat": 3, "mail": 3, "post": 3, "visit": 1}
    desks = {str(number): {"phone": agent} for number, agent in enumerate(QUEUES, 1)}
    for prompt in TEXTS["en"]:
        write_tone(house.config / "prompts" / "en" / f"{prompt}.wav", 800.0, 0.2)
    town = Town(house, words=TEXTS)
    agents = {name: {"queues": [queue], "capacity": capacity, "signed_in": False} for name, queue in QUEUES.items()}
    house.change("agents", {"agents": agents})
    (house.config / "mail.yaml").write_text(yaml.safe_dump(mail_file(post), allow_unicode=True))
    hall = {"title": "Hall", "hours": {"mon-sun": "00:00-24:00"}, "services": {"tax": {"queue": "bench"}}}
    (house.config / "places.yaml").write_text(yaml.safe_dump({"places": {HALL: hall | {"desks": desks}}}))
    return town


class City:
    """The town, its agents at their desks, and the deaths of its engine."""

    def __init__(self, town: Town, post: MailServers, open_phone: Callable[..., Awaitable[Phone]]) -> None:
        self.town = town
        self.post = post
        self.house = town.house
        self.phones: dict[str, Phone] = {}
        self.outside: Phone
        """The citizen whom we call back."""
        self.refused = ""
        """The last refusal, for whoever wonders why nothing happens."""
        self._open_phone = open_phone

    async def open(self) -> None:
        """Let the agents sit down, and take whatever comes."""
        for agent, at in zip(QUEUES, self.house.agent_phones, strict=True):
            phone = self.phones[agent] = await self._open_phone(agent, at=at)
            phone.password = PASSWORD
            assert (await phone.register(self.house.sip, PASSWORD)).status == 200
        trunk = yaml.safe_load((self.house.config / "vaxel.yaml").read_text())["trunks"]["callers"]
        self.outside = await self._open_phone("outside", at=(CALLERS, trunk["port"]))
        await asyncio.to_thread(self.house.until_known, *QUEUES)
        for number, agent in enumerate(QUEUES, 1):
            await self.ask("POST", f"/agents/{agent}/log-in", {"desk": f"{HALL}/{number}"})
            await self.ask("POST", f"/agents/{agent}/ready")

    # ---- asking --------------------------------------------------------------------------------------------------

    async def ask(self, method: str, path: str, body: Any = None, by: str = "lead") -> dict[str, Any]:
        """Ask, again while the engine is away; nothing when it was refused, perhaps since it is done already."""
        key = {} if method == "GET" else {"Idempotency_Key": uuid.uuid4().hex}
        return await asyncio.to_thread(
            ask_again, self.house, method, path, body, self.town.tokens[by], refused=self._note, **key
        )

    def _note(self, refusal: dict[str, Any]) -> None:
        self.refused = str(refusal)

    async def contact(self, id_: str) -> dict[str, Any]:
        """Return a contact as it is; nothing once it is over."""
        return await self.ask("GET", f"/contacts/{id_}")

    async def contacts(self) -> list[dict[str, Any]]:
        """Return all contacts."""
        return list((await self.ask("GET", "/contacts")).get("contacts", ()))

    async def until(self, look: Callable[[], Awaitable[Any]], what: str) -> Any:
        """Wait until a look at the house finds something; return it."""
        found = None
        try:
            async with asyncio.timeout(WITHIN_S):
                while not (found := await look()):  # noqa: ASYNC110 - other processes are looked at
                    await asyncio.sleep(0.03)
        except TimeoutError:
            told = f"{self.refused or 'nothing was refused'}; {await self.contacts()}"
            raise AssertionError(f"waited for {what} in vain: {told}") from None
        return found

    async def messages(self, contact: str) -> list[tuple[str, str]]:
        """Return who wrote what, leaving out the house."""
        told = (await self.ask("GET", f"/contacts/{contact}/messages")).get("messages", ())
        return [(one["author"], one.get("text", "").strip()) for one in told if one["author"] != "house"]

    # ---- what agents do ------------------------------------------------------------------------------------------

    async def until_offered(self, contact: str, agent: str) -> dict[str, Any]:
        """Wait until an agent is asked about a contact; return how it stands."""

        async def look() -> dict[str, Any] | None:
            shown = await self.contact(contact)
            return shown if (shown.get("state"), shown.get("agent")) == ("offered", agent) else None

        found: dict[str, Any] = await self.until(look, f"{agent} to be asked about {contact}")
        return found

    async def take(self, contact: str, agent: str) -> None:
        """Let an agent take the contact, on whatever it comes."""

        async def try_to() -> bool:
            shown = await self.contact(contact)
            if shown.get("state") == "offered" and shown.get("agent") == agent:
                if shown["channel"] not in CALLS:
                    await self.ask("POST", f"/offers/{shown['offer']}/accept", by=agent)
                elif (call := self._ringing(agent)) is not None:
                    (await call.answer()).say(VOICES[agent])
            return shown.get("state") == "connected" and not shown.get("connecting")

        await self.until(try_to, f"{agent} to have {contact}")

    async def refuse(self, contact: str, agent: str) -> None:
        """Let an agent not take the contact."""
        offer = (await self.until_offered(contact, agent))["offer"]

        async def try_to() -> bool:
            shown = await self.contact(contact)
            if shown.get("offer") != offer:
                return bool(shown)
            if shown["channel"] not in CALLS:
                await self.ask("POST", f"/offers/{offer}/decline", by=agent)
            elif (call := self._ringing(agent)) is not None:
                call.reject(486, "Busy Here")
            return False

        await self.until(try_to, f"{agent} to have refused {contact}")

    def _ringing(self, agent: str) -> Call | None:
        """Return the call that rings at an agent's telephone."""
        waiting = self.phones[agent].ringing
        while not waiting.empty():
            call = waiting.get_nowait()
            if not call.ended:
                return call
        return None

    async def do(self, contact: str, agent: str, what: str, body: Any, done: Callable[[dict[str, Any]], bool]) -> None:
        """Let an agent ask for something, until it is so: an answer that a crash swallowed says nothing."""

        async def try_to() -> bool:
            if done(await self.contact(contact)):
                return True
            await self.ask("POST", f"/contacts/{contact}/{what}", body, by=agent)
            return False

        await self.until(try_to, f"{what} of {contact}")

    async def write(self, contact: str, agent: str, text: str) -> None:
        """Let an agent write to the citizen, once, and wait until it is kept."""
        line = (await self.contact(contact)).get("channel") == "text"
        path, words = (f"/contacts/{contact}/text", f"{text}\n") if line else (f"/contacts/{contact}/messages", text)

        async def kept() -> bool:
            return ("agent", text) in await self.messages(contact)

        while not await kept():
            if await self.ask("POST", path, {"text": words}, by=agent) or line:
                await self.until(kept, f"{text} to be kept")

    # ---- the engine ----------------------------------------------------------------------------------------------

    async def die(self) -> None:
        """Kill the engine, and wait for the next one."""
        pid = await asyncio.to_thread(self.house.kill, "engine")
        await asyncio.to_thread(until, lambda: self.house.pid("engine") not in (0, pid), 30, "another engine")
