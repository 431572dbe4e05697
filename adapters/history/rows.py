"""What the history keeps, one struct for each table of `adapters.history.tables`, with columns of the same names.

No row holds a personal value: a person is a pseudonym, and it can be forgotten. Times are UTC seconds.
"""

from typing import Final, Literal

from msgspec import Struct

GAP: Final = "unknown"
"""How something ended whose end the journal has lost."""
Table = Literal[
    "contacts", "asks", "segments", "offers", "announced", "agent_states", "callbacks", "messages", "crises"
]
Stage = Literal["flow", "waiting", "agent", "wrap_up", "forwarded", "outside", "parked", "leaving", "away"]


class ContactRow(Struct, array_like=True):
    """One contact, and what came of it."""

    id: str
    channel: str
    """`outbound` for a call that an agent began."""
    entry: str
    """The number, mailbox, page or place by which it came."""
    began: float
    person: str | None = None
    matter: str = ""
    language: str = ""
    needs: str = ""
    """Skills that it needs of its own, in order, with spaces between."""
    queue: str = ""
    """The last it asked for."""
    ended: float | None = None
    outcome: str = ""
    resumed_by: str | None = None
    reached: bool = False
    """It met a person."""
    helped: bool = False
    people_met: int = 0
    contacts_made: int = 1
    until_help: float | None = None
    passed_on: bool = False
    reason: str = ""
    avoidable: bool | None = None
    gap: str = ""
    follow_up: bool = False
    described_by: str = ""


class AskRow(Struct, array_like=True):
    """A contact asked for a queue."""

    contact: str
    number: int
    """From 1."""
    channel: str
    queue: str
    language: str
    needs: str
    entry: str
    asked: float
    settled: float | None = None
    outcome: str = ""
    """As in `metrics.figures.Settlement`; empty until settled."""
    obstacle: str = ""
    waited: float | None = None
    """As `metrics.following` counts it: what waits by itself waits in open time."""
    in_target: bool | None = None


class SegmentRow(Struct, array_like=True):
    """Who had a contact from when to when, and why it moved on."""

    contact: str
    number: int
    """From 1; together a contact's segments are its whole life."""
    stage: Stage
    queue: str
    agent: str
    began: float
    ended: float | None = None
    why: str = ""
    """The fact that ended it, or the cause it names."""
    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    """The agent's own time after it, for whoever had it."""


class OfferRow(Struct, array_like=True):
    """An agent was asked to take a contact."""

    id: str
    contact: str
    agent: str
    queue: str
    rule: str
    step: int
    made: float
    ended: float | None = None
    outcome: str = ""
    """`accepted`, or the cause for which it was not."""


class AnnouncedRow(Struct, array_like=True):
    """A wait was announced to somebody in line."""

    contact: str
    at: float
    queue: str
    low: float
    high: float
    truth: str = ""
    """`held`, `sooner` or `later`; empty when nobody can know."""
    off: float = 0.0


class AgentStateRow(Struct, array_like=True):
    """How an agent was."""

    agent: str
    began: float
    state: str
    """As `metrics.present.AgentState`."""
    reason: str
    """Of a pause."""
    ended: float | None = None


class CallbackRow(Struct, array_like=True):
    """A promise to call back."""

    id: str
    contact: str
    """In which it was given."""
    queue: str
    registered: float
    due: float | None = None
    agent: str | None = None
    """Who promised it in person."""
    attempts: int = 0
    closed: float | None = None
    cause: str = ""


class MessageRow(Struct, array_like=True):
    """A message of a conversation."""

    contact: str
    number: int
    author: str
    agent: str
    at: float
    automatic: bool = False
    sent: float | None = None
    failed: str = ""
    """Why it could not be delivered."""


class CrisisRow(Struct, array_like=True):
    """A crisis, with its measures as they were last. It counts contacts, of whatever channel."""

    id: str
    plan: str
    began: float
    queues: str = ""
    """Before which it stood, with spaces between; empty for everything."""
    triage: str = ""
    places: str = ""
    callback_only: bool = False
    ended: float | None = None
    cause: str = ""
    """`asked`, or `over` when its time had come."""
    announcements: int = 0
    helpers: int = 0
    """How often somebody came to help."""
    told: int = 0
    """Heard, or read, what it announced."""
    left: int = 0
    """Of those: left then, before meeting anybody."""
    called_back: int = 0
    """Promised a call instead of waiting."""
    triaged: int = 0
    visitors: int = 0
    """Came to places that were open because of it."""


Row = ContactRow | AskRow | SegmentRow | OfferRow | AnnouncedRow | AgentStateRow | CallbackRow | MessageRow | CrisisRow

KEYS: dict[Table, tuple[str, ...]] = {
    "contacts": ("id",),
    "asks": ("contact", "number"),
    "segments": ("contact", "number"),
    "offers": ("id",),
    "announced": ("contact", "at"),
    "agent_states": ("agent", "began"),
    "callbacks": ("id",),
    "messages": ("contact", "number"),
    "crises": ("id",),
}
"""Table to the columns that name a row."""
TABLES: dict[type[Row], Table] = {
    ContactRow: "contacts",
    AskRow: "asks",
    SegmentRow: "segments",
    OfferRow: "offers",
    AnnouncedRow: "announced",
    AgentStateRow: "agent_states",
    CallbackRow: "callbacks",
    MessageRow: "messages",
    CrisisRow: "crises",
}
