"""Signing in and out, and choosing a password: /api/v1/session, for pages of ours."""

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Meta, Struct

from router.inputs import Refused
from router.looking import Deed, DeedLog, Done
from web import accounts, openidsigning
from web.accounts import ROLE, Account, AccountError, Duty
from web.limits import Limit
from web.openidsigning import BACK, DESK, PATH, OpenIdSigning
from web.sessions import LIVES_S, Session, csrf_of
from web.signin import COOKIE, SECURE_COOKIE, SignIn, check_origin, cookie_of, is_secure
from web.ways import SignInSettings

log = logging.getLogger(__name__)

BODY_MAX: Final = 4096
TRIES_A_SECOND: Final = 0.05
TRIES_AT_ONCE: Final = 10
"""Wrong passwords for one name."""
AT_ONCE: Final = 4
"""Passwords compared at a time: each takes some 50 ms of a core and 64 MiB."""

Typed = Annotated[str, Meta(max_length=accounts.PASSWORD_MAX)]


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody signs in with."""

    name: Annotated[str, Meta(max_length=30)]
    password: Typed


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """A password of one's own, instead of the present one."""

    present: Typed
    chosen: Typed


class SignedIn(Struct, frozen=True):
    """Who is signed in."""

    name: str
    title: str
    duty: Duty
    agent: str
    departments: tuple[str, ...]
    temporary: bool
    """Whether a password has to be chosen before anything else."""
    csrf: str
    """Sent in the header Vaxel-Csrf with whatever changes something."""
    expires: float
    """UTC seconds."""
    now: float
    """UTC seconds by Vaxel's clock; that of a desk may be wrong."""


class SignedOut(Struct, frozen=True):
    """Nobody is signed in any more."""

    further: str
    """Where the browser goes to sign out at the OpenID provider too; empty for nowhere."""


class Ways(Struct, frozen=True):
    """How people sign in here."""

    openid: str
    """What people call the OpenID provider; empty for none."""
    passwords: bool
    """Whether everybody may have one; else only accounts for emergencies."""


class SessionView(Struct, frozen=True):
    """Where somebody is signed in."""

    browser: str
    made: float
    """UTC seconds."""
    expires: float
    here: bool
    """It is the one that asks."""


class OwnSessions(Struct, frozen=True):
    """All places where somebody is signed in, the newest first."""

    sessions: tuple[SessionView, ...]


A = TypeVar("A", bound=Struct)
BROWSERS: Final = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
"""What stands in a User-Agent, the more telling first, and what people call it."""


