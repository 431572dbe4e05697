"""The words of the configuration: durations, shares, times of day, names, addresses. Each function reads one text and
raises ValueError saying what would be right."""

import ipaddress
import re
from datetime import date
from typing import Final, Literal

_UNITS: Final = {"": 1, "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_DURATION: Final = re.compile(r"(\d{1,7}(?:[.,]\d{1,3})?)\s*([a-z]*)")
_NAME: Final = re.compile(r"[^\W_][\w.-]{0,63}")
_DIALLED: Final = re.compile(r"[0-9A-Za-z+*#._-]{1,64}")
_PHONE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9+._~-]{1,64}")
_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_SIP: Final = re.compile(rf"sip:[^\s@<>\"]+@{_HOST}(?::(\d{{1,5}}))?(?:;[^\s<>\"]*)?")
_MAIL: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._+-]{{0,63}}@{_HOST}")
DIGITS_MAX: Final = 40
REGISTRATION_S: Final = (10.0, 3600.0)
WEEK_S: Final = 7 * 86400.0


def phone(text: str) -> str:
    """Check the name under which a phone registers, or the name of a trunk."""
    if not _PHONE.fullmatch(text):
        lower = text.lower() if _PHONE.fullmatch(text.lower()) else "guide01"
        raise ValueError(
            f'"{text}" is no name for SIP; use small letters, digits, ".", "-" and "_", at most 32, such as {lower}'
        )
    return text


def account(text: str) -> str:
    """Check the user part of an account at a registrar."""
    if not _ACCOUNT.fullmatch(text):
        raise ValueError(f'"{text}" cannot be the name of a SIP account')
    return text


def host(text: str) -> str:
    """Check a host: a name, or an address (IPv6 without brackets)."""
    if re.fullmatch(_HOST, text) is None and re.fullmatch(_HOST, f"[{text}]") is None:
        raise ValueError(f'"{text}" is no host; write it like sip.operator.example, 192.0.2.16 or 2001:db8::16')
    return text.strip("[]")


def seconds(text: str) -> float:
    """Read a duration.

    >>> seconds("20 s"), seconds("5 min"), seconds("1.5 h"), seconds("90")
    (20.0, 300.0, 5400.0, 90.0)
    """
    match = _DURATION.fullmatch(text.lower())
    unit = match[2] if match and match[2] in _UNITS else match[2].removesuffix("s") if match else "?"
    if match is None or unit not in _UNITS:
        raise ValueError(f'"{text}" is no duration; write it like 20 s, 5 min or 2 h')
    value = float(match[1].replace(",", ".")) * _UNITS[unit]
    if value > WEEK_S:
        raise ValueError(f'"{text}" is longer than a week')
    return value


def some_seconds(text: str) -> float:
    """Read a duration of at least a second."""
    value = seconds(text)
    if value < 1:
        raise ValueError(f'"{text}" is too short; at least 1 s')
    return value


def letter(text: str) -> str:
    """Check the letter of a ticket."""
    if len(text) != 1 or not "A" <= text <= "Z":
        raise ValueError(f'"{text}" is no letter of a ticket; write one of A to Z')
    return text


def window(text: str) -> float:
    """Read the time from one bookable time to the next."""
    value = seconds(text)
    if value < 300 or 3600 % value:
        raise ValueError(f'"{text}" is no window: write 5, 10, 12, 15, 20, 30 or 60 min; each hour begins one')
    return value


def seconds_or_never(text: str) -> float | None:
    """Read a duration of at least a second, or `never`."""
    return None if text == "never" else some_seconds(text)


def registration(text: str) -> float:
    """Read how long a registration lasts."""
    value = seconds(text)
    if not REGISTRATION_S[0] <= value <= REGISTRATION_S[1]:
        low, high = (f"{bound:g} s" for bound in REGISTRATION_S)
        raise ValueError(f'"{text}" is no time for a registration; from {low} (phones ask too often) to {high}')
    return value


def target(text: str) -> tuple[float, float]:
    """Read a service target as (share, seconds).

    >>> target("80 % within 60 s")
    (0.8, 60.0)
    """
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%\s*within\s+(.+)", text)
    if match is None or not 0 < float(match[1]) <= 100:
        raise ValueError(f'"{text}" is no target; write it like 80 % within 60 s')
    return float(match[1]) / 100, some_seconds(match[2])


