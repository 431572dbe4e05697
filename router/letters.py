"""What a message says when it is more than a text, and the port to whoever keeps it on disk.

`<contact>.m<n>` in the vault holds the message's text (kind `text`); a letter's key (kind `letter`) leads to the rest.
"""

from typing import Final, Literal, Protocol

from msgspec import Struct

from router.facts import Author

LetterKind = Literal["message", "automatic", "list", "report"]
"""Who wrote it: a person; a machine (RFC 3834); a mailing list; whoever carries mail, about one of ours (RFC 3464)."""
Delivery = Literal["delivered", "delayed", "failed"]


class Attachment(Struct, frozen=True, kw_only=True):
    """A file that came with a letter, or goes with one."""

    file: str
    """Where it lies beside its letter: a word of ours."""
    name: str
    """What the sender called it, made safe to save."""
    media: str
    size: int
    cid: str = ""
    """By which the text shows it (`cid:`), when it is a picture within the text."""
    kept: bool = True
    """It was not too large to be kept."""
    within: str = ""
    """The name of the file in which it was packed (winmail.dat)."""


class Report(Struct, frozen=True, kw_only=True):
    """What carriers say about a message of ours."""

    contact: str
    message: int
    delivery: Delivery
    status: str = ""
    """The enhanced status code (RFC 3463), such as 5.1.1."""


class Letter(Struct, frozen=True, kw_only=True):
    """What a letter says. All of it is personal."""

    sender: str = ""
    """The address that answers go to."""
    written_by: str = ""
    """The address that it says it comes from."""
    name: str = ""
    subject: str = ""
    sent: float | None = None
    """When, by the sender's word."""
    kind: LetterKind = "message"
    language: str = ""
    text: str = ""
    html: str = ""
    """Sanitised: no scripts, no forms, nothing fetched from anywhere."""
    blocked: int = 0
    """How many pictures from elsewhere were taken out of it."""
    truncated: bool = False
    """It was too large to be read whole."""
    message_id: str = ""
    references: tuple[str, ...] = ()
    report: Report | None = None
    attachments: tuple[Attachment, ...] = ()


class Place(Struct, frozen=True):
    """Where a conversation stands: kept in the vault under its contact (kind `thread`), beyond the contact's end."""

    matter: str
    agent: str = ""
    """Who wrote last to the citizen."""
    follows: str = ""
    """The contact before it in the same conversation."""


CITIZEN: Final = "citizen"


def by_whom(author: str, at: float) -> str:
    """Return what the vault keeps of who wrote a message (kind `by`): `citizen`, or an agent's id, and when."""
    return f"{author} {at}"


def written_by(by: str) -> tuple[Author, str, float | None]:
    """Return author, agent and time of a message; what nobody else wrote the house said."""
    author, _, at = by.rpartition(" ")
    if not author:
        return "house", "", None
    return ("citizen", "", float(at)) if author == CITIZEN else ("agent", author, float(at))


UPLOAD: Final = "u"
"""Begins the key of a letter that is one file alone, given by an agent to go with what comes of a contact."""
UPLOADED: Final = "1"
"""That file."""


class Contents(Protocol):
    """Keeps letters and their files."""

    async def letter(self, contact: str, key: str) -> Letter | None:
        """Return a letter, None when it is not kept any more."""

    async def file(self, contact: str, key: str, file: str) -> bytes | None:
        """Return a file of a letter, None when it is not kept any more."""

    async def put(self, contact: str, key: str, letter: Letter, files: dict[str, bytes]) -> None:
        """Keep a letter and its files, whole or not at all; once this returns they outlive any crash.

        Raises Refused when the disk does not take them.
        """

    async def drop(self, contact: str, key: str) -> None:
        """Delete a letter and its files, if it is kept."""
