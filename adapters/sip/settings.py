"""What a SIP worker is told at its start: one msgpack file, written by the supervisor, readable by its user only."""

from typing import Final, Literal

from msgspec import Struct, field

LEGS_MAX: Final = 1500
"""The wheel is built for 2,000 calls, and a slot may outlive its leg."""
NETWORKS_MAX: Final = 100
"""Each takes up to two of PJSIP's 256 accounts."""


class Network(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where SIP comes from and goes to: the phones, or one trunk. Each is an account of its own, with its own media.

    A source outside every network gets 403 and is counted.
    """

    name: str
    sources: tuple[str, ...] = ()
    """IP networks in CIDR form; unused behind an edge, which names the network."""
    phones: bool = False
    """Agents' phones: they may ask for transfers (REFER)."""
    nobodys: bool = False
    """Citizens' pages: whoever rings has no number, whatever is said, and rings such a page's way in."""
    may_assert: bool = False
    """P-Asserted-Identity is believed (trunks only)."""
    address: str = ""
    """RTP is bound here; empty for the worker's own `address`."""
    public_address: str = ""
    """Written into SDP instead of `address`; both empty for the worker's own."""
    rtp_ports: tuple[int, int] = (0, 0)
    """From an even port on; (0, 0) shares the worker's own with all others that have none."""
    behind_nat: bool = False
    """RTP is sent to where it comes from, if nothing comes from the address that SDP names."""
    srtp: Literal["off", "optional", "required"] = "off"
    """SDES (RFC 4568)."""
    webrtc: bool = False
    """Pages: ICE, and DTLS-SRTP (RFC 8827) instead of what `srtp` says."""
    domain: str = ""
    """Host part of From and P-Asserted-Identity; empty for the worker's address."""
    user: str = ""
    """Who we are there, when a request of ours is challenged (digest), and to the registrar."""
    password_file: str = ""
    registrar: str = ""
    """A URI such as sip:trunk.example, for a trunk that wants registration; see `protocol.Enlist`."""
    contact: str = ""
    """The URI under which the registrar finds us: the edge's address."""
    expires: int = 300
    """Seconds for which a registration is asked for; it is renewed before."""


class WorkerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All times in seconds."""

    name: str
    """Letters and digits: the name begins every leg id."""
    socket: str
    """Path of the Unix socket to listen on for the engine."""
    dial_key: bytes
    """Shared with `router.dialling.Gate`."""
    address: str = "127.0.0.1"
    """SIP and RTP are bound here."""
    port: int = 5060
    """UDP and TCP."""
    public_address: str = ""
    """Written into Contact and SDP instead of `address`, when set."""
    rtp_ports: tuple[int, int] = (20000, 27999)
    """Of all networks that have no `rtp_ports` of their own."""
    edge: str = ""
    """`address:port` of the edge, when there is one: SIP is taken from it alone, and it says which network is meant."""
    networks: tuple[Network, ...] = ()
    """A call that names none is dialled in the first."""
    codecs: tuple[str, ...] = ("G722/16000", "PCMA/8000", "PCMU/8000")
    """Offered and accepted, best first."""
    clock_rate: int = 16000
    """Samples per second of the bridge."""
    max_legs: int = 700
    agent_reserve: int = 0
    """Legs kept free of callers; 0 means one for each admitted caller that has no second leg yet."""
    music: dict[str, str] = field(default_factory=dict)
    """Name to WAV file; `default` is used where no name is given."""
    sorry_file: str = ""
    """Played to a caller who arrives while there is no engine; 503 when empty."""
    orphan_ring: float = 5.0
    """How long a new call rings when there is no engine."""
    rtp_timeout: float = 20.0
    """Silence on RTP after which a leg is probed."""
    session_expires: int = 180
    """Session timer (RFC 4028): dialogs of a crashed peer end by themselves."""
    log_level: int = 2
    """PJSIP's own log, 0 to 5."""
