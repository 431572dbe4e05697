"""Phones for system tests: all agents at one address, and callers who can be told apart."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sip.phone import Call, Phone
from tests.system.house import PASSWORD, House

AGENT = re.compile(r"INVITE sip:(\w+)@")
CALLER = re.compile(r"<sip:([^@>]+)@")
CRASH_WAIT_S = 5.0
REGISTER_EVERY_S = 50.0
OpenPhone = Callable[..., Any]


@dataclass
class Rung:
    """An agent's phone was rung."""

    at: float
    """Monotonic seconds."""
    agent: str
    caller: str
    call: Call


class Crew:
    """All agents of a house, at one address: they answer and speak a tone, each in the agent's own manner."""

    def __init__(self, phone: Phone, hertz: float = 0.0, registered: tuple[House, ...] = ()) -> None:
        """`registered` at the edges of these houses, and kept so."""
        self.phone = phone
        self.rung: list[Rung] = []
        self.doubled: list[str] = []
        """Agents who were rung while they had a call."""
        self.answers = True
        self.hertz = hertz
        """Tone of the agents' voices; nothing is sent when 0."""
        self.talk: float | None = None
        """Seconds until the agent hangs up; None leaves that to the caller."""
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._serve())
        self._keeping = loop.create_task(self._keep_registered(registered))

    @classmethod
    async def at(cls, house: House, open_phone: OpenPhone, hertz: float = 0.0) -> "Crew":
        """Return the crew of a house, as soon as it is rung there."""
        phone = await open_phone("agents", at=house.agent_phones[0])
        if not house.edge:
            return cls(phone, hertz)
        phone.password = PASSWORD
        await _register(phone, house)
        await asyncio.to_thread(house.until_known, *house.phones_at(phone.address))
        return cls(phone, hertz, (house,))

    async def _keep_registered(self, houses: tuple[House, ...]) -> None:
        while True:
            await asyncio.sleep(REGISTER_EVERY_S)
            for house in houses:
                with contextlib.suppress(TimeoutError):
                    await _register(self.phone, house)

    async def _serve(self) -> None:
        while True:
            call = await self.phone.ringing.get()
            agent, caller = AGENT.match(call.messages[0].start), CALLER.search(call.messages[0]["From"])
            assert agent is not None
            assert caller is not None
            if any(not other.call.ended for other in self.rung if other.agent == agent[1]):
                self.doubled.append(agent[1])
            self.rung.append(Rung(time.monotonic(), agent[1], caller[1], call))
            call.ring()
            if self.answers:
                await self.answer(call)

    async def answer(self, call: Call) -> None:
        """Pick one phone up, and hang up after the time set."""
        audio = await call.answer()
        if self.hertz:
            audio.say(self.hertz)
        if self.talk is not None:
            asyncio.get_running_loop().call_later(self.talk, bye, call)

    async def until_rung(self, times: int, within: float = 10.0) -> Rung:
        """Wait until so many calls came in all; return the last of them."""

        def wanted() -> str:
            return f"{times} calls to agents, there were {[(one.agent, one.caller) for one in self.rung]}"

        await until(lambda: len(self.rung) >= times, within, wanted)
        return self.rung[times - 1]

    def of(self, caller: str) -> Rung:
        """Return the last ringing for a caller."""
        return next(rung for rung in reversed(self.rung) if rung.caller == caller)

    def end(self) -> None:
        """Stop serving; whatever went wrong in between is raised here."""
        assert not self.doubled, f"rung while they had a call: {self.doubled}"
        for task in (self._task, self._keeping):
            if task.done():
                task.result()
            task.cancel()


async def _register(phone: Phone, house: House) -> None:
    for name in house.phones_at(phone.address):
        assert (await phone.register(house.sip, PASSWORD, name)).status == 200, name


def bye(call: Call) -> None:
    """Hang up, unless the call is over; who was never answered gives up."""
    if not call.ended:
        if call.inbound or call.remote_sdp is not None:
            call.bye()
        else:
            call.cancel()
        if call.audio is not None:
            call.audio.stop()


async def until(condition: Callable[[], object], within: float = 10.0, what: str | Callable[[], str] = "it") -> None:
    """Wait until a condition holds; `what` may be worded when the time is over."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {within:g} s for {what if isinstance(what, str) else what()} in vain")
        await asyncio.sleep(0.005)


async def ring(house: House, open_phone: OpenPhone, name: str, called: str = "direct", **more: Any) -> Call:
    """Let a caller of this name ring; return the call, not answered yet."""
    phone = await open_phone(name)
    return await phone.invite(house.sip, called, **more)


async def wait_in_line(house: House, open_phone: OpenPhone, count: int, name: str = "c") -> list[Call]:
    """Let callers ring one after the other, each answered before the next: c000, c001, ... wait in this order."""
    calls = []
    for number in range(count):
        call = await ring(house, open_phone, f"{name}{number:03}")
        await call.response(200, within=CRASH_WAIT_S)
        calls.append(call)
    return calls
