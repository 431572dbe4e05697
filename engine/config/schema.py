"""What may stand in the files of a configuration folder: the vocabulary of the field, one struct for each mapping.

The fields' meaning is that of the core's structs they become (`queues`, `ivr`, `router.configuration`); docstrings here
say what is particular to the files. `examples/malmo` shows each of them in use.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field
from yaml.nodes import Node, SequenceNode

from adapters.edge.settings import Srtp, Transport
from adapters.sip.settings import LEGS_MAX
from engine.config import shapes, words
from engine.config.days import SpecialDays
from engine.config.document import Path_, called, pairs
from engine.config.reader import Reader, Shape, Word
from ivr.flow import Act, GlobalKey, Tongue
from queues.queue import Obstacle, Selection, Waiting, WayOut
from queues.skills import Needs
from router.dialling import DialRules
from router.persons import Aid

Name = Annotated[str, Word(words.name)]
Seconds = Annotated[float, Word(words.seconds)]
SomeSeconds = Annotated[float, Word(words.some_seconds)]
Address = Annotated[str, Word(words.ip_address)]
Host = Annotated[str, Word(words.host)]
Country = Annotated[str, Word(words.country)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Factor = Annotated[float, Meta(ge=0.01, le=1000)]
Port = Annotated[int, Meta(ge=1024, le=65535)]
Opening = Annotated[shapes.Opening, Shape(shapes.opening)]
Skills = Annotated[dict[str, int], Shape(shapes.levels)]
Needed = Annotated[Needs, Shape(shapes.needs)]
Tries = Annotated[int, Meta(ge=1, le=9)]
Names = dict[str, str]
"""Language to what citizens read; the title where there is none."""

RETURN = "return"
HANG_UP = "hang_up"
PERSON = "person"
"""Nodes that a flow need not hold for others to lead there: back, the end, and the flow's `person` queue."""


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: a mapping with these fields and no others."""


# ---- vaxel.yaml ------------------------------------------------------------------------------------------------


class MediaTable(Table, frozen=True):
    """Where the sound of one network goes: `sip: phones:`, `media:` of a network; `here:` of a trunk, for SIP too."""

    address: Address | None = None
    public_address: Address | None = None
    rtp_ports: Annotated[tuple[int, int], Word(words.ports)] = (0, 0)
    behind_nat: bool = False


class NetworkTable(Table, frozen=True):
    """A source of calls. `trunk`: its word about a caller's number is believed."""

    name: Name
    sources: tuple[Annotated[str, Word(words.network)], ...] = field(name="from")
    trunk: bool = False
    media: MediaTable = MediaTable()


class PairTable(Table, frozen=True):
    """`web: tls:`: a certificate and its key; its presence makes the web port speak TLS alone."""

    certificate: str
    key: str


class TlsTable(PairTable, frozen=True):
    """`sip: tls:`; its presence opens the port."""

    port: Port = 5061


class LimitsTable(Table, frozen=True):
    """`sip: limits:`, of each source; see `adapters.edge.settings.Limits`."""

    requests_per_second: Annotated[int, Meta(ge=1, le=10_000)] = 50
    message_bytes: Annotated[int, Meta(ge=2048, le=65535)] = 16384
    failures: Annotated[int, Meta(ge=1, le=1000)] = 10
    ban: SomeSeconds = 600.0


class RegistrationTable(Table, frozen=True):
    """`sip: registration:`; see `adapters.edge.settings.Registration`."""

    expires: Annotated[float, Word(words.registration)] = 120.0
    ping: Seconds = 10.0


class TurnTable(Table, frozen=True):
    """`sip: browsers: turn:`; see `engine.installation.Turn`. `urls` and `secret_file` name one elsewhere."""

    urls: tuple[Annotated[str, Word(words.turn_url)], ...] = ()
    secret_file: str = ""
    address: Address | None = None
    port: Port = 3478
    public_address: Address | None = None
    relay_ports: Annotated[tuple[int, int], Word(words.ports)] = (32000, 33999)


class BrowsersTable(MediaTable, frozen=True):
    """`sip: browsers:`; see `engine.installation.BrowserPhones`."""

    port: Port = 8089
    url: Annotated[str, Word(words.socket_url)] = ""
    turn: TurnTable | None = None


