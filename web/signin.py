"""Who asks: a token in the Authorization header (RFC 6750), or a session's cookie from a page of ours."""

import hmac
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from router.api import Caller
from router.inputs import Refused
from web.limits import Limit
from web.sessions import Session, Sessions, caller_of, csrf_of
from web.tokens import Tokens

FAILURES_A_SECOND: Final = 0.2
FAILURES_AT_ONCE: Final = 10
"""Wrong tokens or passwords from one address, before it is told to come back later."""
COOKIE: Final = "vaxel"
SECURE_COOKIE: Final = "__Host-vaxel"
"""Its name over TLS: browsers take it from nobody but this host (RFC 6265bis §4.1.3.2)."""
CSRF: Final = "Vaxel-Csrf"


class SignIn:
    """Knows callers by their tokens, and people by their sessions."""

    def __init__(self, tokens: Tokens, sessions: Sessions, now: Callable[[], float]) -> None:
        self._tokens = tokens
        self.sessions = sessions
        self.failures = Limit(FAILURES_A_SECOND, FAILURES_AT_ONCE, now)
        self.failed = 0
        """Wrong tokens and passwords so far."""

    def caller(self, request: web.Request) -> Caller:
        """Return who asks. Raises Refused."""
        cookie = cookie_of(request)
        if "Authorization" in request.headers or not cookie:
            return self._program(request.headers.get("Authorization", ""), request.remote or "")
        session = self.session(request, cookie)
        account = self.sessions.account(session.name)
        assert account is not None  # since there is a session
        if account.temporary:
            raise Refused("password_temporary", "choose a password of your own first")
        return caller_of(account, session.name)

    def session(self, request: web.Request, cookie: str) -> Session:
        """Return the session of a request that a page of ours sent. Raises Refused."""
        session = self.sessions.find(cookie)
        if session is None:
            raise Refused("not_signed_in", "this session has ended: sign in again")
        if request.method != "GET":
            if not hmac.compare_digest(request.headers.get(CSRF, "").encode(), csrf_of(cookie).encode()):
                raise Refused("csrf_refused", f"pages send what /api/v1/session tells them, in the header {CSRF}")
        elif request.headers.get("Upgrade") and "Origin" not in request.headers:
            raise Refused("origin_refused", "a page's WebSocket says where the page is from")
        return session

    def _program(self, authorization: str, peer: str) -> Caller:
        """Return who shows a token.

        A right token counts however many wrong ones came from the same address, so that nobody behind a shared proxy
        can be shut out by a neighbour; guessing 256 bits is hopeless at any pace, the limit spares work and shows.
        """
        scheme, _, shown = authorization.partition(" ")
        if scheme.lower() != "bearer" or not shown:
            raise Refused("not_signed_in", "send a token as: Authorization: Bearer TOKEN")
        token = self._tokens.find(shown.strip())
        if token is not None:
            return token.caller
        self.failed += 1
        if not self.failures.spend(peer):
            raise Refused("too_many_sign_ins", "too many wrong tokens came from this address", retryable=True)
        raise Refused("not_signed_in", "this token is not known here, or not valid any more")

    def stands(self, caller: Caller) -> bool:
        """Tell whether a caller who came in some time ago would still be let in."""
        account = self.sessions.account(caller.name)
        if account is not None:
            return caller_of(account, caller.name) == caller
        token = self._tokens.named(caller.name)
        return token is not None and token.caller == caller


def cookie_of(request: web.Request) -> str:
    """Return the cookie of a request's session; empty when it has none."""
    return request.cookies.get(SECURE_COOKIE if is_secure(request) else COOKIE, "")


def is_secure(request: web.Request) -> bool:
    """Tell whether the browser asks over TLS, here or at a proxy: who lies about it harms nobody but oneself."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"


def check_origin(origin: str | None, host: str | None) -> None:
    """Refuse what a page from elsewhere sends through somebody's browser. Raises Refused."""
    if origin is None:
        return
    if origin == "null" or urlsplit(origin).netloc.lower() != (host or "").lower():
        raise Refused("origin_refused", "requests from pages of other sites are not taken")
