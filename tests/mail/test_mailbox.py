"""A mailbox whose mails or servers misbehave troubles nobody else, and is read on."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from adapters.email import mailbox
from adapters.email.imap import Mail
from adapters.email.mailbox import Watch
from adapters.email.settings import Mailbox, Server

BOX = Mailbox(
    name="office",
    address="office@city.example",
    title="Office",
    language="sv",
    imap=Server(host="localhost", port=1),
    smtp=Server(host="localhost", port=1),
)


class Session:
    """A mailbox in memory, in which somebody works besides."""

    uidvalidity = 7

    def __init__(self, uids: list[int], marked: list[int]) -> None:
        self.uids = uids
        self.marked = marked

    def open(self) -> None: ...
    def close(self) -> None: ...
    def cut(self) -> None: ...

    def waiting(self, _: int) -> list[int]:
        return [uid for uid in self.uids if uid not in self.marked]

    def fetch(self, uid: int) -> Mail | None:
        return Mail(b"", truncated=False) if uid != 4 else None

    def done(self, uids: list[int]) -> None:
        self.marked += uids

    def wait(self, _: float) -> None:
        raise ConnectionError


class Intake:
    """Takes mails in; some lead to a mistake at first."""

    def __init__(self, heard: int, errors: list[Exception]) -> None:
        self.taken: list[int] = []
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._heard = heard
        self._errors = errors

    def heard(self, _box: Mailbox, _uidvalidity: int) -> int:
        return max([self._heard, *self.taken])

    async def take(self, _box: Mailbox, _uidvalidity: int, uid: int, _mail: Mail) -> str:
        if self._errors:
            raise self._errors.pop()
        self.taken.append(uid)
        return "contact"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "FIRST_DELAY_S", 0.001)
    monkeypatch.setattr(mailbox, "DEGRADED_S", 0.001)


async def watched(intake: Any, session: Session, degraded: Any = lambda: False) -> list[str]:
    """Watch until all is marked; return the troubles there were."""
    watch = Watch(BOX, intake, lambda: session, degraded, lambda: 0.0)
    troubles: list[str] = []
    running = asyncio.get_running_loop().create_task(watch.run())
    async with asyncio.timeout(5):
        while session.waiting(0) != [4]:
            await asyncio.sleep(0.001)
            if watch.seen.trouble and watch.seen.trouble not in troubles:
                troubles.append(watch.seen.trouble)
    running.cancel()
    await asyncio.wait([running])
    watch.close()
    return troubles


@pytest.mark.usefixtures("quick")
async def test_what_the_journal_has_is_marked_and_never_read_again() -> None:
    intake, marked = Intake(heard=2, errors=[]), []
    await watched(intake, Session([1, 2, 3, 4, 5], marked))
    assert intake.taken == [3, 5]
    assert marked == [1, 2, 3, 5]
    assert intake.outcomes[BOX.name, "gone"] == 1


@pytest.mark.usefixtures("quick")
async def test_a_mistake_is_tried_again_and_said_without_what_it_quotes() -> None:
    intake = Intake(heard=0, errors=[ValueError("kim@example.org"), KeyError("kim@example.org")])
    troubles = await watched(intake, Session([1, 2, 4], []))
    assert intake.taken == [1, 2]
    assert any("KeyError" in one for one in troubles)
    assert not any("kim" in one for one in troubles)


@pytest.mark.usefixtures("quick")
async def test_nothing_is_taken_or_marked_while_decisions_are_not_kept() -> None:
    away = iter([True] * 20)
    seen: list[tuple[int, int]] = []
    session = Session([1, 4], [])
    intake = Intake(heard=0, errors=[])

    def degraded() -> bool:
        seen.append((len(intake.taken), len(session.marked)))
        return next(away, False)

    await watched(intake, session, degraded)
    assert seen[:20] == [(0, 0)] * 20