def share(text: str) -> float:
    """Read a share.

    >>> share("3 %")
    0.03
    """
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%", text)
    if match is None or float(match[1]) > 100:
        raise ValueError(f'"{text}" is no share; write it like 3 %')
    return float(match[1]) / 100


def digit_count(text: str) -> tuple[int, int]:
    """Read how many digits an answer has: (least, most).

    >>> digit_count("6"), digit_count("6-8")
    ((6, 6), (6, 8))
    """
    match = re.fullmatch(r"(\d{1,2})(?:\s*-\s*(\d{1,2}))?", text)
    least, most = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= least <= most <= DIGITS_MAX:
        raise ValueError(f'"{text}" is no number of digits; write it like 6 or 6-8, at most {DIGITS_MAX}')
    return least, most


def name(text: str) -> str:
    """Check a name that others refer to."""
    if not _NAME.fullmatch(text):
        raise ValueError(f'"{text}" cannot be a name; use letters, digits, "-", "_" and ".", at most 64')
    return text


def number(text: str) -> str:
    """Check what callers dial: the user part of the SIP request, compared as it is."""
    if _DIALLED.fullmatch(text) and not re.fullmatch(r"\+?\d+(-\d+)+", text):
        return text
    bare = re.sub(r"[\s()/-]", "", text)
    hint = f"; write {bare}" if _DIALLED.fullmatch(bare) else ""
    raise ValueError(f'"{text}" is not a number as it arrives by SIP, without spaces and hyphens{hint}')


def digits_only(text: str) -> str:
    """Check what is typed on a telephone's keys to say who one is."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise ValueError(f'"{text}" is no number to type; write digits, at most 20')
    return text


def code(text: str) -> str:
    """Check what is dialled for something to be done."""
    if re.fullmatch(r"[*#][0-9*#]{1,9}", text):
        return text
    raise ValueError(f'"{text}" is no code; write it like *12: a star, then digits')


def sip_address(text: str) -> str:
    """Check the SIP address of a phone."""
    match = _SIP.fullmatch(text)
    if match is None or int(match[1] or 5060) not in range(1, 65536):
        raise ValueError(f'"{text}" is no SIP address; write it like sip:guide01@10.20.0.7:5060')
    return text


def site(text: str) -> str:
    """Check a site that may show a page of ours in a frame.

    >>> site("https://malmo.example")
    'https://malmo.example'
    """
    if not re.fullmatch(rf"https?://{_HOST}(?::\d{{1,5}})?", text):
        raise ValueError(f'"{text}" is no site; write it like https://www.malmo.example, without a path')
    return text


def url(text: str) -> str:
    """Check an address to which requests are sent; in plain HTTP only on this machine."""
    match = re.fullmatch(rf"(https?)://({_HOST})(?::\d{{1,5}})?(?:/[^\s?#@]*)?", text)
    if match is None:
        raise ValueError("is no address to send to; write it like https://gateway.example/vaxel, without a password")
    if match[1] == "http" and match[2] not in ("127.0.0.1", "localhost", "[::1]"):
        raise ValueError(f'"{text}" would carry what citizens write in the open; write https://')
    return text


def pages(text: str) -> str:
    """Check where citizens reach our pages; a slash at the end is left out.

    >>> pages("https://kontakt.malmo.example/")
    'https://kontakt.malmo.example'
    """
    match = re.fullmatch(rf"(https?)://({_HOST})(?::\d{{1,5}})?(?:/[^\s?#@]*)?", text)
    if match is None:
        raise ValueError(f'"{text}" is no address of pages; write it like https://kontakt.malmo.example')
    if match[1] == "http" and match[2] not in ("127.0.0.1", "localhost", "[::1]"):
        raise ValueError(f'"{text}" would carry what citizens answer in the open; write https://')
    return text.rstrip("/")


def any_address(text: str) -> str:
    """Check an address of a machine."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f'"{text}" is no address; write it like 10.20.0.5 or 2001:db8::5') from None


