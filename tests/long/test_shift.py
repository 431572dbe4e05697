"""A shift of half an hour: rounds of citizens, one after the other, and nobody and nothing is worn out at its end."""

import shutil
import time

import pytest

from tests.channels.conftest import post as post
from tests.shift.conftest import crew as crew
from tests.shift.conftest import session as session
from tests.shift.conftest import town as town
from tests.shift.round import Round
from tests.system.conftest import open_phone as open_phone
from tests.system.figures import tell

SHIFT_S = 1800.0
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(SHIFT_S + 600),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


async def test_half_an_hour_at_the_pages(crew, session, open_phone):
    ends = time.monotonic() + SHIFT_S
    rounds = 0
    while time.monotonic() < ends:
        await Round(crew, session, open_phone).go()
        rounds += 1
    tell(f"{rounds} rounds of seven citizens in {SHIFT_S / 60:.0f} minutes, the engine killed in each")
    for page in (crew.anna, crew.bo, crew.olle, crew.lars):
        assert await page.complaints() == []
