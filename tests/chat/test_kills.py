"""Pages that are cut off and engines that are killed, at any moment: no message is lost, doubled or out of order."""

import asyncio
import random
import uuid
from collections import Counter
from typing import Any

import pytest

from adapters.redis.keys import VAULT
from router import facts as f
from router.outbox import message_id
from tests.chat.town import Page, Sms, Town
from tests.system.api import ask_again
from tests.system.house import until

CHATS = 5
MESSAGES = 8
TEXTERS = 3
KILLS = 3
PATIENCE_S = 90.0


class Agents:
    """Agents who answer each chat and text, hand some back, and close what has been answered."""

    def __init__(self, town: Town, chance: random.Random, answers_wanted: int) -> None:
        self.town = town
        self.written: Counter[str] = Counter()
        self._chance = chance
        self._wanted = answers_wanted

    def work(self) -> None:
        """Look once at what there is to do."""
        for contact in self._ask("GET", "/contacts").get("contacts", ()):
            if contact["state"] == "offered":
                self._ask("POST", f"/offers/{contact['offer']}/accept", by=contact["agent"])
            elif contact["state"] == "connected":
                self._serve(contact)

    def _serve(self, contact: dict[str, Any]) -> None:
        id_, agent = contact["id"], contact["agent"]
        if self._chance.random() < 0.1:
            self._ask("POST", f"/contacts/{id_}/hand-back", by=agent)
            return
        shown = self._ask("GET", f"/contacts/{id_}/messages").get("messages", ())
        authors = Counter(one["author"] for one in shown)
        if authors["agent"] < authors["citizen"]:
            text = f"answer {uuid.uuid4().hex}"
            told = self._ask("POST", f"/contacts/{id_}/messages", {"text": text}, by=agent, Idempotency_Key=text[7:])
            self.written[text] += bool(told)
        elif contact["channel"] == "post" and authors["citizen"] >= self._wanted:
            self._ask("POST", f"/contacts/{id_}/finish", by=agent)

    def _ask(self, method: str, path: str, body: Any = None, by: str = "lead", **headers: str) -> dict[str, Any]:
        return ask_again(self.town.house, method, path, body, self.town.tokens[by], **headers)


async def kill_now_and_then(town: Town, chance: random.Random) -> None:
    """Kill the engine, again and again."""
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.5, 4.0))
        pid = await asyncio.to_thread(town.house.kill, "engine")
        await asyncio.to_thread(until, lambda pid=pid: town.house.pid("engine") not in (0, pid), 30, "another engine")


async def write(page: Page, chance: random.Random) -> None:
    """Let a citizen write, and lose the connection now and then."""
    await page.until(lambda one: one.status, "the chat to begin")
    for number in range(MESSAGES):
        await page.say(f"message {number}")
        if chance.random() < 0.3:
            await page.cut()
        await asyncio.sleep(chance.uniform(0.0, 0.8))


async def text(sms: Sms, sender: str, chance: random.Random) -> None:
    """Let a citizen text; the gateway tells some messages twice."""
    for number in range(MESSAGES):
        id_ = uuid.uuid4().hex
        for _ in range(chance.choice((1, 1, 2))):
            await sms.text(sender, f"text {number}", id_)
        await asyncio.sleep(chance.uniform(0.0, 0.8))


@pytest.mark.soak
async def test_no_message_is_lost_doubled_or_out_of_order(make_town, open_page, open_sms):
    town = await asyncio.to_thread(make_town, agents=4, hasty=True, back_within=30)
    await live_through(town, open_page, open_sms, random.Random(4))


async def live_through(town: Town, open_page: Any, open_sms: Any, chance: random.Random) -> None:
    """Let a town live while its engine is killed, and check what became of every message."""
    pages = [open_page(town, "straight") for _ in range(CHATS)]
    sms, senders = await open_sms(town), [f"+4670174060{number}" for number in range(TEXTERS)]
    agents = Agents(town, chance, MESSAGES)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kill_now_and_then(town, chance))
        citizens = [tasks.create_task(write(page, chance)) for page in pages]
        citizens += [tasks.create_task(text(sms, sender, chance)) for sender in senders]
        async with asyncio.timeout(PATIENCE_S):
            while not (
                all(one.done() for one in citizens) and all(len(page.messages) >= 2 * MESSAGES for page in pages)
            ):
                await asyncio.to_thread(agents.work)
    for page in pages:
        await page.send(type="leave")
        await page.until_state("ended")
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(town.house.open_contacts):
            await asyncio.to_thread(agents.work)
    await sms.until(TEXTERS * MESSAGES)
    await asyncio.to_thread(check, town, pages, sms)


def check(town: Town, pages: list[Page], sms: Sms) -> None:
    """Compare what was written with what was kept, and with what came there."""
    record = town.house.check()
    assert len(record.of(f.LeaderChanged)) > 1, "engines were killed, some of them before they led"
    said: dict[str, list[tuple[str, str]]] = {}
    with town.house.redis() as client:
        for fact in record.of(f.MessageAdded):
            words = client.get(f"{VAULT}{message_id(fact.contact, fact.number)}:text")
            said.setdefault(fact.contact, []).append((fact.author, words.decode() if words else fact.prompt))
    for page in pages:
        kept = said.pop(page.contact)
        assert [(one["author"], one["text"]) for one in page.messages] == kept, "the page shows what is kept"
        own = [words for author, words in kept if author == "citizen"]
        assert own == [f"message {number}" for number in range(MESSAGES)]
    texts = [[words for author, words in kept if author == "citizen"] for kept in said.values()]
    assert sorted(words for one in texts for words in one) == sorted(
        f"text {number}" for number in range(MESSAGES) for _ in range(TEXTERS)
    )
    assert all(one == sorted(one) for one in texts), "in order"
    answers = [words for kept in said.values() for author, words in kept if author == "agent"]
    came = Counter(words for _, words in sms.received if words.startswith("answer"))
    assert came == Counter(answers), "every answer once, as the gateway knows ids"
