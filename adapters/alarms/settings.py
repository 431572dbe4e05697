"""Who is told of alarms, and how; queues.yaml says so."""

from msgspec import Struct


class AlarmSettings(Struct, frozen=True, kw_only=True):
    """Nobody, unless it says otherwise."""

    mail: tuple[str, ...] = ()
    """Addresses."""
    mailbox: str = ""
    """Whose mail server takes the mails, and whose address they come from."""
    url: str = ""
    """Where a signed request goes."""
    secret_file: str = ""
    """Holds the secret that both sides sign with."""
