"""Codes by which invited agents join a crisis at a telephone (docs/crisis.md): made here, told once, kept as argon2
hashes in the vault, short-lived, and tried a few times only.

A code's first digits say which one it is, the others are the secret.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from msgspec import Struct, structs

from adapters.redis.errors import StoreError
from adapters.redis.vault import Vault
from engine.config.flows import INVITATION_DIGITS
from router.ports import Secret

KIND: Final = "code"
NAMED: Final = 4
"""Digits that say which code it is."""
WRONG_MAX: Final = 5
"""So many wrong ones in a row, and a code opens nothing any more."""
LASTS: Final = 12 * 3600.0
"""Seconds for which a code holds, if the crisis lasts that long; who helps already goes on."""


class Invitation(Struct, frozen=True):
    """What the vault keeps of a code."""

    crisis: str
    agent: str
    until: float
    hash: str
    wrong: int = 0


class Invited(NamedTuple):
    """What an agent is told."""

    code: str
    until: float


class Invitations:
    """The codes that hold."""

    def __init__(
        self,
        vault: Vault,
        now: Callable[[], float],
        spawn: Callable[[str, Coroutine[Any, Any, None]], object],
    ) -> None:
        self.refused = 0
        """What was typed and opened nothing."""
        self._vault = vault
        self._now = now
        self._spawn = spawn
        self._one_by_one = asyncio.Lock()

    async def invite(self, crisis: str, agent: str) -> Invited:
        """Make a code for an agent. Raises StoreError."""
        until, secret = self._now() + LASTS, _digits(INVITATION_DIGITS - NAMED)
        hashed = await asyncio.get_running_loop().run_in_executor(None, PasswordHasher().hash, secret)
        async with self._one_by_one:
            name = _digits(NAMED)
            while await self._kept(name) is not None:
                name = _digits(NAMED)
            await self._keep(name, Invitation(crisis, agent, until, hashed))
        return Invited(name + secret, until)

    def __call__(self, code: str, answer: Callable[[str, str], None]) -> None:
        """Look whose code it is; `answer` hears agent and crisis, or nothing."""
        self._spawn("invitation", self._answer(code, answer))

    async def _answer(self, code: str, answer: Callable[[str, str], None]) -> None:
        try:
            async with self._one_by_one:
                found = await self._find(code[:NAMED], code[NAMED:])
        except StoreError:
            found = None
        self.refused += found is None
        answer(*((found.agent, found.crisis) if found is not None else ("", "")))

    async def _find(self, name: str, secret: str) -> Invitation | None:
        kept = await self._kept(name)
        if kept is None or kept.until <= self._now() or kept.wrong >= WRONG_MAX:
            return None
        # Counted before it is compared: whoever has an engine die gets no further try by that.
        await self._keep(name, structs.replace(kept, wrong=kept.wrong + 1))
        if not await asyncio.get_running_loop().run_in_executor(None, _fits, kept.hash, secret):
            return None
        await self._keep(name, structs.replace(kept, wrong=0))
        return kept

    async def _kept(self, name: str) -> Invitation | None:
        text = (await self._vault.get(_owner(name))).get(KIND)
        return msgspec.json.decode(text, type=Invitation) if text is not None else None

    async def _keep(self, name: str, invitation: Invitation) -> None:
        await self._vault.put(Secret(_owner(name), KIND, msgspec.json.encode(invitation).decode()))


def _owner(name: str) -> str:
    return f"invitation.{name}"


def _digits(number: int) -> str:
    return f"{secrets.randbelow(10**number):0{number}}"


def _fits(hashed: str, secret: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, secret)
    except VerificationError:
        return False
