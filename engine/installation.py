"""What the processes are planned from: the part of the configuration that says where Vaxel stands."""

from msgspec import Struct, field

from adapters.sip.settings import Network


class Installation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Defaults are those of `vaxel run` without further settings: all on loopback."""

    sip_address: str = "127.0.0.1"
    sip_port: int = 5060
    """UDP and TCP; worker n listens on sip_port + 2 (n - 1)."""
    public_address: str = ""
    rtp_ports: tuple[int, int] = (20000, 27999)
    """Shared out evenly among the workers."""
    workers: int = 1
    redis_url: str = ""
    """Empty: a private redis-server on a Unix socket in the data folder."""
    web_address: str = "127.0.0.1"
    web_port: int = 8080
    clock_rate: int = 16000
    codecs: tuple[str, ...] = ("G722/16000", "PCMA/8000", "PCMU/8000")
    networks: tuple[Network, ...] = ()
    music: dict[str, str] = field(default_factory=dict)
    """Name to WAV file."""
    sorry_file: str = ""
    archive_days: int = 400
    """How long trimmed journal is kept."""
