"""People sign in with a name and a password; what a stolen or foreign page cannot do with their cookie."""

import asyncio
import json
import stat
import threading
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

from tests.web.house import NOON, Reception
from web import accounts
from web.accounts import AccountError, AccountFile, Duty, make
from web.sessions import LIVES_S

OWN = "gul-cykel-i-regn"
HERE = "http://127.0.0.1:{port}"


def account_of(house: Reception, name: str = "anna", duty: Duty = "guide", agent: str = "guide01") -> None:
    """Keep an account whose own password is `OWN`."""
    _, account = make(name, duty, NOON - 60, agent=agent)
    AccountFile(house.folder.accounts).add(msgspec.structs.replace(account, hash=accounts.hashed(OWN), temporary=False))
    house.clock.time += 1


class Page:
    """A page of ours in a browser of its own."""

    def __init__(self, house: Reception, session: aiohttp.ClientSession) -> None:
        self.house = house
        self.session = session
        self.csrf = ""

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {"Vaxel-Csrf": self.csrf, "Origin": HERE.format(port=self.house.port)} | headers
        sent = {name: value for name, value in sent.items() if value}
        async with self.session.request(method, self.house.url(f"/api/v1{path}"), json=body, headers=sent) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def sign_in(self, name: str = "anna", password: str = OWN) -> tuple[int, Any]:
        status, told = await self.ask("POST", "/session", {"name": name, "password": password})
        self.csrf = told.get("csrf", self.csrf)
        return status, told


@pytest.fixture
async def page(house: Reception) -> AsyncIterator[Page]:
    account_of(house)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Page(house, session)


async def test_somebody_signs_in_works_and_signs_out(page: Page) -> None:
    assert (await page.ask("GET", "/me"))[0] == 401
    status, told = await page.sign_in()
    assert (status, told["name"], told["duty"], told["agent"]) == (200, "anna", "guide", "guide01")
    assert (await page.ask("GET", "/me"))[1]["role"] == "agent"
    status, told = await page.ask("POST", "/agents/guide01/pause", {"reason": "lunch"})
    assert (status, told["pause"]) == (200, "lunch")
    assert (await page.ask("POST", "/agents/guide02/pause", {"reason": "lunch"}))[1]["error_id"] == "not_yours"
    assert await page.ask("DELETE", "/session") == (200, {"further": ""})
    assert (await page.ask("GET", "/me"))[0] == 401


async def test_the_cookie_is_for_the_server_alone_and_kept_as_a_hash(page: Page) -> None:
    async with page.session.post(page.house.url("/api/v1/session"), json={"name": "anna", "password": OWN}) as answer:
        (cookie,) = answer.headers.getall("Set-Cookie")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    shown = cookie.partition(";")[0].partition("=")[2]
    file = page.house.folder.sessions
    assert shown not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with page.session.post(
        page.house.url("/api/v1/session"),
        json={"name": "anna", "password": OWN},
        headers={"X-Forwarded-Proto": "https"},
    ) as answer:
        assert answer.headers["Set-Cookie"].startswith("__Host-vaxel=")
        assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("csrf", ["", "x", "0" * 64, "å"])
async def test_a_change_without_the_pages_word_is_refused(page: Page, csrf: str) -> None:
    await page.sign_in()
    page.csrf = ""
    headers = {"Vaxel-Csrf": csrf} if csrf else {}
    status, told = await page.ask("POST", "/agents/guide01/pause", {"reason": "lunch"}, **headers)
    assert (status, told["error_id"]) == (403, "csrf_refused")
    assert (await page.ask("DELETE", "/session", **headers))[1]["error_id"] == "csrf_refused"


async def test_another_sites_page_can_do_nothing(page: Page) -> None:
    await page.sign_in()
    status, told = await page.ask("POST", "/agents/guide01/ready", {}, Origin="http://evil.example")
    assert (status, told["error_id"]) == (403, "origin_refused")
    status, told = await page.ask("POST", "/session", {"name": "anna", "password": OWN}, Origin="http://evil.example")
    assert (status, told["error_id"]) == (403, "origin_refused")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await page.session.ws_connect(page.house.url("/api/v1/events"), headers={"Origin": "http://evil.example"})
    assert refused.value.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await page.session.ws_connect(page.house.url("/api/v1/events"))
    assert refused.value.status == 403, "a browser says where its page is from"
    async with page.session.ws_connect(
        page.house.url("/api/v1/events"), headers={"Origin": HERE.format(port=page.house.port)}
    ) as socket:
        await socket.send_json({})


