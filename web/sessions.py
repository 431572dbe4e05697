"""Sessions of people's browsers: a cookie that only the server reads (RFC 6265), of which only the hash is kept.

A session outlives the engine, so that a restart is nothing to whoever works; it ends after `LIVES_S`, when its person
signs out, and when the account is changed.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from router.api import Caller
from web.accounts import ROLE, Account, AccountFile
from web.records import RecordError, RecordFile, Watched

LIVES_S: Final = 12 * 3600.0
"""Longer than anybody's working day."""
SECRET_BYTES: Final = 32
COOKIE_MAX: Final = 128


class Session(Struct, frozen=True, kw_only=True):
    """What is kept of a session."""

    name: str
    """The account's, a dot and some random letters: it stands in logs."""
    account: str
    hash: str
    """SHA-256 of the cookie, in hex."""
    made: float
    """UTC seconds."""
    expires: float
    browser: str = ""
    """In a word, so that people know it again."""


class SessionError(RecordError):
    """A session cannot be kept."""

    error_id = "session"


class SessionFile(RecordFile[Session]):
    """The file of sessions. Methods raise SessionError."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Session, "session", SessionError)


class Sessions:
    """The sessions in force."""

    def __init__(self, file: SessionFile, accounts: AccountFile, now: Callable[[], float]) -> None:
        """`now` gives UTC seconds."""
        self.accounts = Watched(accounts, now)
        self._sessions = Watched(file, now)
        self._now = now

    async def begin(self, account: Account, browser: str = "") -> str:
        """Begin a session; return its cookie. Raises SessionError."""
        now = self._now()
        name = f"{account.name}.{secrets.token_hex(4)}"
        shown = f"{name}_{secrets.token_urlsafe(SECRET_BYTES)}"
        session = Session(
            name=name, account=account.name, hash=_digest(shown), made=now, expires=now + LIVES_S, browser=browser
        )
        await asyncio.to_thread(self._sessions.file.add, session, lambda one: one.expires > now)
        self._sessions.look_again()
        return shown

    async def end(self, name: str) -> None:
        """End a session."""
        await asyncio.to_thread(self._sessions.file.forget, lambda one: one.name == name)
        self._sessions.look_again()

    async def end_all(self, account: str) -> None:
        """End all sessions of an account."""
        await asyncio.to_thread(self._sessions.file.forget, lambda one: one.account == account)
        self._sessions.look_again()

    def of(self, account: str) -> list[Session]:
        """Return the sessions of an account that are in force, the newest first."""
        own = (self._in_force(name) for name, one in self._sessions.all().items() if one.account == account)
        return sorted((one for one in own if one is not None), key=lambda one: -one.made)

    async def add(self, account: Account) -> None:
        """Keep a new account. Raises AccountError."""
        await asyncio.to_thread(self.accounts.file.add, account)
        self.accounts.look_again()

    async def remove(self, name: str) -> None:
        """Forget an account. Raises AccountError."""
        await asyncio.to_thread(self.accounts.file.remove, name)
        self.accounts.look_again()

    async def change(self, name: str, make: Callable[[Account], Account]) -> Account:
        """Change an account. Raises AccountError."""
        changed = await asyncio.to_thread(self.accounts.file.change, name, make)
        self.accounts.look_again()
        return changed

    def find(self, cookie: str) -> Session | None:
        """Return the session in force that has the cookie."""
        name = cookie.partition("_")[0] if len(cookie) <= COOKIE_MAX else ""
        session = self._in_force(name)
        known = session.hash if session is not None else _digest("")
        return session if hmac.compare_digest(known, _digest(cookie[:COOKIE_MAX])) else None

    def account(self, name: str) -> Account | None:
        """Return the account whose session is in force by that name."""
        session = self._in_force(name)
        return self.accounts.get(session.account) if session is not None else None

    def _in_force(self, name: str) -> Session | None:
        session = self._sessions.get(name)
        if session is None or session.expires <= self._now():
            return None
        account = self.accounts.get(session.account)
        valid = account is not None and not account.disabled and account.changed <= session.made
        return session if valid else None


def caller_of(account: Account, session: str) -> Caller:
    """Return who asks with a session."""
    return Caller(session, ROLE[account.duty], account.agent, account.departments)


def csrf_of(cookie: str) -> str:
    """Return what a page of ours sends in a header beside the cookie: a page of others cannot know it."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def _digest(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()