class SipTable(Table, frozen=True):
    """`sip:`. `networks` are for `edge: none`; `inner_port`, `tls`, `registration`, `limits` and `browsers` for the
    edge."""

    address: Address | None = None
    port: Port = 5060
    inner_port: Port = 5070
    tls: TlsTable | None = None
    registration: RegistrationTable = RegistrationTable()
    limits: LimitsTable = LimitsTable()
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    clock_rate: int = 16000
    codecs: tuple[Literal["g722", "a-law", "u-law", "opus"], ...] = ("g722", "a-law", "u-law")
    networks: tuple[NetworkTable, ...] = ()
    phones: MediaTable = MediaTable()
    browsers: BrowsersTable = BrowsersTable()
    public_address: Address | None = None
    rtp_ports: Annotated[tuple[int, int], Word(words.ports)] = (20000, 27999)
    max_legs: Annotated[int, Meta(ge=2, le=LEGS_MAX)] = 700
    agent_reserve: Annotated[int, Meta(ge=0, le=LEGS_MAX)] = 0
    rtp_timeout: SomeSeconds = 20.0
    session_expires: Seconds = 180.0


class RegisterTable(Table, frozen=True):
    """`trunks: NAME: register:`."""

    registrar: Host
    user: Annotated[str, Word(words.account)]
    password_file: str


class TrunkTable(Table, frozen=True):
    """A trunk: known by where its calls come from (`address`), or by our registering there, or both."""

    address: tuple[Annotated[str, Word(words.network)], ...] = ()
    host: Host = ""
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    transport: Transport = "udp"
    register: RegisterTable | None = None
    numbers: tuple[Annotated[str, Word(words.number)], ...] = ()
    srtp: Srtp = "off"
    certificate_name: Host = ""
    ca_file: str = ""
    calls_per_second: Annotated[int, Meta(ge=1, le=10_000)] = 100
    here: MediaTable = MediaTable()


class WebTable(Table, frozen=True):
    """`web:`."""

    address: Address | None = None
    port: Port = 8080
    requests_per_second: Annotated[int, Meta(ge=1, le=100_000)] = 100
    tls: PairTable | None = None
    citizens: Annotated[str, Word(words.pages)] = ""


class OpenIdTable(Table, frozen=True):
    """`sign_in: openid:`; the claims that tell who somebody is, and what groups there mean here."""

    issuer: str
    client_id: Annotated[str, Meta(min_length=1, max_length=200)]
    client_secret_file: str
    roles: dict[str, str]
    title: Annotated[str, Meta(min_length=1, max_length=60)] = "OpenID Connect"
    scopes: tuple[str, ...] = ("profile",)
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    agent_claim: str = ""
    departments: dict[str, str] = field(default_factory=dict)


class SignInTable(Table, frozen=True):
    """`sign_in:`; `passwords` names the accounts from which one is taken: all, if left out."""

    openid: OpenIdTable | None = None
    passwords: tuple[str, ...] | None = None


class RedisTable(Table, frozen=True):
    """`redis:` of the city's own; absent for the private one."""

    url: str
    password_file: str = ""


class HistoryTable(Table, frozen=True):
    """`history:`; SQLite in the data folder unless `url` names a PostgreSQL."""

    enabled: bool = True
    url: str = ""
    password_file: str = ""


class TraceTable(Table, frozen=True):
    """`trace:`; see `adapters.trace.settings.TraceSettings`."""

    keep: Seconds = 72 * 3600.0
    megabytes: Annotated[int, Meta(ge=1, le=100_000)] = 64


class RelayTable(Table, frozen=True):
    """`flows.relay:`: relay services, whose callers hear, type and speak through somebody else."""

    numbers: tuple[Annotated[str, Word(words.number)], ...] = ()
    patience: Annotated[float, Meta(ge=1, le=20)] = 3.0


class FlowsTable(Table, frozen=True):
    """`flows:`, what holds in every flow that does not say otherwise."""

    person: str = ""
    keys: Annotated[dict[str, GlobalKey], Shape(shapes.global_keys)] = field(
        default_factory=lambda: {"0": "person", "*": "repeat"}
    )
    timeout: SomeSeconds = 10.0
    between: SomeSeconds = 6.0
    tries: Tries = 3
    no_input: str = ""
    wrong_input: str = ""
    relay: RelayTable = RelayTable()


