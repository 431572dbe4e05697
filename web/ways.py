"""The ways in which people may sign in: what the configuration says of them."""

from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from web.accounts import Duty

EVERYBODYS: Final = "*"
"""Stands for all departments."""


class OpenId(Struct, frozen=True, kw_only=True):
    """A provider, and what its groups mean here."""

    issuer: str
    client: str
    """Our id there."""
    secret_file: str
    title: str
    """What people call it."""
    scopes: tuple[str, ...]
    name: str
    """The claim that an account is named by."""
    groups: str
    """The claim that lists somebody's groups."""
    agent: str
    """The claim that says whom somebody is in queues."""
    roles: dict[str, Duty]
    """Group to duty; the first that somebody has decides."""
    departments: dict[str, str]
    """Group to department."""


class SignInSettings(Struct, frozen=True, kw_only=True):
    """How people sign in."""

    openid: OpenId | None = None
    passwords: tuple[str, ...] | None = None
    """Accounts from which a password is taken; None for all."""

    def takes_password(self, name: str) -> bool:
        """Tell whether an account signs in with a password."""
        return self.passwords is None or name in self.passwords


def is_safe(url: str) -> bool:
    """Tell whether a provider may be asked there: over TLS, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))
