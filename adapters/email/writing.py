"""A mail of ours, the same to the last byte at each attempt to send it."""

import mimetypes
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

from msgspec import Struct

from adapters.email.identity import with_reference
from adapters.email.settings import Mailbox


class Draft(Struct, frozen=True, kw_only=True):
    """What goes into a mail."""

    message_id: str
    at: float
    """When it was written."""
    to: str
    name: str
    text: str
    reference: str
    language: str
    subject: str
    """Of the mail that it answers."""
    answers: str = ""
    """The id of that mail."""
    references: tuple[str, ...] = ()
    """Ids of those before it."""
    automatic: Literal["", "auto-replied", "auto-generated"] = ""
    """The house says it by itself: because of a mail, or of something else (RFC 3834 section 5)."""
    files: tuple[tuple[str, str, bytes], ...] = ()
    """Name, media type and bytes of what goes with it."""


def write(box: Mailbox, draft: Draft) -> bytes:
    """Return a mail. Raises ValueError for an address that cannot be written to."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(box.title, box.address)
    mail["To"] = _address(draft.name, draft.to)
    mail["Subject"] = with_reference(draft.subject, draft.reference)
    mail["Date"] = format_datetime(datetime.fromtimestamp(draft.at, UTC))
    mail["Message-ID"] = draft.message_id
    if draft.answers:
        mail["In-Reply-To"] = draft.answers
        mail["References"] = " ".join(dict.fromkeys((*draft.references[-20:], draft.answers)))
    if draft.automatic:
        # The second is Microsoft's, whose programs do not all know the first.
        mail["Auto-Submitted"] = draft.automatic
        mail["X-Auto-Response-Suppress"] = "All"
    signature = box.signature.get(draft.language) or box.signature.get(box.language, "")
    below = f"\n-- \n{signature.strip()}\n" if signature else ""
    mail.set_content(f"{draft.text.rstrip()}\n{below}")
    if draft.language:
        mail["Content-Language"] = draft.language
    for name, media, data in draft.files:
        kind, _, subtype = (media or mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(data, maintype=kind, subtype=subtype, filename=name)
    if draft.files:
        # Bytes that do not change from attempt to attempt.
        mail.set_boundary(f"=_{draft.message_id.strip('<>').partition('@')[0]}")
    return mail.as_bytes()


def _address(name: str, written: str) -> Address:
    return Address(display_name=name, addr_spec=written)