def mail_address(text: str) -> str:
    """Check an address of ours for mail."""
    if not _MAIL.fullmatch(text):
        raise ValueError(f'"{text}" is no address for mail; write it like contact@city.example')
    return text


def size(text: str) -> int:
    """Read a number of bytes.

    >>> size("25 MiB"), size("512 KiB")
    (26214400, 524288)
    """
    match = re.fullmatch(r"(\d{1,4})\s*(KiB|MiB)", text)
    if match is None or not int(match[1]):
        raise ValueError(f'"{text}" is no size; write it like 25 MiB or 512 KiB')
    return int(match[1]) * {"KiB": 1024, "MiB": 1024 * 1024}[match[2]]


def ip_address(text: str) -> str:
    """Check an IPv4 address of this machine."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError(f'"{text}" is no IPv4 address; write it like 10.20.0.5 (0.0.0.0 for all)') from None


def network(text: str) -> str:
    """Check a network in CIDR form or a single address.

    >>> network("10.20.0.7")
    '10.20.0.7/32'
    """
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        pass
    try:
        right = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{text}" is no network; write it like 10.20.0.0/16 or 10.20.0.7') from None
    raise ValueError(f'"{text}" has bits beyond its prefix; write {right}')


def socket_url(text: str) -> str:
    """Check where a WebSocket is: by TLS, for browsers open no other from a page that came by it."""
    if not re.fullmatch(r"wss://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?", text):
        raise ValueError(f'"{text}" is no address of a WebSocket; write it like wss://phone.example/sip')
    return text


def turn_url(text: str) -> str:
    """Check where a relay is (RFC 7065)."""
    if not re.fullmatch(r"turns?:[A-Za-z0-9.-]+(:\d{1,5})?(\?transport=(udp|tcp))?", text):
        raise ValueError(f'"{text}" is no address of a relay; write it like turn:turn.example:3478?transport=udp')
    return text


def ports(text: str) -> tuple[int, int]:
    """Read a range of ports."""
    match = re.fullmatch(r"(\d{1,5})\s*-\s*(\d{1,5})", text)
    low, high = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1024 <= low < high <= 65535:
        raise ValueError(f'"{text}" is no range of ports; write it like 20000-27999, within 1024-65535')
    return low, high


def country(text: str) -> str:
    """Check a country's code."""
    if not re.fullmatch("[A-Z]{2}", text):
        raise ValueError(f'"{text}" is no country; write its ISO code, like SE')
    return text


def prefix(text: str) -> str:
    """Check how numbers begin, with the country's code."""
    if not re.fullmatch(r"\+[1-9]\d{0,14}", text):
        raise ValueError(f'"{text}" is no beginning of a number; write it with + and the country\'s code, like +4690')
    return text


def short_number(text: str) -> str:
    """Check a number that is dialled as it is."""
    if not re.fullmatch(r"\d{2,6}", text):
        raise ValueError(f'"{text}" is no short number; write 2 to 6 digits, like 1177')
    return text


def digits(text: str) -> tuple[int, int]:
    """Read how many digits an extension has.

    >>> digits("4"), digits("3-5")
    ((4, 4), (3, 5))
    """
    match = re.fullmatch(r"(\d{1,2})(?:\s*-\s*(\d{1,2}))?", text)
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 3 <= low <= high <= 8:
        raise ValueError(f'"{text}" is no number of digits; write it like 4 or 3-5, within 3-8')
    return low, high


def digit(text: str) -> str:
    """Check a key of the telephone."""
    if not re.fullmatch("[0-9]", text):
        raise ValueError(f'"{text}" is no digit; write one from 0 to 9')
    return text


def lasts(text: str) -> "float | Literal['day'] | None":
    """Read how long an absence lasts of which nobody has told the end."""
    if text == "open":
        return None
    if text == "day":
        return "day"
    try:
        return seconds(text)
    except ValueError:
        like = "a duration like 1 h, day (until the next working day), or open"
        raise ValueError(f'"{text}" is no end; write {like}') from None


def day(text: str) -> date | None:
    """Read a date such as 2026-12-24; None when it is none."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def some_day(text: str) -> date:
    """Read a date."""
    found = day(text)
    if found is None:
        raise ValueError(f'"{text}" is no date; write it like 2026-12-01')
    return found
