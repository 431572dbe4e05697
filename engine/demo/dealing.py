"""What agents do at their desks with what comes without a telephone: mails, chats, text messages, text calls, visits,
reports and messages."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, Final, Protocol

from engine.demo.citizens import People
from engine.demo.letters import answer_in
from engine.demo.sentences import HOUSE, SENTENCES
from engine.demo.tempo import some
from engine.demo.visitors import Hall

READ_S: Final = 60.0
"""How long reading takes, and writing an answer, in life."""
LOOK_EVERY_S: Final = 0.5
COMES_WITHIN_S: Final = 5.0
"""How long an agent looks out for somebody who was called."""
CALLS: Final = 2
"""How often a number is called before the next one is."""
VISIT_S: Final = 150.0
"""How long a visit takes, in life."""


class AtDesk(Protocol):
    """The agent."""

    id: str
    people: People
    chance: Random
    hall: Hall

    async def ask(self, method: str, path: str, **asked: Any) -> Any: ...
    async def try_to(self, path: str, **asked: Any) -> str: ...


Deal = Callable[[AtDesk, str], Awaitable[None]]


async def take(agent: AtDesk, channel: str, offer: str) -> bool:
    """Take what is offered; tell whether it was still there."""
    path = f"/agents/{agent.id}/call-next" if channel == VISIT else f"/offers/{offer}/accept"
    return not await agent.try_to(path)


async def read(agent: AtDesk, contact: str) -> None:
    """Read what was left. Raises Refused."""
    await agent.ask("GET", f"/contacts/{contact}/answers")
    await _pause(agent)


async def answer(agent: AtDesk, contact: str) -> None:
    """Read what was written, and write back. Raises Refused."""
    await agent.ask("GET", f"/contacts/{contact}/messages")
    await _pause(agent)
    await agent.ask("POST", f"/contacts/{contact}/messages", text=answer_in(await _language(agent, contact)))
    await _pause(agent)


async def chat(agent: AtDesk, contact: str) -> None:
    """Answer what a citizen writes, until the citizen leaves. Raises Refused."""

    async def write(text: str) -> None:
        await agent.ask("POST", f"/contacts/{contact}/messages", text=text)

    await _converse(agent, contact, write, answered=0)


async def text(agent: AtDesk, contact: str) -> None:
    """Greet somebody at a text telephone, and write until they hang up. Raises Refused."""

    async def write(text: str) -> None:
        await agent.ask("POST", f"/contacts/{contact}/text", text=f"{text}\n")

    before = await _written(agent, contact)  # answers to menus
    greetings = SENTENCES.get(await _language(agent, contact), SENTENCES[HOUSE])["a_hello"]
    await write(agent.chance.choice(greetings))
    await _converse(agent, contact, write, answered=before)


async def visit(agent: AtDesk, contact: str) -> None:
    """See somebody whose number was just called; go on without whoever does not come. Raises Refused."""
    shown = await agent.ask("GET", f"/contacts/{contact}")
    ticket = str(shown["visit"].get("ticket", ""))
    for call in range(CALLS):
        if call:
            await agent.try_to(f"/contacts/{contact}/call-again")
        if await agent.hall.sees(ticket, COMES_WITHIN_S):
            await asyncio.sleep(agent.people.tempo.quicker(some(agent.chance, VISIT_S)))
            return
    await agent.try_to(f"/contacts/{contact}/no-show")


async def _converse(agent: AtDesk, contact: str, write: Callable[[str], Awaitable[None]], *, answered: int) -> None:
    """Answer each time the citizen has written something more than `answered` messages."""
    while (shown := await agent.ask("GET", f"/contacts/{contact}"))["state"] == "connected":
        written = await _written(agent, contact)
        if written > answered:
            await _pause(agent)
            await write(answer_in(shown.get("language", "")))
            answered = written
        await asyncio.sleep(LOOK_EVERY_S)


async def _written(agent: AtDesk, contact: str) -> int:
    """Return how many messages the citizen has written."""
    told: Mapping[str, Any] = await agent.ask("GET", f"/contacts/{contact}/messages")
    return sum(one["author"] == "citizen" for one in told["messages"])


async def _language(agent: AtDesk, contact: str) -> str:
    return str((await agent.ask("GET", f"/contacts/{contact}")).get("language", ""))


async def _pause(agent: AtDesk) -> None:
    await asyncio.sleep(agent.people.tempo.quicker(some(agent.chance, READ_S)))


VISIT: Final = "visit"
DEALS: Final[Mapping[str, Deal]] = {
    "mail": answer,
    "post": answer,
    "form": answer,
    "chat": chat,
    "text": text,
    VISIT: visit,
}
"""Channel to what is done with it; anything else is read."""
