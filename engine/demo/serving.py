"""What an agent does with a citizen on the line: talk, and sometimes more than that, by the phone's own keys, by
feature codes and over the API, as at a desk."""

from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, Final, Protocol

from engine.demo import talking
from engine.demo.citizens import People
from engine.demo.client import Refused
from engine.demo.line import HungUp, Line
from engine.demo.sentences import SEARCHES
from engine.demo.tempo import some

GREETS_AFTER_S: Final = (0.3, 0.8)
WHISPER_S: Final = 3.0
"""Which queue it is has been whispered by then."""
WHISPER_PAUSE_S: Final = 0.3
LOOKS_UP_S: Final = 20.0
"""How long somebody is on hold, in life."""
ANSWER_WITHIN_S: Final = 30.0
TOLD_WITHIN_S: Final = 5.0
PROMISE_S: Final = 900.0
"""After how long somebody is promised to be called back, in life."""

Plan = Callable[["Serving"], Awaitable[None]]


class Desk(Protocol):
    """The agent who serves."""

    id: str
    phone: str
    people: People
    chance: Random
    colleagues: Callable[[], list[str]]

    async def ask(self, method: str, path: str, **asked: Any) -> Any: ...
    async def try_to(self, path: str, **asked: Any) -> str: ...


class Serving:
    """One call in an agent's hands."""

    def __init__(self, agent: Desk, line: Line, contact: Mapping[str, Any], language: str) -> None:
        self.agent = agent
        self.line = line
        self.id = str(contact["id"])
        self.queue = str(contact.get("queue", ""))
        self._language = language
        self._returned = "returned" in contact

    async def go(self) -> None:
        """Serve until the call is over. Raises HungUp."""
        chance = self.agent.chance
        if self.queue and self.agent.people.town.queue(self.queue).whisper:
            await self.line.finished(WHISPER_PAUSE_S, within=WHISPER_S)
        await self.line.wait(chance.uniform(*GREETS_AFTER_S))
        await self.say("a_away" if self._returned else "a_hello")
        await talking.turn(self.line)
        plan = self._plan()
        if plan is not None and await self._is_mine():
            await plan(self)
        kinds = ("a_ask", "a_tell")
        while True:
            await self.say(chance.choice(kinds))
            await talking.turn(self.line)

    def _plan(self) -> Plan | None:
        """Return what is to be done with the call besides talking."""
        switchboard = self.queue in self.agent.people.town.switchboards and not self._returned
        plans = AT_THE_SWITCHBOARD if switchboard else AT_THE_DESK
        return self.agent.chance.choices(list(plans), list(plans.values()))[0]

    async def say(self, kind: str) -> None:
        """Say something of a kind. Raises HungUp."""
        people = self.agent.people
        await self.line.say(people.voices.one(self.agent.chance, self._language, kind))

    async def do(self, what: str, **asked: Any) -> str:
        """Ask the API to do something with the contact; return the `error_id` of a refusal, or nothing."""
        return await self.agent.try_to(f"/contacts/{self.id}/{what}", **asked)

    async def _is_mine(self) -> bool:
        """Tell whether the contact is still in our hands."""
        try:
            contact = await self.agent.ask("GET", f"/contacts/{self.id}")
        except Refused:
            return False
        return bool(contact.get("agent") == self.agent.id and contact["state"] == "connected")

    async def look_up(self) -> None:
        """Take the time that looking something up takes."""
        await self.line.wait(self.agent.people.tempo.quicker(some(self.agent.chance, LOOKS_UP_S)))

    async def somebody(self) -> bool:
        """Wait until whoever was rung speaks to us."""
        return await talking.person(self.line, ANSWER_WITHIN_S)

    async def until_gone(self) -> None:
        """Wait until the call has left us; go on with it if it does not."""
        await self.line.wait(TOLD_WITHIN_S)


# ---- at any desk -----------------------------------------------------------------------------------------------


async def hold_by_phone(serving: Serving) -> None:
    """Hold by the phone's own key."""
    await serving.say("a_moment")
    serving.line.hold()
    await serving.look_up()
    serving.line.resume()
    await serving.line.wait(0.5)


async def hold_by_code(serving: Serving) -> None:
    """Hold by a feature code."""
    await serving.say("a_moment")
    await serving.line.press("*1")
    await serving.look_up()
    await serving.line.press("*1")


async def hold_at_desk(serving: Serving) -> None:
    """Hold over the API."""
    await serving.say("a_moment")
    if not await serving.do("hold"):
        await serving.look_up()
        await serving.do("resume")


async def ask_colleague(serving: Serving) -> None:
    """Ask a colleague, and then leave the citizen with them, talk all three, or go on alone."""
    colleague = _colleague(serving)
    if not colleague:
        return
    await serving.say("a_moment")
    if await serving.do("consult", to={"agent": colleague}):
        return
    if not await serving.somebody():
        await serving.do("drop-party")
        await serving.do("resume")
        return
    await serving.say("a_present")
    await talking.turn(serving.line)
    what = serving.agent.chance.choice(("connect", "resume", "drop-party"))
    await serving.do(what)
    if what == "connect":
        await serving.until_gone()
    elif what == "drop-party":
        await serving.do("resume")


