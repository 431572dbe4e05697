"""A real engine: a citizen's page in one tab of a browser, a guide's desk in another."""

import asyncio
import shutil
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.chat.conftest import make_town as make_town
from tests.chat.town import Town
from tests.desk.conftest import PASSWORD, DeskPage
from tests.desk.looking import picture
from tests.system.conftest import make_house as make_house
from tests.system.house import until
from web import accounts
from web.accounts import AccountFile, make

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


def hire_in(town: Town, name: str, agent: str) -> None:
    _, account = make(name, "guide", datetime.now(UTC).timestamp() - 1, agent=agent)
    kept = msgspec.structs.replace(account, hash=accounts.hashed(PASSWORD), temporary=False)
    AccountFile(town.house.layout.accounts).add(kept)


@pytest.mark.soak
async def test_a_chat_between_two_tabs_outlives_reload_and_engine(make_town: Any, browse: Any) -> None:
    town: Town = await asyncio.to_thread(make_town)
    agent = next(name for name in town.tokens if name != "lead")
    await asyncio.to_thread(hire_in, town, "anna", agent)
    base = f"http://127.0.0.1:{town.house.web[1]}"
    desk = DeskPage(await browse(f"{base}/desk?language=en"))
    await desk.sign_in("anna")
    await desk.reads("You are ready")
    citizen = await browse(town.url("straight").removesuffix("/socket"))
    await citizen.until("!!document.getElementById('text')")
    await citizen.evaluate("$('text').value = 'När öppnar biblioteket?'; $('form').requestSubmit()")
    await desk.press("Take it")
    await desk.reads("När öppnar biblioteket?")
    await picture(desk, "desk-chat")
    assert await desk.complaints() == []
    await desk.type("Answer", "Klockan nio. <b>Välkommen</b>")
    await desk.press("Send")
    await citizen.until_reads("Klockan nio. <b>Välkommen</b>")
    await desk.type("Answer", "Half a")
    await desk.browser.reload()
    await desk.reads("När öppnar biblioteket?")
    await desk.browser.until("document.querySelector('textarea')?.value === 'Half a'")

    await desk.type("Answer", "Half a sentence")
    await asyncio.to_thread(until_kept, town, agent, "Half a sentence")
    await asyncio.to_thread(town.house.kill, "engine")
    await desk.reads("Connection lost.")
    await desk.browser.until("!document.body.innerText.includes('Connection lost.')")
    await citizen.evaluate("$('text').value = 'Tack!'; $('form').requestSubmit()")
    await desk.reads("Tack!")
    await desk.browser.reload()
    await desk.browser.until("document.querySelector('textarea')?.value === 'Half a sentence'")
    await desk.press("End")
    await desk.reads("You are ready")


def until_kept(town: Town, agent: str, text: str) -> None:
    """Wait until the engine has a draft."""
    (contact,) = town.contacts(state="connected")
    until(lambda: town.ask("GET", f"/contacts/{contact['id']}/draft", by=agent).get("text") == text, what="the draft")
