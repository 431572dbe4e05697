"""PINs of entries that are not for everybody: argon2 hashes in files, compared away from the loop and not endlessly."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from engine.config.flows import PIN_DIGITS_MIN

WRONG_MAX: Final = 5
"""So many wrong PINs in a row lock an entry."""
LOCKED_S: Final = 300.0
"""For so long; twice as long each time that follows."""
LOCKED_MAX_S: Final = 86_400.0


class Door(Struct):
    """What an entry has seen."""

    hashed: str
    wrong: int = 0
    locked: float = 0.0
    """Seconds it was locked for last."""
    until: float = 0.0
    """Loop time."""


def hash_pin(pin: str) -> str:
    """Return the line for a PIN's file. Raises ValueError for what is too easily guessed."""
    if not (pin.isascii() and pin.isdecimal() and len(pin) >= PIN_DIGITS_MIN):
        raise ValueError(f"a PIN has at least {PIN_DIGITS_MIN} digits, and nothing else")
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
    """Compares what callers type; as `adapters.sip.keypad.PinCheck`."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """`files`: entry to the file with its PIN's hash. Raises ValueError for one that cannot be used."""
        self._doors = {entry: Door(read_hash(Path(path))) for entry, path in files.items()}
        self.refused = dict.fromkeys(files, 0)
        """Entry to what opened nothing there."""

    def __call__(self, entry: str, digits: str, answer: Callable[[bool], None]) -> None:
        """Compare `digits` with the PIN of `entry`; `answer` hears later."""
        loop = asyncio.get_running_loop()
        door = self._doors.get(entry)
        if door is None or loop.time() < door.until:
            self._refuse(entry)
            loop.call_soon(answer, False)
            return
        compared = loop.run_in_executor(None, _fits, door.hashed, digits)
        compared.add_done_callback(lambda done: answer(self._note(entry, door, done.result())))

    def _refuse(self, entry: str) -> None:
        self.refused[entry] = self.refused.get(entry, 0) + 1

    def _note(self, entry: str, door: Door, right: bool) -> bool:
        if right:
            door.wrong, door.locked = 0, 0.0
            return True
        self._refuse(entry)
        door.wrong += 1
        if door.wrong >= WRONG_MAX:
            door.wrong = 0
            door.locked = min(2 * door.locked or LOCKED_S, LOCKED_MAX_S)
            door.until = asyncio.get_running_loop().time() + door.locked
        return False


def _fits(hashed: str, digits: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, digits)
    except (VerificationError, InvalidHashError):
        return False
