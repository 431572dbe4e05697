"""What coturn is told."""

from typing import Final

from msgspec import Struct

REALM: Final = "vaxel"


class TurnSettings(Struct, frozen=True, kw_only=True):
    """One relay: where it listens, and whom it reaches."""

    key: str
    """With which credentials are made and checked (`adapters.edge.credentials`)."""
    address: str
    """IP address on which it listens and from which it relays."""
    port: int
    """UDP and TCP."""
    public_address: str = ""
    """Under which pages and workers reach it, where that is not `address`."""
    relay_ports: tuple[int, int]
    """One for each call, UDP."""
    peers: tuple[str, ...]
    """IP addresses of the workers' sound: it relays to these and to nobody else."""
