"""What the edge is told: where it listens, which workers stand behind it, which trunks it knows, what it bears."""

from typing import Final, Literal

from msgspec import Struct

Transport = Literal["udp", "tcp", "tls"]
Srtp = Literal["off", "optional", "required"]

REALM: Final = "vaxel"
"""Of every phone's digest. It is part of the stored hashes: another realm would make all passwords void."""

QUIET: Final = -2
"""Kamailio's log level. Already its errors (-1) repeat what strangers send, and with it people's numbers."""

PORTS: Final[dict[Transport, int]] = {"udp": 5060, "tcp": 5060, "tls": 5061}
"""Where SIP is spoken unless somebody says otherwise (RFC 3261 §19.1.2)."""


class Tls(Struct, frozen=True, kw_only=True):
    """SIP over TLS for phones and trunks that call."""

    certificate: str
    """PEM file, with the chain."""
    key: str
    port: int = 5061


class Trunk(Struct, frozen=True, kw_only=True):
    """A carrier. Its calls are known by their source; its word about a caller's number is believed."""

    name: str
    sources: tuple[str, ...] = ()
    """IP networks in CIDR form from which it calls, besides the addresses of `host`."""
    host: str = ""
    """Where calls to it go, and where it is registered; empty for a trunk that only calls."""
    port: int = 0
    """0 for the transport's own."""
    transport: Transport = "udp"
    registers: bool = False
    """A worker registers there as `user`, with the edge as Contact."""
    user: str = ""
    password_file: str = ""
    numbers: tuple[str, ...] = ()
    """What may be dialled from there; everything when empty."""
    srtp: Srtp = "off"
    certificate_name: str = ""
    """What the certificate of a TLS trunk must name; `host` when empty."""
    ca_file: str = ""
    """Who signs it: a PEM file; the authorities that Debian trusts when empty."""
    calls_per_second: int = 100
    address: str = ""
    """Where we listen for it, and speak to it from; where all others do when empty."""
    public_address: str = ""
    """Under which it knows us, when that is another."""

    @property
    def named(self) -> str:
        """Return what its certificate names."""
        return self.certificate_name or self.host

    @property
    def place(self) -> str:
        """Return `host:port` as a SIP URI writes it."""
        return f"{bracketed(self.host)}:{self.port or PORTS[self.transport]}"


class Limits(Struct, frozen=True, kw_only=True):
    """What one source may do. Trunks are held to their own `calls_per_second` instead of `requests_per_second`."""

    requests_per_second: int = 50
    """More for two seconds, and the source is not heard until it sends less."""
    message_bytes: int = 16384
    failures: int = 10
    """Wrong passwords in a row from one address until it is banned."""
    ban: int = 600
    """Seconds."""


class Registration(Struct, frozen=True, kw_only=True):
    """How phones are known to be there. Seconds."""

    expires: int = 120
    """The longest that a registration lasts without being renewed."""
    ping: int = 10
    """Between OPTIONS to phones on UDP, which also keep NATs open; 0 for none. On TCP and TLS the connection tells."""

    @property
    def silent(self) -> int:
        """Return after how long without an answer a phone on UDP is given up: one answer may be lost. Kamailio lets
        its registration stand for ten seconds more."""
        return 2 * self.ping + self.ping // 2 + 1


class Browsers(Struct, frozen=True, kw_only=True):
    """SIP over WebSocket (RFC 7118) for phones that are pages."""

    port: int
    key: str
    """With which credentials are made and checked (`adapters.edge.credentials`)."""
    tls: str = ""
    """PEM file with certificate, chain and key; empty for a port that speaks plainly, on loopback."""
    fronted: bool = False
    """Something stands before it, so that pages come from elsewhere than where they ask."""
    expires: int = 30
    """Seconds: a page that sleeps is known to be gone by then."""


class EdgeSettings(Struct, frozen=True, kw_only=True):
    """Everything that Kamailio's configuration is made of."""

    socket: str
    """Unix datagram socket of its JSON-RPC."""
    phones: str
    """SQLite file with the phones' digest hashes (`adapters.edge.passwords`)."""
    location: str
    """SQLite file in which registrations outlive a restart."""
    tls_file: str
    """Where `configuration.tls` is written."""
    workers_file: str
    """Where `configuration.dispatcher` is written."""
    address: str = "127.0.0.1"
    port: int = 5060
    """UDP and TCP."""
    public_address: str = ""
    """Under which phones and trunks reach it, where that is not `address`."""
    tls: Tls | None = None
    inner_port: int = 5070
    """On loopback, UDP: where workers find the edge."""
    workers: tuple[tuple[str, str], ...] = ()
    """Name and `address:port` of each."""
    trunks: tuple[Trunk, ...] = ()
    limits: Limits = Limits()
    registration: Registration = Registration()
    log_level: int = QUIET
    browsers: Browsers | None = None
    tracer: str = ""
    """`address:port` on loopback, UDP, to which each message is copied (`adapters.trace`); empty for nowhere."""

    @property
    def inner(self) -> str:
        """Return `address:port` at which the workers see the edge."""
        return f"127.0.0.1:{self.inner_port}"

    @property
    def public(self) -> str:
        """Return `address:port` at which it listens for phones and trunks."""
        return f"{bracketed(self.address)}:{self.port}"

    @property
    def host(self) -> str:
        """Return the address at which phones and trunks see it, as URIs write it."""
        return bracketed(self.public_address or self.address)

    @property
    def front(self) -> str:
        """Return `host:port` at which phones and trunks see it."""
        return f"{self.host}:{self.port}"

    def public_of(self, trunk: Trunk) -> str:
        """Return `address:port` at which the edge listens for a trunk."""
        return f"{bracketed(trunk.address)}:{self.port}" if trunk.address else self.public

    def front_of(self, trunk: Trunk) -> str:
        """Return `host:port` at which a trunk sees the edge."""
        own = trunk.public_address or trunk.address
        return f"{bracketed(own)}:{self.port}" if own else self.front


def bracketed(host: str) -> str:
    """Return a host as URIs write it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
