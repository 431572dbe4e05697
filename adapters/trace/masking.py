"""Taking everything personal out of a SIP message, so that what is left may be kept: it is a SIP message still.

Kept is what is named here, in the form that is named here, and nothing else: first lines, some headers, and of a
session description what says which sound goes where and how. Users of addresses become pseudonyms (`~k3f9a2xq`), one
for each user, unless they are nobody's: phones and numbers of the house.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final

METHODS: Final = frozenset({"INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY"})
"""Of calls. The rest (REGISTER, OPTIONS) is many and says nothing of them."""
TEXT_MAX: Final = 16 * 1024
LINE_MAX: Final = 400
SHORT: Final = {
    "b": "referred-by", "c": "content-type", "f": "from", "i": "call-id", "m": "contact", "o": "event", "r": "refer-to",
    "t": "to", "x": "session-expires",
}  # fmt: skip
"""RFC 3261 §7.3.3 and those that came later."""
REASONS: Final = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
    199: "Early Dialog Terminated", 200: "OK", 202: "Accepted", 204: "No Notification", 300: "Multiple Choices",
    301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy", 380: "Alternative Service",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
    410: "Gone", 412: "Conditional Request Failed", 413: "Request Entity Too Large", 414: "Request-URI Too Long",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required",
    422: "Session Interval Too Small", 423: "Interval Too Brief", 433: "Anonymity Disallowed",
    480: "Temporarily Unavailable", 481: "Call Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops",
    484: "Address Incomplete", 485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending", 493: "Undecipherable",
    500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large", 580: "Precondition Failure",
    600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable", 607: "Unwanted",
    608: "Rejected",
}  # fmt: skip
"""What a status means (RFC 3261 §21 and later ones): what the far end wrote there may be anything."""
ANONYMOUS: Final = "anonymous"
REMEMBERED: Final = 8192
"""Lines whose masked form is remembered: those of one call are the same again and again."""

_STATUS: Final = re.compile(r"SIP/2\.0 (\d{3})\b")
_REQUEST: Final = re.compile(r"([A-Z]{2,20}) (\S+) SIP/2\.0$")
_URI: Final = re.compile(r"(sips?|tel):([^\s<>\"',]+)", re.IGNORECASE)
_TAG: Final = re.compile(r";\s*tag=([\w.!%*+`'~-]{1,64})", re.IGNORECASE)
_CSEQ: Final = re.compile(r"\d{1,10} [A-Z]{2,20}$")
_WORDS: Final = re.compile(r"[\w.;=/+*-][\w.;=/+* ,-]{0,79}$", re.ASCII)
_PRODUCT: Final = re.compile(r"[A-Za-z][\w./-]{0,39}", re.ASCII)
_CAUSE: Final = re.compile(r"(SIP|Q\.850|Preemption)\s*(?:;\s*cause=(\d{1,3})(?!\d))?", re.IGNORECASE)
_ADDRESS_MORE: Final = re.compile(r";(?:transport|expires|worker|lr|ob|maddr|received|alias)(?:=[\w.:\[\]~-]{1,80})?")
_CONTROLS: Final = re.compile(r"[^\x20-\x7e]")
_SDP: Final = re.compile(
    r"c=IN IP[46] [\w.:]{1,60}$|m=\w{1,12} \d{1,5} [\w/]{1,20}( [\w*-]{1,12}){1,40}$"
    r"|a=(?:sendrecv|sendonly|recvonly|inactive)$|a=rtpmap:\d{1,3} [\w.-]{1,20}/\d{1,6}(?:/\d)?$"
    r"|a=ptime:\d{1,3}$|a=rtcp:\d{1,5}$",
    re.ASCII,
)
_SDP_KEY: Final = re.compile(r"(a=crypto:\d{1,3} \w{1,40}) ", re.ASCII)
_FRAGMENT: Final = re.compile(r"SIP/2\.0 \d{3}")


class Masker:
    """Masks messages with one key."""

    def __init__(self, key: bytes, plain: frozenset[str] = frozenset()) -> None:
        """`plain` are users that are nobody's."""
        self._key = key
        self._plain = plain | {ANONYMOUS, "vaxel", "edge"}
        self._lines: dict[str, str] = {}
        self._bodies: dict[str, str] = {}
        same = _matching(_WORDS)
        self._fields: dict[str, tuple[str, Callable[[str], str]]] = {
            "from": ("From", self._party),
            "to": ("To", self._party),
            "contact": ("Contact", self._address),
            "call-id": ("Call-ID", str),
            "cseq": ("CSeq", _matching(_CSEQ)),
            "p-asserted-identity": ("P-Asserted-Identity", self._address),
            "refer-to": ("Refer-To", self._address),
            "referred-by": ("Referred-By", self._address),
            "diversion": ("Diversion", self._address),
            "reason": ("Reason", _cause),
            "user-agent": ("User-Agent", _first(_PRODUCT)),
            "server": ("Server", _first(_PRODUCT)),
            "www-authenticate": ("WWW-Authenticate", _scheme),
            "proxy-authenticate": ("Proxy-Authenticate", _scheme),
            "authorization": ("Authorization", _scheme),
            "proxy-authorization": ("Proxy-Authorization", _scheme),
            **{
                name.lower(): (name, same)
                for name in (
                    *("Event", "Subscription-State", "Session-Expires", "Min-SE", "Retry-After", "Require"),
                    *("Unsupported", "Privacy", "X-Vaxel-Network", "X-Vaxel-Phone", "X-Vaxel-Leg", "Content-Type"),
                )
            },
        }

    def mask(self, text: str) -> str:
        """Return what may be kept of a message; empty when it is none."""
        head, _, body = text[:TEXT_MAX].partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        start = _remembered(self._lines, first, self._start)
        if not start:
            return ""
        kept, known = [start], self._lines
        for line in lines:
            shown = known.get(line)
            if shown is None:
                shown = _remembered(known, line, self._header)
            if shown:
                kept.append(shown)
        content = _remembered(self._bodies, body, _body) if body else ""
        return "\r\n".join((*kept, f"Content-Length: {len(content)}", "", content))

    def user(self, user: str) -> str:
        """Return a user as it may be shown."""
        if user in self._plain:
            return user
        digest = hmac.digest(self._key, user.encode("utf-8", "replace"), hashlib.sha256)
        return f"~{base64.b32encode(digest)[:8].decode().lower()}"

    def _start(self, line: str) -> str:
        status = _STATUS.match(line)
        if status is not None:
            return f"SIP/2.0 {status[1]} {REASONS.get(int(status[1]), '')}".rstrip()
        request = _REQUEST.fullmatch(line)
        return f"{request[1]} {self._uris(request[2])} SIP/2.0" if request is not None else ""

    def _header(self, line: str) -> str:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        field = self._fields.get(SHORT.get(name, name))
        shown = field[1](_CONTROLS.sub("?", value.strip()[:LINE_MAX])) if field is not None else ""
        return f"{field[0]}: {shown}" if field is not None and shown else ""

    def _party(self, value: str) -> str:
        tag = _TAG.search(value)
        return f"{self._address(value)}{f';tag={tag[1]}' if tag is not None else ''}"

    def _address(self, value: str) -> str:
        found = _URI.search(value)
        return f"<{self._uri(found)}>" if found is not None else ""

    def _uris(self, text: str) -> str:
        found = _URI.match(text)
        return self._uri(found) if found is not None else "?"

    def _uri(self, found: "re.Match[str]") -> str:
        """Return scheme, masked user, host, and of the parameters those that tell the way."""
        scheme, rest = found[1].lower(), found[2].partition("?")[0]
        if scheme == "tel":
            return f"tel:{self.user(rest.partition(';')[0])}"
        user, at, place = rest.rpartition("@")
        place, semicolon, more = place.partition(";")
        place = "".join(re.findall(r"[\w.:\[\]-]", place[:80], re.ASCII))
        kept = "".join(_ADDRESS_MORE.findall(semicolon + more)) if more else ""
        return f"{scheme}:{self.user(user.partition(':')[0])}@{place}{kept}" if at else f"{scheme}:{place}{kept}"


