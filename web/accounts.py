"""People who sign in: what is kept of them, and their passwords as argon2id hashes (RFC 9106)."""

import re
import secrets
from pathlib import Path
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from router.api import Role
from web.records import RecordError, RecordFile

Duty = Literal["guide", "specialist", "operator", "supervisor", "coordinator", "administrator"]

ROLE: Final[dict[Duty, Role]] = {
    "guide": "agent",
    "specialist": "agent",
    "operator": "operator",
    "supervisor": "supervisor",
    "coordinator": "coordinator",
    "administrator": "admin",
}
"""What a person with a duty may ask of the API."""
AT_A_DESK: Final[frozenset[Duty]] = frozenset({"guide", "specialist"})
"""Who is nothing without an agent."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 200
"""Characters: more than anybody types, and little to hash."""
_SYLLABLES: Final = tuple(a + b for a in "bdfgjklmnprstv" for b in "aeiouy")
_HASHER: Final = PasswordHasher()
_NOBODY: Final = _HASHER.hash(secrets.token_urlsafe())
"""Compared with for a name that nobody has, so that it takes as long as for one that somebody has."""


class Account(Struct, frozen=True, kw_only=True):
    """What is kept of a person who signs in."""

    name: str
    title: str = ""
    """As colleagues read it."""
    duty: Duty
    agent: str = ""
    """Whom the person is in queues."""
    departments: tuple[str, ...] = ()
    """Whose contacts and people are this one's business; empty for all."""
    hash: str = ""
    """Of the password; empty for who signs in elsewhere (OpenID Connect)."""
    temporary: bool = False
    """Whether the password was made by somebody else: it is good for choosing one's own."""
    disabled: bool = False
    changed: float
    """UTC seconds; sessions from before are not valid any more."""
    subject: str = ""
    """By which an OpenID provider knows who signs in there; empty for who has a password here."""


class AccountError(RecordError):
    """An account cannot be made or changed; the text says what would be right."""

    error_id = "account_bad"


class LastAdministrator(AccountError):
    """Nobody would be left who can let others in."""

    error_id = "last_administrator"


class AccountFile(RecordFile[Account]):
    """The file of accounts. Methods raise AccountError."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Account, "account", AccountError)

    def _write(self, records: tuple[Account, ...]) -> None:
        """Replace the file, unless nobody who runs Vaxel could sign in with a password any more."""
        if any(map(_runs, self.read())) and not any(map(_runs, records)):
            raise LastAdministrator("this is the last administrator with a password: make another one first")
        super()._write(records)


def _runs(account: Account) -> bool:
    return account.duty == "administrator" and bool(account.hash) and not account.disabled


def make(
    name: str, duty: Duty, now: float, *, agent: str = "", title: str = "", departments: tuple[str, ...] = ()
) -> tuple[str, Account]:
    """Return the password of a new account, good for choosing one's own, and the account. Raises AccountError."""
    if not NAME.fullmatch(name):
        raise AccountError(f'an account cannot be called "{name}": small letters, digits and hyphens, at most 30')
    check_duty(duty, agent, departments)
    password = invent()
    account = Account(
        name=name,
        title=title,
        duty=duty,
        agent=agent,
        departments=departments,
        hash=_HASHER.hash(password),
        temporary=True,
        changed=now,
    )
    return password, account


def check_duty(duty: Duty, agent: str, departments: tuple[str, ...]) -> None:
    """Refuse a duty that lacks something, or does not go with what is given. Raises AccountError."""
    if duty in AT_A_DESK and not agent:
        raise AccountError(f"a {duty} answers as an agent: name it with --agent")
    if duty == "administrator" and departments:
        raise AccountError("an administrator runs the whole house: give no departments")


def invent() -> str:
    """Return a password of 51 bits that can be read out over a telephone."""
    words = ("".join(secrets.choice(_SYLLABLES) for _ in range(2)) for _ in range(4))
    return "-".join(words)


def check_password(password: str, name: str) -> None:
    """Refuse a password that is guessed first. Raises AccountError."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise AccountError(f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    if len(set(password)) < 5 or name in password.lower():
        raise AccountError("a password of few different characters, or with the own name in it, is guessed first")


def hashed(password: str) -> str:
    """Return what is kept of a password. Takes some 50 ms: not for the loop."""
    return _HASHER.hash(password)


def fits(password: str, kept: str) -> bool:
    """Tell whether a password is the one that `kept` is the hash of; as slow for one that is kept of nobody."""
    try:
        _HASHER.verify(kept or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)
