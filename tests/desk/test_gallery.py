"""Every page of every duty, in Finnish, whose words are long, and in Arabic, from right to left, in the dark.
`tests/long/test_gallery.py` looks at the other languages and schemes."""

import shutil
from typing import Any

import pytest

from tests.desk.gallery import WALKS, visit
from tests.web.house import Reception
from web.accounts import Duty

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


@pytest.mark.parametrize(("language", "scheme"), [("fi", "light"), ("ar", "dark")])
@pytest.mark.parametrize("duty", WALKS)
async def test_every_page(house: Reception, open_desk: Any, duty: Duty, language: str, scheme: str) -> None:
    await visit(house, open_desk, duty, language, scheme)
