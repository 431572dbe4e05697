"""The operator's console in a real browser: somebody is found and connected by keys alone."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.directory import routes
from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.settings import DirectorySettings
from engine.lines import AgentLines
from engine.people import People
from engine.pool import Pool
from router import inputs as i
from router.contact import Forwarded
from router.dialling import Destination
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.directory.conftest import ZONE, Clock, here
from tests.directory.test_reaching import PEOPLE
from tests.web.house import NOON, Reception

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


@pytest.fixture
async def house() -> AsyncIterator[Reception]:
    clock = Clock()
    clock.time = NOON
    directory = Directory(MemoryStore(PEOPLE), DirectorySettings(), ZONE.key, clock, here)
    await directory.load()
    reception: Reception
    lines = AgentLines(lambda: reception.state)
    async with Reception.open(more=tuple(routes.routes(directory, lines)), statuses=routes.STATUSES) as reception:
        people = People(directory, lines, Pool())
        reception.house.people = people
        reception.spine.followers.append(people)
        yield reception


async def test_a_caller_is_connected_in_two_keystrokes(house: Reception, open_desk: Any) -> None:
    hire(house, "olle", "operator", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("olle")
    await desk.reads("Enter calls the person.")
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await desk.reads("Enter connects the caller")
    await desk.type("Find somebody", "an be")
    await desk.reads("Anna Berg")
    await picture(desk, "console")
    assert await desk.complaints() == []
    await desk.key("ArrowDown")
    await desk.key("Enter")
    await house.until(lambda: isinstance(house.state.contacts[contact], Forwarded))
    assert house.state.contacts[contact].destination == Destination("phone:desk1", person="p1")
    assert await desk.browser.evaluate("document.activeElement.tagName") == "INPUT", "the next one is looked for there"
    assert await desk.complaints() == []


async def test_who_is_away_is_shown_and_not_rung(house: Reception, open_desk: Any) -> None:
    hire(house, "olle", "operator", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("olle")
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await desk.reads("Enter connects the caller")
    await desk.type("Find somebody", "bo ek")
    await desk.reads("Bo Ek")
    await desk.key("ArrowDown")
    await desk.key("Enter")
    await desk.reads("cannot be reached now")
    assert not isinstance(house.state.contacts[contact], Forwarded)
