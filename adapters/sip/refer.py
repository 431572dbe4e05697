"""Reading Refer-To (RFC 3515 §2.1), which comes from a phone and may hold anything."""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

TARGET_MAX: Final = 500
_VALUE_MAX: Final = 3000
_HEADER: Final = re.compile(r"^(?:refer-to|r)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ENCLOSED: Final = re.compile(r'(?:"(?:\\.|[^"\\])*"\s*|[^<"]*)<([^<>]*)>\s*(?:;[^,<>]*)?')
_ADDRESS: Final = re.compile(
    r"((?:sips?|tel):[A-Za-z0-9\-_.!~*'()&=+$,;/:@%\[\]#]+)(?:\?([^\s<>\"?]*))?", re.IGNORECASE
)
_METHOD: Final = re.compile(r";method=([^;]*)", re.IGNORECASE)


class Dialog(NamedTuple):
    """A dialog as the one sees it whom a Replaces is sent to (RFC 3891 §3)."""

    call_id: str
    to_tag: str
    from_tag: str


class ReferTo(NamedTuple):
    """Where a phone wants the far end of its call to go."""

    target: str
    """A sip, sips or tel URI without headers, its escapes untouched."""
    replaces: Dialog | None
    """The dialog that the call to the target would take the place of: an attended transfer."""


def read_refer_to(value: str, request: str) -> ReferTo | None:
    """Read the value of Refer-To in a REFER; None if nobody could be called by it, or if there are several."""
    head = request.partition("\r\n\r\n")[0]
    if len(value) > _VALUE_MAX or not value.isprintable() or len(_HEADER.findall(head)) > 1:
        return None
    value = value.strip()
    enclosed = _ENCLOSED.fullmatch(value)
    found = _ADDRESS.fullmatch(enclosed[1] if enclosed is not None else value)
    if found is None:
        return None
    target, headers = found[1], found[2] or ""
    method = _METHOD.search(target)
    if len(target) > TARGET_MAX or (method is not None and method[1].upper() != "INVITE"):
        return None
    if not unquote(target).isprintable():
        return None
    return ReferTo(target, _replaces(headers))


def _replaces(headers: str) -> Dialog | None:
    for header in headers.split("&"):
        name, _, value = header.partition("=")
        if name.lower() == "replaces":
            call_id, *parameters = unquote(value).split(";")
            tags = dict(parameter.split("=", 1) for parameter in parameters if "=" in parameter)
            dialog = Dialog(call_id, tags.get("to-tag", ""), tags.get("from-tag", ""))
            return dialog if all(dialog) and all(part.isprintable() for part in dialog) else None
    return None
