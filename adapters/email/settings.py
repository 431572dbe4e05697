"""How mail reaches the house and leaves it; mail.yaml says so."""

from datetime import date
from typing import Final, Literal

from msgspec import Struct, field

CHANNEL: Final = "mail"
MIB: Final = 1024 * 1024
Security = Literal["tls", "starttls", "none"]
"""TLS from the first byte (RFC 8314); begun by STARTTLS and never without; none, on this machine alone."""


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mail server, and who we are there."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    secret_file: str = ""
    """With the password, or the access token; read at each sign-in, so that a new one holds at once."""
    token: bool = False
    """The secret is an OAuth 2.0 access token (XOAUTH2), which somebody else keeps fresh."""
    ca_file: str = ""
    """Who vouches for the server's certificate; the system's own authorities when empty."""


class Mailbox(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address that citizens write to."""

    name: str
    address: str
    title: str
    """Whose name the citizen sees beside the address."""
    language: str
    imap: Server
    smtp: Server
    folder: str = "INBOX"
    done: str = ""
    """A folder into which mails go once they are taken in; they stay, with a mark, when empty."""
    since: date | None = None
    """Mails that arrived on earlier days are left alone."""
    poll: float = 60.0
    """Seconds between looks where the server does not tell of new mail by itself; and beside that, to be sure."""
    signature: dict[str, str] = field(default_factory=dict)
    """Language to what stands below each answer."""


class MailSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known of mail; without mailboxes there is none."""

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Language to name to text, for what the house says and for agents to begin with."""
    house: frozenset[str] = frozenset()
    """Texts that only the house says."""
    asks: frozenset[str] = frozenset()
    """Those of them that ask how it was, with a link to where that is answered."""
    languages: dict[str, frozenset[str]] = field(default_factory=dict)
    """Language to frequent words by which a mail is known to be written in it."""
    largest_mail: int = 35 * MIB
    """Bytes; of a larger one only the beginning is read."""
    largest_attachment: int = 25 * MIB
    """How long a conversation is kept after its last letter."""
    give_up: float = 2 * 86400.0
    """Seconds after which a mail of ours is not tried any more."""
    answers: dict[str, str] = field(default_factory=dict)
    """Form to the mailbox that answers who filled it in."""

    def mailbox(self, channel: str, entry: str) -> Mailbox | None:
        """Return the mailbox that answers contacts of a way in, None when there is none."""
        name = mailbox_of(entry)
        return self.mailboxes.get(name if channel == CHANNEL else self.answers.get(name, ""))


def entry_of(mailbox: str, language: str, own: str) -> str:
    """Return the way in for mails in `language`, of a mailbox whose own language is `own`."""
    return mailbox if language == own else f"{mailbox}:{language}"


def mailbox_of(entry: str) -> str:
    """Return the mailbox of a way in."""
    return entry.partition(":")[0]
