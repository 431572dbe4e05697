"""The real vault, content store, history and archive, with a person in all of them."""

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio
import redis.asyncio

from adapters.access.log import AccessLog
from adapters.content.store import ContentStore
from adapters.content.tapes import Tapes
from adapters.history.batch import Batch
from adapters.history.rows import ContactRow
from adapters.history.settings import HistorySettings
from adapters.history.store import NOTHING, START, Store
from adapters.redis import segments
from adapters.redis.archive import Archive
from adapters.redis.vault import Vault, person_id
from adapters.speech import wav
from engine.installation import Class, Privacy, Rule
from engine.privacy.keeper import Keeper
from engine.privacy.retention import Places, Retention
from engine.recordings import Recordings
from engine.tasks import Tasks
from router import facts as f
from router import inputs as i
from router.dialling import address_of
from router.journal import Entry, encode
from router.letters import Attachment, Letter
from router.looking import Looked
from router.ports import Secret
from tests.core.city import City, agent, queue
from tests.redis.conftest import client, server

__all__ = ["client", "server"]

NUMBER = "+46700000001"
DAY = 86_400.0
LOOK = Looked(by="local", role="admin", ground="export", why="SN 2026-114")
ALL: tuple[Class, ...] = ("contact_data", "words", "attachments", "recordings", "history", "journal", "access_log")


def rules(keep: float = 30 * DAY, *, on_request: bool = True, only: tuple[Class, ...] = ALL) -> dict[Class, Rule]:
    return {one: Rule(keep=keep, rule=f"decision on {one}", on_request=on_request) for one in only}


def work(do: Callable[..., Any], /, *about: Any) -> Any:
    return asyncio.to_thread(do, *about)


class Town:
    """What is kept of a person with a call, a mail with a file, and a report by voice; and of a second person."""

    def __init__(self, folder: Path, client: "redis.asyncio.Redis", privacy: Privacy) -> None:
        self.folder = folder
        self.city = City(queues=[queue()], agents=[agent("anna")])
        self.time = 0.0
        self.vault = Vault(client)
        self.client = client
        self.settings = HistorySettings(url=f"sqlite:///{folder}/history.sqlite")
        (folder / "recordings").mkdir(exist_ok=True)
        self.access = AccessLog(folder / "access", lambda: self.time, Tasks().spawn)
        self.dropped: list[str] = []
        self.places = Places(
            vault=self.vault,
            contents=ContentStore(folder / "content"),
            recordings=Recordings(folder / "recordings"),
            tapes=Tapes(folder / "tapes", folder / "tapes.key"),
            archive=Archive(folder / "archive"),
            access=self.access,
            history=self.settings,
            pool=work,  # type: ignore[arg-type]
        )
        self.obey(privacy)

    def obey(self, privacy: Privacy) -> None:
        """Go by other rules."""
        self.keeper = Keeper(
            privacy,
            self.places,
            self.folder / "erasures.jsonl",
            lambda: self.city.state,
            lambda: self.time,
            home="SE",
            city="Malmö",
            language="sv",
            dropped=self.dropped.append,
        )
        self.retention = Retention(privacy, self.places, lambda: self.city.state, lambda: self.time)

    async def fill(self) -> None:
        pepper = await self.vault.pepper()
        self.person, self.other = person_id(NUMBER, pepper), person_id("+46700000002", pepper)
        self.time = float((await self.client.time())[0]) + 1.0
        for owner, kind, value in (
            (address_of(self.person), "number", NUMBER),
            ("w1-1-1", "name", "Åsa Öberg"),
            ("k1", "address", "asa@example.org"),
            ("k1.m1", "text", "Min fråga"),
            ("k1.m1", "letter", "L1"),
            ("k1.m1", "by", f"citizen {self.time}"),
            ("k1.m3", "text", "Vårt svar"),
            ("k1.m3", "by", f"anna {self.time}"),
            ("w1-1-1.report4", "answers", '{"phone": "0406281357"}'),
            (address_of(self.other), "number", "+46700000002"),
            ("w1-1-2", "name", "Bo"),
        ):
            await self.vault.put(Secret(owner, kind, value))
        letter = Letter(
            sender="asa@example.org",
            text="Min fråga",
            attachments=(Attachment(file="1", name="bild.jpg", media="image/jpeg", size=3),),
        )
        await self.places.contents.put("k1", "L1", letter, {"original.eml": b"From: asa", "1": b"\xff\xd8\xff"})
        wav.write(self.folder / "recordings" / "w1-1-1.report4.where.wav", array("h", [0] * 8000), 8000)
        batch = Batch()
        for id_, person, matter in (
            ("w1-1-1", self.person, "w1-1-1"),
            ("w1-1-1.report4", self.person, "w1-1-1"),
            ("k1", self.person, "w1-1-1"),
            ("w1-1-2", self.other, "w1-1-2"),
        ):
            batch.row(ContactRow(id_, "call", "+4640", self.time - 60, person, matter, ended=self.time - 50))
        store = Store(self.settings.url)
        store.upgrade()
        store.write(batch, START, NOTHING._replace(id=(1, 1)))
        store.close()
        facts = [
            f.ContactArrived(self.time - 60, contact, "call", "+4640", contact, 1, person, None)
            for contact, person in (("w1-1-1", self.person), ("w1-1-2", self.other))
        ]
        entries = [segments.Kept(1, n, encode(Entry(1, n, (fact,), {}))) for n, fact in enumerate(facts, 1)]
        segments.write(self.folder / "archive", entries)

    def archived(self) -> list[str | None]:
        """Return whose contacts the archive says they were."""
        from router.journal import decode

        kept = self.places.archive.entries((0, 0))
        return [fact.person for one in kept for fact in decode(one.data).facts if isinstance(fact, f.ContactArrived)]

    def persons(self) -> dict[str, str | None]:
        """Return contact to person, as the history has it."""
        import sqlalchemy as sa

        from adapters.history import tables as t

        store = Store(self.settings.url)
        with store.reading() as connection:
            found = {row.id: row.person for row in connection.execute(sa.select(t.contacts.c.id, t.contacts.c.person))}
        store.close()
        return found

    def live(self, contact: str, person: str | None, matter: str = "") -> None:
        """Let a contact live."""
        self.city.put(
            i.Arrived(contact=contact, channel="mail", entry="tax", written=True, person=person, matter=matter)
        )


@pytest_asyncio.fixture
async def town(tmp_path: Path, client: "redis.asyncio.Redis") -> AsyncIterator[Town]:
    made = Town(tmp_path, client, Privacy(retention=rules()))
    await made.fill()
    yield made
