"""`kill -9` on the engine at random moments, while citizens write, agents answer, hand over and return.

The property: every mail of a citizen is taken in once and in order, every answer lies in the citizen's mailbox, and
none under two ids.
"""

import random
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from adapters.redis.keys import VAULT
from router import facts as f
from router.outbox import message_id
from tests.mail.town import Town
from tests.system.api import ask_again
from tests.system.house import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

CONVERSATIONS = 8
KILLS = 5
MARK = re.compile(r"brev (\d+)\.(\d+)")
"""What a citizen's mail says: which conversation, and its place there."""


class Agents:
    """Answer all mails by REST, each of them handed over or returned now and then; the engine may die at any time."""

    def __init__(self, town: Town, chance: random.Random) -> None:
        self.town = town
        self.written: dict[str, str] = {}
        """Text to contact."""
        self._chance = chance
        self._moved: set[str] = set()

    def work(self) -> None:
        """Do what is to be done next with each contact."""
        for contact in self._ask("GET", "/contacts?channel=mail").get("contacts", ()):
            match contact["state"]:
                case "offered":
                    self._ask("POST", f"/offers/{contact['offer']}/accept", by=contact["agent"])
                case "connected":
                    self._with(contact)

    def _with(self, contact: dict[str, Any]) -> None:
        id_ = contact["id"]
        if id_ not in self._moved:
            self._moved.add(id_)
            match self._chance.randrange(3):
                case 0:
                    self._ask("POST", f"/contacts/{id_}/send-to-queue", {"queue": "quiet"}, by=contact["agent"])
                    return
                case 1:
                    self._ask("POST", f"/contacts/{id_}/hand-back", by=contact["agent"])
                    return
        shown = self._ask("GET", f"/contacts/{id_}/messages").get("messages", ())
        authors = [one["author"] for one in shown]
        if "agent" not in authors:
            text = f"svar {uuid.uuid4().hex}"
            key = uuid.uuid4().hex
            self._ask("POST", f"/contacts/{id_}/messages", {"text": text}, by=contact["agent"], Idempotency_Key=key)
        elif self._chance.random() < 0.7:
            self._ask("POST", f"/contacts/{id_}/finish", by=contact["agent"])

    def _ask(self, method: str, path: str, body: Any = None, by: str = "lead", **headers: str) -> dict[str, Any]:
        """Ask again while the engine is away; what it refuses is looked at anew later."""
        return ask_again(self.town.house, method, path, body, self.town.tokens[by], **headers)


def kill_now_and_then(town: Town, chance: random.Random, done: threading.Event) -> None:
    for _ in range(KILLS):
        if done.wait(chance.uniform(0.3, 4.0)):
            return
        pid = town.house.pid("engine")
        town.house.kill("engine")
        until(lambda pid=pid: _alive(town, pid), 30, "another engine")


def _alive(town: Town, before: int) -> bool:
    try:
        return town.house.pid("engine") != before
    except (OSError, ValueError, KeyError):
        return False


def test_no_mail_is_lost_doubled_or_out_of_order(town: Callable[..., Town]) -> None:
    live_through(town(agents=2, hasty=True), random.Random(1))


def live_through(here: Town, chance: random.Random) -> None:
    """Let a town live while its engine is killed again and again, and check what became of every mail."""
    agents = Agents(here, chance)
    done = threading.Event()
    killer = threading.Thread(target=kill_now_and_then, args=(here, chance, done))
    killer.start()
    sent: list[str] = []
    try:
        for number in range(CONVERSATIONS):
            first = here.write(f"Hej! Detta är brev {number}.1 och jag är inte nöjd.", Subject=f"Fråga {number}")
            sent.append(f"{number}.1")
            agents.work()
            if chance.random() < 0.6:
                here.write(
                    f"Hej! Detta är brev {number}.2 och jag är inte nöjd.",
                    **{"In-Reply-To": str(first["Message-ID"]), "Subject": f"Fråga {number}"},
                )
                sent.append(f"{number}.2")
            if chance.random() < 0.3:
                here.bring(first.as_bytes())  # the same mail once more, by another way
            agents.work()
        until(lambda: agents.work() or (not killer.is_alive() and _all_is_done(here, len(sent))), 150, "all answers")
    finally:
        done.set()
        killer.join()
    here.settled()
    _check(here, sent)


def _all_is_done(town: Town, mails: int) -> bool:
    record = town.house.record()
    return len(record.of(f.MessageAdded, author="citizen")) >= mails and not town.house.open_contacts()


def _check(town: Town, sent: list[str]) -> None:
    record = town.house.record()
    assert not record.wrong(), "\n".join(record.wrong())
    # Not just any traceback: the pool's process, begun a moment before its engine is killed, writes one.
    for bad in ("spine.bug", "task_died", "mail.bug", "mail.unreadable"):
        assert f'"{bad}"' not in town.house.log("engine")
    marks = []
    answers = Counter()
    with town.house.redis() as client:
        for fact in record.of(f.MessageAdded):
            words = client.get(f"{VAULT}{message_id(fact.contact, fact.number)}:text")
            if fact.author == "citizen":
                found = MARK.search(words.decode())
                marks.append(f"{found[1]}.{found[2]}")
            elif fact.author == "agent":
                answers[words.decode()] += 1
    assert len(record.of(f.LeaderChanged)) > 1, "engines were killed"
    assert sorted(marks) == sorted(sent), "every mail once"
    for number in range(CONVERSATIONS):
        own = [mark for mark in marks if mark.startswith(f"{number}.")]
        assert own == sorted(own), "in order"
    assert set(answers.values()) == {1}
    until(lambda: set(_answered(town)) == set(answers), what="every answer to arrive, and no other")
    ids = _answered(town)
    assert all(len(found) == 1 for found in ids.values()), "under one id"
    assert town.metric("vaxel_mail_mailbox_up") == 2


def _answered(town: Town) -> dict[str, set[str]]:
    """Return text to ids of the answers in the citizen's mailbox."""
    found: dict[str, set[str]] = {}
    for mail in town.mails("kim"):
        if mail["Auto-Submitted"] is None:
            found.setdefault(mail.get_content().split("\n")[0].strip(), set()).add(mail["Message-ID"])
    return found
