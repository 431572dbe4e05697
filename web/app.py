"""The web application so far: health, metrics, and a page that says what this is."""

import base64
import errno
import hashlib
from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from web.health import Health
from web.language import preferred
from web.page import LANGUAGES, STYLE, front

BODY_MAX: Final = 64 * 1024
LINE_MAX: Final = 4096
"""Bytes of a request line or header field."""
STOP_WITHIN_S: Final = 2.0

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class ServeError(Exception):
    """The address cannot be listened on; the text says what to do."""

    error_id = "web_address"
    retryable = False


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
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

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
    return app


async def serve(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Listen; the caller ends it by `runner.cleanup()`. Raises ServeError.

    Requests are not logged: they carry the addresses of people.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=STOP_WITHIN_S,
        max_line_size=LINE_MAX,
        max_field_size=LINE_MAX,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise ServeError(_refusal(error, host, port)) from error
    return runner


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
    response.headers.update(HEADERS)
    response.headers.pop("Server", None)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")
