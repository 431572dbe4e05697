"""PINs: compared by their hash, and not endlessly."""

import asyncio
from pathlib import Path

import pytest

from engine import pins
from engine.installation import Login
from engine.pins import Pins, hash_pin


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_pin("271828")


@pytest.fixture
def file(tmp_path: Path, hashed: str) -> str:
    path = tmp_path / "pin"
    path.write_text(f"{hashed}\n")
    return str(path)


async def tried(doors: Pins, entry: str, digits: str) -> bool:
    """Return whether digits open an entry."""
    answer = asyncio.get_running_loop().create_future()
    doors(entry, digits, answer.set_result)
    return await asyncio.wait_for(answer, 5)


async def test_only_the_right_one_opens_its_own_door(file: str) -> None:
    doors = Pins({"studio": file})
    assert await tried(doors, "studio", "271828")
    assert not await tried(doors, "studio", "271829")
    assert not await tried(doors, "elsewhere", "271828")
    assert doors.refused == {"studio": 1, "elsewhere": 1}


async def test_guessing_locks_the_door_longer_each_time(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "LOCKED_S", 0.3)
    doors = Pins({"studio": file})
    for _ in range(pins.WRONG_MAX):
        assert not await tried(doors, "studio", "000000")
    assert not await tried(doors, "studio", "271828"), "locked, whatever is typed"
    await asyncio.sleep(0.35)
    for _ in range(pins.WRONG_MAX):
        assert not await tried(doors, "studio", "000000")
    await asyncio.sleep(0.35)
    assert not await tried(doors, "studio", "271828"), "twice as long"
    await asyncio.sleep(0.3)
    assert await tried(doors, "studio", "271828")


async def test_the_loop_goes_on_while_it_is_compared(file: str) -> None:
    doors, loop = Pins({"studio": file}), asyncio.get_running_loop()
    answer, turns = loop.create_future(), 0
    doors("studio", "271828", answer.set_result)
    while not answer.done():
        await asyncio.sleep(0)
        turns += 1
    assert answer.result()
    assert turns > 100


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^there is no file pin there; make it by: vaxel pin "):
        Pins({"studio": str(tmp_path / "pin")})


def renew(file: str, pin: str) -> None:
    """Write another PIN's hash."""
    Path(file).write_text(hash_pin(pin))


async def test_an_agent_is_known_by_number_and_pin_and_a_new_pin_holds_at_once(file: str) -> None:
    doors = Pins({}, {"11": Login(agent="ann", file=file), "12": Login(agent="bo", file=f"{file}.none")})

    async def who(number: str, digits: str) -> str:
        answer = asyncio.get_running_loop().create_future()
        doors.agent(number, digits, answer.set_result)
        return await asyncio.wait_for(answer, 5)

    assert await who("11", "271828") == "ann"
    assert await who("11", "271829") == ""
    assert await who("12", "271828") == "", "no PIN yet"
    assert await who("13", "271828") == ""
    renew(file, "314159")
    assert await who("11", "271828") == ""
    assert await who("11", "314159") == "ann"
    assert doors.refused_logins == 4
