"""The web application so far: health, metrics, and a page that says what this is."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from web.connection import HEADERS, Connection, NoLog
from web.health import Health
from web.language import preferred
from web.page import LANGUAGES, front
from web.sockets import follow as open_sockets

BODY_MAX: Final = 64 * 1024
LINE_MAX: Final = 4096
"""Bytes of a request line or header field."""
POLICY: Final = web.ResponseKey("vaxel.policy", str)
"""Under which a response holds a policy of its own."""
STOP_WITHIN_S: Final = 2.0
SAMPLES_AT_ONCE: Final = 200
"""Of metrics written without giving way: they take some microseconds each."""
HEAD_LINES: Final = 2
"""HELP and TYPE before a family's samples."""


class ServeError(Exception):
    """The address cannot be listened on; the text says what to do."""

    error_id = "web_address"
    retryable = False


class _One(Collector):
    """A registry of one family, or of a piece of it."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterable[Metric]:
        """Return the family."""
        return (self._family,)


def _pieces(family: Metric) -> Iterator[bytes]:
    """Yield a family as Prometheus reads it, in pieces that take about a millisecond each; its head stands once."""
    for start in range(0, len(family.samples), SAMPLES_AT_ONCE):
        piece = Metric(family.name, family.documentation, family.type)
        piece.samples = family.samples[start : start + SAMPLES_AT_ONCE]
        text = generate_latest(_One(piece))
        yield text if start == 0 else text.split(b"\n", HEAD_LINES)[HEAD_LINES]


def make(
    health: Health, registry: CollectorRegistry, *, city: str = "", refresh: Callable[[], None] | None = None
) -> web.Application:
    """Return the application. `refresh` brings gauges up to date before /metrics is written."""

    async def live(_: web.Request) -> web.Response:
        return _json({"live": True})

    async def ready(_: web.Request) -> web.Response:
        report = health.report()
        return _json(report, 200 if report.ready else 503)

    async def metrics(_: web.Request) -> web.Response:
        if refresh is not None:
            refresh()
        text = []
        for family in registry.collect():
            for piece in _pieces(family):
                text.append(piece)
                await asyncio.sleep(0)
        return web.Response(body=b"".join(text), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def page(request: web.Request) -> web.Response:
        language = preferred(request.headers.get("Accept-Language", ""), LANGUAGES)
        text = front(language, city, ready=health.report().ready)
        return web.Response(text=text, content_type="text/html", headers={"Vary": "Accept-Language"})

    app = web.Application(client_max_size=BODY_MAX)
    app.router.add_get("/", page)
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/metrics", metrics)
    app.on_response_prepare.append(_seal)
    open_sockets(app)
    return app


class Serving:
    """An application that listens."""

    def __init__(self, runner: web.AppRunner, listener: asyncio.Server) -> None:
        self._runner = runner
        self._listener = listener

    async def stop(self) -> None:
        """Accept nothing more, let requests finish for `STOP_WITHIN_S`, and close."""
        self._listener.close()
        await self._runner.cleanup()


async def serve(app: web.Application, host: str, port: int, tls: ssl.SSLContext | None = None) -> Serving:
    """Listen, for TLS alone if there is a context for it. Raises ServeError."""
    runner = web.AppRunner(app, shutdown_timeout=STOP_WITHIN_S)
    await runner.setup()
    loop, server = asyncio.get_running_loop(), runner.server
    assert server is not None  # since setup
    connect = partial(
        Connection, server, loop=loop, access_log_class=NoLog, max_line_size=LINE_MAX, max_field_size=LINE_MAX
    )
    try:
        listener = await loop.create_server(connect, host, port, ssl=tls)
    except OSError as error:
        await runner.cleanup()
        raise ServeError(_refusal(error, host, port)) from error
    return Serving(runner, listener)


def port_trouble(host: str, port: int) -> str:
    """Return why nobody could listen there just now; empty when one could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return _refusal(error, host, port)
    return ""


def _refusal(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} of {host} is taken by another program: end it, or set another web.port in vaxel.yaml"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine: correct listen or web.address in vaxel.yaml"
        case errno.EACCES:
            return f"port {port} may not be opened by an ordinary user: set web.port in vaxel.yaml to 1024 or more"
        case _:
            return f"cannot listen on {host}, port {port}: {(error.strerror or str(error)).lower()}"


async def _seal(_: web.Request, response: web.StreamResponse) -> None:
    own = response.get(POLICY)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if own is not None:  # a page that other sites may show says so in its policy
        response.headers["Content-Security-Policy"] = own
        response.headers.pop("X-Frame-Options", None)
    response.headers.pop("Server", None)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")
