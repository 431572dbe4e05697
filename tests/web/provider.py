"""A small OpenID provider on loopback, strict about what clients owe it, and spoilt in one way when a test says so."""

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.web.house import free_port

CLIENT, SECRET = "vaxel", "a-secret-of-32-characters-at-least"
Spoil = Callable[[dict[str, Any], dict[str, Any]], None]


class OpenIdProvider:
    """Signs in `claims` without asking."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.claims: dict[str, Any] = {}
        self.spoil: Spoil = lambda _header, _claims: None
        """Changes header and claims of a token before it is signed."""
        self.signed: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
        """Signs in another way."""
        self.described: dict[str, Any] = {}
        self.asked: list[str] = []
        self.new_key()
        self._codes: dict[str, dict[str, str]] = {}

    def new_key(self) -> None:
        """Sign with another key from now on, which alone is told."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["OpenIdProvider"]:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._describe)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _describe(self, _: web.Request) -> web.Response:
        self.asked.append("description")
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/out",
        }
        return web.json_response(told | self.described)

    async def _keys(self, _: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        back = f"{asked['redirect_uri']}?code={code}&state={asked['state']}"
        return web.Response(status=303, headers={"Location": back})

    async def _token(self, request: web.Request) -> web.Response:
        sent = await request.post()
        asked = self._codes.pop(str(sent["code"]), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(sent["code_verifier"]).encode()).digest())
        if (
            asked is None
            or request.headers["Authorization"] != f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
            or asked["code_challenge"] != challenge.rstrip(b"=").decode()
            or asked["redirect_uri"] != sent["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.now())
        header = {"alg": "RS256", "kid": self.key.kid}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        } | self.claims
        self.spoil(header, claims)
        token = self.signed(header, claims) if self.signed is not None else jwt.encode(header, claims, self.key)
        return web.json_response({"id_token": token, "access_token": "x", "token_type": "Bearer"})

    def with_public_key_as_secret(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Sign with what everybody knows, as if it were a secret (RFC 8725 §2.1)."""
        head = _joined(header | {"alg": "HS256"}, claims)
        known = self.key.as_pem(private=False)
        return f"{head}.{_coded(hmac.digest(known, head.encode(), 'sha256'))}"

    def with_anybodys_key(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Sign with a key of one's own, under the provider's name for its key."""
        return jwt.encode(header, claims, RSAKey.generate_key(2048, {"kid": header["kid"]}))

    @staticmethod
    def without_a_signature(_header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Sign nothing (`alg: none`, RFC 8725 §2.1)."""
        return f"{_joined({'alg': 'none'}, claims)}."


def _joined(*parts: dict[str, Any]) -> str:
    return ".".join(_coded(json.dumps(one).encode()) for one in parts)


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
