"""Connections to the web port: what every answer carries, and what is said and logged of those that go wrong."""

import base64
import hashlib
import logging
from collections.abc import Callable
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from web.page import STYLE

log = logging.getLogger(__name__)

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


class NoLog(AbstractAccessLogger):
    """Requests carry the addresses of people."""

    enabled = False

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write nothing."""


class Connection(web.RequestHandler):
    """A connection that tells neither the log who asked, nor the asker what runs here."""

    on_lost: Callable[[], object] | None = None
    """Called when the connection is lost. Handlers are not ended by that: what is being carried out is finished."""

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell whoever wants to know."""
        super().connection_lost(exc)
        if self.on_lost is not None:
            self.on_lost()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what is no HTTP, or what a handler failed at."""
        if status >= 500:
            log.error("a web request failed", exc_info=exc, extra={"action": "web_request_failed"})
        else:
            log.info("a web request was malformed", extra={"action": "web_request_malformed", "status": status})
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        answer = web.Response(status=status, text=f"{status}\n", headers=HEADERS | {"Server": "Vaxel"})
        answer.force_close()
        return answer
