"""A shift, in short: five citizens by five channels, and all who serve them at their pages. `tests/long/test_shift.py`
goes on like that for half an hour."""

import shutil

import pytest

from tests.shift.round import Round

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


async def test_five_citizens_are_served_by_four_people_at_pages(crew, session, open_phone):
    await Round(crew, session, open_phone).go()
    for page in (crew.anna, crew.bo, crew.olle, crew.lars):
        assert await page.complaints() == []
