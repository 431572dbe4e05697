"""The access log: nothing is shown before it stands there, and nobody can change it unseen."""

import asyncio
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from adapters.access.log import AccessLog, UnreadableLog
from engine.tasks import Tasks
from router.inputs import Refused
from router.looking import Deed, Looked

NOON = 1_790_000_000.0
DAY = 86_400.0


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> float:
        return self.time


def look(number: int = 1) -> Looked:
    return Looked(by="desk", role="agent", ground="serves", contact=f"w1-1-{number}", kinds=("citizen",))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def log(tmp_path: Path, clock: Clock) -> AccessLog:
    return AccessLog(tmp_path / "access", clock.now, Tasks().spawn)


async def test_many_looks_at_once_stand_there_in_order_and_hold_on_to_each_other(log: AccessLog) -> None:
    await asyncio.gather(*(log.looked(look(number)) for number in range(200)))
    assert [line.what["contact"] for line in log.read()] == [f"w1-1-{number}" for number in range(200)]
    assert [line.n for line in log.read()] == list(range(1, 201))
    assert log.verify() == (200, [])


async def test_what_was_noted_is_there_once_the_house_has_stopped(log: AccessLog) -> None:
    await log.drain()
    for number in range(2500):
        log.note("acted", Deed(what=f"POST /contacts/{number}/hold"))
    await log.drain()
    assert sum(1 for _ in log.read()) == 2500


async def test_days_have_files_of_their_own_and_one_chain(log: AccessLog, clock: Clock) -> None:
    for _ in range(3):
        await log.looked(look())
        clock.time += DAY
    assert len(list(log.folder.iterdir())) == 3
    assert log.verify() == (3, [])
    assert [line.n for line in log.read(NOON + DAY, NOON + 2 * DAY)] == [2]
    assert log.expire(NOON + 2 * DAY) == 2
    assert log.verify() == (1, []), "what is left is still whole"


async def test_it_goes_on_after_a_crash_and_cuts_off_what_was_half_written(log: AccessLog, clock: Clock) -> None:
    await log.looked(look(1))
    (path,) = log.folder.iterdir()
    path.write_bytes(path.read_bytes() + b'{"n":2,"at":17')
    again = AccessLog(log.folder, clock.now, Tasks().spawn)
    await again.looked(look(2))
    assert [line.what["contact"] for line in again.read()] == ["w1-1-1", "w1-1-2"]
    assert again.verify() == (2, [])


@pytest.mark.parametrize("tamper", ["change", "delete", "insert", "swap", "rehash"])
async def test_tampering_shows(log: AccessLog, tamper: str) -> None:
    for number in range(5):
        await log.looked(look(number))
    (path,) = log.folder.iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    match tamper:
        case "change":
            lines[2] = lines[2].replace(b"w1-1-2", b"w1-1-9")
        case "delete":
            del lines[2]
        case "insert":
            lines.insert(2, lines[2])
        case "swap":
            lines[1], lines[2] = lines[2], lines[1]
        case _:
            from adapters.access.chain import ENCODER, Line, digest

            changed = msgspec.structs.replace(msgspec.json.decode(lines[2], type=Line), at=0.0)
            lines[2] = ENCODER.encode(msgspec.structs.replace(changed, hash=digest(changed))) + b"\n"
    path.write_bytes(b"".join(lines))
    count, broken = log.verify()
    assert count == len(lines)
    assert broken


async def test_nobody_sees_anything_that_could_not_be_written(log: AccessLog) -> None:
    log.folder.write_bytes(b"not a folder")
    with pytest.raises(Refused) as refused:
        await log.looked(look())
    assert (refused.value.error_id, refused.value.retryable) == ("access_log_away", True)
    log.folder.unlink()
    await log.looked(look())
    assert log.verify() == (1, [])
    assert (log.written, log.refused) == (1, 1)


async def test_a_line_that_is_none_is_named_by_its_file(log: AccessLog) -> None:
    await log.looked(look())
    (path,) = log.folder.iterdir()
    path.write_bytes(b"nonsense\n" + path.read_bytes())
    with pytest.raises(UnreadableLog, match=path.name):
        list(log.read())