class DiallingTable(Table, frozen=True):
    """`dialling:`, what may be dialled; see `router.dialling.DialRules`. `countries` is `home` alone if left out."""

    home: Country = "SE"
    countries: tuple[Country, ...] = ()
    allowed: tuple[Annotated[str, Word(words.prefix)], ...] = ()
    refused: tuple[Annotated[str, Word(words.prefix)], ...] = ()
    short: tuple[Annotated[str, Word(words.short_number)], ...] = DialRules().short
    emergency: tuple[Annotated[str, Word(words.short_number)], ...] = DialRules().emergency
    per_number_hour: Count = 10
    per_number_day: Count = 30
    per_hour: Count = 2_000
    per_day: Count = 20_000
    domains: dict[str, str] = field(default_factory=dict)


class VaxelFile(Table, frozen=True):
    """vaxel.yaml: everything that is not routing."""

    city: str = "Vaxel"
    demo: bool = False
    always_open: bool = False
    listen: Address = "127.0.0.1"
    edge: Literal["kamailio", "none"] = "kamailio"
    time_zone: str = "Europe/Stockholm"
    language: str = "sv"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    agents_see: Literal["caller", "number"] = "caller"
    sip: SipTable = SipTable()
    trunks: dict[str, TrunkTable] = field(default_factory=dict)
    web: WebTable = WebTable()
    sign_in: SignInTable = SignInTable()
    redis: RedisTable | None = None
    history: HistoryTable = HistoryTable()
    trace: TraceTable = TraceTable()
    flows: FlowsTable = FlowsTable()
    dialling: DiallingTable = DiallingTable()
    music: dict[str, str] = field(default_factory=dict)
    voices: dict[str, str] = field(default_factory=dict)


# ---- queues.yaml -----------------------------------------------------------------------------------------------


class StepTable(Table, frozen=True):
    """A step of a requirement."""

    needs: Needed
    after: Seconds = 0.0


class AnnounceTable(Table, frozen=True):
    """`announce:`, what callers in line are told; it can be left empty."""

    every: SomeSeconds = 45.0
    position: bool = True
    expected: bool = True


class CallingTable(Table, frozen=True):
    """`callbacks:`; see `queues.queue.Calling`."""

    attempts: Annotated[int, Meta(ge=1, le=20)] = 3
    pause: SomeSeconds = 900.0
    hours: Opening = shapes.Opening(named="always")
    window: Annotated[float, Word(words.window)] = 3600.0
    bookable: Annotated[int, Meta(ge=0, le=1000)] = 0
    ahead_days: Annotated[int, Meta(ge=1, le=30)] = 7
    first: Literal["agent", "citizen"] = "agent"
    hold: SomeSeconds = 45.0
    let_down: Annotated[float, Word(words.share)] = 0.03
    on_page: Annotated[int, Meta(ge=0, le=10_000)] = 0


class TapeTable(Table, frozen=True):
    """`record:` of a queue; talks are recorded, once both have heard `announce`."""

    announce: str
    decline: Annotated[str, Word(words.digit)] = ""


class SecondLineTable(Table, frozen=True):
    """`second_line:`; see `queues.queue.SecondLine`."""

    live: SomeSeconds = 180.0
    deferred: SomeSeconds = 28_800.0


class SurveyTable(Table, frozen=True):
    """`survey:`; see `queues.queue.Survey`."""

    prompt: str = "survey"
    answers: Literal["1-5", "yes_no"] = "1-5"
    every: Count = 1
    again_after_days: Annotated[int, Meta(ge=0, le=366)] = 30
    wait: SomeSeconds = 20.0
    mail: str = ""
    visits: bool = False
    open_days: Annotated[int, Meta(ge=1, le=60)] = 14


class AlarmsTable(Table, frozen=True):
    """`alarms:` of a queue; see `queues.alarms.Alarms`."""

    waiting: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    longest_wait: SomeSeconds | None = None
    service_level: Annotated[float | None, Word(words.share)] = None
    nobody_available: bool = False


