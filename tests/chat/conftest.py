"""A town whose engine is a real process, and pages to chat from."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from tests.chat.town import Page, Sms, Town
from tests.system.conftest import make_house as make_house
from tests.system.house import House


@pytest.fixture
def make_town(make_house: Callable[..., House]) -> Callable[..., Town]:
    """Return a function that makes a town and starts its house; `more` goes into chat.yaml."""

    def make(*, agents: int = 1, hasty: bool = False, changes: Any = None, **more: Any) -> Town:
        made = Town(make_house(agents, changes, edge=False, hasty=hasty), **more)
        made.house.start()
        return made

    return make


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Return a client for all pages."""
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
async def open_page(session: aiohttp.ClientSession) -> AsyncIterator[Callable[..., Page]]:
    """Return a function that opens pages: town, page, the secret of a chat that was."""
    pages: list[Page] = []

    def begin(town: Town, page: str = "page", secret: str = "") -> Page:
        pages.append(Page(session, town.url(page), secret))
        return pages[-1]

    yield begin
    for page in pages:
        await page.close()


@pytest.fixture
async def open_sms(session: aiohttp.ClientSession) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that opens the gateway of a town."""
    opened: list[Sms] = []

    async def begin(town: Town) -> Sms:
        opened.append(Sms(town, session))
        await opened[-1].open()
        return opened[-1]

    yield begin
    for one in opened:
        await one.close()
