"""The pages of administrators, and one's own sessions, in a real browser."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from tests.desk.conftest import PASSWORD, DeskPage, hire
from tests.desk.looking import picture
from tests.web.house import Reception, malmo
from tests.web.provider import CLIENT, SECRET, OpenIdProvider
from web.accounts import AccountFile
from web.ways import OpenId, SignInSettings

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


async def opened(open_desk: Any, name: str, page: str = "") -> DeskPage:
    """Open a desk and sign in there."""
    desk: DeskPage = await open_desk()
    await desk.sign_in(name)
    if page:
        await desk.browser.until("!!document.querySelector('.pages')")
        await desk.browser.evaluate(f"location.hash = {page!r}")
    return desk


async def test_an_administrator_lets_somebody_in_and_out(house: Reception, open_desk: Any) -> None:
    hire(house, "root", "administrator")
    desk = await opened(open_desk, "root", "#accounts")
    await desk.reads("Add an account")
    await desk.type("Name", "berit")
    await desk.type("Shown as", "Berit S.")
    await desk.browser.evaluate("document.querySelector('.admin-form button.select').focus()")
    for key in ("Enter", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        await desk.key(key)
    await desk.browser.until("!!document.querySelector('.admin-form [type=checkbox]')")
    await desk.browser.evaluate("document.querySelector('.admin-form [type=checkbox]').click()")
    await desk.press("Add an account")
    await desk.reads("First password of berit:")
    (berit,) = [one for one in AccountFile(house.folder.accounts).read() if one.name == "berit"]
    assert (berit.duty, berit.title, berit.departments) == ("supervisor", "Berit S.", ("kontaktcenter",))
    await picture(desk, "accounts")
    assert await desk.complaints() == []
    await desk.press("Close: berit")
    await desk.reads("Closed")
    await desk.press("Close: root")
    await desk.reads("This is the last administrator with a password.")
    house.clock.time += 2
    await desk.browser.evaluate("location.hash = '#log'")
    await desk.reads("POST /accounts/berit/disable")
    await desk.reads("last_administrator")
    await picture(desk, "log", dark=True)
    assert await desk.complaints() == []
    assert not house.journal.degraded


async def test_somebody_signs_out_everywhere(house: Reception, open_desk: Any, session: aiohttp.ClientSession) -> None:
    hire(house, "lars", "supervisor")
    first = await opened(open_desk, "lars")
    await first.reads("Växeln")
    second: DeskPage = await open_desk()
    await second.reads("Växeln")
    house.clock.time += 1
    async with session.post(house.url("/api/v1/session"), json={"name": "lars", "password": PASSWORD}) as answer:
        assert answer.status == 200
    await second.press("lars: Where you are signed in")
    await second.browser.until("document.querySelectorAll('.dialog li').length === 2")
    await picture(second, "sessions")
    assert await second.complaints() == []
    await second.press("Sign out everywhere")
    await second.reads("Tab moves on")
    await first.reads("You have been signed out.")


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[OpenIdProvider]:
    one = OpenIdProvider(lambda: 0.0)
    one.claims = {"sub": "7", "preferred_username": "lars", "name": "Lars B.", "groups": ["led"]}
    async with one.serving():
        yield one


async def test_somebody_signs_in_at_the_citys_own_service(
    provider: OpenIdProvider,
    browse: Any,
    tmp_path: Path,
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    openid = OpenId(
        issuer=provider.issuer, client=CLIENT, secret_file=str(secret), title="Malmö stad", scopes=("profile",),
        name="preferred_username", groups="groups", agent="", roles={"led": "supervisor"}, departments={},
    )  # fmt: skip
    loaded = malmo()
    ways = SignInSettings(openid=openid, passwords=("admin",))
    loaded = msgspec.structs.replace(loaded, installation=msgspec.structs.replace(loaded.installation, sign_in=ways))
    async with Reception.open(loaded) as house:
        provider.now = house.clock.now
        desk = DeskPage(await browse(house.url("/desk?language=en")))
        await desk.reads("Sign in with Malmö stad")
        await desk.reads("Sign in with a password")
        await picture(desk, "openid")
        assert await desk.complaints() == []
        await desk.browser.evaluate("document.querySelector('a.button').click()")
        await desk.reads("Lars B.")
        await desk.reads("Växeln")
        provider.claims["groups"] = []
        house.clock.time += 1
        await desk.press("Sign out")
        await desk.browser.until("!document.querySelector('.top')")
        desk = DeskPage(await browse(house.url("/api/v1/session/openid?language=en")))
        await desk.reads("You have no role here.")
        await picture(desk, "no-role")
        assert await desk.complaints() == []
