"""What a hook is told."""

from msgspec import Struct

CHANNEL = "post"


class Hook(Struct, frozen=True, kw_only=True):
    """A gateway or bridge; its name is the way in (`router.configuration.Entry`)."""

    url: str
    """Where messages of ours are sent."""
    secret_file: str
    """Holds the secret that both sides sign with."""
    title: str = ""
    numbers: bool = False
    """Senders are telephone numbers: the same people who ring."""
    give_up: float = 2 * 86400.0
    """Seconds for which a message is tried."""