class LinkTable(Table, frozen=True):
    """One of the `links:` of a queue: where its agents read on."""

    title: dict[str, str]
    url: Annotated[str, Word(words.link)]


class QueueTable(Table, frozen=True):
    """A queue; absent fields take the core's defaults. `public`: pages for anybody tell how it stands."""

    title: str = ""
    names: Names = field(default_factory=dict)
    public: bool = True
    hours: Opening = shapes.Opening(named="always")
    target: Annotated[tuple[float, float], Word(words.target)] = (0.8, 60.0)
    weight: Factor = 1.0
    requirement: tuple[StepTable, ...] = ()
    selection: Selection = "spare-scarce"
    grace: Seconds = 20.0
    offer_timeout: SomeSeconds = 20.0
    wrap_up: Seconds = 30.0
    deferred_every: Count = 4
    keep_place: Seconds = 300.0
    max_waiting: Count | None = None
    max_wait: SomeSeconds | None = None
    waiting: Waiting = "music"
    ways_out: dict[str, Annotated[WayOut, Shape(shapes.way_out)]] = field(default_factory=dict)
    welcome: str = ""
    announce: AnnounceTable | None = None
    callbacks: CallingTable = CallingTable()
    keys: Annotated[dict[str, WayOut], Shape(shapes.line_keys)] = field(default_factory=dict)
    whisper: bool = False
    shows: Annotated[str, Word(words.number)] = ""
    forward_timeout: SomeSeconds = 25.0
    camp_limit: SomeSeconds = 180.0
    park_limit: SomeSeconds = 180.0
    return_grace: Seconds = 45.0
    wrap_up_extension: SomeSeconds = 30.0
    wrap_up_max: SomeSeconds = 300.0
    idle_after: Annotated[float | None, Word(words.seconds_or_never)] = 300.0
    idle_close: SomeSeconds = 300.0
    survey: SurveyTable | None = None
    record: TapeTable | None = None
    second_line: SecondLineTable | None = None
    alarms: AlarmsTable | None = None
    links: Annotated[tuple[LinkTable, ...], Meta(max_length=30)] = ()


class ToTable(Table, frozen=True):
    """`alarms:` at the top of queues.yaml: who is told of them."""

    mail: tuple[Annotated[str, Word(words.mail_address)], ...] = ()
    mailbox: str = ""
    url: Annotated[str, Word(words.url)] = ""
    secret_file: str = ""


class SupervisionTable(Table, frozen=True):
    """`supervision:`: whether agents are shown that somebody listens."""

    shown: bool = True


class RulesTable(Table, frozen=True):
    """`rules:`, the times of `router.configuration.Rules`."""

    rest: Seconds = 30.0
    not_responding: Seconds = 30.0
    scarcity_memory: SomeSeconds = 900.0
    last_agent: Seconds = 0.0


class QueuesFile(Table, frozen=True):
    """queues.yaml."""

    special_days: dict[str, Annotated[SpecialDays, Shape(shapes.special_days)]] = field(default_factory=dict)
    hours: dict[str, Opening] = field(default_factory=dict)
    queues: dict[str, QueueTable] = field(default_factory=dict)
    reserve: dict[str, Annotated[int, Meta(ge=0, le=1000)]] = field(default_factory=dict)
    rules: RulesTable = RulesTable()
    supervision: SupervisionTable = SupervisionTable()
    alarms: ToTable = ToTable()


OBSTACLES: tuple[Obstacle, ...] = ("closed", "full", "nobody", "too_long")


# ---- places.yaml -----------------------------------------------------------------------------------------------


class DeskTable(Table, frozen=True):
    """A desk, with a phone or without."""

    phone: str = ""


class ServiceTable(Table, frozen=True, kw_only=True):
    """What is done at a place; see `queues.site.Service`."""

    title: str = ""
    names: Names = field(default_factory=dict)
    queue: str
    letter: Annotated[str, Word(words.letter)] = "A"
    needs: Needed = ()
    bookable: Annotated[int, Meta(ge=0, le=1000)] = 0
    priority: Factor = 1.0