@pytest.mark.parametrize("name", ["anna", "nobody", "", "x' or 1"])
async def test_wrong_is_wrong_whoever_it_is(page: Page, name: str) -> None:
    status, told = await page.sign_in(name, "wrong-password")
    assert (status, told["error_id"]) == (403, "password_wrong")
    assert told["detail"] == "name or password is wrong"


@pytest.mark.parametrize("body", [None, [], "x", {"name": "anna"}, {"name": "anna", "password": 1}, {"name": "x" * 31}])
async def test_what_is_no_credentials_is_refused(page: Page, body: Any) -> None:
    assert (await page.ask("POST", "/session", body))[0] in (400, 415)


async def test_guessing_is_slowed_down_for_the_name_and_for_the_place(page: Page) -> None:
    told = [(await page.sign_in("anna", f"wrong-{n}"))[0] for n in range(11)]
    assert told == [403] * 10 + [429]
    assert (await page.sign_in())[0] == 429
    page.house.clock.time += 30
    assert (await page.sign_in())[0] == 200


async def test_a_first_password_is_good_for_choosing_another(page: Page) -> None:
    password, account = make("berit", "supervisor", page.house.clock.time)
    AccountFile(page.house.folder.accounts).add(account)
    page.house.clock.time += 1
    status, told = await page.sign_in("berit", password)
    assert (status, told["temporary"]) == (200, True)
    assert (await page.ask("GET", "/me"))[1]["error_id"] == "password_temporary"
    for bad in ("short", "aaaaaaaaaaaa", "berit-1234567", password):
        status, told = await page.ask("PUT", "/session/password", {"present": password, "chosen": bad})
        assert (status, told["error_id"]) == (422, "password_bad"), bad
    status, told = await page.ask("PUT", "/session/password", {"present": "x", "chosen": OWN})
    assert told["error_id"] == "password_wrong"
    page.house.clock.time += 1
    status, told = await page.ask("PUT", "/session/password", {"present": password, "chosen": OWN})
    assert (status, told["temporary"]) == (200, False)
    assert (await page.ask("GET", "/me"))[1]["role"] == "supervisor"
    assert (await page.sign_in("berit", password))[0] == 403


async def test_sessions_end_by_time_and_when_the_account_is_changed(page: Page) -> None:
    await page.sign_in()
    async with page.session.ws_connect(
        page.house.url("/api/v1/events"), headers={"Origin": HERE.format(port=page.house.port)}
    ):
        assert (await page.ask("GET", "/me"))[0] == 200
    page.house.clock.time += LIVES_S
    assert (await page.ask("GET", "/me"))[0] == 401
    await page.sign_in()
    file = AccountFile(page.house.folder.accounts)
    page.house.clock.time += 1
    file.change("anna", lambda one: msgspec.structs.replace(one, disabled=True, changed=page.house.clock.time))
    page.house.clock.time += 1
    assert (await page.ask("GET", "/me"))[0] == 401
    assert (await page.sign_in())[0] == 403
    file.change("anna", lambda one: msgspec.structs.replace(one, disabled=False))
    page.house.clock.time += 1
    assert (await page.ask("GET", "/me"))[0] == 401, "what had ended stays so"
    assert (await page.sign_in())[0] == 200


async def test_signing_in_holds_up_nobody(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = threading.Event()
    monkeypatch.setattr(accounts, "fits", lambda _password, _kept: compared.wait(20))
    async with asyncio.TaskGroup() as group:
        signing = group.create_task(page.sign_in())
        assert (await page.house.get("/me")).status == 200
        assert not signing.done()
        compared.set()
    assert signing.result()[0] == 200


def test_accounts_are_made_with_care() -> None:
    with pytest.raises(AccountError, match="small letters"):
        make("Anna", "guide", NOON, agent="guide01")
    with pytest.raises(AccountError, match="name it with --agent"):
        make("anna", "specialist", NOON)
    assert len({make("anna", "supervisor", NOON)[0] for _ in range(20)}) == 20
