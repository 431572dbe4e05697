"""What comes from outside is hostile: whatever is sent, the answer is a problem in our form, and the house stands."""

import asyncio
import json
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from router.api import JSON, Asked, Caller, Content, Route, route, routes_of
from router.inputs import Refused
from tests.web.house import Reception
from web.feeds import EVENT_STREAM

PAUSE = "/agents/guide01/pause"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "bad_request"),
        (b"{", "bad_request"),
        (b"[]", "bad_request"),
        (b"null", "bad_request"),
        (b'"lunch"', "bad_request"),
        (b"{}", "bad_request"),
        (b'{"reason": null}', "bad_request"),
        (b'{"reason": 1}', "bad_request"),
        (b'{"reason": ["lunch"]}', "bad_request"),
        (b'{"reason": ""}', "bad_request"),
        (b'{"reason": "a b"}', "bad_request"),
        (b'{"reason": "lunch", "agent": "guide02"}', "bad_request"),
        (b'{"reason": "lunch", "more": 1}', "bad_request"),
        (b'{"reason": "' + b"x" * 129 + b'"}', "bad_request"),
        (b'{"reason": "\xff"}', "bad_request"),
        (b'{"reason": "\\ud800"}', "bad_request"),
        (b"[" * 60_000, "bad_request"),
        (b'{"a":' * 10_000, "bad_request"),
        (b'{"reason": "tea"}', "unknown_pause"),
        (b'{"reason": "' + b"x" * 70_000 + b'"}', "body_too_large"),
    ],
    ids=range(20),
)
async def test_bodies(house: Reception, body: bytes, error: str) -> None:
    told = await house.post(PAUSE, data=body, headers={"Content-Type": JSON})
    assert told.error == error
    assert told.status < 500
    assert (await house.get("/me")).status == 200


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_other_media_types(house: Reception, media: str) -> None:
    told = await house.post(PAUSE, data=b'{"reason": "lunch"}', headers={"Content-Type": media})
    assert (told.status, told.error) == (415, "media_not_supported")


async def test_an_endless_body_is_not_read_to_its_end(house: Reception) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        for _ in range(10_000):
            sent += 4096
            yield b" " * 4096

    told = await house.post(PAUSE, data=endless(), headers={"Content-Type": JSON})
    assert told.error == "body_too_large"
    assert sent < 20_000_000


async def test_a_body_that_does_not_come_is_not_waited_for(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.asking.BODY_WITHIN_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    head = f"POST /api/v1{PAUSE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.token()}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{".encode())
    assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=0", ">= 1"),
        ("limit=1001", "<= 1000"),
        ("limit=x", "Expected `int`"),
        ("limit=1&limit=2", "given twice"),
        ("after=-1", ">= 0"),
        ("state=sleeping", "allowed values"),
        ("nosuch=1", "there is no field `nosuch`"),
        ("contact=w1", "there is no field `contact`"),
        ("limit=" + "9" * 400, ""),
    ],
)
async def test_queries(house: Reception, query: str, words: str) -> None:
    told = await house.get(f"/contacts?{query}")
    assert (told.status, told.error) == (400, "bad_request")
    assert words in told.json["detail"]
    assert "sleeping" not in told.json["detail"], "what is sent is not sent back"


@pytest.mark.parametrize(
    "path",
    [
        "/agents/../agents/guide01/x",
        "/agents/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/agents/guide01%00",
        "/agents/guide01%0a",
        "/agents/%ff",
        "/agents/" + "a" * 500,
        "/agents/" + "%20" * 100,
        "/agents//",
        "/contacts/w1-1-1%2Ffinish",
        "//agents",
        "/",
    ],
)
async def test_paths(house: Reception, path: str) -> None:
    import yarl

    url = yarl.URL(house.url("/api/v1" + path), encoded=True)
    headers = {"Authorization": f"Bearer {house.token()}"}
    async with house.session.get(url, headers=headers) as answer:
        told = await answer.json(content_type=None)
        assert answer.status in (400, 404)
        assert told["error_id"] in ("bad_request", "no_such_path", "unknown_agent", "unknown_contact")


async def test_wrong_methods_name_the_right_ones(house: Reception) -> None:
    told = await house.send("DELETE", PAUSE)
    assert (told.status, told.error, told.headers["Allow"]) == (405, "method_not_allowed", "POST")
    assert (await house.send("OPTIONS", "/live")).status == 405
    assert (await house.send("GET", "/nowhere")).error == "no_such_path"
    assert (await house.send("PATCH", "/live")).status == 405