class PlaceTable(Table, frozen=True):
    """A place that people visit; see `queues.site.Site`. One that is there now and then has dates for hours."""

    title: str = ""
    names: Names = field(default_factory=dict)
    hours: Opening = shapes.Opening(named="always")
    services: dict[str, ServiceTable] = field(default_factory=dict)
    desks: dict[str, DeskTable] = field(default_factory=dict)
    languages: dict[str, Needed] = field(default_factory=dict)
    window: Annotated[float, Word(words.window)] = 1800.0
    ahead_days: Annotated[int, Meta(ge=1, le=90)] = 14
    late: Seconds = 600.0
    last_ticket: Seconds = 0.0
    keep: Seconds = 900.0
    on_page: Annotated[int, Meta(ge=0, le=10_000)] = 0


class PlanTable(Table, frozen=True):
    """What is done and said in a crisis; see `queues.crisis.Plan`. Without queues and areas it concerns everything."""

    title: str = ""
    messages: dict[str, str] = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    callback_only: bool = False
    triage: str = ""
    helpers: tuple[str, ...] = ()
    skills: Needed = ()
    places: tuple[str, ...] = ()
    lasts: Annotated[float | None, Word(words.seconds_or_never)] = 4 * 3600.0


class CrisesFile(Table, frozen=True):
    """crises.yaml. `areas`: names of several queues together."""

    areas: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plans: dict[str, PlanTable] = field(default_factory=dict)


class PlacesFile(Table, frozen=True):
    """places.yaml."""

    places: dict[str, PlaceTable] = field(default_factory=dict)


# ---- phones.yaml -----------------------------------------------------------------------------------------------


class PhoneTable(Table, frozen=True):
    """A phone that may register. Its password is given by `vaxel phone password`, never here; one that is the page of
    whoever works there has none, nor has one that is an agent's number outside."""

    title: str = ""
    kind: Literal["phone", "browser", "number"] = "phone"
    number: str = ""
    agent: str = ""


class PhonesFile(Table, frozen=True):
    """phones.yaml."""

    phones: dict[str, PhoneTable] = field(default_factory=dict)


# ---- directory.yaml --------------------------------------------------------------------------------------------


class AbsenceTable(Table, frozen=True):
    """A reason for being away; `words` are said after "is"."""

    words: dict[str, str]
    digit: Annotated[str, Word(words.digit)] = ""
    private: bool = False
    lasts: Annotated[float | Literal["day"] | None, Word(words.lasts)] = None
    reachable: bool = False


class DirectoryFile(Table, frozen=True):
    """directory.yaml; all of it may be left out."""

    file: str = ""
    country: Country = "SE"
    extensions: Annotated[tuple[int, int], Word(words.digits)] = (3, 5)
    extension_prefix: Annotated[str, Word(words.number)] = ""
    special_days: str = ""
    absences: dict[str, AbsenceTable] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()


# ---- chat.yaml -------------------------------------------------------------------------------------------------


class PageTable(Table, frozen=True):
    """A page to chat from: a flow, or straight to a queue. The first of `languages` is the page's own."""

    title: str = ""
    flow: str = ""
    queue: str = ""
    languages: tuple[str, ...] = ()
    embedded_by: tuple[Annotated[str, Word(words.site)], ...] = ()


class HookTable(Table, frozen=True, kw_only=True):
    """A way in and out by signed requests: an SMS gateway, a bridge."""

    title: str = ""
    flow: str = ""
    queue: str = ""
    language: str = ""
    acknowledge: str = ""
    url: Annotated[str, Word(words.url)]
    secret_file: str
    senders: Literal["numbers", "names"] = "names"
    give_up: SomeSeconds = 2 * 86400.0


class ChatFile(Table, frozen=True):
    """chat.yaml; all of it may be left out."""

    pages: dict[str, PageTable] = field(default_factory=dict)
    hooks: dict[str, HookTable] = field(default_factory=dict)
    back_within: SomeSeconds = 60.0
    chats: Count = 1000
    proxies: tuple[Annotated[str, Word(words.any_address)], ...] = ()
    words: dict[str, dict[str, str]] = field(default_factory=dict)


# ---- mail.yaml -------------------------------------------------------------------------------------------------


