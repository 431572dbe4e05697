"""What every request to the API passes before anything is done for it: origin, sign-in, pace, role."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

from router.api import Caller, Route
from router.inputs import Refused
from router.looking import Deed, DeedLog
from web.limits import Limit
from web.signin import SignIn, check_origin

RATE: Final = 100
"""Requests a second that one token may send, unless the configuration says otherwise."""
BURST_S: Final = 2.0
"""Seconds' worth of them that it may send at once."""


class Door:
    """Lets callers in."""

    def __init__(self, sign_in: SignIn, now: Callable[[], float], deeds: DeedLog, *, rate: float = RATE) -> None:
        """`now` gives seconds that never go back; `rate` is per token and second."""
        self.sign_in = sign_in
        self.now = now
        self._deeds = deeds
        self._pace = Limit(rate, rate * BURST_S, now)

    def admit(self, request: web.Request, route: Route) -> Caller:
        """Return who asks. Raises Refused."""
        headers = request.headers
        check_origin(headers.get("Origin"), headers.get("Host"))
        caller = self.sign_in.caller(request)
        if not self._pace.spend(caller.name):
            raise Refused("too_many_requests", "this is more often than one may ask", retryable=True)
        if caller.role not in route.roles:
            self._deeds.note("refused", deed(caller, route, error="not_allowed"))
            raise Refused("not_allowed", f"the role {caller.role} may not do this")
        return caller


def deed(caller: Caller, route: Route, about: dict[str, str] | None = None, error: str = "") -> Deed:
    """Return what the access log keeps of a request."""
    what = f"{route.method} {route.path}"
    return Deed(by=caller.name, role=caller.role, agent=caller.agent, what=what, about=about or {}, error=error)
