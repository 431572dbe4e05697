"""Tokens for programs and the command line: shown once, kept as hashes in a file that only Vaxel's user may read.

A token is `vaxel_NAME_SECRET`: the name tells which one it is when it turns up where it should not, the secret has 256
random bits, so a plain SHA-256 of the whole cannot be turned back and needs no slow hash. The file is the one truth:
`vaxel token` changes it whether or not an engine runs, and a running engine looks at it within `LOOK_EVERY_S`.
"""

import contextlib
import fcntl
import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from router.api import Caller, Role

log = logging.getLogger(__name__)

PREFIX: Final = "vaxel"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SECRET_BYTES: Final = 32
TOKEN_MAX: Final = 128
"""Characters; no token is longer."""
LOOK_EVERY_S: Final = 1.0
FORMAT: Final = 1


class Token(Struct, frozen=True, kw_only=True):
    """What is kept of a token."""

    name: str
    role: Role
    agent: str = ""
    """Whom it speaks for."""
    hash: str
    """SHA-256 of the token, in hex."""
    made: float
    """UTC seconds."""
    expires: float | None = None
    """UTC seconds; None for never."""

    @property
    def caller(self) -> Caller:
        """Who asks with it."""
        return Caller(self.name, self.role, self.agent)


class Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    format: int
    tokens: tuple[Token, ...] = ()


class TokenError(Exception):
    """A token cannot be made or revoked, or the file cannot be read; the text says what would be right."""

    error_id = "token"
    retryable = False


def make(name: str, role: Role, agent: str, now: float, expires: float | None = None) -> tuple[str, Token]:
    """Return a new token as it is shown, and as it is kept. Raises TokenError."""
    if not NAME.fullmatch(name):
        raise TokenError(f'a token cannot be called "{name}": small letters, digits and hyphens, at most 40')
    if role == "agent" and not agent:
        raise TokenError("a token of role agent speaks for one agent: name it with --agent")
    shown = f"{PREFIX}_{name}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return shown, Token(name=name, role=role, agent=agent, hash=digest(shown), made=now, expires=expires)


def digest(shown: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(shown.encode()).hexdigest()


class TokenFile:
    """The file of tokens. Methods raise TokenError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Token, ...]:
        """Return all tokens, expired ones too."""
        try:
            kept = msgspec.json.decode(self.path.read_bytes(), type=Kept)
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.MsgspecError) as error:
            raise TokenError(f"{self.path} cannot be read: {error}") from error
        if kept.format != FORMAT:
            raise TokenError(f"{self.path} has format {kept.format}, this version reads {FORMAT}")
        return kept.tokens

    def add(self, token: Token) -> None:
        """Keep a token; its name must be new."""
        with self._locked():
            tokens = self.read()
            if any(one.name == token.name for one in tokens):
                raise TokenError(f'there is a token "{token.name}" already: revoke it first, or choose another name')
            self._write((*tokens, token))

    def revoke(self, name: str) -> None:
        """Forget a token."""
        with self._locked():
            tokens = self.read()
            left = tuple(one for one in tokens if one.name != name)
            if len(left) == len(tokens):
                known = ", ".join(one.name for one in tokens) or "none"
                raise TokenError(f'there is no token "{name}"; there are: {known}')
            self._write(left)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise TokenError(f"{self.path.parent} cannot be opened: {(error.strerror or '').lower()}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        """Replace the file, whole or not at all."""
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(Kept(FORMAT, tokens))))
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self.path)
        except OSError as error:
            raise TokenError(f"{self.path} cannot be written: {(error.strerror or '').lower()}") from error


class Tokens:
    """The tokens in force: those of the file, and those made for this engine's life alone."""

    def __init__(self, file: TokenFile, now: Callable[[], float]) -> None:
        self._file = file
        self._now = now
        self._own: dict[str, Token] = {}
        self._kept: dict[str, Token] = {}
        self._seen: tuple[int, int] | None = None
        self._looked = float("-inf")

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
        self._look()
        token = self._own.get(name) or self._kept.get(name)
        return token if token is not None and (token.expires is None or token.expires > self._now()) else None

    def _look(self) -> None:
        """Read the file again when it has changed. One that cannot be read lets nobody in."""
        now = self._now()
        if now < self._looked + LOOK_EVERY_S:
            return
        self._looked = now
        try:
            stat = self._file.path.stat()
            seen = stat.st_mtime_ns, stat.st_ino
        except OSError:
            seen = None
        if seen == self._seen and seen is not None:
            return
        try:
            self._kept = {token.name: token for token in self._file.read()}
        except TokenError as error:
            self._kept = {}
            if seen != self._seen:
                log.error("no token of the file is valid: %s", error, extra={"action": "api.tokens_unreadable"})
        self._seen = seen