class ServerTable(Table, frozen=True):
    """`imap:` or `smtp:`, for all mailboxes or for one, which says only what is different."""

    host: Host | None = None
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    security: Literal["tls", "starttls", "none"] | None = None
    user: str | None = None
    password_file: str | None = None
    token_file: str | None = None
    ca_file: str | None = None


class TongueTable(Table, frozen=True):
    """A language in which mails are written: by which words it is known, and what it takes of an agent."""

    words: tuple[str, ...]
    needs: Needed = ()


class MailboxTable(Table, frozen=True, kw_only=True):
    """A mailbox: an address that citizens write to, and the queue in which their mails wait."""

    address: Annotated[str, Word(words.mail_address)]
    queue: str
    title: str = ""
    language: str = ""
    acknowledge: str = ""
    imap: ServerTable = ServerTable()
    smtp: ServerTable = ServerTable()
    folder: str = "INBOX"
    done: str = ""
    since: Annotated[date | None, Word(words.some_day)] = None
    poll: SomeSeconds = 60.0
    signature: dict[str, str] = field(default_factory=dict)


class MailFile(Table, frozen=True):
    """mail.yaml; all of it may be left out."""

    imap: ServerTable = ServerTable()
    smtp: ServerTable = ServerTable()
    mailboxes: dict[str, MailboxTable] = field(default_factory=dict)
    languages: dict[str, TongueTable] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    largest_mail: Annotated[int, Word(words.size)] = 35 * 1024 * 1024
    largest_attachment: Annotated[int, Word(words.size)] = 25 * 1024 * 1024
    give_up: Annotated[float, Word(words.some_seconds)] = 2 * 86400.0


# ---- agents.yaml, numbers.yaml ---------------------------------------------------------------------------------


class AgentTable(Table, frozen=True):
    """A person, known here by an id and never by a name; at a phone that registers, or (without an edge) at an
    address."""

    phone: str = ""
    address: Annotated[str, Word(words.sip_address)] = ""
    skills: Skills = field(default_factory=dict)
    queues: Annotated[dict[str, int], Shape(shapes.tiers)] = field(default_factory=dict)
    capacity: dict[str, Annotated[int, Meta(ge=0, le=100)]] = field(default_factory=dict)
    signed_in: bool = False
    number: Annotated[str, Word(words.digits_only)] = ""
    """To log in by telephone, with the PIN whose hash is in `pin_file`."""
    pin_file: str = ""
    reserve: tuple[Name, ...] = ()
    """Groups that are asked to help in a crisis."""


class AgentsFile(Table, frozen=True):
    """agents.yaml. `pauses` and `skills`: each to its name for people. `codes`: what to dial at a phone, to what it
    does there."""

    pauses: dict[str, str] = field(default_factory=dict)
    skills: dict[str, str] = field(default_factory=dict)
    codes: dict[str, Annotated[Act, Shape(shapes.deed)]] = field(default_factory=dict)
    agents: dict[str, AgentTable] = field(default_factory=dict)


class NumberTable(Table, frozen=True):
    """A telephone number: a flow, straight to a queue, or where prompts are recorded."""

    title: str = ""
    flow: str = ""
    queue: str = ""
    record_prompts: dict[str, Name] = field(default_factory=dict)
    """Key to prompt; needs a `pin_file`."""
    pin_file: str = ""
    language: str = ""


class NumbersFile(Table, frozen=True):
    """numbers.yaml."""

    numbers: dict[str, NumberTable] = field(default_factory=dict)


# ---- flows/*.yaml ----------------------------------------------------------------------------------------------


class FlowSettings(Table, frozen=True):
    """`settings:` of a flow; what is absent is the house's (`flows:` in vaxel.yaml)."""

    person: str | None = None
    keys: Annotated[dict[str, GlobalKey], Shape(shapes.global_keys)] | None = None


class AskTable(Table, frozen=True):
    """What nodes have in common that want an answer; what is absent is the house's."""

    timeout: SomeSeconds | None = None
    tries: Tries | None = None
    no_input: str | None = None
    wrong_input: str | None = None


class SayTable(Table, frozen=True, kw_only=True):
    """A node that plays a prompt."""

    say: str
    next: str = RETURN


