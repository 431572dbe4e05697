"""Which sounds a prompt is made of. A text with values is spoken in pieces, so that what is needed can be made ready
before anybody rings: `You are number {number} in line.` is the pieces `position.1` and `position.2` with a number
between them; numbers are sounds of their own, `number.0` to `number.100`, one by one the digits too.

A recording replaces a piece as it replaces a prompt: prompts/en/position.1.wav, prompts/en/number.5.wav.
"""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ivr.phrase import NUMBER_MAX, Clock

DIGITS: Final = range(10)
NUMBERS: Final = range(NUMBER_MAX + 1)
COUNTED: Final[dict[str, range]] = {
    "digits": DIGITS,
    "key": DIGITS,
    "recording": range(0),
    "day": range(0),
    "letter": range(0),
}
"""Which numbers a value can need, by its name; any other value is a number."""
_VALUE: Final = re.compile(r"\{([^{}]*)\}")
_SPOKEN: Final = re.compile(r"\w")


class Slot(Struct, frozen=True):
    """Where a value is said."""

    name: str


Part = str | Slot
"""The name of a sound, or a value."""


class Line(Struct, frozen=True):
    """A sound to be spoken."""

    text: str
    joined: bool = False
    """Something is said right after it: no pause at its end."""


def values(text: str) -> list[str]:
    """Return the names of the values in a text, in order, as they are written."""
    return _VALUE.findall(text)


def parts(name: str, text: str) -> tuple[Part, ...]:
    """Return what the prompt `name` is made of.

    >>> parts("position", "You are number {number} in line.")
    ('position.1', Slot(name='number'), 'position.2')
    """
    return tuple(part for part, _ in _cut(name, text))


def lines(texts: Mapping[str, str]) -> dict[str, Line]:
    """Return the sounds of one language by their names: whole prompts, pieces, and numbers where values are said."""
    found: dict[str, Line] = {}
    for name, text in texts.items():
        for part, line in _cut(name, text):
            if isinstance(part, Slot):
                found |= {number(n): Line(f"{n},", joined=True) for n in COUNTED.get(part.name, NUMBERS)}
            else:
                found[part] = line
    return found


def number(value: int) -> str:
    """Return the name of a number's sound."""
    return f"number.{value}"


def numbers(value: int) -> list[str]:
    """Return the names of the sounds that say a number."""
    return [number(value)] if 0 <= value <= NUMBER_MAX else digits(str(abs(value)))


def clock(time: Clock) -> list[str]:
    """Return the names of the sounds that say a time of day: its hour, and its minutes unless it is a full one."""
    if not time.minute:
        return numbers(time.hour)
    return numbers(time.hour) + (digits(f"{time.minute:02}") if time.minute < 10 else numbers(time.minute))


def digits(text: str) -> list[str]:
    """Return the names of the sounds that say digits one by one."""
    return [number(int(digit)) for digit in text if digit.isdecimal()]


def _cut(name: str, text: str) -> list[tuple[Part, Line]]:
    """Cut a text at its values; what lies between them counts only if there is something to say."""
    if not values(text):
        return [(name, Line(text))]
    found: list[tuple[Part, Line]] = []
    pieces = _VALUE.split(text)
    for index, piece in enumerate(pieces):
        if index % 2:
            found.append((Slot(piece), Line("")))
        elif _SPOKEN.search(piece):
            last = index == len(pieces) - 1
            # A comma keeps the voice from falling as at the end of a sentence.
            said = piece.strip() if last else f"{piece.strip().rstrip(',')},"
            found.append((f"{name}.{index // 2 + 1}", Line(said, joined=not last)))
    return found
