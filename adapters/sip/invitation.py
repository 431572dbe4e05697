"""Reading the few headers of an INVITE that matter, once per call (RFC 3261 §7.3, §20; RFC 3325; RFC 3323)."""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

_LONG_NAMES: Final = {"f": "from"}
_WANTED: Final = re.compile(
    r"^(f|from|p-asserted-identity|privacy|x-vaxel-phone|x-vaxel-voucher)[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE
)
_NETWORK: Final = re.compile(r"^x-vaxel-network[ \t]*:[ \t]*([^\s]*)", re.IGNORECASE | re.MULTILINE)
_SENT: Final = re.compile(r"^x-vaxel-sent[ \t]*:[ \t]*(\d{1,12}\.\d{1,6})\b", re.IGNORECASE | re.MULTILINE)
_TEXT: Final = re.compile(r"^m=text[ \t]+[1-9]", re.MULTILINE)
_AUDIO: Final = re.compile(r"^m=audio[ \t]+[1-9]", re.MULTILINE)
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_ADDRESS: Final = re.compile(r"(?P<scheme>sips?|tel):(?P<rest>[^>\s]*)", re.IGNORECASE)
_QUOTED: Final = re.compile(r'\s*"((?:\\.|[^"\\])*)"')
_VALUE_MAX: Final = 2000
"""Characters of a header that are read."""
_WITHHELD_USERS: Final = frozenset(("", "anonymous", "unavailable", "restricted", "unknown", "withheld"))
_WITHHOLDING: Final = frozenset(("id", "user", "header", "critical"))


class Party(NamedTuple):
    """One end of a call, as a name-addr or addr-spec says it."""

    user: str = ""
    host: str = ""
    display: str = ""


class Invitation(NamedTuple):
    """What an INVITE says."""

    called: str
    """User part of the request URI."""
    sender: Party
    """From."""
    asserted: Party | None
    """The first P-Asserted-Identity with a usable address, believed only where the network may assert."""
    private: bool
    """The caller asked for privacy."""
    phone: str = ""
    """X-Vaxel-Phone, believed only from the edge: the registered phone that rings."""
    text: bool = False
    """Its offer has real-time text."""
    audio: bool = True
    """Its offer has audio, or there is no offer."""
    voucher: str = ""
    """X-Vaxel-Voucher, believed only from the edge: by what a citizen's page rings."""


def read_invitation(text: str) -> Invitation:
    """Read the head of an INVITE as it came from the wire. Never raises: what cannot be read is empty."""
    head, _, body = text.partition("\r\n\r\n")
    if "\n " in head or "\n\t" in head:
        head = _FOLD.sub(" ", head)
    headers: dict[str, list[str]] = {}
    for name, value in _WANTED.findall(head):
        headers.setdefault(_LONG_NAMES.get(name.lower(), name.lower()), []).append(clean(value.strip()[:_VALUE_MAX]))
    request = head.partition("\n")[0].split(" ")
    called = read_party(clean(request[1])).user if len(request) > 1 else ""
    sender = read_party(headers.get("from", [""])[0])
    asserted = None
    for value in _split(",".join(headers.get("p-asserted-identity", ()))):
        party = read_party(value)
        if party.user:
            asserted = party
            break
    privacy = {word.strip().lower() for value in headers.get("privacy", ()) for word in re.split("[;,]", value)}
    phone = headers.get("x-vaxel-phone", [""])[0]
    voucher = headers.get("x-vaxel-voucher", [""])[0]
    written = _TEXT.search(body) is not None
    spoken = not written or _AUDIO.search(body) is not None
    return Invitation(called, sender, asserted, bool(privacy & _WITHHOLDING), phone, written, spoken, voucher)


def network_named(text: str) -> str:
    """Return X-Vaxel-Network of a request, which only the edge may send; empty without it."""
    found = _NETWORK.search(text.partition("\r\n\r\n")[0])
    return found[1] if found is not None else ""


def sent_at(text: str) -> float | None:
    """Return X-Vaxel-Sent of a request, which only the edge may send: when it sent it, in seconds since the epoch."""
    found = _SENT.search(text.partition("\r\n\r\n")[0])
    return float(found[1]) if found is not None else None


def is_anonymous(party: Party) -> bool:
    """Tell whether a party names nobody (RFC 3323 §4.1, and what switches put there)."""
    return party.user.lower() in _WITHHELD_USERS or party.host.lower() == "anonymous.invalid"


def read_party(value: str) -> Party:
    """Read a name-addr or addr-spec; a `tel:` address gives its number as user."""
    display = ""
    if (quoted := _QUOTED.match(value)) is not None:
        display = re.sub(r"\\(.)", r"\1", quoted[1])
        value = value[quoted.end() :]
    if "<" in value:
        before, _, value = value.partition("<")
        display = display or before.strip()
    found = _ADDRESS.search(value)
    if found is None:
        return Party(display=display)
    rest = found["rest"]
    if found["scheme"].lower() == "tel":
        return Party(unquote(rest.partition(";")[0]), "", display)
    user, at, host = rest.rpartition("@")
    host = host.partition(";")[0].partition("?")[0]
    host = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    user = user.partition(";")[0].partition(":")[0] if at else ""
    return Party(clean(unquote(user)), host, display)


def clean(text: str) -> str:
    """Return `text` without control characters and as valid Unicode (the wire may hold anything)."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text if text.isprintable() else "".join(c for c in text if c.isprintable())


def name_addr(display: str, user: str, host: str) -> str:
    """Return `"display" <sip:user@host>` that cannot break out of its header."""
    quoted = clean(display).replace("\\", "\\\\").replace('"', '\\"')
    name = f'"{quoted}" ' if quoted else ""
    return f"{name}<sip:{_escape(user)}@{host}>" if user else f"{name}<sip:{host}>"


def _escape(user: str) -> str:
    """Escape what may not stand in the user part (RFC 3261 §25.1)."""
    return re.sub(r"[^A-Za-z0-9\-_.!~*'()&=+$,?/]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), clean(user))


def _split(values: str) -> list[str]:
    """Split a header at the commas outside quotes and angle brackets."""
    return re.findall(r'(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,])+', values)
