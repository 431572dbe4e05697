"""Telephone numbers of the directory: kept in E.164, shown as people write them."""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

SHORT_MAX: Final = 6
"""A number of up to so many digits is a short number (11414) and stays as it is."""
_STRANGE: Final = re.compile(r"[^\d+()\s./-]")


def normal(text: str, country: str) -> str:
    """Return a number in E.164, a short one as its digits. Raises ValueError with what would be right.

    >>> normal("040-628 04 00", "SE"), normal("+358 (0)9 1234 567", "SE"), normal("11414", "SE")
    ('+46406280400', '+35891234567', '11414')
    """
    bare = text.replace("(0)", "")
    if _STRANGE.search(bare):
        raise ValueError("is no telephone number: only digits, spaces, +, -, / and () may stand in one")
    short = bare.strip()
    if short.isascii() and short.isdecimal() and len(short) <= SHORT_MAX and short[0] != "0":
        return short
    try:
        number = phonenumbers.parse(bare, country)
    except NumberParseException:
        raise ValueError("is no telephone number; write it like 040-628 04 00 or +46 40 628 04 00") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("has too few or too many digits for a telephone number of its country")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def shown(number: str, country: str) -> str:
    """Return a normal number as people of `country` write it."""
    if not number.startswith("+"):
        return number
    parsed = phonenumbers.parse(number)
    home = phonenumbers.country_code_for_region(country) == parsed.country_code
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def dialled(number: str, country: str) -> str:
    """Return a normal number's digits as they are dialled from `country`: what is searched.

    >>> dialled("+46406280400", "SE"), dialled("+35891234567", "SE")
    ('0406280400', '0035891234567')
    """
    home = f"+{phonenumbers.country_code_for_region(country)}"
    if number.startswith(home):
        return f"0{number.removeprefix(home)}"
    return number.replace("+", "00", 1)
