"""Whatever strangers send to what is open to all: it is refused in one line, and nobody else notices."""

import asyncio
import contextlib
import json
import random
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat import frames
from adapters.post.signing import check, secret_in, sign
from router.inputs import Refused
from tests.chat.town import Town, gateway
from web.public import source_of

SECRET = "A" * 43
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
TYPES = st.sampled_from(["hello", "say", "choose", "typing", "leave", "message", ""])


FIELDS = st.sampled_from(["secret", "seen", "count", "text", "key", "question", "language", "x"])
FRAMES = st.builds(
    lambda kind, more: json.dumps(more | {"type": kind}), TYPES, st.dictionaries(FIELDS, JUNK, max_size=5)
)


@given(st.text(max_size=200) | FRAMES)
def test_whatever_a_page_sends_is_read_or_refused(text):
    with contextlib.suppress(Refused):
        assert isinstance(frames.read(text), frames.FromPage)


def test_what_goes_too_deep_is_refused():
    with pytest.raises(Refused):
        frames.read('{"type":"say","text":' + "[" * 100_000)


ANY = st.characters() | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"])
"""As headers are read: bytes that are no text are surrogates."""


@given(st.binary(max_size=200), st.binary(max_size=200), st.text(ANY, max_size=20), st.text(ANY, max_size=80))
def test_only_who_holds_the_secret_signs(body, other, timestamp, proof):
    headers = sign(b"secret", 1000.0, body)
    check(b"secret", 1000.0, headers["X-Vaxel-Timestamp"], headers["X-Vaxel-Signature"], body)
    assert headers["X-Vaxel-Signature"] == gateway.signature(b"secret", "1000", body), "as the example signs"
    for now, secret, at, signed, said in (
        (1000.0, b"another", "1000", headers["X-Vaxel-Signature"], body),
        (1301.0, b"secret", "1000", headers["X-Vaxel-Signature"], body),
        (1000.0, b"secret", "1001", headers["X-Vaxel-Signature"], body),
        (1000.0, b"secret", timestamp, proof, body),
        (1000.0, b"secret", "1000", headers["X-Vaxel-Signature"], body + b"." + other),
    ):
        with pytest.raises(Refused):
            check(secret, now, at, signed, said)


@pytest.mark.parametrize(
    ("remote", "told", "source"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "nonsense", "unknown"),
        ("10.0.0.1", "", "unknown"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
    ],
)
def test_a_source_is_what_a_proxy_of_ours_says(remote, told, source):
    headers = {"X-Forwarded-For": told} if told else {}
    request = make_mocked_request("GET", "/", headers=headers)
    request._cache["remote"] = remote
    request = request.clone(remote=remote)
    assert source_of(request, {"10.0.0.1"}) == source


async def ends(session: aiohttp.ClientSession, town: Town, *frames_: Any) -> str:
    """Send messages; return why the socket was closed."""
    async with session.ws_connect(town.url("straight")) as socket:
        for frame in frames_:
            if isinstance(frame, bytes):
                await socket.send_bytes(frame)
            else:
                await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        async with asyncio.timeout(10):
            while True:
                message = await socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return str(message.extra or message.type.name)


