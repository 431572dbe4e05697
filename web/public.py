"""Routes for citizens, who do not sign in: below /public/v1, each at a pace of its own per source.

Everything here is asked by anybody. A source is an address (of IPv6 the network of a household); behind a reverse proxy
it is what the proxy says, if the configuration names the proxy. Pages of other sites may show ours in a frame, where a
policy allows it, but their scripts are not listened to.
"""

import contextlib
import ipaddress
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client import Counter as Metric

from router.api import Content, Route, Visitor
from router.inputs import Refused
from web import citizen, problems, refusal
from web.app import POLICY
from web.asking import Reader
from web.language import preferred
from web.limits import Limit
from web.pages import PERMISSIONS
from web.signin import check_origin
from web.sockets import serve_socket

log = logging.getLogger(__name__)

BASE: Final = "/public/v1"
HTML: Final = "text/html"
HEADER: Final = "x-vaxel-"
HEADERS: Final = frozenset({"content-type", "accept-language", "host"})
"""Further ones that a route is told."""
HEADERS_MAX: Final = 256
"""Characters of one."""
SOCKETS_MAX: Final = 2000
SOCKETS_OF_A_SOURCE: Final = 50
"""Many people share one address: a school, a library, a mobile operator's."""
HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that one household has."""

Serve = Callable[[Route, Reader, web.Request, Visitor], Awaitable[web.StreamResponse]]


class Public:
    """Serves public routes."""

    def __init__(
        self,
        routes: Sequence[Route],
        now: Callable[[], float],
        registry: CollectorRegistry,
        *,
        proxies: Collection[str] = (),
        statuses: Mapping[str, int] | None = None,
        sockets_of_a_source: int = SOCKETS_OF_A_SOURCE,
    ) -> None:
        """`now` gives seconds that never go back; `proxies` are the addresses whose word about a source is believed."""
        self._routes = routes
        self._now = now
        self._proxies = frozenset(proxies)
        self._statuses = problems.STATUS | dict(statuses or {})
        self._sockets: Counter[str] = Counter()
        self._of_a_source = sockets_of_a_source
        self._refused = Metric(
            "vaxel_public_refused", "Requests of citizens' pages that were refused", ["error_id"], registry=registry
        )

    def mount(self, app: web.Application) -> None:
        """Put all routes into an application that does not serve yet."""
        for route in self._routes:
            serve = self._socket if route.socket else self._answer
            app.router.add_route(route.method, BASE + route.path, self._handler(route, serve))

    def _handler(self, route: Route, serve: Serve) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        pace = route.public
        assert pace is not None  # what is not public is served by `web.api`
        reader, limit = Reader(route), Limit(pace.rate, pace.burst, self._now)

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                check_origin(request.headers.get("Origin"), request.headers.get("Host"))
                visitor = Visitor(source_of(request, self._proxies), _headers(request))
                if not limit.spend(visitor.source):
                    raise Refused("too_many_requests", "this is asked for too often from there", retryable=True)
                return await serve(route, reader, request, visitor)
            except Refused as refused:
                return self._refuse(refused, route, request)
            except (web.HTTPException, ConnectionError):
                raise
            except Exception:
                log.exception("a public request failed", extra={"action": "public.failed"})
                return self._refuse(Refused("bug", "this is our mistake; the log says more"), route, request)

        return handle

    def _refuse(self, refused: Refused, route: Route, request: web.Request) -> web.Response:
        """Say no: in words to who asked for a page and reads HTML, as a problem document to everybody else."""
        self._refused.labels(refused.error_id).inc()
        problem = problems.problem(refused, self._statuses)
        told = problems.answer(problem)
        if route.gives != HTML or not refusal.accepted(request.headers.get("Accept", "")):
            return told
        page = _page(refusal.page(refused, _language(request)), problem.status)
        if "Retry-After" in told.headers:
            page.headers["Retry-After"] = told.headers["Retry-After"]
        return page

    async def _answer(self, route: Route, reader: Reader, request: web.Request, visitor: Visitor) -> web.Response:
        asked = reader.asked(request, await reader.body(request))
        found: Any = await route.handler(visitor, asked)
        if found is None:
            return web.Response(status=204)
        if not isinstance(found, Content):
            return web.Response(body=msgspec.json.encode(found), status=route.status, content_type=route.gives)
        if found.tag and _has(request, found.tag):
            return web.Response(status=304, headers={"ETag": _quoted(found.tag)})
        return _page(found, route.status)

    async def _socket(self, route: Route, reader: Reader, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        asked = reader.asked(request, b"")
        async with self._counted(visitor.source):
            return await serve_socket(
                request,
                lambda socket: route.handler(visitor, socket, asked),  # type: ignore[call-arg]  # `Route.socket`
                lambda refused: self._refused.labels(refused.error_id).inc(),
            )

    @contextlib.asynccontextmanager
    async def _counted(self, source: str) -> AsyncIterator[None]:
        if self._sockets.total() >= SOCKETS_MAX or self._sockets[source] >= self._of_a_source:
            raise Refused("too_busy", "nobody else from there can connect just now", retryable=True)
        self._sockets[source] += 1
        try:
            yield
        finally:
            self._sockets[source] -= 1
            if not self._sockets[source]:
                del self._sockets[source]


def source_of(request: web.Request, proxies: Collection[str]) -> str:
    """Return the network that a request comes from: what the last proxy of ours says of it, if one is between."""
    remote = request.remote or ""
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    while remote in proxies and told:
        remote = told.pop()
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, HOUSEHOLD), strict=False))
    return str(address)


def _language(request: web.Request) -> str:
    """Return the language in which somebody is told that it did not work: the page's, or the browser's."""
    asked = request.query.get("language", "")
    accepted = request.headers.get("Accept-Language", "")[:HEADERS_MAX]
    return asked if asked in citizen.LANGUAGES else preferred(accepted, tuple(citizen.LANGUAGES))


def _page(content: Content, status: int) -> web.Response:
    response = web.Response(body=content.data, status=content.status or status)
    response.headers["Content-Type"] = content.media
    if content.location:
        response.headers["Location"] = content.location
    if content.tag:
        response.headers.update({"ETag": _quoted(content.tag), "Cache-Control": "no-cache"})
    if content.policy:
        response[POLICY] = content.policy
    if content.hears:
        response.headers["Permissions-Policy"] = PERMISSIONS
    if content.shared:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _quoted(tag: str) -> str:
    return f'"{tag}"'


def _has(request: web.Request, tag: str) -> bool:
    return _quoted(tag) in request.headers.get("If-None-Match", "")


def _headers(request: web.Request) -> dict[str, str]:
    return {
        lower: value[:HEADERS_MAX]
        for name, value in request.headers.items()
        if (lower := name.lower()).startswith(HEADER) or lower in HEADERS
    }
