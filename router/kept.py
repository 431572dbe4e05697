"""What a snapshot keeps of everything the router knows: plain frozen structs and names."""

from msgspec import Struct, field, structs

from router import agent as agents
from router import callback as callbacks
from router import facts as f
from router import offer as offers
from router.configuration import EMPTY, Configuration
from router.contact import Contact
from router.crisis import Crisis
from router.deadlines import QueueClock
from router.dialling import DialLog
from router.invitations import Invitation, Invitations
from router.outbox import Outgoing
from router.pace import Pace
from router.persons import Person, Persons


class Tickets(Struct, frozen=True, array_like=True):
    """The tickets that a site has given on the newest day."""

    day: str
    last: dict[str, int]
    """Letter to the last number."""


class Handover(Struct, frozen=True, array_like=True):
    """A matter on its way to the records system."""

    contact: str
    """The last of it."""
    matter: str
    closed: float
    attempts: int = 0
    """How often it was tried in vain."""
    due: float | None = 0.0
    """When it is to be tried; None when it will not be any more."""
    cause: f.SendCause | None = None
    """Why it was not taken."""

    @property
    def id(self) -> str:
        """Return under what the records system knows this handing over, however often it is sent."""
        return f"{self.matter}~{self.contact}"


class Met(Struct, frozen=True, array_like=True):
    """Who served a person last, and when that was over."""

    agent: str
    at: float


class Snapshot(Struct, frozen=True, array_like=True):
    """The state at one moment. Indexes are left out."""

    configuration: Configuration
    epoch: int
    order: int
    contacts: list[Contact]
    agents: list[agents.Agent]
    offers: list[offers.Offer]
    callbacks: list[callbacks.Callback]
    clocks: dict[str, QueueClock]
    turns: dict[str, int]
    demand: dict[str, float]
    demand_base: float
    lost: list[str] = []
    """Phones that are known to be gone."""
    dialled: dict[str, list[float]] = {}
    """Numbers dialled in the last day, as pseudonyms, and when."""
    recorded: dict[str, dict[str, str]] = {}
    paces: dict[str, Pace] = field(default_factory=dict)
    outbox: list[Outgoing] = []
    acknowledged: dict[str, float] = {}
    marks: dict[str, float] = {}
    open_sites: list[str] = []
    tickets: dict[str, Tickets] = {}
    crises: list[Crisis] = []
    surveyed: dict[str, float] = {}
    secret: list[str] = []
    held: list[str] = []
    let_down: dict[str, float] = {}
    handovers: list[Handover] = []
    persons: list[Person] = []
    met: dict[str, Met] = {}
    invitations: list[Invitation] = []


