"""Every page of those who lead in the languages that tests/desk leaves out: nothing overflows, nobody complains."""

import shutil
from typing import Any

import pytest

from tests.chat.test_page import browse  # noqa: F401 - a fixture
from tests.desk.conftest import house, open_desk, session  # noqa: F401 - fixtures
from tests.desk.test_leading import look_at_every_page

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


@pytest.mark.parametrize("language", ["sv", "fi"])
async def test_every_page(house: Any, open_desk: Any, language: str) -> None:  # noqa: F811
    await look_at_every_page(house, open_desk, language)
