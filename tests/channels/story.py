"""One story for every channel: arrived, answered, handed over, not taken, answered, returned, answered, closed.

The engine may be killed as each step is taken. What must hold: the contact stays one, keeps its place, goes through the
same hands, and what is written is there once and in order, in the house and at the citizen's.
"""

import asyncio
from collections.abc import Collection, Coroutine
from random import Random
from typing import Any, Final

from router import facts as f
from tests.channels.citizens import Citizen
from tests.channels.city import FIRST, SECOND, City
from tests.system.house import until

STEPS: Final = ("arrived", "answered", "handed over", "not taken", "taken", "returned", "taken again", "closed")
IN_FLIGHT_S: Final = 0.04
"""A step has mostly been taken by then."""


class Story:
    """One contact's way, with deaths of the engine at some of its steps."""

    def __init__(self, city: City, citizen: Citizen, deadly: Collection[str] = (), seed: int = 1) -> None:
        self._city = city
        self._citizen = citizen
        self._deadly = deadly
        self._chance = Random(seed)
        self._said: list[tuple[str, str]] = []

    async def live(self) -> None:
        """Go through all of it, and check."""
        city, citizen = self._city, self._citizen
        try:
            await self._step("arrived", citizen.come())
            if citizen.writes:
                self._said.append(("citizen", "question 1"))
            last = await self._go_round()
            if citizen.writes:
                await self._kept()
            await self._step("closed", city.do(citizen.id, last, "finish", None, lambda shown: not shown))
            await citizen.heard([text for author, text in self._said if author == "agent"])
        finally:
            await citizen.close()
        await asyncio.to_thread(self._check)

    async def _go_round(self) -> str:
        """Go from hand to hand; return who has it in the end."""
        city, citizen = self._city, self._citizen
        await self._step("answered", city.take(citizen.id, FIRST))
        await self._talk(FIRST)
        await self._step("handed over", self._hand_over())
        await self._step("not taken", city.refuse(citizen.id, SECOND))
        await self._step("taken", city.take(citizen.id, SECOND))
        await self._talk(SECOND)
        await self._step("returned", self._return())
        await self._step("taken again", city.take(citizen.id, SECOND))
        await self._talk(SECOND)
        return SECOND

    async def _step(self, name: str, doing: Coroutine[Any, Any, None]) -> None:
        """Take a step; the engine dies as it is taken if that is to be."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(doing)
            if name in self._deadly:
                await asyncio.sleep(self._chance.uniform(0.0, IN_FLIGHT_S))
                await self._city.die()

    async def _hand_over(self) -> None:
        await self._city.do(
            self._citizen.id,
            FIRST,
            "send-to-queue",
            {"queue": "quiet"},
            lambda shown: shown["queue"] == "quiet",
        )

    async def _return(self) -> None:
        """Hand back what one cannot help with after all: it waits again where it stood."""
        await self._city.do(
            self._citizen.id, SECOND, "hand-back", None, lambda shown: shown["state"] in ("waiting", "offered")
        )

    async def _talk(self, agent: str) -> None:
        """Say something, both of them."""
        city, citizen = self._city, self._citizen
        await citizen.talks(agent)
        if not citizen.writes:
            return
        number = len(self._said) // 2 + 1
        await city.write(citizen.id, agent, f"answer {number}")
        self._said.append(("agent", f"answer {number}"))
        await citizen.say(f"question {number + 1}")
        self._said.append(("citizen", f"question {number + 1}"))
        await self._kept()

    async def _kept(self) -> None:
        """Wait until the house has what was said, neither less nor more."""

        async def look() -> bool:
            return len(await self._city.messages(self._citizen.id)) >= len(self._said)

        await self._city.until(look, f"{self._said} to be kept")
        assert await self._city.messages(self._citizen.id) == self._said

    def _check(self) -> None:
        """Read in the journal what became of the contact."""
        house, id_ = self._city.house, self._citizen.id
        until(lambda: id_ not in house.open_contacts(), what="the end")
        record = house.record()
        assert not record.wrong(), "\n".join(record.wrong())
        (ended,) = record.of(f.ContactEnded, contact=id_)
        assert ended.outcome == "served"
        missed = [*record.of(f.OfferDeclined, contact=id_), *record.of(f.OfferMissed, contact=id_)]
        queued = record.of(f.ContactQueued, contact=id_)
        assert [one.queue for one in queued] == ["bench", "quiet"]
        assert len({one.place.order for one in queued}) == 1, "the place is kept"
        assert [one.agent for one in record.of(f.OfferAccepted, contact=id_)] == [FIRST, SECOND, SECOND]
        assert [one.agent for one in missed] == [SECOND]
        assert [one.cause for one in record.of(f.ContactReturned, contact=id_)] == ["sent_on", "handed_back"]
        written = [one.author for one in record.of(f.MessageAdded, contact=id_) if one.author != "house"]
        assert written == [author for author, _ in self._said]
