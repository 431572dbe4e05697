"""PINs of entries that are not for everybody, and of agents who log in by telephone: argon2 hashes in files, compared
away from the loop and not endlessly. Codes of helpers are looked up beside them."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from engine.config.flows import PIN_DIGITS_MAX, PIN_DIGITS_MIN
from engine.installation import Login

WRONG_MAX: Final = 5
"""So many wrong PINs in a row lock an entry."""
LOCKED_S: Final = 300.0
"""For so long; twice as long each time that follows."""
LOCKED_MAX_S: Final = 86_400.0


Helper = Callable[[str, Callable[[str, str], None]], None]


class Door(Struct):
    """What an entry, or an agent's number, has seen."""

    file: str
    wrong: int = 0
    locked: float = 0.0
    """Seconds it was locked for last."""
    until: float = 0.0
    """Loop time."""


def hash_pin(pin: str) -> str:
    """Return the line for a PIN's file. Raises ValueError for what is too easily guessed."""
    if not (pin.isascii() and pin.isdecimal() and PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX):
        raise ValueError(f"a PIN has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits, and nothing else")
    if len(set(pin)) < 3 or pin in "01234567890123456789" or pin in "98765432109876543210":
        raise ValueError("a PIN of few digits, or digits in a row, is guessed first; choose another")
    return PasswordHasher().hash(pin)


def read_hash(path: Path) -> str:
    """Return the hash in a file. Raises ValueError saying what is wrong, never with the content."""
    try:
        text = path.read_text().strip()
        PasswordHasher().check_needs_rehash(text)
    except FileNotFoundError:
        raise ValueError(f"there is no file {path.name} there; make it by: vaxel pin {path}") from None
    except (OSError, UnicodeDecodeError, InvalidHashError):
        raise ValueError(f"{path.name} holds no PIN's hash; make it anew by: vaxel pin {path}") from None
    return text


class Pins:
    """Compares what people type; as `adapters.sip.keypad.PinCheck`."""

    def __init__(
        self,
        files: Mapping[str, str],
        logins: Mapping[str, Login] | None = None,
        helper: Helper = lambda _code, answer: answer("", ""),
    ) -> None:
        """`files`: entry to the file with its PIN's hash; `logins`: an agent's number to the login; `helper` tells
        whose code a helper types, and for which crisis.

        Raises ValueError for an entry's file that cannot be used.
        """
        for path in files.values():
            read_hash(Path(path))
        self._entries = {entry: Door(path) for entry, path in files.items()}
        self._logins = dict(logins or {})
        self._agents = {number: Door(login.file) for number, login in self._logins.items()}
        self.refused = dict.fromkeys(files, 0)
        """Entry to what opened nothing there."""
        self.refused_logins = 0
        self.helper = helper

    def __call__(self, entry: str, digits: str, answer: Callable[[bool], None]) -> None:
        """Compare `digits` with the PIN of `entry`; `answer` hears later."""

        def heard(right: bool) -> None:
            self.refused[entry] = self.refused.get(entry, 0) + (not right)
            answer(right)

        _try(self._entries.get(entry), digits, heard)

    def agent(self, number: str, digits: str, answer: Callable[[str], None]) -> None:
        """Compare `digits` with the PIN of the agent who has `number`; `answer` hears the agent's id, or nothing."""

        def heard(right: bool) -> None:
            self.refused_logins += not right
            answer(self._logins[number].agent if right else "")

        _try(self._agents.get(number), digits, heard)


def _try(door: Door | None, digits: str, answer: Callable[[bool], None]) -> None:
    loop = asyncio.get_running_loop()
    if door is None or loop.time() < door.until:
        loop.call_soon(answer, False)
        return
    compared = loop.run_in_executor(None, _fits, door.file, digits)
    compared.add_done_callback(lambda done: answer(_noted(door, done.result())))


def _noted(door: Door, right: bool) -> bool:
    """Return whether a door opens, and lock it when it has been tried too often."""
    if right:
        door.wrong, door.locked = 0, 0.0
        return True
    door.wrong += 1
    if door.wrong >= WRONG_MAX:
        door.wrong = 0
        door.locked = min(2 * door.locked or LOCKED_S, LOCKED_MAX_S)
        door.until = asyncio.get_running_loop().time() + door.locked
    return False


def _fits(file: str, digits: str) -> bool:
    try:
        return PasswordHasher().verify(read_hash(Path(file)), digits)
    except (ValueError, VerificationError):
        return False