class AnnouncementTable(Table, frozen=True, kw_only=True):
    """A node that plays a prompt while there is one."""

    announcement: Name
    next: str = RETURN


class MenuTable(AskTable, frozen=True, kw_only=True):
    """A node that offers a choice."""

    menu: str
    choices: Annotated[dict[str, shapes.Way], Shape(shapes.menu_choices)]
    otherwise: str = PERSON


class LanguageTable(AskTable, frozen=True, kw_only=True):
    """A node that offers languages."""

    language: str
    choices: dict[str, Annotated[Tongue, Shape(shapes.tongue)]]
    next: str = RETURN


class CallbackTable(AskTable, frozen=True, kw_only=True):
    """A node that lets citizens choose when and where to be called back, and promises it."""

    callback: str
    prompt: str = "callback_when"
    next: str = RETURN
    otherwise: str = PERSON


class TicketTable(Table, frozen=True, kw_only=True):
    """A node that gives a ticket for a service of a place, and says its number."""

    ticket: Annotated[dict[str, str], Shape(shapes.service)]
    next: str = RETURN
    closed: str = RETURN


class PromisedTable(AskTable, frozen=True, kw_only=True):
    """A node for those who have been promised a call: they may wait, go, or cancel it."""

    promised: str
    next: str = RETURN
    keep: str = HANG_UP
    cancelled: str = HANG_UP


class CollectTable(AskTable, frozen=True, kw_only=True):
    """Digits that are asked for."""

    collect: str
    name: Name = ""
    digits: Annotated[tuple[int, int], Word(words.digit_count)] = (1, 20)
    sensitive: bool = False
    terminator: Literal["#", "*", "none"] = "#"
    between: SomeSeconds | None = None
    check: Literal["", "luhn", "personnummer"] = ""
    confirm: str = "no"


class RecordTable(AskTable, frozen=True, kw_only=True):
    """Speech that is asked for."""

    record: str
    name: Name = ""
    silence: SomeSeconds = 4.0
    most: SomeSeconds = 120.0
    review: str = "no"


class CollectNode(CollectTable, frozen=True):
    """A node that asks for digits."""

    next: str = RETURN
    otherwise: str = PERSON


class CollectQuestion(CollectTable, frozen=True):
    """A form's question that is answered by digits."""

    optional: bool = False


class RecordQuestion(RecordTable, frozen=True):
    """A form's question that is answered by voice."""

    optional: bool = False


def _questions(reader: Reader, node: Node, path: Path_) -> tuple[CollectQuestion | RecordQuestion, ...]:
    """Read a form's questions; broken ones are left out."""
    if not isinstance(node, SequenceNode) or not node.value:
        reader.say(path, f"expected a list of questions such as [{{record: PROMPT}}], found {called(node)}")
        return ()
    found: list[CollectQuestion | RecordQuestion] = []
    for index, item in enumerate(node.value):
        fields = dict(pairs(item))
        kind = RecordQuestion if "record" in fields else CollectQuestion
        if ("record" in fields) == ("collect" in fields):
            reader.say((*path, index), "a question is answered by digits or by voice: write collect: or record: PROMPT")
            continue
        question = reader.read(item, kind, (*path, index))
        if isinstance(question, CollectQuestion | RecordQuestion):
            found.append(question)
    return tuple(found)


class FormTable(Table, frozen=True, kw_only=True):
    """A node whose answers become a contact: those to a form of forms.yaml, or a report in the queue `form`, when it
    has `questions` of its own."""

    form: str
    questions: Annotated[tuple[CollectQuestion | RecordQuestion, ...], Shape(_questions)] = ()
    announce: str = "recorded"
    needs: Needed = ()
    priority: Factor = 1.0
    next: str = RETURN
    otherwise: str = PERSON


class MessageTable(AskTable, frozen=True, kw_only=True):
    """A node that takes a message for the queue `message`."""

    message: str
    prompt: str = "leave_message"
    announce: str = "recorded"
    silence: SomeSeconds = 4.0
    most: SomeSeconds = 120.0
    review: str = "no"
    needs: Needed = ()
    priority: Factor = 1.0
    next: str = RETURN
    otherwise: str = PERSON


