"""What an installation is, besides its routing: addresses, processes, languages. Read from vaxel.yaml."""

from typing import Literal

from msgspec import Struct, field

from adapters.alarms.settings import AlarmSettings
from adapters.chat.settings import ChatSettings
from adapters.directory.settings import DirectorySettings
from adapters.edge.settings import Limits, Registration, Tls, Trunk
from adapters.email.settings import MailSettings
from adapters.forms.settings import FormsSettings
from adapters.post.settings import Hook
from adapters.records.settings import Records
from adapters.sip.settings import Network
from adapters.speech.settings import SpeechSettings
from adapters.trace.settings import TraceSettings
from queues.crisis import Plan
from web.callpages import WebCalls
from web.ways import SignInSettings


class Media(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the sound of one network goes; what is left empty is as it is for all."""

    address: str = ""
    """RTP is bound here."""
    public_address: str = ""
    """And known there, when it is another."""
    rtp_ports: tuple[int, int] = (0, 0)
    """Its own, to be shared out among the workers."""
    behind_nat: bool = False
    """Sound goes to where it comes from, when the far end names an address that cannot be reached."""


class Turn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who relays the sound of pages that cannot reach a worker (TURN)."""

    urls: tuple[str, ...] = ()
    """Of a relay that stands elsewhere (RFC 7065); none for our own, which Vaxel runs, with all that follows."""
    secret_file: str = ""
    """What is shared with the one elsewhere."""
    address: str = ""
    """Empty for that of SIP."""
    port: int = 3478
    public_address: str = ""
    relay_ports: tuple[int, int] = (32000, 33999)


class BrowserPhones(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How phones that are pages reach the edge; it opens no port for them while phones.yaml names none."""

    port: int = 8089
    url: str = ""
    """Where pages find it, such as wss://phone.example/sip, when something stands before it; empty for `port` of the
    host that the page came from."""
    turn: Turn | None = None


class Sip(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What SIP workers share; see `adapters.sip.settings.WorkerSettings` for the fields of the same names."""

    address: str = "127.0.0.1"
    port: int = 5060
    """Of the edge, or without one of the first worker; see `Installation.port_of`."""
    inner_port: int = 5070
    """On loopback: the edge as workers see it, and from there on the workers."""
    tls: Tls | None = None
    registration: Registration = Registration()
    limits: Limits = Limits()
    browsers: BrowserPhones = BrowserPhones()
    workers: int = 1
    clock_rate: int = 16000
    codecs: tuple[str, ...] = ("G722/16000", "PCMA/8000", "PCMU/8000")
    networks: tuple[Network, ...] = ()
    public_address: str = ""
    rtp_ports: tuple[int, int] = (20000, 27999)
    """To be shared out among the workers; `rtp_ports_of` does."""
    media: dict[str, Media] = {}
    """Network (`phones`, `browsers`, a trunk) to what is its own."""
    max_legs: int = 700
    agent_reserve: int = 0
    rtp_timeout: float = 20.0
    session_expires: int = 180

    def rtp_ports_of(self, worker: int, network: str = "") -> tuple[int, int]:
        """Return the share of worker 1, 2, ...: equal, disjoint, beginning with an even port.

        Of a network's own ports if one is named; (0, 0) when it has none.
        """
        low, high = self.media[network].rtp_ports if network in self.media else (0, 0) if network else self.rtp_ports
        if not high:
            return 0, 0
        low += low % 2
        share = (high - low + 1) // self.workers // 2 * 2
        first = low + (worker - 1) * share
        return first, first + share - 1


class Pair(Struct, frozen=True, kw_only=True):
    """A certificate, with its chain, and its key: PEM files."""

    certificate: str
    key: str


class Web(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where pages, health and metrics are served."""

    address: str = "127.0.0.1"
    port: int = 8080
    requests_per_second: int = 100
    """How often one token of the API may ask."""
    tls: Pair | None = None
    """None for plain HTTP."""
    citizens: str = ""
    """Where citizens reach our pages, for links in mails; without a slash at the end. Empty when nowhere."""

    @property
    def url(self) -> str:
        """The address to open on this machine."""
        host = "127.0.0.1" if self.address == "0.0.0.0" else self.address
        return f"http{'s' if self.tls is not None else ''}://{host}:{self.port}"


class Login(Struct, frozen=True, kw_only=True):
    """How an agent logs in by telephone."""

    agent: str
    file: str
    """With the hash of the PIN; read at each login, so that a new PIN holds at once."""


class OutsidePhone(Struct, frozen=True, kw_only=True):
    """A phone that is a number outside: an agent's mobile."""

    number: str
    """As it is written in phones.yaml; the gate lets it pass."""
    agent: str
    """Whose it is: nobody else works at it."""


class Number(Struct, frozen=True, kw_only=True):
    """A number that can be rung, for people to read."""

    number: str
    title: str
    behind: str
    """The flow or queue that answers."""


class History(Struct, frozen=True, kw_only=True):
    """Where the history is kept (docs/history.md)."""

    enabled: bool = True
    url: str = ""
    """Of a PostgreSQL, without a password; empty for SQLite in the data folder."""
    password_file: str = ""


class Citizens(Struct, frozen=True):
    """What citizens need and speak, for people to read; each name by language."""

    needs: dict[str, dict[str, str]] = {}
    languages: dict[str, dict[str, str]] = {}
    shared: frozenset[str] = frozenset()
    """Numbers and mail addresses of several people, such as a company's switchboard: nobody's (rule 8)."""


class Rung(Struct, frozen=True):
    """Where somebody who interprets is rung: one of these."""

    number: str = ""
    phone: str = ""
    agent: str = ""


class Interpreting(Struct, frozen=True):
    """Who interprets a language."""

    title: str
    code: str
    """What an agent presses between *# and #; empty for none."""
    rung: dict[str, Rung]
    """By the names of the duty list, in its order."""


class Department(Struct, frozen=True):
    """What contacts of a department can be about, for people to read; each name by language."""

    title: dict[str, str]
    queues: tuple[str, ...]
    reasons: dict[str, dict[str, str]]


class Link(Struct, frozen=True):
    """Where agents read on about what a queue is for."""

    title: dict[str, str]
    """By language."""
    url: str


class PlaceWords(Struct, frozen=True):
    """A place that people visit, for people to read."""

    title: str = ""
    services: dict[str, str] = {}
    """Service to its name."""
    names: dict[str, str] = {}
    """Language to what citizens read instead of the title."""
    service_names: dict[str, dict[str, str]] = {}
    """Service to the same."""


Class = Literal[
    "contact_data", "words", "attachments", "recordings", "needs", "survey", "history", "journal", "access_log"
]
"""Of personal values: each kept as long as its rule says, or for good without one (docs/privacy.md)."""


class Rule(Struct, frozen=True, kw_only=True):
    """How long a class of personal values is kept, and by which decision of the authority it is deleted then."""

    keep: float
    """Seconds."""
    rule: str
    on_request: bool = False
    """A person may have it erased before, where a decision allows it."""


class Privacy(Struct, frozen=True, kw_only=True):
    """Who sees what is secret, and what is deleted when. A class without a rule is kept."""

    secret_roles: tuple[str, ...] = ()
    retention: dict[Class, Rule] = field(default_factory=dict)
    erasures: str = ""
    """The file of what was erased, so that a restored backup does not bring it back; empty for the data folder's."""
    records: Records | None = None
    tape_key: str = ""
    """The file with the key of recordings of talks; empty for one in the data folder."""

    def keep(self, class_: Class) -> float | None:
        """Return for how many seconds a class is kept; None for good."""
        rule = self.retention.get(class_)
        return rule.keep if rule is not None else None


class Installation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is not routing."""

    city: str = "Vaxel"
    demo: bool = False
    """Example people, numbers and credentials: then nothing may listen beyond loopback."""
    always_open: bool = False
    """Run as if every service were open round the clock; only in a demonstration."""
    listen: str = "127.0.0.1"
    """The address that `sip.address` and `web.address` take unless they are set themselves."""
    edge: Literal["kamailio", "none"] = "kamailio"
    trunks: tuple[Trunk, ...] = ()
    phones: dict[str, str] = field(default_factory=dict)
    """Phones that may register, each with its title for people."""
    browser_phones: frozenset[str] = frozenset()
    """Those of them that are pages, and have no password."""
    outside_phones: dict[str, OutsidePhone] = field(default_factory=dict)
    """Those of them that are numbers outside, and never register."""
    time_zone: str = "Europe/Stockholm"
    """IANA name; opening hours are local time there."""
    language: str = "sv"
    """Of entries that name none."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    agents_see: Literal["caller", "number"] = "caller"
    """What an agent's phone shows: the caller's number, or the number that was called."""
    shared_numbers: frozenset[str] = frozenset()
    """Numbers of relay services: no person's (rule 8), and their callers get more time in flows."""
    pin_files: dict[str, str] = field(default_factory=dict)
    """Number that can be rung to the file with the hash of its PIN."""
    logins: dict[str, Login] = field(default_factory=dict)
    """An agent's number, typed at a telephone, to the login there."""
    sip: Sip = Sip()
    web: Web = Web()
    redis_url: str = ""
    """Empty for a private redis-server in the data folder; carries no password."""
    redis_password_file: str = ""
    history: History = History()
    speech: SpeechSettings = SpeechSettings()
    titles: dict[str, str] = field(default_factory=dict)
    """Queue to its name for people, where it has one."""
    links: dict[str, tuple[Link, ...]] = field(default_factory=dict)
    """Queue to where its agents read on."""
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    """Queue to what citizens read instead, by language."""
    unlisted: frozenset[str] = frozenset()
    """Queues of which pages for anybody tell nothing."""
    numbers: tuple[Number, ...] = ()
    pauses: dict[str, str] = field(default_factory=dict)
    """Reason for a pause to its name for people."""
    skills: dict[str, str] = field(default_factory=dict)
    """Skill to its name for people, where it has one."""
    places: dict[str, PlaceWords] = field(default_factory=dict)
    directory: DirectorySettings = DirectorySettings()
    mail: MailSettings = MailSettings()
    trace: TraceSettings = TraceSettings()
    chat: ChatSettings = ChatSettings()
    hooks: dict[str, Hook] = field(default_factory=dict)
    """Ways in and out by signed requests, by their names."""
    alarms: AlarmSettings = AlarmSettings()
    forms: FormsSettings = FormsSettings()
    citizens: Citizens = Citizens()
    interpreting: dict[str, Interpreting] = field(default_factory=dict)
    """By language."""
    departments: dict[str, Department] = field(default_factory=dict)
    gaps: dict[str, dict[str, str]] = field(default_factory=dict)
    """Where service can fall short, each name by language."""
    plans: dict[str, Plan] = field(default_factory=dict)
    """What is done and said in a crisis, by the names that start it."""
    areas: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Several queues under one name."""
    privacy: Privacy = Privacy()
    sign_in: SignInSettings = SignInSettings()
    webcalls: WebCalls = WebCalls()

    @property
    def set_up_phones(self) -> frozenset[str]:
        """Phones that register by a password typed into them."""
        return frozenset(self.phones) - self.browser_phones - self.outside_phones.keys()

    @property
    def runs_turn(self) -> bool:
        """Whether Vaxel runs a relay for pages from afar."""
        turn = self.sip.browsers.turn
        return self.edge != "none" and turn is not None and not turn.urls

    @property
    def serves_browsers(self) -> bool:
        """Whether the edge speaks to pages: phones of agents, or those from which citizens ring."""
        return bool(self.browser_phones or self.webcalls.pages)

    @property
    def traces_sip(self) -> bool:
        """Whether SIP messages are kept for a while: only an edge can tell of them."""
        return self.edge != "none" and self.trace.keep > 0

    def port_of(self, worker: int) -> int:
        """Return the port of worker 1, 2, ...: every second one, as SIP over TLS stands next to SIP."""
        if self.edge == "none":
            return self.sip.port + 2 * (worker - 1)
        return self.sip.inner_port + 2 * worker
