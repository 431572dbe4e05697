"""From the bytes of a mail to a letter on disk, in the pool's process: strangers' bytes cost the engine no time."""

import email
import hashlib
from email import policy
from email.message import Message
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from adapters.content import store
from adapters.email import headers, kinds, parts, reports, sanitising, tongues
from adapters.email.identity import Identity, Ours
from router.letters import Letter, LetterKind, Report

OWN_IDS_LOOKED_FOR: Final = 256 * 1024
"""Bytes of a machine's mail in which ids of ours are looked for: many do not follow RFC 3464."""


class Reading(Struct, frozen=True, kw_only=True):
    """How mails are read."""

    root: str
    """Of the content store."""
    pepper: bytes
    language: str
    """Of the mailbox, when a mail's own is not clear."""
    languages: dict[str, frozenset[str]] = field(default_factory=dict)
    largest_attachment: int


class Head(Struct, frozen=True, kw_only=True):
    """What must be known of a mail to find out where it belongs."""

    digest: str
    """The same for the same mail, by whatever way it came."""
    message_id: str
    references: tuple[str, ...]
    """Ids of mails that it answers, the nearest first."""
    ours: tuple[Ours, ...]
    """Messages of ours that it answers, or tells of."""
    own: bool
    """We wrote it ourselves: it came back."""
    kind: LetterKind
    sender: str
    name: str
    subject: str
    language: str
    text: str
    report: Report | None = None


def read(raw: bytes, key: str, how: Reading, truncated: bool) -> Head:
    """Lay a mail down in the content store under `key`, and return its head. Raises OSError when the disk is full."""
    return _read(raw, raw, key, how, truncated)


def read_headers(raw: bytes, key: str, how: Reading) -> Head:
    """Do as `read`, but look at nothing beyond the headers."""
    return _read(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", raw, key, how, truncated=True)


def _read(raw: bytes, original: bytes, key: str, how: Reading, truncated: bool) -> Head:
    identity = Identity(how.pepper)
    try:
        message: Message[str, str] = email.message_from_bytes(raw, policy=policy.compat32)
        found = parts.take_apart(message, how.largest_attachment)
    except RecursionError:
        # Nested deeper than anybody writes: its headers alone are read.
        message = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=policy.compat32)
        found = parts.Found()
    sender, name = _sender(message)
    kind = kinds.kind(message, sender)
    text, html = _body(found)
    told = reports.told(message) if kind == "report" else None
    ours = _ours(identity, message, raw, kind, told.ids if told is not None else ())
    report = (
        Report(contact=ours[0].contact, message=ours[0].message, delivery=told.delivery, status=told.status)
        if (told is not None and ours)
        else None
    )
    message_id = next(iter(headers.ids(message, "Message-ID")), "")
    subject = headers.text(message, "Subject")
    letter = Letter(
        sender=sender,
        written_by=headers.address(message, "From")[0],
        name=name,
        subject=subject,
        sent=headers.date(message),
        kind=kind,
        language=tongues.language_of(f"{subject}\n{text}", how.languages) or how.language,
        text=text,
        html=html.html,
        blocked=html.blocked,
        truncated=truncated,
        message_id=message_id,
        references=(*headers.ids(message, "References"), *headers.ids(message, "In-Reply-To")),
        report=report,
        attachments=tuple(found.attachments),
    )
    store.lay_down(Path(how.root), key, letter, {**found.files, store.ORIGINAL: original})
    return Head(
        digest=_digest(message, original, message_id, letter.written_by),
        message_id=message_id,
        references=tuple(dict.fromkeys(reversed(letter.references))),
        ours=ours,
        own=bool(message_id) and identity.ours(message_id) is not None,
        kind=kind,
        sender=sender,
        name=name,
        subject=subject,
        language=letter.language,
        text=text,
        report=report,
    )


def _sender(message: "Message[str, str]") -> tuple[str, str]:
    """Return where an answer goes, and whose name stands there."""
    sender, name = headers.address(message, "From")
    reply, reply_name = headers.address(message, "Reply-To")
    return (reply, reply_name or name) if reply else (sender, name)


def _body(found: parts.Found) -> tuple[str, sanitising.Harmless]:
    html = sanitising.sanitise("\n".join(found.htmls))
    text = "\n\n".join(found.texts).strip()
    return text or sanitising.as_text("\n".join(found.htmls)), html


def _ours(
    identity: Identity, message: "Message[str, str]", raw: bytes, kind: LetterKind, told: tuple[str, ...]
) -> tuple[Ours, ...]:
    """Return the messages of ours that a mail answers or tells of, the nearest first."""
    ids = [*told, *headers.ids(message, "In-Reply-To"), *reversed(headers.ids(message, "References"))]
    if kind in ("automatic", "report"):
        body: Message[str, str] = Message()
        body["Ids"] = raw[:OWN_IDS_LOOKED_FOR].decode("ascii", "replace")
        ids += headers.ids(body, "Ids")
    found = (identity.ours(id_) for id_ in ids)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _digest(message: "Message[str, str]", raw: bytes, message_id: str, written_by: str) -> str:
    """Return what makes a mail this mail: its id, its author and its body, not the way that it took.

    The id alone would not do: programs that give every mail the same one exist, and no mail may be lost by it.
    """
    body = raw.partition(b"\r\n\r\n")[2]
    others = ("Date", "Subject") if not message_id else ()
    named = (message_id, written_by, *(str(message.get(name)) for name in others))
    return hashlib.sha256("\0".join(named).encode("utf-8", "replace") + b"\0" + body).hexdigest()
