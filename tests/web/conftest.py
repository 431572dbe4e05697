"""An engine in memory for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.web.house import Reception


@pytest.fixture
async def house() -> AsyncIterator[Reception]:
    async with Reception.open() as house:
        yield house
