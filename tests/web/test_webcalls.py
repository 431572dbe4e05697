"""What a page to ring from is given: vouchers, few enough, and how its own call stands; nothing to anybody else."""

import re
from typing import Any

import msgspec
import pytest

from adapters.edge.credentials import VOUCHER_S, proved
from router import inputs as i
from router.configuration import web_call
from router.ports import Secret
from tests.web.house import Reception, malmo
from web.webcalls import IN_CALL, RING

BASE = "/public/v1/call/malmo"
WAY = web_call("malmo", "en")


def city(**changes: Any) -> Any:
    """Return the example with its page changed."""
    loaded = malmo()
    calls = loaded.installation.webcalls
    page = msgspec.structs.replace(calls.pages["malmo"], **changes)
    pages = msgspec.structs.replace(calls, pages={"malmo": page})
    return msgspec.structs.replace(loaded, installation=msgspec.structs.replace(loaded.installation, webcalls=pages))


async def ask(house: Reception, method: str, path: str, voucher: Any = None, **asked: Any) -> tuple[int, Any]:
    headers = {"X-Vaxel-Voucher": f"{voucher['user']} {voucher['password']}"} if voucher else {}
    more = {"params": asked} if method == "GET" else {"json": asked}
    async with house.session.request(method, house.url(f"{BASE}/{path}"), headers=headers, **more) as answer:
        return answer.status, await answer.json()


async def voucher(house: Reception, language: str = "en") -> Any:
    status, given = await ask(house, "POST", "vouchers", language=language)
    assert status == 200, given
    return given


async def rings(house: Reception, given: Any, leg: str = "w1-1-1") -> str:
    """Let the edge and a worker tell of a page's call."""
    await house.vault.put(Secret(leg, "voucher", given["name"]))
    await house.put(i.Arrived(contact=leg, channel="call", entry=given["way"], leg=leg))
    return leg


async def test_a_voucher_leads_to_the_way_in_of_page_and_language():
    async with Reception.open() as house:
        given = await voucher(house)
        assert given["way"] == WAY
        assert given["name"].startswith(f"{WAY}~")
        assert proved(given["user"], given["password"], house.folder.browser_key()) == given["name"]
        assert given["until"] <= house.clock.now() + VOUCHER_S
        assert (await voucher(house, "fi"))["way"] == web_call("malmo", "fi")
        assert (await voucher(house, "xx"))["way"] == web_call("malmo", "sv")
        await rings(house, given)
        (contact,) = house.state.contacts.values()
        assert (contact.card.language, contact.card.person) == ("en", None)


async def test_no_more_ring_at_a_time_than_may():
    async with Reception.open(city(calls=2)) as house:
        first = await voucher(house)
        await voucher(house)
        status, told = await ask(house, "POST", "vouchers")
        assert (status, told["error_id"], told["retryable"]) == (503, "calls_full", True)
        leg = await rings(house, first)
        assert (await ask(house, "POST", "vouchers"))[0] == 503, "one talks, one may begin"
        await house.put(i.HungUp(leg=leg, cause="hung_up"))
        await voucher(house)
        assert (await ask(house, "POST", "vouchers"))[0] == 503, "two may begin"
        house.clock.time += VOUCHER_S + 1
        await voucher(house)


async def test_one_address_does_not_ring_for_ever():
    async with Reception.open(city(calls=100, per_hour=3)) as house:
        for _ in range(3):
            await voucher(house)
        status, told = await ask(house, "POST", "vouchers")
        assert (status, told["error_id"]) == (429, "too_many_requests")
        house.clock.time += 3600 / 3
        await voucher(house)


async def test_nobody_rings_where_it_is_closed():
    async with Reception.open(city(queue="skola")) as house:
        await voucher(house)
        house.clock.time += 8 * 3600
        await house.put(i.TimePassed())
        assert (await ask(house, "POST", "vouchers"))[1]["error_id"] == "call_closed"


async def test_a_page_asks_after_its_own_call_alone():
    async with Reception.open() as house:
        given, other = await voucher(house), await voucher(house)
        leg = await rings(house, given)
        assert await ask(house, "GET", "standing", given, leg=leg) == (200, {"state": "asked"})
        for one in (None, other, given | {"password": other["password"]}, {"user": "é x", "password": ""}):
            assert (await ask(house, "GET", "standing", one, leg=leg))[1]["error_id"] == "voucher_bad"
            assert (await ask(house, "POST", "renewals", one, leg=leg))[0] == 403
        assert (await ask(house, "GET", "standing", given, leg="w1-1-99"))[0] == 403
        house.clock.time += 3 * VOUCHER_S
        status, again = await ask(house, "POST", "renewals", given, leg=leg)
        assert (status, again["name"], again["way"]) == (200, given["name"], "")
        assert again["user"].endswith("+"), "it begins no call"
        assert (await ask(house, "GET", "standing", again, leg=leg))[0] == 200
        await house.put(i.HungUp(leg=leg, cause="hung_up"))
        assert await ask(house, "GET", "standing", again, leg=leg) == (200, {"state": "ended"})
        assert (await ask(house, "POST", "renewals", again, leg=leg))[1]["error_id"] == "call_over"


async def test_a_call_in_line_is_told_so():
    async with Reception.open() as house:
        given = await voucher(house)
        leg = await rings(house, given)
        contact = house.state.contacts[leg]
        while type(contact).__name__ == "InFlow":
            await house.put(i.PromptEnded(contact=leg, turn=contact.session.turn))
            await house.wait(15)
            contact = house.state.contacts[leg]
        told = (await ask(house, "GET", "standing", given, leg=leg))[1]
        assert told["state"] in ("waiting", "offered")


@pytest.mark.parametrize("pace", [RING, IN_CALL])
async def test_who_asks_too_fast_is_told_to_wait(pace):
    async with Reception.open() as house:
        path = "vouchers" if pace is RING else "renewals"
        asked = {} if pace is RING else {"leg": "w1-1-1"}
        told = [await ask(house, "POST", path, **asked) for _ in range(int(pace.burst) + 1)]
        assert told[-1][0] == 429


async def test_the_page_runs_nothing_but_its_own_and_hears_who_allows_it():
    script = "</script><script>alert(1)</script>"
    async with Reception.open(city(title={"sv": script})) as house:
        async with house.session.get(house.url(f"{BASE}?language=ar")) as answer:
            text, headers = await answer.text(), answer.headers
        if answer.status == 503:
            pytest.skip("the pages were not built")
        assert '<html lang="ar" dir="rtl">' in text
        assert script not in text
        assert len(re.findall(r"<script", text)) == 2
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert f"connect-src 'self' ws://127.0.0.1:{house.loaded.installation.sip.browsers.port};" in policy
        assert "frame-ancestors https://malmo.example;" in policy
        assert "X-Frame-Options" not in headers
        assert "microphone=(self)" in headers["Permissions-Policy"]
        assert "Set-Cookie" not in headers
        async with house.session.get(house.url(f"{BASE}?language=xx"), headers={"Accept-Language": "fi"}) as answer:
            assert '<html lang="sv"' in await answer.text()
        async with house.session.get(house.url(BASE), headers={"Accept-Language": "fi"}) as answer:
            assert '<html lang="fi"' in await answer.text()
        async with house.session.get(house.url("/public/v1/call/nobody")) as answer:
            assert answer.status == 404
