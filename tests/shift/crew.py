"""Who works a shift, each at a page in a browser of its own, with a voice of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import yaml

from engine.mailservers import MailServers
from tests.channels.city import FIRST, HALL, SECOND, VOICES, City
from tests.chat.town import Town
from tests.desk.conftest import PASSWORD
from tests.sip.phone import Phone
from tests.system.house import PASSWORD as PHONE_PASSWORD
from tests.system.house import House
from tests.system.pagephone import PagePhone, browser_with_voice, open_desk
from web import accounts
from web.accounts import AccountFile, Duty

OPERATOR, LEAD_PHONE = "agent0003", "agent0004"
AT: Final[dict[str, tuple[str, Duty]]] = {
    "anna": (FIRST, "guide"),
    "bo": (SECOND, "specialist"),
    "olle": (OPERATOR, "operator"),
    "lars": ("", "supervisor"),
}
"""Account to agent and duty."""
PAGES: Final = {FIRST: "page1", SECOND: "page2", OPERATOR: "page3"}
TONES: Final = VOICES | {OPERATOR: 1900.0}
LEAD_TONE: Final = 2300.0
SWITCHBOARD: Final = "switch"
"""The number that the operator answers; its queue, too."""
PERSON = "id;förnamn;efternamn;titel;anknytning;direktnummer;apparat;agent id;refer\n"
PERSON += "p1;Åsa;Björkman;Bygglovshandläggare;4001;0701234568;;;\n"


def employ(house: House) -> None:
    """Give everybody an account, a page that is a telephone, and work; before the house is started."""
    house.change("phones", {"phones": {page: {"kind": "browser", "title": page} for page in PAGES.values()}})
    agents = {agent: {"phone": page} for agent, page in PAGES.items()}
    off = {"signed_in": False}
    others = {OPERATOR: {"queues": [SWITCHBOARD], **off}, LEAD_PHONE: {"queues": [], **off}}
    house.change("agents", {"agents": agents})
    house.change("agents", {"agents": others})
    queues = yaml.safe_load((house.config / "queues.yaml").read_text())["queues"]
    wrapped = {"bench": {"wrap_up": 120}, "quiet": {"wrap_up": 120, "second_line": {"live": 60}}}
    house.change("queues", {"queues": wrapped | {SWITCHBOARD: queues["bench"] | {"title": "Switchboard"}}})
    house.change("numbers", {"numbers": {SWITCHBOARD: {"queue": SWITCHBOARD}}})
    places = yaml.safe_load((house.config / "places.yaml").read_text())
    places["places"][HALL]["desks"] = {"1": {"phone": PAGES[FIRST]}}
    (house.config / "places.yaml").write_text(yaml.safe_dump(places))
    (house.config / "people.csv").write_text(PERSON)
    (house.config / "directory.yaml").write_text("file: people.csv\nextensions: 4\n")
    kept = AccountFile(house.layout.accounts)
    for name, (agent, duty) in AT.items():
        _, account = accounts.make(name, duty, 0.0, agent=agent)
        kept.add(msgspec.structs.replace(account, hash=accounts.hashed(PASSWORD), temporary=False))


class Crew(City):
    """The city, with its people at pages instead of being driven over REST."""

    anna: PagePhone
    bo: PagePhone
    olle: PagePhone
    lars: PagePhone
    desk_phone: Phone
    """On the supervisor's table."""

    def __init__(
        self, town: Town, post: MailServers, session: aiohttp.ClientSession, open_phone: Callable[..., Awaitable[Phone]]
    ) -> None:
        super().__init__(town, post, open_phone)
        self._session = session

    @contextlib.asynccontextmanager
    async def at_work(self, folder: Path) -> AsyncIterator["Crew"]:
        """Let everybody sign in and begin to work; send them home at the end."""
        async with contextlib.AsyncExitStack() as browsers:
            for name, (agent, _) in AT.items():
                browser = await browsers.enter_async_context(
                    browser_with_voice(self._session, folder / name, TONES.get(agent, LEAD_TONE))
                )
                setattr(self, name, await open_desk(browser, self.house, name))
            await self._telephones()
            await self.anna.choose("Where I work today", "Hall, desk 1")
            for page in (self.anna, self.bo, self.olle):
                await page.press("Begin work")
                await page.press("Ready for contacts")
            await asyncio.to_thread(self.house.until_known, *PAGES.values(), LEAD_PHONE)
            yield self

    async def register_desk_phone(self) -> None:
        """Let the supervisor's telephone be rung from now on, for a while."""
        assert (await self.desk_phone.register(self.house.sip, PHONE_PASSWORD)).status == 200

    async def _telephones(self) -> None:
        """Put a telephone on the supervisor's table, and one far away."""
        self.desk_phone = await self._open_phone(LEAD_PHONE, at=self.house.agent_phones[3])
        self.desk_phone.password = PHONE_PASSWORD
        await self.register_desk_phone()
        trunk: dict[str, Any] = yaml.safe_load((self.house.config / "vaxel.yaml").read_text())["trunks"]["callers"]
        self.outside = await self._open_phone("outside", at=(trunk["host"], trunk["port"]))
