"""Health, metrics, the page, and what every answer carries."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from web import app as webapp
from web.health import Health, Part
from web.language import preferred


@dataclass
class Served:
    port: int
    session: aiohttp.ClientSession
    registry: CollectorRegistry
    parts: dict[str, Part] = field(default_factory=dict)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    registry = CollectorRegistry()
    Counter("vaxel_test", "A test", registry=registry).inc()
    many = Gauge("vaxel_many", "More than are written at once", ["number"], registry=registry)
    for number in range(2 * webapp.SAMPLES_AT_ONCE + 1):
        many.labels(number).set(number)
    async with aiohttp.ClientSession() as session:
        it = Served(free_port(), session, registry)
        it.parts["journal"] = Part(True, "The journal is written.")
        it.parts["workers"] = Part(True, "One SIP worker is there.")
        health = Health({name: lambda name=name: it.parts[name] for name in it.parts}, "m")  # type: ignore[misc]
        app = webapp.make(health, registry, city="Malmö <stad>")
        serving = await webapp.serve(app, "127.0.0.1", it.port)
        yield it
        await serving.stop()


async def test_live(served: Served) -> None:
    async with served.session.get(served.url("/health/live")) as answer:
        assert (answer.status, await answer.json()) == (200, {"live": True})


async def test_ready(served: Served) -> None:
    async with served.session.get(served.url("/health/ready")) as answer:
        assert answer.status == 200
        assert await answer.json() == {
            "ready": True,
            "text": "Ready.",
            "mark": "m",
            "parts": {
                "journal": {"ready": True, "text": "The journal is written."},
                "workers": {"ready": True, "text": "One SIP worker is there."},
            },
        }


async def test_not_ready(served: Served) -> None:
    served.parts["workers"] = Part(False, "No SIP worker is there yet.")
    async with served.session.get(served.url("/health/ready")) as answer:
        told = await answer.json()
        assert answer.status == 503
        assert (told["ready"], told["text"]) == (False, "No SIP worker is there yet.")
        assert told["parts"]["journal"]["ready"]


async def test_metrics(served: Served) -> None:
    async with served.session.get(served.url("/metrics")) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        text = await answer.text()
        assert "vaxel_test_total 1.0" in text
        assert text == generate_latest(served.registry).decode(), "written in pieces, as if at once"


@pytest.mark.parametrize(
    ("wanted", "language", "words"),
    [("sv", "sv", "Allt är igång."), ("en-GB, sv;q=0.5", "en", "Everything is running."), ("", "sv", "Allt är igång.")],
)
async def test_page(served: Served, wanted: str, language: str, words: str) -> None:
    async with served.session.get(served.url("/"), headers={"Accept-Language": wanted}) as answer:
        text = await answer.text()
        assert answer.headers["Vary"] == "Accept-Language"
    assert f'<html lang="{language}">' in text
    assert words in text
    assert "Vaxel, Malmö &lt;stad&gt;" in text
    assert 'href="/health/ready"' in text
    assert 'href="/metrics"' in text
    assert 'href="/api"' in text


@pytest.mark.parametrize("path", ["/", "/health/live", "/health/ready", "/metrics", "/nowhere", "/../etc/passwd"])
async def test_headers(served: Served, path: str) -> None:
    async with served.session.get(served.url(path)) as answer:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers


async def test_wrong_method(served: Served) -> None:
    async with served.session.post(served.url("/metrics"), data=b"x") as answer:
        assert answer.status == 405


@pytest.mark.parametrize(
    "request_",
    [
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"\x00\xff\r\n\r\n",
    ],
    ids=["nonsense", "long header", "long line", "bad length", "binary"],
)
async def test_malformed_requests(served: Served, request_: bytes, caplog: pytest.LogCaptureFixture) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_)
    answer = await asyncio.wait_for(reader.read(65536), 5)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.")
    assert answer.split()[1] in (b"400", b"405", b"414", b"431")
    assert b"aiohttp" not in answer
    assert b"default-src 'none'" in answer
    assert answer.split(b"\r\n\r\n")[1] in (b"400\n", b"405: Method Not Allowed")
    assert "127.0.0.1" not in caplog.text
    async with served.session.get(served.url("/health/live")) as after:
        assert after.status == 200


async def test_port_taken(served: Served) -> None:
    app = webapp.make(Health({}), CollectorRegistry())
    with pytest.raises(webapp.ServeError) as caught:
        await webapp.serve(app, "127.0.0.1", served.port)
    assert str(caught.value) == (
        f"port {served.port} of 127.0.0.1 is taken by another program: end it, or set another web.port in vaxel.yaml"
    )


async def test_address_of_another_machine() -> None:
    app = webapp.make(Health({}), CollectorRegistry())
    with pytest.raises(webapp.ServeError, match=r"^192\.0\.2\.1 is no address of this machine: "):
        await webapp.serve(app, "192.0.2.1", free_port())


async def test_failing_handler(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Part:
        raise RuntimeError("inside")

    port = free_port()
    serving = await webapp.serve(webapp.make(Health({"x": broken}), CollectorRegistry()), "127.0.0.1", port)
    async with served.session.get(f"http://127.0.0.1:{port}/health/ready") as answer:
        assert (answer.status, await answer.text()) == (500, "500\n")
        assert "Server" not in answer.headers
    assert "inside" in caplog.text
    assert "127.0.0.1" not in caplog.text
    await serving.stop()


async def test_stopped(served: Served) -> None:
    port = free_port()
    serving = await webapp.serve(webapp.make(Health({}), CollectorRegistry()), "127.0.0.1", port)
    await serving.stop()
    again = await webapp.serve(webapp.make(Health({}), CollectorRegistry()), "127.0.0.1", port)
    await again.stop()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("fi, en;q=0.5", "en"),
        ("sv;q=0, en;q=0.1", "en"),
        ("de", "sv"),
        ("en;q=x", "sv"),
        (",,;;q=", "sv"),
        ("en;q=0.8,sv;q=0.8", "en"),
    ],
)
def test_language(accepted: str, language: str) -> None:
    assert preferred(accepted, ["sv", "en"]) == language