def whole(text: str) -> str:
    """Return a message without what opens doors: proofs of passwords, keys of sound, and keys that were pressed."""
    head, _, body = text.partition("\r\n\r\n")
    head = re.sub(r"(?im)^((?:proxy-)?authorization\s*:\s*\w*).*$", r"\1 (left out)", head)
    if re.search(r"(?im)^(?:content-type|c)\s*:\s*application/dtmf", head):
        body = "(left out)"
    return f"{head}\r\n\r\n{re.sub(r'inline:[^ ]+', 'inline:(left out)', body)}"


def _cause(value: str) -> str:
    found = _CAUSE.match(value)
    return "" if found is None else f"{found[1]};cause={found[2]}" if found[2] else found[1]


def _scheme(value: str) -> str:
    return value.partition(" ")[0] if value.lower().startswith(("digest ", "bearer ", "basic ")) else ""


def _matching(pattern: "re.Pattern[str]") -> Callable[[str], str]:
    return lambda value: value if pattern.match(value) is not None else ""


def _first(pattern: "re.Pattern[str]") -> Callable[[str], str]:
    def found(value: str) -> str:
        match = pattern.match(value)
        return match[0] if match is not None else ""

    return found


def _body(body: str) -> str:
    """Return of a session description what says which sound goes where, of a fragment its status, of else nothing."""
    if body.startswith("v=0"):
        kept = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        for line in body.split("\r\n"):
            if _SDP.match(line):
                kept.append(line)
            elif key := _SDP_KEY.match(line):
                kept.append(f"{key[1]} inline:(left out)")
        return "".join(f"{line}\r\n" for line in kept)
    fragment = _FRAGMENT.match(body)
    return f"{fragment[0]}\r\n" if fragment is not None else ""


def _remembered(known: dict[str, str], text: str, make: Callable[[str], str]) -> str:
    made = known.get(text)
    if made is None:
        if len(known) >= REMEMBERED:
            known.clear()
        made = known[text] = make(text)
    return made