async def test_answers_carry_the_headers_that_all_pages_do(house: Reception) -> None:
    for told in (await house.get("/live"), await house.get("/nowhere"), await house.get("/me", role=None)):
        assert told.headers["X-Content-Type-Options"] == "nosniff"
        assert told.headers["Cache-Control"] == "no-store"
        assert "Server" not in told.headers


async def test_not_ready_yet(house: Reception) -> None:
    house.house.opened = False
    for told in (await house.get("/live"), await house.post(PAUSE, json={"reason": "lunch"})):
        assert (told.status, told.error, told.json["retryable"]) == (503, "not_ready", True)
    assert (await house.get("/health")).status == 200


# ---- routes of other parts -------------------------------------------------------------------------------------------


class Parrot:
    """A part of the house that breaks."""

    class Sheet(Asked, frozen=True):
        body: bytes

    @route("POST", "/sheet", roles=frozenset({"admin"}), takes="text/csv", gives="text/csv", body_max=10)
    async def sheet(self, _: Caller, asked: "Parrot.Sheet") -> Content:
        """Give back what came."""
        return Content("text/csv", asked.body)

    @route("GET", "/broken", roles=frozenset({"admin"}))
    async def broken(self, _: Caller, asked: Asked) -> None:
        """Break."""
        raise RuntimeError("secret inside")

    @route("GET", "/refuses", roles=frozenset({"admin"}))
    async def refuses(self, _: Caller, asked: Asked) -> None:
        """Refuse."""
        raise Refused("unknown_thing", "there is no such thing")


async def test_parts_with_sheets_and_mistakes(caplog: pytest.LogCaptureFixture) -> None:
    async with Reception.open(more=tuple(routes_of(Parrot(), "parrot"))) as house:
        csv = {"Content-Type": "text/csv"}
        told = await house.post("/sheet", data=b"a;b\n", headers=csv)
        assert (told.status, told.body, told.headers["Content-Type"]) == (200, b"a;b\n", "text/csv")
        assert (await house.post("/sheet", data=b"x" * 11, headers=csv)).error == "body_too_large"
        assert (await house.post("/sheet", json={})).error == "media_not_supported"
        assert (await house.get("/refuses")).status == 404
        told = await house.get("/broken")
        assert (told.status, told.error) == (500, "bug")
        assert b"secret" not in told.body
        assert "secret inside" in caplog.text
        assert (await house.get("/me")).status == 200


# ---- whatever --------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["guide01", "guide02", "w1-1-1", "w1-1-1.1", "kontakt", "x", "ö", "0", "a b", "%", "null", "'"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@cache
def plausible(asks: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return bodies and queries that are nearly right."""
    fields = msgspec.structs.fields(asks)
    return st.dictionaries(
        st.sampled_from([field.encode_name for field in fields] + ["more"]), ANYTHING | NAMES, max_size=len(fields) + 1
    )


def test_whatever_is_sent_is_answered_as_documented() -> None:
    """Each route is its own property, so that a failing one is told in seconds and by few draws."""
    with asyncio.Runner() as runner:
        opening = Reception.open()
        house = runner.run(opening.__aenter__())
        try:
            runner.run(house.waits())
            document = runner.run(house.get("/api/openapi.json")).json
            for one in house.reception.api.routes:
                if one.gives != EVENT_STREAM:
                    hurl(runner, house, one, document)
            assert house.spine.bugs == 0
        finally:
            runner.run(opening.__aexit__(None, None, None))


def hurl(runner: asyncio.Runner, house: Reception, one: Route, document: Any) -> None:
    """Send a route many things; nothing is shrunk, for the house remembers what it was sent before."""

    @given(data=st.data())
    @settings(
        max_examples=45,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def hurled(data: st.DataObject) -> None:
        runner.run(try_one(house, one, document, data))

    hurled()


async def try_one(house: Reception, one: Route, document: Any, data: st.DataObject) -> None:
    path = one.path
    for name in one.parameters:
        path = path.replace(f"{{{name}}}", data.draw(NAMES))
    sent = data.draw(plausible(one.asks))
    if one.method == "GET":
        query = {name: str(value) for name, value in sent.items()}
        told = await house.send(one.method, path, params=query, role="supervisor")
    else:
        body = json.dumps(sent).encode() if data.draw(st.booleans()) else data.draw(st.binary(max_size=50))
        told = await house.send(one.method, path, data=body, role="supervisor", headers={"Content-Type": JSON})
    documented = document["paths"][one.path][one.method.lower()]["responses"]
    assert str(told.status) in documented or told.status == 404, (one.path, sent, told)
    assert told.status != 500, (one.path, sent, told)
    if told.status >= 400:
        assert told.error in documented.get(str(told.status), {"description": "no_such_path"})["description"] or (
            told.error == "no_such_path"
        ), (one.path, told)