class MailTable(AskTable, frozen=True, kw_only=True):
    """A node where what a citizen has written goes on as a mail to a mailbox, which waits in the queue `mail`."""

    mail: str
    mailbox: str
    prompt: str = "chat_address"
    needs: Needed = ()
    priority: Factor = 1.0
    next: str = RETURN
    otherwise: str = PERSON


class HoursTable(Table, frozen=True, kw_only=True):
    """A node that leads by opening hours: a name in `hours:`, or {queue: NAME}."""

    hours: Annotated[dict[str, str], Shape(shapes.whose_hours)]
    open: str
    closed: str
    special: dict[str, str] = field(default_factory=dict)


class Notes(Table, frozen=True):
    """`set:` of a node."""

    needs: Needed = ()
    priority: Factor = 1.0
    note: dict[str, str] = field(default_factory=dict)
    language: str = ""
    citizen: tuple[Aid, ...] = ()
    keep: bool = False


class SetTable(Table, frozen=True, kw_only=True):
    """A node that notes something about the contact."""

    set: Notes
    next: str = RETURN


class RunTable(Table, frozen=True, kw_only=True):
    """A node that goes through another flow."""

    flow: str
    next: str = RETURN


class ConnectTable(Table, frozen=True, kw_only=True):
    """A node that rings somebody: {person: ID}, {extension: NUMBER} or {number: NUMBER}."""

    connect: Annotated[dict[str, str], Shape(shapes.destination)]
    timeout: SomeSeconds = 25.0
    busy: str | None = None
    no_answer: str | None = None
    otherwise: str = PERSON


class EnterTable(Table, frozen=True):
    """A node that leads into a waiting line."""

    queue: str
    needs: Needed = ()
    priority: Factor = 1.0


class HangUpTable(Table, frozen=True):
    """A node that ends the call; also written as the single word `hang_up`."""

    hang_up: bool = True


class ReturnTable(Table, frozen=True):
    """A node that ends a flow that was called; also written as the single word `return`."""

    back: bool = field(name="return", default=True)


# ---- people.yaml, interpreters.yaml, reasons.yaml --------------------------------------------------------------


Titles = dict[str, str]
"""Language to a name for people."""


class AidTable(Table, frozen=True):
    """What a need, or a language, takes of an agent; see `queues.assistance.Assistance`."""

    title: Titles = field(default_factory=dict)
    needs: Needed = ()
    wait: Seconds = 120.0


class PeopleFile(Table, frozen=True):
    """people.yaml; all of it may be left out. `shared`: numbers and mail addresses that are nobody's (rule 8)."""

    needs: dict[str, AidTable] = field(default_factory=dict)
    languages: dict[str, AidTable] = field(default_factory=dict)
    remember_days: Annotated[int, Meta(ge=1, le=3650)] = 400
    shared: tuple[str, ...] = ()


class DutyTable(Table, frozen=True):
    """Somebody who interprets: by telephone number, at a phone of the house, or as an agent who is logged in."""

    number: str = ""
    phone: str = ""
    agent: str = ""
    hours: Opening = shapes.Opening(named="always")


class InterpretersTable(Table, frozen=True):
    """Who interprets one language, in the order in which they are rung."""

    title: str = ""
    code: Annotated[str, Meta(pattern="^[0-9]{0,4}$")] = ""
    """What an agent presses between *# and # to have somebody join."""
    ring: SomeSeconds = 20.0
    duty: dict[str, DutyTable] = field(default_factory=dict)


class InterpretersFile(Table, frozen=True):
    """interpreters.yaml; may be left out."""

    languages: dict[str, InterpretersTable] = field(default_factory=dict)


class DepartmentTable(Table, frozen=True):
    """What contacts of a department can be about; `queues`: whose contacts are its own, most of the time."""

    title: Titles = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    reasons: dict[str, Titles] = field(default_factory=dict)


class ReasonsFile(Table, frozen=True):
    """reasons.yaml; may be left out. `gaps`: where service can fall short of what could be expected."""

    departments: dict[str, DepartmentTable] = field(default_factory=dict)
    gaps: dict[str, Titles] = field(default_factory=dict)
