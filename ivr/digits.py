"""Whether digits that somebody typed can be what was asked for. Pure, and all that is ever said about them."""

from datetime import date
from typing import Final

from ivr.flow import Collect
from ivr.forms import keyed, wrong

_COORDINATION: Final = 60
"""Added to the day of birth in a coordination number (samordningsnummer)."""
LEAP: Final = 2000
"""A year with a 29 February, for numbers that do not name the century."""


def holds(node: Collect, digits: str) -> bool | None:
    """Tell whether `digits` are an answer to `node`; None when only the house can tell (`pin`, `agent`, `helper`,
    `number`).
    """
    if node.wants is not None:
        return wrong(node.wants, keyed(node.wants, digits)) is None
    if not (node.least <= len(digits) <= node.most and digits.isascii() and digits.isdecimal()):
        return False
    match node.check:
        case "luhn":
            return luhn(digits)
        case "personnummer":
            return personnummer(digits)
        case "pin" | "agent" | "number" | "helper":
            return None
        case _:
            return True


def luhn(digits: str) -> bool:
    """Tell whether the last digit is right (ISO/IEC 7812-1, annex B).

    >>> luhn("4539578763621486"), luhn("4539578763621487")
    (True, False)
    """
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def personnummer(digits: str) -> bool:
    """Tell whether this is a Swedish personal or coordination number, with 10 digits or, with the century, 12.

    >>> personnummer("8112189876"), personnummer("198112189876"), personnummer("8113189876")
    (True, True, False)
    """
    if len(digits) not in (10, 12) or not luhn(digits[-10:]):
        return False
    month, day = int(digits[-8:-6]), int(digits[-6:-4])
    year = int(digits[:4]) if len(digits) == 12 else LEAP + int(digits[:2]) % 4
    try:
        date(year, month, day - _COORDINATION if day > _COORDINATION else day)
    except ValueError:
        return False
    return True
