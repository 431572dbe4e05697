"""What is known of the records system."""

from msgspec import Struct


class Records(Struct, frozen=True, kw_only=True):
    """Where packages go."""

    url: str
    secret_file: str
    """Holds the secret that both sides sign with."""
    give_up: float
    """Seconds for which a matter is tried."""
