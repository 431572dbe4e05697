"""Agents: each at a registered phone, logged in over the API with a token of its own. They answer after a while, talk,
do what agents do with calls (`engine.demo.serving`), wrap up, read reports, and have a break now and then."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from adapters.sip.logs import log
from engine.demo import dealing
from engine.demo.citizens import People
from engine.demo.client import Client, Refused
from engine.demo.departments import listen_and_help
from engine.demo.line import HungUp, Line, NotAnswered
from engine.demo.serving import LOOKS_UP_S, Serving
from engine.demo.tempo import some
from engine.demo.visitors import Hall
from router.configuration import AgentSettings

DECLINES: Final = 0.01
IGNORES: Final = 0.02
"""Share of offers that nobody answers."""
WORKS_FOR_S: Final = 5400.0
BREAK_S: Final = 600.0
BY_CODE: Final = 0.5
"""Share of pauses that begin and end by a code dialled at the phone."""
CODE_WITHIN_S: Final = 10.0
LOOKS: Final = 5
LOOK_EVERY_S: Final = 0.2
EXTENDS: Final = 0.1
"""Share of wrap-ups that take longer than the queue grants."""
GONE: Final = "unknown_contact"
"""The `error_id` for a contact that is over."""
CALLS: Final = frozenset({"call", "callback"})


class Agent:
    """One agent."""

    def __init__(
        self,
        people: People,
        client: Client,
        settings: AgentSettings,
        token: str,
        colleagues: Callable[[], list[str]],
        hall: Hall,
    ) -> None:
        """`colleagues` tells who is free to be asked; `hall` is where visitors wait."""
        self.id = settings.id
        self._signed_in = settings.signed_in
        self.phone = people.town.phone(settings.id)
        self.people = people
        self.hall = hall
        self.chance = people.chance(settings.id)
        self.colleagues = colleagues
        self._client = client
        self._token = token
        self._line: Line | None = None
        self._dialled: Line | None = None
        """A code that was dialled."""
        self._resting = False

    async def ask(self, method: str, path: str, **asked: Any) -> Any:
        """Ask the API as this agent. Raises Refused."""
        return await self._client.ask(self._token, method, path, asked)

    async def try_to(self, path: str, **asked: Any) -> str:
        """Ask for something that may have become impossible; return the `error_id` of a refusal, or nothing."""
        try:
            await self.ask("POST", path, **asked)
        except Refused as refusal:
            log("demo_api_refused", agent=self.id, path=path.rpartition("/")[2], id=refusal.error_id)
            return refusal.error_id
        return ""

    # ---- the day -----------------------------------------------------------------------------------------------

    async def work(self, reasons: Sequence[str]) -> None:
        """Come, and have a break now and then."""
        await self._put_down(await self._work())  # what a demonstration that was killed has left
        seat = self.people.town.seats.get(self.id, "")
        if seat:
            await self.try_to(f"/agents/{self.id}/log-out")  # from the own phone
        await self.try_to(f"/agents/{self.id}/log-in", **({"desk": seat} if seat else {}))
        await self.try_to(f"/agents/{self.id}/ready")
        tempo = self.people.tempo
        while True:
            await asyncio.sleep(tempo.quicker(some(self.chance, WORKS_FOR_S)))
            self._resting = True
            await self._rest(self.chance.choice(reasons))
            await asyncio.sleep(tempo.quicker(some(self.chance, BREAK_S)))
            self._resting = False
            await self._be_ready()

    async def _rest(self, reason: str) -> None:
        """Have a pause: by a code dialled at the phone where there is one, else over the API."""
        code = self.people.town.code("pause", reason)
        if not (code and self.chance.random() < BY_CODE and await self._dial(code)):
            await self.try_to(f"/agents/{self.id}/pause", reason=reason)

    async def _be_ready(self) -> None:
        code = self.people.town.code("ready")
        if not (code and self.chance.random() < BY_CODE and await self._dial(code)):
            await self.try_to(f"/agents/{self.id}/ready")

    async def _dial(self, code: str) -> bool:
        """Dial a code, hear that it is done, and hang up; tell whether somebody answered."""
        if self._line is not None or not self.phone:
            return False
        line = self._dialled = self.people.exchange.ring_from(self.phone, code)
        try:
            await line.until_answered(CODE_WITHIN_S)
            await line.finished(within=CODE_WITHIN_S)
        except NotAnswered:
            return False
        except HungUp:
            pass
        finally:
            line.hang_up()
            self._dialled = None
        return True

    async def leave(self) -> None:
        """Go home once everything is put down: that is when the house lets an agent go."""
        await self.try_to(f"/agents/{self.id}/log-out")
        work = await self._work()
        while work:
            await self._put_down(work)
            await asyncio.sleep(LOOK_EVERY_S)
            work = await self._work()

    async def be_as_configured(self) -> None:
        """Be at work again, without a telephone, if the configuration has this agent signed in from the start."""
        if self._signed_in:
            await self.try_to(f"/agents/{self.id}/log-in")
            await self.try_to(f"/agents/{self.id}/ready")

    async def _put_down(self, work: Iterable[Mapping[str, Any]]) -> None:
        """Be done with what is wrapped up, and leave to others what is being read; calls end by themselves."""
        for one in work:
            if one["state"] == "wrapping_up":
                await self.try_to(f"/contacts/{one['contact']}/end-wrap-up")
            elif one["channel"] not in CALLS:
                await self.try_to(f"/contacts/{one['contact']}/hand-back")

    # ---- the telephone -----------------------------------------------------------------------------------------

    def rung(self, line: Line) -> None:
        """Our phone rings."""
        if self._line is not None:
            line.refuse()
            return
        if self._dialled is not None:
            self._dialled.hang_up()
        self._line = line
        self.people.spawn(f"{self.id}-rung", self._take(line))

    async def _take(self, line: Line) -> None:
        luck = self.chance.random()
        try:
            line.ring()
            await line.wait(some(self.chance, self.people.tempo.answer))
            if luck < DECLINES:
                line.refuse()
            if luck < DECLINES + IGNORES:
                await line.until(lambda: False)
            line.pick_up()
            await line.until(lambda: line.answered)
            await self._talk(line)
        except HungUp:
            pass
        finally:
            line.hang_up()
            self._line = None
        await self._be_done()

    async def _talk(self, line: Line) -> None:
        """Serve the contact in hand; whoever is only asked about one listens and helps."""
        contact = await self._contact()
        language = str(contact.get("language", "")) if contact else ""
        if contact and contact.get("agent") == self.id:
            await Serving(self, line, contact, language).go()
        else:
            await listen_and_help(self.people, line, self.chance, language)

    async def _contact(self) -> Mapping[str, Any]:
        """Return the call in hand; empty when it is somebody else's."""
        for _ in range(LOOKS):
            for one in await self._work():
                if one["state"] == "connected" and one["channel"] in CALLS:
                    with contextlib.suppress(Refused):
                        contact: dict[str, Any] = await self.ask("GET", f"/contacts/{one['contact']}")
                        return contact
            await asyncio.sleep(LOOK_EVERY_S)
        return {}

    async def _work(self) -> Sequence[Mapping[str, Any]]:
        """Return what is in hand, as far as one can see."""
        try:
            me = await self.ask("GET", f"/agents/{self.id}")
        except Refused:
            return ()
        work: Sequence[Mapping[str, Any]] = me.get("work", ())
        return work

    async def _be_done(self) -> None:
        """Wrap up, and take offers again if that call had cost them."""
        await asyncio.sleep(LOOK_EVERY_S)
        for contact in [one["contact"] for one in await self._work() if one["state"] == "wrapping_up"]:
            if self.chance.random() < EXTENDS:
                await self.try_to(f"/contacts/{contact}/extend-wrap-up")
            await asyncio.sleep(some(self.chance, self.people.tempo.wrap_up))
            await self.try_to(f"/contacts/{contact}/end-wrap-up")

    # ---- what comes to the desk --------------------------------------------------------------------------------

    def told(self, event: Mapping[str, Any]) -> None:
        """Hear of something that concerns us."""
        if event["type"] == "offer.made" and event.get("channel") not in CALLS:
            work = self._deal_with(str(event["offer"]), str(event["contact"]), str(event.get("channel")))
            self.people.spawn(f"{self.id}-deals", work)
        elif event["type"] == "agent.not_responding" and not self._resting:
            self.people.spawn(f"{self.id}-is-back", self._come_back())
        elif event["type"] == "contact.parked":
            self.people.spawn(f"{self.id}-fetches", self._fetch(str(event["slot"])))

    async def _deal_with(self, offer: str, contact: str, channel: str) -> None:
        """Take what is offered, and deal with it."""
        await asyncio.sleep(some(self.chance, self.people.tempo.answer))
        if not await dealing.take(self, channel, offer):
            return
        try:
            await dealing.DEALS.get(channel, dealing.read)(self, contact)
        except Refused as refusal:
            if refusal.error_id == GONE:
                return
            log("demo_not_dealt_with", channel=channel, id=refusal.error_id)
        await self.try_to(f"/contacts/{contact}/finish")
        await asyncio.sleep(some(self.chance, self.people.tempo.wrap_up))
        await self.try_to(f"/contacts/{contact}/end-wrap-up")

    async def _fetch(self, slot: str) -> None:
        """Take up again the call that was parked."""
        await asyncio.sleep(self.people.tempo.quicker(some(self.chance, LOOKS_UP_S)))
        await self.try_to(f"/slots/{slot}/retrieve", agent=self.id)

    async def _come_back(self) -> None:
        await asyncio.sleep(self.people.tempo.quicker(some(self.chance, BREAK_S)))
        await self.try_to(f"/agents/{self.id}/ready")
