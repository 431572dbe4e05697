"""Every page of every duty in the languages and schemes that tests/desk leaves out."""

import itertools
import shutil
from typing import Any

import pytest

from tests.desk.conftest import house, open_desk, session  # noqa: F401 - fixtures
from tests.desk.gallery import LANGUAGES, SCHEMES, WALKS, visit
from web.accounts import Duty

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]
LOOKS = [look for look in itertools.product(LANGUAGES, SCHEMES) if look not in (("fi", "light"), ("ar", "dark"))]


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
@pytest.mark.parametrize("duty", WALKS)
async def test_every_page(house: Any, open_desk: Any, duty: Duty, language: str, scheme: str) -> None:  # noqa: F811
    await visit(house, open_desk, duty, language, scheme)