class Signing:
    """Answers pages that want somebody signed in."""

    def __init__(
        self,
        sign_in: SignIn,
        now: Callable[[], float],
        deeds: DeedLog,
        ways: SignInSettings,
        openid: OpenIdSigning | None,
    ) -> None:
        """`openid` is None where people sign in with passwords alone."""
        self._sign_in = sign_in
        self._sessions = sign_in.sessions
        self._now = now
        self._refuse: Callable[[Refused], web.Response] = _unserved
        self._deeds = deeds
        self._ways = ways
        self._openid = openid
        self._tries = Limit(TRIES_A_SECOND, TRIES_AT_ONCE, now)
        self._comparing = asyncio.Semaphore(AT_ONCE)

    def mount(self, app: web.Application, path: str, refuse: Callable[[Refused], web.Response]) -> None:
        """Put the routes below `path`; `refuse` makes an answer of a refusal."""
        self._refuse = refuse
        app.router.add_get(path, self._guarded(self._show))
        app.router.add_post(path, self._guarded(self._begin))
        app.router.add_delete(path, self._guarded(self._end))
        app.router.add_put(f"{path}/password", self._guarded(self._choose))
        app.router.add_get(f"{path}/ways", self._guarded(self._show_ways))
        if self._openid is not None:
            app.router.add_get(PATH, self._shown(self._leave))
            app.router.add_get(BACK, self._shown(self._come_back))
        app.router.add_get(f"{path}/all", self._guarded(self._list))
        app.router.add_delete(f"{path}/all", self._guarded(self._end_all))

    def _guarded(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                check_origin(request.headers.get("Origin"), request.headers.get("Host"))
                return await handler(request)
            except Refused as refused:
                return self._refuse(refused)

        return handle

    def _shown(self, handler: Handler) -> Handler:
        """Guard what a browser comes to by itself: a refusal is shown on the page that it leads to."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except Refused as refused:
                log.warning("a sign-in was refused: %s", refused, extra={"action": "session.refused"})
                self._note("refused", request, None, "", refused.error_id)
                return web.Response(status=303, headers={"Location": f"{DESK}?refused={refused.error_id}"})

        return handle

    async def _show_ways(self, _: web.Request) -> web.Response:
        """Tell how people sign in here."""
        openid = self._ways.openid
        ways = Ways(openid=openid.title if openid is not None else "", passwords=self._ways.passwords is None)
        return web.Response(body=msgspec.json.encode(ways), content_type="application/json")

    async def _leave(self, request: web.Request) -> web.Response:
        assert self._openid is not None  # its route is there
        return await self._openid.begin(request)

    async def _come_back(self, request: web.Request) -> web.Response:
        """Sign in who comes back from the provider."""
        assert self._openid is not None  # its route is there
        account = await self._openid.back(request)
        cookie, _ = await self._signed_in(request, account)
        response = web.Response(status=303, headers={"Location": DESK})
        self._set(request, response, cookie, int(LIVES_S))
        response.del_cookie(openidsigning.COOKIE, path=PATH)
        return response

    async def _begin(self, request: web.Request) -> web.Response:
        """Sign somebody in."""
        shown = await _read(request, Credentials)
        if not self._ways.takes_password(shown.name):
            raise Refused("password_not_taken", "sign in by the other way: no password is taken from this account")
        account = self._sessions.accounts.get(shown.name)
        await self._compare(request, shown.name, account, shown.password)
        assert account is not None  # since the password is right
        cookie, session = await self._signed_in(request, account)
        response = self._told(account, session, cookie)
        self._set(request, response, cookie, int(LIVES_S))
        return response

    async def _signed_in(self, request: web.Request, account: Account) -> tuple[str, Session]:
        cookie = await self._sessions.begin(account, _browser(request))
        session = self._sessions.find(cookie)
        if session is None:
            raise Refused("not_signed_in", "this account may not sign in any more")
        log.info("%s signed in", session.name, extra={"action": "session.begun", "by": session.name})
        self._note("signed_in", request, account, session.name)
        return cookie, session

    async def _show(self, request: web.Request) -> web.Response:
        """Tell who is signed in."""
        account, session = self._here(request)
        return self._told(account, session, cookie_of(request))

    async def _list(self, request: web.Request) -> web.Response:
        """Tell where else somebody is signed in."""
        account, here = self._here(request)
        views = [
            SessionView(one.browser, one.made, one.expires, one.name == here.name)
            for one in self._sessions.of(account.name)
        ]
        return web.Response(body=msgspec.json.encode(OwnSessions(tuple(views))), content_type="application/json")

    async def _end_all(self, request: web.Request) -> web.Response:
        """Sign out everywhere."""
        account, session = self._here(request)
        await self._sessions.end_all(account.name)
        log.info("%s signed out everywhere", session.name, extra={"action": "session.ended", "by": session.name})
        return await self._signed_out(request, account, session)

    async def _end(self, request: web.Request) -> web.Response:
        """Sign out."""
        account, session = self._here(request)
        await self._sessions.end(session.name)
        log.info("%s signed out", session.name, extra={"action": "session.ended", "by": session.name})
        return await self._signed_out(request, account, session)

    async def _signed_out(self, request: web.Request, account: Account, session: Session) -> web.Response:
        """Answer; tell where else to sign out, if that is where one signed in."""
        self._note("signed_out", request, account, session.name)
        further = await self._openid.way_out(request) if self._openid is not None and account.subject else ""
        told = SignedOut(further)
        response = web.Response(body=msgspec.json.encode(told), content_type="application/json")
        self._set(request, response, "", 0)
        return response

    async def _choose(self, request: web.Request) -> web.Response:
        """Choose a password; all sessions of the account end but this one, which begins anew."""
        account, session = self._here(request)
        typed = await _read(request, NewPassword)
        await self._compare(request, account.name, account, typed.present)
        try:
            accounts.check_password(typed.chosen, account.name)
        except AccountError as error:
            raise Refused("password_bad", str(error)) from error
        if typed.chosen == typed.present:
            raise Refused("password_bad", "the new password is the present one")
        async with self._comparing:
            kept = await asyncio.to_thread(accounts.hashed, typed.chosen)
        changed = await self._sessions.change(account.name, lambda one: _with_password(one, kept, self._now()))
        cookie = await self._sessions.begin(changed, _browser(request))
        self._note("acted", request, changed, session.name)
        log.info("%s chose a password", session.name, extra={"action": "session.password", "by": session.name})
        begun = self._sessions.find(cookie)
        assert begun is not None  # it begins after the change
        response = self._told(changed, begun, cookie)
        self._set(request, response, cookie, int(LIVES_S))
        return response

    def _here(self, request: web.Request) -> tuple[Account, Session]:
        cookie = cookie_of(request)
        if not cookie:
            raise Refused("not_signed_in", "nobody is signed in here")
        session = self._sign_in.session(request, cookie)
        account = self._sessions.account(session.name)
        assert account is not None  # since there is a session
        return account, session

    async def _compare(self, request: web.Request, name: str, account: Account | None, password: str) -> None:
        """Raises Refused when a password is wrong, or too many were tried; the same for a name that nobody has."""
        failures = self._sign_in.failures
        if failures.spent(request.remote or "") or self._tries.spent(name):
            raise Refused("too_many_sign_ins", "too many wrong passwords: try again in a minute", retryable=True)
        kept = account.hash if account is not None and not account.disabled else ""
        async with self._comparing:
            right = await asyncio.to_thread(accounts.fits, password, kept)
        if right:
            return
        failures.spend(request.remote or "")
        self._tries.spend(name)
        self._sign_in.failed += 1
        log.warning("a password was wrong", extra={"action": "session.refused"})
        self._note("refused", request, account, account.name if account is not None else "", "password_wrong")
        raise Refused("password_wrong", "name or password is wrong")

    def _note(self, kind: Done, request: web.Request, account: Account | None, by: str, error: str = "") -> None:
        """Tell the access log. What was typed for a name that nobody has may be a password, and is not told."""
        role, agent = (ROLE[account.duty], account.agent) if account is not None else ("", "")
        what = f"{request.method} {request.path.removeprefix('/api/v1')}"
        self._deeds.note(kind, Deed(by=by, role=role, agent=agent, what=what, error=error))

    def _told(self, account: Account, session: Session, cookie: str) -> web.Response:
        told = SignedIn(
            name=account.name,
            title=account.title or account.name,
            duty=account.duty,
            agent=account.agent,
            departments=account.departments,
            temporary=account.temporary,
            csrf=csrf_of(cookie),
            expires=session.expires,
            now=self._now(),
        )
        return web.Response(body=msgspec.json.encode(told), content_type="application/json")

    def _set(self, request: web.Request, response: web.Response, cookie: str, lives: int) -> None:
        secure = is_secure(request)
        name = SECURE_COOKIE if secure else COOKIE
        response.set_cookie(name, cookie, max_age=lives, path="/", secure=secure, httponly=True, samesite="Strict")


def _unserved(refused: Refused) -> web.Response:
    raise refused


def _browser(request: web.Request) -> str:
    said = request.headers.get("User-Agent", "")
    return next((name for mark, name in BROWSERS.items() if mark in said), "")


async def _read(request: web.Request, kind: type[A]) -> A:
    if request.content_type != "application/json":
        raise Refused("media_not_supported", "the body must be application/json")
    if (request.content_length or 0) > BODY_MAX:
        raise Refused("body_too_large", f"at most {BODY_MAX} bytes are taken here")
    body = await request.content.read(BODY_MAX + 1)
    if len(body) > BODY_MAX:
        raise Refused("body_too_large", f"at most {BODY_MAX} bytes are taken here")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refused("bad_request", "the body is not what is asked for here") from None


def _with_password(account: Account, kept: str, now: float) -> Account:
    return msgspec.structs.replace(account, hash=kept, temporary=False, changed=now)
