"""Every page of every duty, in Finnish, whose words are long, and in Arabic, from right to left, in the dark.
`tests/long/test_gallery.py` looks at the other languages and schemes."""

import shutil
from typing import Any

import pytest

from tests.desk.conftest import DeskPage, hire
from tests.desk.gallery import WALKS, Eyes, visit
from tests.web.house import Reception
from web.accounts import Duty

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


@pytest.mark.parametrize(("language", "scheme"), [("fi", "light"), ("ar", "dark")])
@pytest.mark.parametrize("duty", WALKS)
async def test_every_page(house: Reception, open_desk: Any, duty: Duty, language: str, scheme: str) -> None:
    await visit(house, open_desk, duty, language, scheme)


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        ("one.style.outline = 'none'", "unseen"),
        ("one.addEventListener('focus', () => one.blur())", "does not come"),
        ("one.style.minWidth = '3000px'", "sticks out"),
        ("one.removeAttribute('type'); one.textContent = ''", "button-name"),
    ],
)
async def test_what_is_wrong_is_seen(house: Reception, open_desk: Any, spoiled: str, told: str) -> None:
    hire(house, "kim", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("kim")
    await desk.reads("You are ready")
    eyes = Eyes(desk, "en", "light")
    await eyes.study("desk")
    await desk.browser.evaluate(f"(() => {{ const one = document.querySelector('main button'); {spoiled}; }})()")
    with pytest.raises(AssertionError, match=told):
        await eyes.study("desk")
