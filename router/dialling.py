"""The dial gate: what may be dialled, how often, and the permits without which nothing is dialled.

`assess` reads a number as somebody wrote or pressed it, and says what it is, or why it may not be dialled. `DialLog`
counts: so many calls to a number, in an hour, in a day. `Gate` makes the permit that a worker asks for. Every number
Vaxel dials takes this way, for whatever reason: a transfer, a callback, an agent's own call, a flow.
"""

import hashlib
import hmac
import re
from bisect import bisect_right, insort
from collections.abc import Mapping
from itertools import chain
from typing import Final

import phonenumbers
from msgspec import Struct, field
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, shortnumberinfo

KEY_BYTES: Final = 32
HOUR: Final = 3600.0
DAY: Final = 86_400.0
FORGET_AT: Final = 256
"""Calls older than a day that are kept before they are dropped together."""
DIGITS_MAX: Final = 20
"""Longer than any number (E.164 allows 15) with its prefix."""
PHONE: Final = "phone:"
"""Begins the address of a phone that registers."""
_WRITTEN: Final = re.compile(r"[0-9+()/.\-\s]{1,40}")
_ADDRESS: Final = re.compile(r"(?:sips?:)?([A-Za-z0-9+][A-Za-z0-9._+-]{0,63})@([A-Za-z0-9.-]{1,253})")


class Destination(Struct, frozen=True, array_like=True, gc=False):
    """Who is to be rung, without a personal value: facts carry it."""

    address: str
    """`phone:NAME`, a SIP URI from the configuration, or `number:<pseudonym>`."""
    person: str = ""
    """Id in the directory."""
    country: str = ""
    """Of a number: ISO 3166 letters."""
    emergency: bool = False
    refer: bool = False
    """The trunk is asked to connect the citizen itself (REFER): the call leaves us, and does not come back."""

    @property
    def outside(self) -> bool:
        """Tell whether it is a number outside the house, for which the gate counts."""
        return self.address.startswith("number:")


def address_of(person: str) -> str:
    """Return the address in the core of a person's number.

    >>> address_of("p7f3a")
    'number:p7f3a'
    """
    return f"number:{person}"


class Number(Struct, frozen=True):
    """A number that may be dialled. Only `assess` makes one."""

    dialled: str
    """As it goes to the trunk: E.164 with +, a short number as it is, or `user@domain`."""
    country: str
    emergency: bool = False
    domain: str = ""
    """Of a SIP address."""

    @property
    def user(self) -> str:
        """What stands before the @ of the URI that is dialled."""
        return self.dialled.removesuffix(f"@{self.domain}") if self.domain else self.dialled


class DialRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be dialled, by configuration."""

    home: str = "SE"
    """The country whose numbers are written without a country code."""
    countries: tuple[str, ...] = ("SE",)
    """Countries that may be dialled."""
    allowed: tuple[str, ...] = ()
    """Prefixes (+…) that may be dialled besides, whatever the country."""
    refused: tuple[str, ...] = ()
    """Prefixes (+…) that may not be dialled; premium rates never may."""
    short: tuple[str, ...] = ("1177", "11313", "11414")
    """Short numbers that may be dialled as they are."""
    emergency: tuple[str, ...] = ("112",)
    """Never refused to an agent."""
    per_number_hour: int = 10
    per_number_day: int = 30
    per_hour: int = 2_000
    per_day: int = 20_000
    domains: dict[str, str] = field(default_factory=dict)
    """Domain whose SIP addresses may be called (relay services), to the trunk that leads there."""


class NotDialled(Exception):
    """A number may not be dialled. The text names neither the number nor a person."""

    retryable = False

    def __init__(self, error_id: str, text: str) -> None:
        super().__init__(text)
        self.error_id = error_id
        """Stable: `number_bad`, `number_country`, `number_refused`, `domain_refused`."""


def assess(written: str, rules: DialRules) -> Number:
    """Read a number, or a SIP address, as people write it. Raises NotDialled."""
    if "@" in written:
        return _address(written, rules)
    if not _WRITTEN.fullmatch(written):
        raise NotDialled("number_bad", "this is no telephone number")
    digits = re.sub(r"[^0-9+]", "", written)
    if not 2 <= len(digits) <= DIGITS_MAX or "+" in digits[1:]:
        raise NotDialled("number_bad", "this is no telephone number")
    if digits in rules.emergency:
        return Number(digits, rules.home, emergency=True)
    if digits in rules.short:
        return Number(digits, rules.home)
    try:
        parsed = phonenumbers.parse(digits, rules.home)
    except NumberParseException:
        raise NotDialled("number_bad", "this is no telephone number") from None
    if shortnumberinfo.is_emergency_number(digits, rules.home):
        return Number(digits, rules.home, emergency=True)
    if not phonenumbers.is_possible_number(parsed):
        raise NotDialled("number_bad", "this number has too few or too many digits")
    return _allowed(parsed, rules)


def _address(written: str, rules: DialRules) -> Number:
    """Read a SIP address: one of a domain that the configuration names, and nothing that a URI could hide in it."""
    match = _ADDRESS.fullmatch(written.strip())
    if match is None:
        raise NotDialled("number_bad", "this is no SIP address; write it like user@domain")
    user, domain = match[1], match[2].lower()
    if domain not in rules.domains:
        raise NotDialled("domain_refused", "addresses of this domain may not be called")
    return Number(f"{user}@{domain}", "", domain=domain)


def normal(written: str, home: str) -> str:
    """Return a number in the one form under which the same number compares equal: E.164, or as it is if it is none."""
    try:
        parsed = phonenumbers.parse(written, home)
    except NumberParseException:
        return written
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def national(dialled: str, home: str) -> str:
    """Return a number as people of its country write it if that is `home`, as it is dialled if not; digits alone.

    >>> national("+46701234567", "SE")
    '0701234567'
    """
    try:
        parsed = phonenumbers.parse(dialled, home)
    except NumberParseException:
        return dialled
    if phonenumbers.region_code_for_number(parsed) != home:
        return dialled
    return re.sub(r"\D", "", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))


def readable(dialled: str, home: str) -> str:
    """Return a number in groups, as people of `home` read it.

    >>> readable("+46701234567", "SE")
    '070-123 45 67'
    """
    try:
        parsed = phonenumbers.parse(dialled, home)
    except NumberParseException:
        return dialled
    ours = phonenumbers.region_code_for_number(parsed) == home
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if ours else PhoneNumberFormat.INTERNATIONAL)


def _allowed(parsed: phonenumbers.PhoneNumber, rules: DialRules) -> Number:
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    country = phonenumbers.region_code_for_number(parsed) or ""
    if any(number.startswith(prefix) for prefix in rules.refused):
        raise NotDialled("number_refused", "numbers that begin like this may not be dialled")
    if phonenumbers.number_type(parsed) == PhoneNumberType.PREMIUM_RATE:
        raise NotDialled("number_refused", "numbers of premium rate may not be dialled")
    if any(number.startswith(prefix) for prefix in rules.allowed):
        return Number(number, country)
    if country not in rules.countries:
        raise NotDialled("number_country", "this country may not be dialled")
    if not phonenumbers.is_valid_number(parsed):
        raise NotDialled("number_bad", "there is no such number")
    return Number(number, country)


class DialLog:
    """When which number was dialled, in the last day: what the caps count."""

    def __init__(self, dialled: Mapping[str, list[float]] | None = None) -> None:
        """`dialled`: address to times, as `snapshot` gives them."""
        self._by_address = {address: list(times) for address, times in (dialled or {}).items()}
        self.refused: dict[str, int] = {}
        """What stood against dialling, by the id of the cap, since this engine started."""
        self._all = sorted(chain.from_iterable(self._by_address.values()))

    def snapshot(self) -> dict[str, list[float]]:
        """Return address to times."""
        return {address: list(times) for address, times in self._by_address.items()}

    def add(self, destination: Destination, at: float) -> None:
        """Count a call; only numbers outside the house are counted."""
        if not destination.outside:
            return
        self._forget(at - DAY)
        insort(self._all, at)
        insort(self._by_address.setdefault(destination.address, []), at)

    def capped(self, destination: Destination, rules: DialRules, now: float) -> str | None:
        """Return the id of the cap that stands against dialling once more; emergency calls know none."""
        if not destination.outside or destination.emergency:
            return None
        cap = self._reached(destination, rules, now)
        if cap is not None:
            self.refused[cap] = self.refused.get(cap, 0) + 1
        return cap

    def lately(self, destination: Destination, now: float) -> int:
        """Return how often a number was dialled within the last day."""
        return _since(self._by_address.get(destination.address, []), now - DAY)

    def _reached(self, destination: Destination, rules: DialRules, now: float) -> str | None:
        # Whom the directory names is often asked for: only the caps on all hold then.
        same = self._by_address.get(destination.address, []) if not destination.person else []
        if _since(same, now - HOUR) >= rules.per_number_hour or _since(same, now - DAY) >= rules.per_number_day:
            return "number_capped"
        if _since(self._all, now - HOUR) >= rules.per_hour or _since(self._all, now - DAY) >= rules.per_day:
            return "dialling_capped"
        return None

    def _forget(self, before: float) -> None:
        """Drop what no cap counts any more, many at a time."""
        old = bisect_right(self._all, before)
        if old < FORGET_AT:
            return
        del self._all[:old]
        kept = {address: times[bisect_right(times, before) :] for address, times in self._by_address.items()}
        self._by_address = {address: times for address, times in kept.items() if times}


def _since(times: list[float], after: float) -> int:
    """Return how many of the ordered `times` lie after a time."""
    return len(times) - bisect_right(times, after)


class Permit(Struct, frozen=True, array_like=True):
    """Leave to dial `target` for `leg` under `epoch`; `mac` proves that the gate made it."""

    leg: str
    target: str
    epoch: int
    mac: bytes


class Gate:
    """Makes permits with a key that the supervisor shares with the workers and nobody else."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the dial key has {len(key)} bytes, at least {KEY_BYTES} are needed")
        self._key = key

    def phone(self, leg: str, target: str, epoch: int) -> Permit:
        """Permit ringing a phone of the house, whose SIP address comes from the configuration in force."""
        return Permit(leg, target, epoch, self._mac(leg, target, epoch))

    def number(self, leg: str, number: Number, host: str, epoch: int) -> Permit:
        """Permit ringing a number that was assessed, at the trunk `host` (with port and parameters, if any)."""
        target = f"sip:{number.user}@{host}"
        return Permit(leg, target, epoch, self._mac(leg, target, epoch))

    def genuine(self, permit: Permit) -> bool:
        """Tell whether this gate's key made the permit, unaltered."""
        return hmac.compare_digest(permit.mac, self._mac(permit.leg, permit.target, permit.epoch))

    def _mac(self, leg: str, target: str, epoch: int) -> bytes:
        text = "\0".join((leg, target, str(epoch)))
        return hmac.digest(self._key, text.encode(), hashlib.sha256)
