"""Nothing is deleted but by a rule; what lives or is held stays; and what went is written down."""

import os

import pytest

from engine.installation import Privacy
from router import inputs as i
from router.dialling import address_of
from tests.privacy.conftest import DAY, Town, rules

pytestmark = pytest.mark.system


def age(town: Town, days: float) -> None:
    """Let everything have been written so long ago."""
    town.time += days * DAY


async def everything(town: Town) -> tuple[set[str], list[str], list[str], int]:
    owners = {owner async for owner in town.vault.owners()}
    return (
        owners,
        sorted(name for name in os.listdir(town.folder / "content") if not name.startswith(".")),
        os.listdir(town.folder / "recordings"),
        len(town.archived()),
    )


async def test_without_a_rule_everything_stays_for_good(town: Town) -> None:
    town.obey(Privacy())
    before = await everything(town)
    age(town, 10_000)
    await town.retention.run()
    assert await everything(town) == before
    assert list(town.access.read()) == []


async def test_a_class_goes_when_its_time_is_over_and_not_before(town: Town) -> None:
    town.obey(Privacy(retention=rules(only=("words",))))
    age(town, 29)
    await town.retention.run()
    assert (await town.vault.get("k1.m1"))["text"] == "Min fråga"
    age(town, 2)
    await town.retention.run()
    assert await town.vault.get("k1.m1") == {}
    assert (await town.vault.get("w1-1-1"))["name"] == "Åsa Öberg"
    assert (town.folder / "content" / "k1").exists()
    (line,) = town.access.read()
    assert (line.kind, line.what["class"], line.what["rule"]) == ("deleted", "words", "decision on words")
    assert (line.what["number"], town.retention.deleted["words"]) == (8, 8)


async def test_all_classes_go_by_their_rules(town: Town) -> None:
    age(town, 31)
    await town.retention.run()
    assert await everything(town) == (set(), [], [], 0)
    assert {line.what["class"] for line in town.access.read()} >= {"contact_data", "words", "attachments", "recordings"}


async def test_a_matter_that_is_held_stays_whole_until_that_is_lifted(town: Town) -> None:
    town.city.put(i.PlaceHold("w1-1-1", held=True))
    age(town, 31)
    await town.retention.run()
    for owner in ("w1-1-1", "k1", "k1.m1", "w1-1-1.report4", address_of(town.person)):
        assert await town.vault.get(owner)
    assert await town.vault.get("w1-1-2") == {}
    assert (town.folder / "content" / "k1").exists()
    assert len(town.archived()) == 2
    town.city.put(i.PlaceHold("w1-1-1", held=False))
    await town.retention.run()
    assert await everything(town) == (set(), [], [], 0)


async def test_what_lives_stays(town: Town) -> None:
    town.live("k1", town.person)
    age(town, 31)
    await town.retention.run()
    assert (await town.vault.get("k1.m1"))["text"] == "Min fråga"
    assert await town.vault.get(address_of(town.person))
    assert await town.vault.get("w1-1-1") == {}


async def test_nothing_goes_while_nobody_can_say_what_is_held(town: Town) -> None:
    town.city.put(i.PlaceHold("w1-1-1", held=True))
    before = await everything(town)
    (town.folder / "history.sqlite").unlink()
    age(town, 31)
    await town.retention.run()
    assert await everything(town) == before
    assert town.retention.put_off == 1