class Kept:
    """Contacts, agents, offers and callbacks by id, and what else is remembered."""

    def __init__(self) -> None:
        self.configuration: Configuration = EMPTY
        self.epoch = 0
        self.order = 0
        self.contacts: dict[str, Contact] = {}
        self.agents: dict[str, agents.Agent] = {}
        self.offers: dict[str, offers.Offer] = {}
        self.callbacks: dict[str, callbacks.Callback] = {}
        self.clocks: dict[str, QueueClock] = {}
        self.turns: dict[str, int] = {}
        """Queue to live contacts preferred to its overdue deferred one since that had its last turn (rule 3)."""
        self.demand: dict[str, float] = {}
        """Skill to recent contacts that needed it, scaled by e^((t - demand_base) / memory) (rule 4)."""
        self.demand_base = 0.0
        self.lost: set[str] = set()
        """Phones that are known to be gone (rule 5)."""
        self.dialled = DialLog()
        self.recorded: dict[str, dict[str, str]] = {}
        """Language to prompt to the recording by telephone that is heard."""
        self.paces: dict[str, Pace] = {}
        """Queue to how its line moves (router.pace)."""
        self.outbox: dict[str, Outgoing] = {}
        """Messages of ours that somebody else is to carry, until they were taken."""
        self.acknowledged: dict[str, float] = {}
        """Person to when a message of theirs was acknowledged, within the last day."""
        self.marks: dict[str, float] = {}
        """Mark of a message to when it arrived, the oldest first."""
        self.open_sites: set[str] = set()
        self.tickets: dict[str, Tickets] = {}
        """Site to the tickets of its newest day."""
        self.persons = Persons()
        """Of whom more is known than that there are contacts."""
        self.crises: dict[str, Crisis] = {}
        """Those that run, and those that can still be read about, the oldest first."""
        self.surveyed: dict[str, float] = {}
        """Person to when that one was asked how it was, the longest ago first."""
        self.let_down: dict[str, float] = {}
        """Queue to how many citizens it called lately for whom no agent came; each one who is reached makes it less."""
        self.secret: set[str] = set()
        """Matters that are secret (`router.secrecy`)."""
        self.held: set[str] = set()
        """Matters of which nothing may be deleted."""
        self.handovers: dict[str, Handover] = {}
        """Last contact of a matter to how the matter stands on its way to the records system."""
        self.met: dict[str, Met] = {}
        """Person, and matter, to who served them last by whatever channel, the longest ago first (rule 4)."""
        self.invitations = Invitations()
        """Questions how it was that can be answered though the contact is over."""

    def snapshot(self) -> Snapshot:
        """Return the state; cheap, since its parts are frozen and shared."""
        return Snapshot(
            self.configuration,
            self.epoch,
            self.order,
            list(self.contacts.values()),
            list(self.agents.values()),
            list(self.offers.values()),
            list(self.callbacks.values()),
            dict(self.clocks),
            dict(self.turns),
            dict(self.demand),
            self.demand_base,
            sorted(self.lost),
            self.dialled.snapshot(),
            {language: dict(prompts) for language, prompts in self.recorded.items()},
            {queue: structs.replace(pace) for queue, pace in self.paces.items()},
            list(self.outbox.values()),
            dict(self.acknowledged),
            dict(self.marks),
            sorted(self.open_sites),
            dict(self.tickets),
            list(self.crises.values()),
            dict(self.surveyed),
            sorted(self.secret),
            sorted(self.held),
            dict(self.let_down),
            list(self.handovers.values()),
            self.persons.snapshot(),
            dict(self.met),
            self.invitations.snapshot(),
        )

    def recall(self, snapshot: Snapshot) -> None:
        """Take everything from a snapshot."""
        self.configuration = snapshot.configuration
        self.epoch = snapshot.epoch
        self.order = snapshot.order
        self.contacts = {contact.card.id: contact for contact in snapshot.contacts}
        self.agents = {agent.desk.id: agent for agent in snapshot.agents}
        self.offers = {offer.id: offer for offer in snapshot.offers}
        self.callbacks = {callback.id: callback for callback in snapshot.callbacks}
        self.clocks = dict(snapshot.clocks)
        self.turns = dict(snapshot.turns)
        self.demand = dict(snapshot.demand)
        self.demand_base = snapshot.demand_base
        self.lost = set(snapshot.lost)
        self.dialled = DialLog(snapshot.dialled)
        self.recorded = {language: dict(prompts) for language, prompts in snapshot.recorded.items()}
        self.paces = {queue: structs.replace(pace) for queue, pace in snapshot.paces.items()}
        self.outbox = {message.id: message for message in snapshot.outbox}
        self.acknowledged = dict(snapshot.acknowledged)
        self.marks = dict(snapshot.marks)
        self.open_sites = set(snapshot.open_sites)
        self.tickets = dict(snapshot.tickets)
        self.persons = Persons(snapshot.persons)
        self.crises = {one.id: one for one in snapshot.crises}
        self.surveyed = dict(snapshot.surveyed)
        self.let_down = dict(snapshot.let_down)
        self.secret = set(snapshot.secret)
        self.held = set(snapshot.held)
        self.handovers = {one.contact: one for one in snapshot.handovers}
        self.met = dict(snapshot.met)
        self.invitations = Invitations(snapshot.invitations)