async def ask_by_phone(serving: Serving) -> None:
    """Ring a colleague on the phone's second line, and connect the two by the phone's transfer key."""
    town = serving.agent.people.town
    number = town.phone(_colleague(serving))
    if not number:
        return
    exchange, phone = serving.agent.people.exchange, serving.agent.phone
    await serving.say("a_moment")
    serving.line.hold()
    second = exchange.ring_from(phone, number)
    try:
        await second.until(lambda: second.answered, ANSWER_WITHIN_S)
        if second.answered and await talking.person(second, ANSWER_WITHIN_S):
            await second.say(serving.agent.people.voices.one(serving.agent.chance, "", "a_present"))
            await talking.turn(second)
            serving.line.transfer_to(second)
            await serving.until_gone()
    except HungUp:
        if serving.line.code:
            raise
    finally:
        second.hang_up()
    serving.line.resume()


async def to_another_queue(serving: Serving) -> None:
    """Send the citizen to those who know more."""
    town = serving.agent.people.town
    others = [name for name in town.core.queues if name != serving.queue and town.helpers(name)]
    if others:
        await serving.say("a_connect")
        await serving.do("send-to-queue", queue=serving.agent.chance.choice(others))
        await serving.until_gone()


async def park(serving: Serving) -> None:
    """Leave the citizen in a slot, to be fetched again once it is known which."""
    await serving.say("a_moment")
    if not await serving.do("park"):
        await serving.until_gone()


async def promise(serving: Serving) -> None:
    """Promise to call back in person."""
    await serving.say("a_promise")
    due = serving.agent.people.town.now() + serving.agent.people.tempo.quicker(some(serving.agent.chance, PROMISE_S))
    await serving.do("promise-callback", due=due)


def _colleague(serving: Serving) -> str:
    free = [one for one in serving.agent.colleagues() if one != serving.agent.id]
    return serving.agent.chance.choice(free) if free else ""


# ---- at the switchboard ----------------------------------------------------------------------------------------


async def connect_unannounced(serving: Serving) -> None:
    """Look somebody up and send the citizen there; a busy one is waited for."""
    person = await _look_up(serving)
    if person is None:
        return
    await serving.say("a_connect")
    to = {"person": person["id"], "anyway": True}
    refusal = await serving.do("forward", to=to)
    if refusal == "busy":
        refusal = await serving.do("forward", to=to, camp=True)
    if refusal:
        await serving.say("a_away")
    else:
        await serving.until_gone()


async def connect_announced(serving: Serving) -> None:
    """Look somebody up, tell them who rings, and leave the two to talk."""
    person = await _look_up(serving)
    if person is None:
        return
    await serving.say("a_connect")
    if await serving.do("consult", to={"person": person["id"], "anyway": True}):
        await serving.say("a_away")
    elif await serving.somebody():
        await serving.say("a_present")
        await talking.turn(serving.line)
        await serving.do("connect")
        await serving.until_gone()
    else:
        await serving.do("drop-party")
        await serving.do("resume")
        await serving.say("a_away")


async def connect_by_phone(serving: Serving) -> None:
    """Look somebody up, and transfer by the phone's own key."""
    person = await _look_up(serving)
    if person is None:
        return
    await serving.say("a_connect")
    host = serving.agent.people.exchange.edge
    serving.line.transfer(f"sip:{person['extension']}@{host}")
    await serving.until_gone()


async def connect_by_code(serving: Serving) -> None:
    """Look somebody up, and transfer by a feature code."""
    person = await _look_up(serving)
    if person is None:
        return
    await serving.say("a_connect")
    await serving.line.press(f"*6{person['extension']}#")
    await serving.until_gone()


async def _look_up(serving: Serving) -> Mapping[str, Any] | None:
    """Find somebody in the directory who can be rung."""
    chance = serving.agent.chance
    await serving.say("a_moment")
    try:
        found = await serving.agent.ask("POST", "/directory/search", typed=chance.choice(SEARCHES), limit=8)
    except Refused:
        return None
    hits = [hit for hit in found["hits"] if hit.get("direct") and hit.get("extension")]
    serving.agent.people.names.update((hit["id"], hit["label"]) for hit in hits)
    return chance.choice(hits[:3]) if hits else None


AT_THE_DESK: Final[dict[Plan | None, float]] = {
    None: 0.6,
    hold_by_phone: 0.07,
    hold_by_code: 0.04,
    hold_at_desk: 0.05,
    ask_colleague: 0.09,
    ask_by_phone: 0.04,
    to_another_queue: 0.05,
    park: 0.03,
    promise: 0.03,
}
AT_THE_SWITCHBOARD: Final[dict[Plan | None, float]] = {
    None: 0.2,
    connect_unannounced: 0.3,
    connect_announced: 0.25,
    connect_by_phone: 0.12,
    connect_by_code: 0.08,
    park: 0.05,
}
