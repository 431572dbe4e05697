"""Signing in at an OpenID provider that runs beside, and what a false one, or a false browser, cannot do."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from tests.web.house import Reception, malmo
from tests.web.provider import CLIENT, SECRET, OpenIdProvider
from web.accounts import AccountFile, make
from web.ways import OpenId, SignInSettings

LARS = {"sub": "42", "preferred_username": "Lars.Berg@malmo.se", "name": "Lars B.", "groups": ["led", "grp-skola"]}


class Town:
    """A house that has a provider, and a browser there."""

    def __init__(self, house: Reception, provider: OpenIdProvider, browser: aiohttp.ClientSession) -> None:
        self.house, self.provider, self.browser = house, provider, browser

    async def go(self, path: str, **more: Any) -> tuple[int, str]:
        """Follow no further; return status and where it leads."""
        url = path if path.startswith("http") else self.house.url(path)
        async with self.browser.get(url, allow_redirects=False, **more) as answer:
            return answer.status, answer.headers.get("Location", "")

    async def to_provider(self) -> str:
        """Begin; return where the provider sends the browser."""
        _, there = await self.go("/api/v1/session/openid")
        _, back = await self.go(there)
        return back

    async def sign_in(self) -> str:
        """Go all the way; return where it leads."""
        return (await self.go(await self.to_provider()))[1]

    async def session(self, method: str = "GET", path: str = "/session", **headers: str) -> tuple[int, Any]:
        async with self.browser.request(method, self.house.url(f"/api/v1{path}"), headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    loaded = malmo()
    provider = OpenIdProvider(lambda: 0.0)
    openid = OpenId(
        issuer=provider.issuer,
        client=CLIENT,
        secret_file=str(secret),
        title="Malmö stad",
        scopes=("profile",),
        name="preferred_username",
        groups="groups",
        agent="desk",
        roles={"run": "administrator", "led": "supervisor", "answer": "guide"},
        departments={"grp-skola": "skola", "grp-all": "*"},
    )
    ways = SignInSettings(openid=openid, passwords=("admin",))
    loaded = msgspec.structs.replace(loaded, installation=msgspec.structs.replace(loaded.installation, sign_in=ways))
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        Reception.open(loaded) as house,
        provider.serving(),
        aiohttp.ClientSession(cookie_jar=jar) as browser,
    ):
        provider.now = house.clock.now
        provider.claims = dict(LARS)
        yield Town(house, provider, browser)


async def test_who_the_provider_knows_is_signed_in_with_the_role_of_the_groups(town: Town) -> None:
    assert await town.session(path="/session/ways") == (200, {"openid": "Malmö stad", "passwords": False})
    assert await town.sign_in() == "/desk"
    status, told = await town.session()
    assert (status, told["name"], told["title"], told["duty"]) == (200, "lars-berg", "Lars B.", "supervisor")
    assert told["departments"] == ["skola"]
    status, me = await town.session(path="/me")
    assert (me["role"], me["departments"]) == ("supervisor", ["skola"])
    status, out = await town.session("DELETE", **{"Vaxel-Csrf": told["csrf"]})
    assert out["further"].startswith(f"{town.provider.issuer}/out?client_id={CLIENT}&post_logout_redirect_uri=")
    assert (await town.session())[0] == 401
    await town.house.noted(2)
    kinds = [line.kind for line in town.house.house.access.read()]
    assert kinds == ["signed_in", "signed_out"]


async def test_an_account_follows_the_groups_and_the_subject(town: Town) -> None:
    await town.sign_in()
    town.provider.claims |= {"groups": ["run"], "preferred_username": "lars-ny"}
    town.house.clock.time += 1
    await town.sign_in()
    _status, told = await town.session()
    assert (told["name"], told["duty"], told["departments"]) == ("lars-berg", "administrator", [])
    (account,) = AccountFile(town.house.folder.accounts).read()
    assert (account.hash, account.subject) == ("", f"{town.provider.issuer} 42")


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"groups": []}, "no_role"),
        ({"groups": "nothing"}, "no_role"),
        ({"groups": ["led"]}, "no_role"),
        ({"groups": ["answer"]}, "no_role"),
        ({"preferred_username": "åäö"}, "no_role"),
        ({"preferred_username": "berit"}, "account_taken"),
    ],
)
async def test_who_has_no_role_or_somebody_elses_name_stays_outside(
    town: Town, claims: dict[str, Any], error: str
) -> None:
    AccountFile(town.house.folder.accounts).add(make("berit", "supervisor", town.house.clock.time)[1])
    town.house.clock.time += 2
    town.provider.claims |= claims
    assert await town.sign_in() == f"/desk?refused={error}"
    assert (await town.session())[0] == 401


async def test_who_leads_all_says_so_by_a_group(town: Town) -> None:
    town.provider.claims |= {"groups": ["led", "grp-all"]}
    assert await town.sign_in() == "/desk"
    assert (await town.session())[1]["departments"] == []


def change(**changed: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def spoil(_: dict[str, Any], claims: dict[str, Any]) -> None:
        claims |= changed
        for name in [name for name, value in claims.items() if value is None]:
            del claims[name]

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        change(nonce="another"),
        change(nonce=None),
        change(aud="another"),
        change(aud=[CLIENT, "another"]),
        change(aud=[CLIENT, "another"], azp="another"),
        change(iss="https://login.evil.example"),
        change(exp=1),
        change(exp=None),
        change(iat=4_000_000_000),
        change(nbf=4_000_000_000),
        change(sub=None),
    ],
    ids=range(11),
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(town: Town, spoil: Any) -> None:
    town.provider.spoil = spoil
    assert await town.sign_in() == "/desk?refused=openid_refused"
    assert (await town.session())[0] == 401
    assert AccountFile(town.house.folder.accounts).read() == ()


@pytest.mark.parametrize("way", ["with_public_key_as_secret", "with_anybodys_key", "without_a_signature"])
async def test_a_token_that_the_provider_did_not_sign_is_refused(town: Town, way: str) -> None:
    town.provider.signed = getattr(town.provider, way)
    assert await town.sign_in() == "/desk?refused=openid_refused"
    assert (await town.session())[0] == 401


async def test_a_state_is_good_once_for_a_while_and_for_one_browser(town: Town) -> None:
    back = await town.to_provider()
    assert (await town.go(back.replace("state=", "state=x")))[1] == "/desk?refused=openid_stale"
    assert (await town.go(back))[1] == "/desk"
    assert (await town.go(back))[1] == "/desk?refused=openid_stale", "once"
    back = await town.to_provider()
    town.house.clock.time += 601
    assert (await town.go(back))[1] == "/desk?refused=openid_stale", "too late"
    back = await town.to_provider()
    async with (
        aiohttp.ClientSession() as victim,
        victim.get(back, allow_redirects=False) as answer,
    ):
        assert answer.headers["Location"] == "/desk?refused=openid_stale", "a link that somebody else began"
        assert "vaxel=" not in str(answer.headers.getall("Set-Cookie", []))


async def test_two_sign_ins_of_one_browser_are_not_mixed_up(town: Town) -> None:
    first, second = await town.to_provider(), await town.to_provider()
    swapped = first.partition("&state=")[0] + "&state=" + second.partition("&state=")[2]
    assert (await town.go(swapped))[1] == "/desk?refused=openid_refused", "the verifier is another's (PKCE)"


async def test_what_the_provider_refuses_and_another_that_answers(town: Town) -> None:
    back = await town.to_provider()
    state = back.partition("&state=")[2]
    assert (await town.go(f"/api/v1/session/openid/back?error=access_denied&state={state}"))[1] == (
        "/desk?refused=openid_refused"
    )
    back = await town.to_provider()
    assert (await town.go(f"{back}&iss=https%3A%2F%2Flogin.evil.example"))[1] == "/desk?refused=openid_refused"


async def test_new_keys_of_the_provider_are_taken_up(town: Town) -> None:
    await town.sign_in()
    town.provider.new_key()
    assert await town.sign_in() == "/desk?refused=openid_refused", "they were fetched just now"
    town.house.clock.time += 31
    assert await town.sign_in() == "/desk"
    assert town.provider.asked == ["description", "keys", "keys"]


@pytest.mark.parametrize(
    "described", [{"issuer": "https://another.example"}, {"token_endpoint": "http://login.example/token"}]
)
async def test_a_provider_that_describes_another_is_not_asked(town: Town, described: dict[str, Any]) -> None:
    town.provider.described = described
    assert (await town.go("/api/v1/session/openid"))[1] == "/desk?refused=openid_away"


async def test_passwords_are_taken_from_the_account_for_emergencies_alone(town: Town) -> None:
    async def typed(name: str) -> str:
        sent = {"name": name, "password": "x" * 12}
        async with town.browser.post(town.house.url("/api/v1/session"), json=sent) as answer:
            return str((await answer.json())["error_id"])

    assert await typed("anna") == "password_not_taken"
    assert await typed("admin") == "password_wrong"
