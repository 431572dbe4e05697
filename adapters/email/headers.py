"""Headers of mails, however broken: read as text, never a reason to fail."""

import email.errors
import re
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

HEADER_MAX: Final = 1000
"""Characters of a header that are looked at."""
IDS_MAX: Final = 50
"""Message-IDs of one mail that are looked up."""

_ID: Final = re.compile(r"<[^\s<>]{1,250}>")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Line breaks and what turns the direction of text: in a name they only mislead."""


def text(message: "Message[str, str]", name: str) -> str:
    """Return a header as text on one line, empty when there is none."""
    raw = str(message.get(name, ""))[: 4 * HEADER_MAX]
    try:
        decoded = str(make_header(decode_header(raw)))
    except (email.errors.HeaderParseError, LookupError, UnicodeError, ValueError):
        decoded = raw
    return one_line(decoded)[:HEADER_MAX]


def one_line(written: str) -> str:
    """Return text without line breaks and other control characters, and without what is no character at all."""
    return _CONTROL.sub(" ", written.encode("utf-8", "replace").decode("utf-8")).strip()


def address(message: "Message[str, str]", name: str) -> tuple[str, str]:
    """Return the first address of a header, in its normal form, and the name beside it; empty when there is none."""
    for shown, found in getaddresses([text(message, name)]):
        local, at, domain = found.rpartition("@")
        if at and local and domain and not re.search(r"[\s<>,;\"]", found):
            return f"{local}@{domain.lower()}", shown
    return "", ""


def ids(message: "Message[str, str]", name: str) -> tuple[str, ...]:
    """Return the Message-IDs in a header, in their order."""
    return tuple(_ID.findall(str(message.get(name, "")))[:IDS_MAX])


def word(message: "Message[str, str]", name: str) -> str:
    """Return the first word of a header, in small letters."""
    return text(message, name).lower().partition(";")[0].split("(")[0].strip()


def date(message: "Message[str, str]") -> float | None:
    """Return when a mail was sent, by its own word."""
    try:
        return parsedate_to_datetime(str(message.get("Date", ""))).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError, OSError):
        return None
