"""One house for the stories of a module, with agents at their desks."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from engine.mailservers import MailServers
from tests.channels.city import City, furnish
from tests.chat.town import Town
from tests.mail.town import servers
from tests.system.conftest import open_phone as open_phone
from tests.system.house import House


@pytest.fixture(scope="module")
def post() -> Iterator[MailServers]:
    """Return mail servers that run."""
    folder = Path(tempfile.mkdtemp(prefix="vaxel-mail-"))
    made = servers(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def town(post: MailServers) -> Iterator[Town]:
    """Return a town with every channel; whatever happened there must have been in order."""
    house = House(2, apart=True, hasty=True)
    try:
        made = furnish(house, post)
        house.start()
        yield made
        house.check()
    finally:
        house.end()


@pytest.fixture
async def city(town: Town, post: MailServers, open_phone: Callable[..., Any]) -> City:
    """Return the city with its agents ready."""
    made = City(town, post, open_phone)
    await made.open()
    return made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Return a client for pages and gateways."""
    async with aiohttp.ClientSession() as made:
        yield made
