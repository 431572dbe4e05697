"""The REST API: routes of all parts of the house, served below /api/v1.

A request goes through the door (`web.door`), is read into the struct its route asks for (`web.asking`), carried out
once per Idempotency-Key (`web.once`), and answered; a refusal anywhere becomes problem details (`web.problems`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from router.api import Caller, Content, Route, routes_of
from router.inputs import Refused
from web import openapi, problems
from web.asking import Reader
from web.door import Door
from web.feeds import EVENT_STREAM, Feeds
from web.meters import Meters
from web.once import Answer, Once, fingerprint, key_of
from web.reference import reference
from web.signing import Signing
from web.sockets import serve_socket

log = logging.getLogger(__name__)

BASE: Final = "/api/v1"
DOCUMENT: Final = "/api/openapi.json"
KEY: Final = "Idempotency-Key"

Serve = Callable[[Route, Reader, web.Request], Awaitable[web.StreamResponse]]

_ENCODER: Final = msgspec.json.Encoder()


class Api:
    """Serves routes."""

    def __init__(
        self,
        routes: Sequence[Route],
        door: Door,
        once: Once,
        meters: Meters,
        *,
        feeds: Feeds | None = None,
        statuses: Mapping[str, int] | None = None,
        degraded: Callable[[], bool] = lambda: False,
    ) -> None:
        """`statuses` gives HTTP statuses to further error ids; `degraded` tells whether facts are not kept just now."""
        self._feeds = feeds
        self.routes = (*routes, *(routes_of(feeds, "events") if feeds is not None else ()))
        self._door = door
        self._once = once
        self._meters = meters
        self._statuses = problems.STATUS | dict(statuses or {})
        self._degraded = degraded
        self._signing = Signing(door.sign_in, door.now, self.refuse)
        self._document = b""
        self._page = ""

    def mount(self, app: web.Application) -> None:
        """Put everything into an application that does not serve yet."""
        for route in self.routes:
            serve = self._feed if route.gives == EVENT_STREAM else self._socket if route.socket else self._serve
            app.router.add_route(route.method, BASE + route.path, self._handler(route, serve))
        self._signing.mount(app, f"{BASE}/session")
        app.router.add_get(DOCUMENT, self._describe)
        app.router.add_get("/api", self._show)
        app.middlewares.append(self._outside)

    def refuse(self, refused: Refused) -> web.Response:
        """Return the HTTP answer to a refusal."""
        return problems.answer(problems.problem(refused, self._statuses))

    # ---- one request ---------------------------------------------------------------------------------------------

    def _handler(self, route: Route, serve: Serve) -> Handler:
        reader = Reader(route)
        name = f"{route.method} {route.path}"

        async def handle(request: web.Request) -> web.StreamResponse:
            begun = perf_counter()
            status = 500
            try:
                response = await serve(route, reader, request)
                status = response.status
            except Refused as refused:
                response = self.refuse(refused)
                status = response.status
            finally:
                self._meters.seconds.labels(name, status).observe(perf_counter() - begun)
            return response

        return handle

    async def _serve(self, route: Route, reader: Reader, request: web.Request) -> web.Response:
        caller = self._door.admit(request, route.roles)
        body = await reader.body(request)
        asked = reader.asked(request, body)
        if not route.changes:
            return ranged(request, _response(await self._answer(route, caller, asked)))
        answer, again = await self._carry_out(route, caller, asked, request, body)
        response = _response(answer)
        if again:
            response.headers["Idempotent-Replayed"] = "true"
        if self._degraded():
            response.headers["Vaxel-Journal"] = "degraded"
        return response

    async def _feed(self, route: Route, reader: Reader, request: web.Request) -> web.StreamResponse:
        assert self._feeds is not None  # its route is there
        caller = self._door.admit(request, route.roles)
        return await self._feeds.serve(request, caller, reader.asked(request, b""))

    async def _socket(self, route: Route, reader: Reader, request: web.Request) -> web.StreamResponse:
        caller = self._door.admit(request, route.roles)
        asked = reader.asked(request, b"")
        return await serve_socket(request, lambda socket: route.handler(caller, socket, asked))  # type: ignore[call-arg]

    async def _carry_out(
        self, route: Route, caller: Caller, asked: object, request: web.Request, body: bytes
    ) -> tuple[Answer, bool]:
        """Do what changes something: once per key, and with a line in the log that says who asked."""

        async def work() -> Answer:
            answer = await self._answer(route, caller, asked)
            about = {name: request.match_info[name] for name in route.parameters}
            extra = {"action": "api.acted", "by": caller.name, "route": f"{route.method} {route.path}"}
            log.info("%s asked", caller.name, extra={**extra, "status": answer.status, "about": about})
            return answer

        given = request.headers.get(KEY)
        if given is None or route.unkept:
            return await work(), False
        print_ = fingerprint(route.method, request.path_qs, body)
        answer, again = await self._once.run(key_of(caller.name, given), print_, work)
        self._meters.replayed.inc(again)
        return answer, again

    async def _answer(self, route: Route, caller: Caller, asked: object) -> Answer:
        try:
            found = await route.handler(caller, asked)
        except Refused as refused:
            said = problems.problem(refused, self._statuses)
            return Answer(said.status, problems.MEDIA, _ENCODER.encode(said), not said.retryable)
        if found is None:
            return Answer(204, "", b"")
        if isinstance(found, Content):
            return Answer(route.status, found.media, found.data)
        return Answer(route.status, route.gives, _ENCODER.encode(found))

    # ---- around it -----------------------------------------------------------------------------------------------

    async def _describe(self, _: web.Request) -> web.Response:
        if not self._document:
            made = await asyncio.to_thread(
                openapi.document, [one for one in self.routes if not one.socket], self._statuses
            )
            self._document = msgspec.json.encode(made)
        return web.Response(body=self._document, content_type="application/json")

    async def _show(self, _: web.Request) -> web.Response:
        self._page = self._page or reference(self.routes, self._statuses)
        return web.Response(text=self._page, content_type="text/html")

    @web.middleware
    async def _outside(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Tell what is wrong with a path or method in the same form as everything else."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            response = self.refuse(Refused("method_not_allowed", f"this path takes {allowed}"))
            response.headers["Allow"] = allowed
            return response
        except web.HTTPNotFound:
            return self.refuse(Refused("no_such_path", f"there is nothing at this path; {DOCUMENT} lists all"))
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            log.exception("an API request failed", extra={"action": "api.failed"})
            return self.refuse(Refused("bug", "this is our mistake; the log says more"))


def ranged(request: web.Request, response: web.Response) -> web.Response:
    """Return the part of a sound that was asked for (RFC 9110 §14.2); all of it, if none was, or not in order."""
    if response.status != 200 or not response.content_type.startswith("audio/") or not isinstance(response.body, bytes):
        return response
    response.headers["Accept-Ranges"] = "bytes"
    try:
        asked = request.http_range
    except ValueError:
        return response
    data = response.body
    if asked.start is None and asked.stop is None:
        return response
    start, stop, _ = asked.indices(len(data))
    if start >= stop:
        headers = {"Content-Range": f"bytes */{len(data)}"}
        return web.Response(status=416, headers=headers)
    headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}", "Accept-Ranges": "bytes"}
    return web.Response(body=data[start:stop], status=206, headers=headers, content_type=response.content_type)


def _response(answer: Answer) -> web.Response:
    response = web.Response(body=answer.body or None, status=answer.status)
    if answer.media:
        response.content_type = answer.media
    return response
