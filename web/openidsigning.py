"""Signing in at an OpenID provider: a browser goes there and comes back, and an account follows what it is told."""

import hmac
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from aiohttp import web
from msgspec import structs

from router.boundary import BOUND
from router.inputs import Refused
from web import accounts
from web.accounts import AT_A_DESK, NAME, ROLE, Account, AccountError, Duty
from web.limits import Limit
from web.openid import Attempt, Provider
from web.sessions import Sessions
from web.signin import is_secure
from web.ways import EVERYBODYS

PATH: Final = "/api/v1/session/openid"
BACK: Final = f"{PATH}/back"
DESK: Final = "/desk"
COOKIE: Final = "vaxel-openid"
WITHIN_S: Final = 600.0
"""So long somebody may take at the provider."""
ATTEMPTS_MAX: Final = 1000
ATTEMPTS_A_SECOND: Final = 0.5
ATTEMPTS_AT_ONCE: Final = 30
"""Of one address, which may be a whole office's."""
PARAMETER_MAX: Final = 4096
NO_NAME: Final = re.compile(r"[^a-z0-9]+")


class OpenIdSigning:
    """Answers browsers that sign in at a provider."""

    def __init__(
        self, provider: Provider, sessions: Sessions, departments: Collection[str], now: Callable[[], float]
    ) -> None:
        self._provider = provider
        self._sessions = sessions
        self._departments = departments
        self._now = now
        self._attempts: dict[str, Attempt] = {}
        self._pace = Limit(ATTEMPTS_A_SECOND, ATTEMPTS_AT_ONCE, now)

    async def begin(self, request: web.Request) -> web.Response:
        """Send a browser to the provider. Raises Refused."""
        if not self._pace.spend(request.remote or ""):
            raise Refused("too_many_sign_ins", "too many sign-ins came from this address", retryable=True)
        attempt = Attempt(back=f"{_origin(request)}{BACK}", begun=self._now())
        address = await self._provider.address(attempt)
        self._forget()
        self._attempts[attempt.state] = attempt
        response = web.Response(status=303, headers={"Location": address})
        # Lax: the way back begins on the provider's page.
        response.set_cookie(
            COOKIE, attempt.browser, max_age=int(WITHIN_S), path=PATH, secure=is_secure(request), httponly=True,
            samesite="Lax",
        )  # fmt: skip
        return response

    async def back(self, request: web.Request) -> Account:
        """Return the account of somebody who comes back from the provider. Raises Refused."""
        query = request.query
        if any(len(value) > PARAMETER_MAX for value in query.values()):
            raise Refused("bad_request", "no provider says so much")
        attempt = self._attempts.pop(query.get("state", ""), None)
        cookie = request.cookies.get(COOKIE, "")
        if attempt is None or self._now() > attempt.begun + WITHIN_S:
            raise Refused("openid_stale", "this sign-in was not begun here, is over, or took too long: begin again")
        if not hmac.compare_digest(attempt.browser.encode(), cookie.encode()):
            raise Refused("openid_stale", "this sign-in was begun in another browser: begin again")
        if query.get("iss", self._provider.settings.issuer) != self._provider.settings.issuer:  # RFC 9207
            raise Refused("openid_refused", "another provider answered")
        if "code" not in query:
            raise Refused("openid_refused", "the provider let nobody in")
        claims = await self._provider.claims(attempt, query["code"])
        return await self._account(claims)

    async def way_out(self, request: web.Request) -> str:
        """Return where a browser goes to sign out at the provider too; empty when it need not."""
        try:
            return await self._provider.way_out(f"{_origin(request)}{DESK}")
        except Refused:
            return ""

    # ---- who it is -----------------------------------------------------------------------------------------------

    async def _account(self, claims: Mapping[str, Any]) -> Account:
        """Return the account of whom the provider tells, made or brought up to date. Raises Refused."""
        told = self._told(claims)
        known = self._sessions.accounts.all()
        kept = next((one for one in known.values() if one.subject == told.subject), None)
        try:
            if kept is None:
                if told.name in known:
                    raise Refused("account_taken", "somebody else has an account of that name here")
                await self._sessions.add(told)
                return told
            if kept.disabled:
                raise Refused("account_disabled", "this account may not sign in any more")
            follows = {name: getattr(told, name) for name in ("title", "duty", "agent", "departments")}
            if all(getattr(kept, name) == value for name, value in follows.items()):
                return kept
            now = self._now()
            return await self._sessions.change(kept.name, lambda one: structs.replace(one, changed=now, **follows))
        except AccountError as error:
            raise Refused(error.error_id, str(error)) from error

    def _told(self, claims: Mapping[str, Any]) -> Account:
        settings = self._provider.settings
        listed = claims.get(settings.groups, ())
        groups = {str(one) for one in (listed if isinstance(listed, list | tuple) else [listed])}
        duty = next((duty for group, duty in settings.roles.items() if group in groups), None)
        agent = str(claims.get(settings.agent, "")) if settings.agent else ""
        if duty is None or (duty in AT_A_DESK and not agent):
            raise Refused("no_role", "the provider knows you, but names no role of yours here: ask who runs it")
        departments = self._departments_of(duty, groups)
        name = NO_NAME.sub("-", str(claims.get(settings.name, "")).partition("@")[0].lower()).strip("-")[:30]
        if not NAME.fullmatch(name):
            raise Refused("no_role", f"the provider gives no name in {settings.name} that an account could have")
        accounts.check_duty(duty, agent, departments)
        return Account(
            name=name,
            title=str(claims.get("name", ""))[:100],
            duty=duty,
            agent=agent,
            departments=departments,
            changed=self._now(),
            subject=f"{settings.issuer} {claims['sub']}",
        )

    def _departments_of(self, duty: Duty, groups: set[str]) -> tuple[str, ...]:
        """Return whose business is somebody's. Where groups say it, a group has to say `*` for that of all."""
        meant = self._provider.settings.departments
        named = {one for group, one in meant.items() if group in groups}
        if not meant or ROLE[duty] not in BOUND or EVERYBODYS in named:
            return ()
        known = tuple(sorted(named & set(self._departments)))
        if not known:
            raise Refused("no_role", "the provider names no department of yours here: ask who administrates it")
        return known

    def _forget(self) -> None:
        """Make room for one more attempt."""
        until = self._now() - WITHIN_S
        for state in [one.state for one in self._attempts.values() if one.begun < until]:
            del self._attempts[state]
        while len(self._attempts) >= ATTEMPTS_MAX:
            del self._attempts[next(iter(self._attempts))]


def _origin(request: web.Request) -> str:
    return f"http{'s' if is_secure(request) else ''}://{request.host}"
