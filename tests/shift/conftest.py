"""A city's contact centre for an hour: two guides, an operator and a supervisor at pages in browsers of their own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from engine.mailservers import MailServers
from tests.channels.city import furnish
from tests.channels.conftest import post as post
from tests.chat.town import Town
from tests.shift.crew import Crew, employ
from tests.system.conftest import HOUSES
from tests.system.conftest import open_phone as open_phone
from tests.system.conftest import pytest_runtest_makereport as pytest_runtest_makereport
from tests.system.house import House


@pytest.fixture(scope="module")
def town(request: pytest.FixtureRequest, post: MailServers) -> Iterator[Town]:
    """Return a town in which everybody has an account, and telephones with a page but for the supervisor."""
    house = House(4, hasty=True)
    request.node.stash[HOUSES] = [house]
    try:
        made = furnish(house, post)
        employ(house)
        house.start()
        yield made
        house.check()
    finally:
        house.end()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
async def crew(
    town: Town, post: MailServers, session: aiohttp.ClientSession, open_phone: Callable[..., Any]
) -> AsyncIterator[Crew]:
    """Return the crew at their pages, ready."""
    folder = Path(tempfile.mkdtemp(prefix="vaxel-shift-"))
    try:
        async with Crew(town, post, session, open_phone).at_work(folder) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
