"""What a mail consists of: its text, its HTML, its attachments; also those that Outlook packs into winmail.dat."""

import logging
import mimetypes
import re
import unicodedata
from collections.abc import Iterator
from email.message import Message
from typing import Final

from msgspec import Struct, field
from tnefparse import TNEF

from adapters.email import headers
from router.letters import Attachment

PARTS_MAX: Final = 200
"""Parts of one mail that are looked at."""
TEXT_MAX: Final = 1024 * 1024
"""Characters of text that are shown; the rest stays in the original."""
NAME_MAX: Final = 120
TNEF_TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
OCTETS: Final = "application/octet-stream"

_MEDIA: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_UNSAFE: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


class Found(Struct):
    """What was found in a mail."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def take_apart(message: "Message[str, str]", largest: int) -> Found:
    """Return what a mail consists of; of attachments larger than `largest` bytes the name alone."""
    found = Found()
    for part in _leaves(message):
        media = _media(part.get_content_type())
        name = _name_of(part)
        if media in ("text/plain", "text/html") and not name and part.get_content_disposition() != "attachment":
            (found.texts if media == "text/plain" else found.htmls).append(_text(part))
            continue
        data = _data(part)
        cid = str(part.get("Content-ID", "")).strip(" <>")[:250] if media.startswith("image/") else ""
        kept = _attach(found, name or _default_name(media), media, data, largest, headers.one_line(cid))
        if media in TNEF_TYPES or name.lower() == "winmail.dat":
            _unpack(found, data, kept, largest)
    return found


def safe_name(name: str) -> str:
    """Return what a sender called a file, so that it can be saved under that name anywhere."""
    plain = unicodedata.normalize("NFC", headers.one_line(name))
    plain = _UNSAFE.sub("_", plain.replace("\\", "/").rpartition("/")[2]).strip(" .")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    stem, dot, suffix = plain.rpartition(".")
    if len(plain) > NAME_MAX:
        plain = f"{stem[: NAME_MAX - len(suffix) - 1]}.{suffix}" if dot and len(suffix) < 16 else plain[:NAME_MAX]
    return plain


def _leaves(message: "Message[str, str]") -> "Iterator[Message[str, str]]":
    """Yield the parts that are no containers; a mail within a mail is one part."""
    pending, seen = [message], 0
    while pending and seen < PARTS_MAX:
        part = pending.pop(0)
        seen += 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            pending[:0] = [inner for inner in payload if isinstance(inner, Message)]
        else:
            yield part


def _attach(found: Found, name: str, media: str, data: bytes, largest: int, cid: str = "", within: str = "") -> str:
    file = str(len(found.attachments) + 1)
    kept = len(data) <= largest
    if kept:
        found.files[file] = data
    found.attachments.append(
        Attachment(
            file=file, name=safe_name(name) or file, media=media, size=len(data), cid=cid, kept=kept, within=within
        )
    )
    return found.attachments[-1].name


def _unpack(found: Found, data: bytes, within: str, largest: int) -> None:
    """Take out what Outlook has packed. What cannot be read stays packed."""
    try:
        packed = TNEF(data, do_checksum=False)
        inner = [(str(one.long_filename() or one.name or ""), bytes(one.data)) for one in packed.attachments]
        html, text = packed.htmlbody, packed.body
    except Exception as error:  # noqa: BLE001 - the parser reads a stranger's bytes with no promise about its errors
        logging.getLogger(__name__).info("winmail.dat cannot be read: %s", type(error).__name__)
        return
    for name, contents in inner[:PARTS_MAX]:
        guessed = mimetypes.guess_type(name)[0] or OCTETS
        _attach(found, name or "attachment", guessed, contents, largest, within=within)
    if html:
        found.htmls.append(_decoded(html)[:TEXT_MAX])
    elif text:
        found.texts.append(_decoded(text)[:TEXT_MAX])


def _decoded(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _media(written: str) -> str:
    return written if _MEDIA.fullmatch(written) else OCTETS


def _name_of(part: "Message[str, str]") -> str:
    try:
        name = part.get_filename() or ""
    except (LookupError, UnicodeError, ValueError, TypeError):
        return "attachment"
    shell: Message[str, str] = Message()
    shell["Name"] = headers.one_line(name)
    return headers.text(shell, "Name")


def _default_name(media: str) -> str:
    return f"letter{'.eml' if media == 'message/rfc822' else mimetypes.guess_extension(media) or ''}"


def _data(part: "Message[str, str]") -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):
        return b"\n".join(inner.as_bytes() for inner in payload if isinstance(inner, Message))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _text(part: "Message[str, str]") -> str:
    data, charset = _data(part), part.get_content_charset() or "utf-8"
    try:
        text = data.decode(charset, "replace")
    except (LookupError, UnicodeError):
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\0", "")[:TEXT_MAX]
