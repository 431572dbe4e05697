"""Tokens for programs and the command line: shown once, kept as hashes in a file that only Vaxel's user may read.

A token is `vaxel_NAME_SECRET`: the name tells which one it is when it turns up where it should not, the secret has 256
random bits, so a plain SHA-256 of the whole cannot be turned back and needs no slow hash. `vaxel token` changes the
file (`web.records`) whether or not an engine runs.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from router.api import Caller, Role
from web.records import RecordError, RecordFile, Watched

PREFIX: Final = "vaxel"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SECRET_BYTES: Final = 32
TOKEN_MAX: Final = 128
"""Characters; no token is longer."""


class Token(Struct, frozen=True, kw_only=True):
    """What is kept of a token."""

    name: str
    role: Role
    agent: str = ""
    """Whom it speaks for."""
    departments: tuple[str, ...] = ()
    """Whose business is its own; empty for that of all."""
    hash: str
    """SHA-256 of the token, in hex."""
    made: float
    """UTC seconds."""
    expires: float | None = None
    """UTC seconds; None for never."""

    @property
    def caller(self) -> Caller:
        """Who asks with it."""
        return Caller(self.name, self.role, self.agent, self.departments)


class TokenError(RecordError):
    """A token cannot be made or revoked, or the file cannot be read; the text says what would be right."""

    error_id = "token"


def make(
    name: str,
    role: Role,
    agent: str,
    now: float,
    expires: float | None = None,
    departments: tuple[str, ...] = (),
) -> tuple[str, Token]:
    """Return a new token as it is shown, and as it is kept. Raises TokenError."""
    if not NAME.fullmatch(name):
        raise TokenError(f'a token cannot be called "{name}": small letters, digits and hyphens, at most 40')
    if role == "agent" and not agent:
        raise TokenError("a token of role agent speaks for one agent: name it with --agent")
    shown = f"{PREFIX}_{name}_{secrets.token_urlsafe(SECRET_BYTES)}"
    token = Token(
        name=name,
        role=role,
        agent=agent,
        departments=departments,
        hash=digest(shown),
        made=now,
        expires=expires,
    )
    return shown, token


def digest(shown: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(shown.encode()).hexdigest()


class TokenFile(RecordFile[Token]):
    """The file of tokens. Methods raise TokenError."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Token, "token", TokenError)


class Tokens:
    """The tokens in force: those of the file, and those made for this engine's life alone."""

    def __init__(self, file: TokenFile, now: Callable[[], float]) -> None:
        self._now = now
        self._own: dict[str, Token] = {}
        self._kept = Watched(file, now)

    def keep(self, token: Token) -> None:
        """Take a token that stands in no file."""
        self._own[token.name] = token

    def find(self, shown: str) -> Token | None:
        """Return the token in force that was shown as `shown`."""
        name = shown.split("_", 2)[1] if shown.count("_") >= 2 and len(shown) <= TOKEN_MAX else ""
        token = self.named(name)
        known = token.hash if token is not None else digest("")
        return token if hmac.compare_digest(known, digest(shown[:TOKEN_MAX])) else None

    def named(self, name: str) -> Token | None:
        """Return the token in force by that name."""
        token = self._own.get(name) or self._kept.get(name)
        return token if token is not None and (token.expires is None or token.expires > self._now()) else None