async def raw(town: Town, path: str, media: str, header: bytes) -> str:
    """Post with a header of any bytes, as no well-meant client would; return the error that is the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", town.house.web[1])
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/{media}\r\n"
    writer.write(head.encode() + b"Content-Length: 1\r\n" + header + b"\r\n\r\nx")
    answer = await reader.read()
    writer.close()
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["error_id"])


async def test_strangers_are_refused_and_nobody_else_notices(make_town, open_page, session):
    town = await asyncio.to_thread(make_town)
    page = open_page(town, "straight")
    await page.until_state("offered")
    hello = {"type": "hello", "secret": SECRET}
    chance = random.Random(3)
    assert await ends(session, town, "nonsense") == "bad_request"
    assert await ends(session, town, b"\x00\xff") == "bad_request"
    assert await ends(session, town, {"type": "say", "count": 1, "text": "x"}) == "bad_request"
    assert await ends(session, town, {"type": "hello", "secret": "short"}) == "bad_request"
    assert await ends(session, town, hello, "x" * 40_000) in ("CLOSED", "CLOSE", "")
    for _ in range(30):
        junk = "".join(chr(chance.randrange(1, 0x500)) for _ in range(chance.randrange(200)))
        assert await ends(session, town, junk) == "bad_request"
    async with session.ws_connect(town.url("straight")) as socket:
        await socket.send_json(hello | {"secret": "B" * 43, "seen": 999_999})
        assert (await socket.receive_json())["type"] == "status"
        for frame, error in (
            ({"type": "say", "count": 2, "text": "x"}, "out_of_order"),
            ({"type": "say", "count": 1, "text": "x" * 5000}, "text_too_long"),
            (hello, "bad_request"),
        ):
            await socket.send_json(frame)
            assert (await socket.receive_json())["error_id"] == error
        await socket.send_json({"type": "choose", "count": 1, "key": "7"})
        assert (await socket.receive_json())["type"] == "message", "a choice that is not there answers nothing"
    path = urlsplit(town.url("straight")).path.removesuffix("/socket")
    assert await raw(town, f"{path}/files?name=a", "octet-stream", b"X-Vaxel-Chat: " + b"\xff" * 43) == "chat_over"
    url = town.url("straight")
    async with session.get(url) as plain, session.get(url, headers={"Origin": "https://evil.example"}) as strange:
        assert plain.status == 400
        assert (await strange.json())["error_id"] == "origin_refused"
    async with session.get(town.url("nowhere"), headers={"Upgrade": "websocket"}) as unknown:
        assert unknown.status in (400, 404)
    await page.say("Still here")
    await page.until(lambda one: one.texts == ["Still here"])
    assert "Traceback" not in town.house.log("engine")


@pytest.mark.parametrize("written", [b"", b"\n", b"short"])
def test_nobody_signs_with_a_secret_that_is_none(tmp_path, written):
    path = tmp_path / "secret"
    path.write_bytes(written)
    with pytest.raises(Refused, match="less than 32"):
        secret_in(str(path))
    path.write_bytes(b"\xff" * 32)
    assert secret_in(str(path)) == b"\xff" * 32


async def test_gateways_without_the_secret_bring_nothing(make_town, session):
    town = await asyncio.to_thread(make_town)
    now = datetime.now(UTC).timestamp()
    good = json.dumps({"id": "1", "sender": "+46701740605", "text": "Hello"}).encode()
    secret = town.secret.encode()

    async def post(body: bytes, headers: dict[str, str], url: str = town.hook) -> str:
        sent = headers | {"Content-Type": "application/json"}
        async with session.post(url, data=body, headers=sent) as answer:
            return str((await answer.json()).get("error_id", answer.status))

    assert await post(good, {}) == "signature_bad"
    odd = b"X-Vaxel-Timestamp: \xff1\r\nX-Vaxel-Signature: v1=\xff"
    assert await raw(town, urlsplit(town.hook).path, "json", odd) == "signature_bad"
    assert await post(good, sign(b"guess", now, good)) == "signature_bad"
    assert await post(good, sign(secret, now - 400, good)) == "signature_old"
    for bad in (b"{}", b"[]", b"\xff", b'{"id":"1","sender":"x","text":"y","more":1}', b"[" * 50_000):
        assert await post(bad, sign(secret, now, bad)) == "bad_request"
    large = b" " * 70_000
    assert await post(large, sign(secret, now, large)) == "body_too_large"
    assert await post(good, sign(secret, now, good), town.hook.replace("sms", "mms")) == "unknown_hook"
    assert await asyncio.to_thread(town.contacts, channel="post") == []
    assert await post(good, sign(secret, now, good)) == "200"
    assert len(await asyncio.to_thread(town.contacts, channel="post")) == 1
