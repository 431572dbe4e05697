"""An OpenID provider, as a client sees it: authorization code flow with PKCE (OpenID Connect Core §3.1, RFC 7636).

Keys and signatures are joserfc's work. Nothing that a provider says is believed before its signature, its issuer, its
audience, its times and the nonce of this one sign-in are right.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct, field

from router.inputs import Refused
from web.ways import OpenId, is_safe

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures with a provider's own key: neither `none`, nor one that whoever knows our secret could make."""
DISCOVERY: Final = "/.well-known/openid-configuration"
KEPT_S: Final = 3600.0
"""So long a provider's description and keys are believed."""
NEW_KEYS_S: Final = 30.0
"""Keys are fetched again for a token by another one, at most so often."""
LEEWAY_S: Final = 60
"""Clocks may differ by so much."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
ANSWER_MAX: Final = 512 * 1024
"""Bytes."""
SECRET_BYTES: Final = 32
ACCEPT: Final = {"Accept": "application/json"}

T = TypeVar("T")


class Description(Struct, frozen=True):
    """What a provider tells of itself (OpenID Connect Discovery §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Granted(Struct, frozen=True):
    """What a code is exchanged for."""

    id_token: str


class Attempt(Struct, frozen=True, kw_only=True):
    """A sign-in that was begun, and may come back once."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(SECRET_BYTES))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(SECRET_BYTES))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(SECRET_BYTES))
    browser: str = field(default_factory=lambda: secrets.token_urlsafe(SECRET_BYTES))
    """Lies in a cookie: nobody else's browser can finish it."""
    back: str
    """Where the provider sends the browser (redirect_uri)."""
    begun: float


class Provider:
    """Speaks with one provider. Methods raise Refused (`openid_away`, `openid_refused`)."""

    def __init__(self, settings: OpenId, secret: Callable[[], str], now: Callable[[], float]) -> None:
        """`now` gives UTC seconds."""
        self.settings = settings
        self._secret = secret
        self._now = now
        self._description: Description | None = None
        self._keys: KeySet | None = None
        self._described = self._keyed = float("-inf")

    async def address(self, attempt: Attempt) -> str:
        """Return where a browser goes to sign in."""
        described = await self._describe()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=")
        query = {
            "response_type": "code",
            "client_id": self.settings.client,
            "redirect_uri": attempt.back,
            "scope": " ".join(("openid", *self.settings.scopes)),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        return _with_query(described.authorization_endpoint, query)

    async def way_out(self, back: str) -> str:
        """Return where a browser goes to sign out there too; empty when the provider has no such place."""
        described = await self._describe()
        query = {"client_id": self.settings.client, "post_logout_redirect_uri": back}
        return _with_query(described.end_session_endpoint, query) if described.end_session_endpoint else ""

    async def claims(self, attempt: Attempt, code: str) -> Mapping[str, Any]:
        """Exchange a code; return what the provider says of somebody, once all of it was verified."""
        described = await self._describe()
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.back,
            "code_verifier": attempt.verifier,
        }
        client, secret = self.settings.client, self._secret().strip()
        headers = dict(ACCEPT)
        if "client_secret_basic" in described.token_endpoint_auth_methods_supported:
            shown = base64.b64encode(f"{_quoted(client)}:{_quoted(secret)}".encode()).decode()
            headers["Authorization"] = f"Basic {shown}"
        else:
            body |= {"client_id": client, "client_secret": secret}
        granted = await self._fetch("POST", described.token_endpoint, Granted, data=body, headers=headers)
        return await self._verified(granted.id_token, attempt)

    # ---- inside --------------------------------------------------------------------------------------------------

    async def _verified(self, token: str, attempt: Attempt) -> Mapping[str, Any]:
        now, client = self._now(), self.settings.client
        registry = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        )
        try:
            claims = await self._signed(token)
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Refused("openid_refused", f"the provider's token is not valid: {type(error).__name__}") from error
        several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
        if claims.get("azp", client) != client or (several and "azp" not in claims):
            raise Refused("openid_refused", "the provider's token was made for another client")
        return claims

    async def _signed(self, token: str) -> dict[str, Any]:
        """Return the claims of a token by one of the provider's keys; fetch those again if it is by another."""
        keys = await self._signing(again=False)
        try:
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            fresh = await self._signing(again=True)
            if fresh is keys:
                raise
            return jwt.decode(token, fresh, algorithms=list(ALGORITHMS)).claims

    async def _signing(self, *, again: bool) -> KeySet:
        now = self._now()
        if self._keys is None or now > self._keyed + (NEW_KEYS_S if again else KEPT_S):
            described = await self._describe()
            fetched = await self._fetch("GET", described.jwks_uri, dict[str, Any])
            try:
                self._keys = KeySet.import_key_set(fetched)  # type: ignore[arg-type]
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise Refused("openid_away", "the provider's keys cannot be read", retryable=True) from error
            self._keyed = now
        return self._keys

    async def _describe(self) -> Description:
        now = self._now()
        if self._description is None or now > self._described + KEPT_S:
            found = await self._fetch("GET", self.settings.issuer.rstrip("/") + DISCOVERY, Description)
            places = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.end_session_endpoint)
            if found.issuer != self.settings.issuer or not all(is_safe(one) for one in places if one):
                raise Refused("openid_away", "the provider describes another one, or a place without TLS")
            self._description, self._described = found, now
        return self._description

    async def _fetch(
        self, method: str, url: str, kind: type[T], *, headers: Mapping[str, str] = ACCEPT, **more: Any
    ) -> T:
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.request(method, url, allow_redirects=False, headers=headers, **more) as answer,
            ):
                body = await answer.content.read(ANSWER_MAX)
                if answer.status in (400, 401, 403) and method == "POST":
                    raise Refused("openid_refused", "the provider does not take the code, or our secret")
                if answer.status != 200:
                    raise Refused("openid_away", f"the provider answers {answer.status}", retryable=True)
                return msgspec.json.decode(body, type=kind)
        except (aiohttp.ClientError, OSError) as error:
            raise Refused("openid_away", "the provider cannot be reached", retryable=True) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Refused("openid_away", "the provider's answer cannot be read", retryable=True) from error


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"


def _quoted(text: str) -> str:
    """Return a name or secret as RFC 6749 §2.3.1 wants it within Basic."""
    return urlencode({"": text})[1:]
