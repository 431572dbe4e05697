"""Citizens who come in person: they take a number at the kiosk or on the place's page, wait, and come to the desk that
their number is called to. Some have left by then, and some of those come back."""

import asyncio
import re
from random import Random
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from adapters.sip.logs import log
from engine.demo.citizens import People
from engine.demo.client import Client, Refused
from engine.demo.tempo import some
from queues.site import Site

EVERY_S: Final = 180.0
"""Between two visitors, in life, where twelve agents work."""
FIRST_S: Final = 5.0
BY_PAGE: Final = 0.25
"""Share of numbers that are taken on the public page, as far as it gives any."""
WALKS_OFF: Final = 0.12
"""Share of visitors who are not there when they are called."""
COMES_BACK: Final = 0.5
"""Share of those who come back."""
AWAY_S: Final = 300.0
"""For how long they are away, in life."""
LOOKS_EVERY_S: Final = 1.0
TO_THE_DESK_S: Final = (0.5, 2.0)
PAGE_WITHIN_S: Final = 10.0
EXPECTED: Final = frozenset({"unknown_visit", "is_here"})
"""`error_id`s that tell a visitor that the visit is over, or that nobody has called yet."""
TOKEN: Final = re.compile(r'name="token" value="([^"]+)"')
VISIT: Final = re.compile(r"/public/v1/visits/(v[0-9a-f]+)")


class Hall:
    """The waiting room: who is called is seen coming to the desk, or not."""

    def __init__(self) -> None:
        self._coming: dict[str, asyncio.Event] = {}
        """Ticket to whether its visitor stands at the desk."""

    def _at_desk(self, ticket: str) -> asyncio.Event:
        return self._coming.setdefault(ticket, asyncio.Event())

    def come(self, ticket: str) -> None:
        """Stand at the desk."""
        self._at_desk(ticket).set()

    def go(self, ticket: str) -> None:
        """Leave."""
        self._coming.pop(ticket, None)

    async def sees(self, ticket: str, within: float) -> bool:
        """Wait at a desk for whoever has a number; tell whether somebody came."""
        try:
            async with asyncio.timeout(within):
                await self._at_desk(ticket).wait()
        except TimeoutError:
            return False
        return True


class Visitors:
    """Everybody who comes to one place."""

    def __init__(self, people: People, hall: Hall, site: Site, client: Client, kiosk: str, url: str) -> None:
        """`kiosk` is a token of that role; `url` is the city's."""
        self._people = people
        self._hall = hall
        self._site = site
        self._client = client
        self._kiosk = kiosk
        self._url = url
        self._chance: Random = people.chance("visitors")
        self._number = 0
        self._here: set[str] = set()
        """Visits that have not ended as far as their visitors know."""

    async def come(self) -> None:
        """Let citizens come for ever."""
        wait = FIRST_S
        while True:
            await asyncio.sleep(self._people.tempo.quicker(wait))
            wait = self._people.between(self._chance, EVERY_S)
            self._number += 1
            chance = self._people.chance(f"visitor {self._number}")
            self._people.spawn(f"visitor-{self._number}", self._visit(chance))

    async def leave(self) -> None:
        """Let everybody go home who still waits."""
        for visit in tuple(self._here):
            await self._ask("POST", f"/visits/{visit}/leave")

    async def _visit(self, chance: Random) -> None:
        services = self._people.town.services
        if not services:
            return
        service = chance.choice(services)
        visit = await self._from_page(service) if chance.random() < BY_PAGE else ""
        if not visit:
            told = await self._ask("POST", f"/places/{self._site.name}/tickets", service=service)
            visit = str(told.get("visit", ""))
        if not visit:
            return
        self._here.add(visit)
        try:
            await self._wait(visit, chance)
        finally:
            self._here.discard(visit)

    async def _wait(self, visit: str, chance: Random) -> None:
        """Wait until the visit is over, or patience is."""
        tempo = self._people.tempo
        if chance.random() < WALKS_OFF:
            await asyncio.sleep(tempo.quicker(some(chance, AWAY_S)))
            if chance.random() >= COMES_BACK:
                return
            await self._ask("POST", f"/visits/{visit}/check-in")
        loop = asyncio.get_running_loop()
        end = loop.time() + some(chance, tempo.patience)
        ticket = ""
        while seen := await self._ask("GET", f"/visits/{visit}"):
            if seen["state"] == "connected" and not ticket:
                ticket = seen["ticket"]
                await asyncio.sleep(chance.uniform(*TO_THE_DESK_S))
                self._hall.come(ticket)
            elif seen["state"] in ("waiting", "offered") and loop.time() > end:
                await self._ask("POST", f"/visits/{visit}/leave")
            await asyncio.sleep(LOOKS_EVERY_S)
        self._hall.go(ticket)

    async def _from_page(self, service: str) -> str:
        """Take a number on the public page; return the visit, or nothing where the page gives none (any more)."""
        if not self._site.on_page:
            return ""
        page = f"{self._url}/public/v1/places/{self._site.name}"
        try:
            async with ClientSession(timeout=ClientTimeout(PAGE_WITHIN_S)) as session:
                async with session.get(page) as shown:
                    token = TOKEN.search(await shown.text())
                form = {"step": "ticket", "service": service, "language": "sv", "token": token[1] if token else ""}
                async with session.post(page, data=form) as answer:
                    visit = VISIT.search(await answer.text()) if answer.status < 400 else None
        except (ClientError, TimeoutError):
            return ""
        return visit[1] if visit else ""

    async def _ask(self, method: str, path: str, **asked: Any) -> dict[str, Any]:
        """Ask as the kiosk; nothing for what is refused."""
        try:
            return dict(await self._client.ask(self._kiosk, method, path, asked) or {})
        except Refused as refused:
            if refused.error_id not in EXPECTED:
                log("demo_visit_refused", id=refused.error_id)
            return {}
