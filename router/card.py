"""What stays the same of a contact, and what grows with it in whatever state it is."""

from msgspec import Struct, field

from ivr.phrase import Value
from queues.channels import CHANNELS
from queues.line import Place
from queues.skills import Needs
from router.dialling import Destination
from router.facts import Author


class Said(Struct, frozen=True, array_like=True, gc=False):
    """One message of a conversation, without its words."""

    at: float
    author: Author
    agent: str = ""
    prompt: str = ""
    """What the house says."""
    values: dict[str, Value] = field(default_factory=dict)
    language: str = ""
    """Of the prompt; the contact's own when empty."""
    count: int = 0
    """The citizen's program's own number of it."""
    automatic: bool = False
    """A machine wrote it."""


class Thread(Struct, frozen=True, array_like=True, gc=False):
    """How far a conversation of messages has come."""

    messages: int = 0
    """How many there are, the citizen's and ours."""
    heard: int = 0
    """The citizen's program's own number of the last message taken in."""
    at: float = 0.0
    by: Author = "citizen"
    """Who wrote the last one, and when."""
    reminded: bool = False
    """The last one asks whether the citizen is still there."""
    said: tuple[Said, ...] = ()
    """All of them, of a contact that began since this is noted."""


class Visit(Struct, frozen=True, array_like=True, gc=False):
    """What a contact is that comes in person."""

    site: str
    service: str
    booked: float | None = None
    """The time for which it is booked, UTC seconds."""
    needs: Needs = ()
    ticket: str = ""
    """Its number; empty before it is here, and for one without."""
    day: str = ""
    """On which that number counts, ISO 8601."""
    seat: str = ""
    """The desk to which it was called last, `SITE/NUMBER`, and when, and how often."""
    called: float = 0.0
    calls: int = 0


class Stood(Struct, frozen=True, array_like=True, gc=False):
    """Where a contact stood that left the line for a flow: its place is kept (rule 7)."""

    queue: str
    place: Place


class Card(Struct, frozen=True, array_like=True, gc=False):
    """What stays the same of a contact, and what grows with it in whatever state it is."""

    id: str
    channel: str
    entry: str
    leg: str
    order: int
    person: str | None
    arrived: float
    preferred: str | None = None
    language: str = ""
    """What it hears, and is to be spoken to in; empty for the house's own."""
    patience: float = 1.0
    """Multiplies the time-outs of flows."""
    destination: Destination | None = None
    """Whom we call, when the contact is ours to begin; `leg` is then the one we dial."""
    due: float | None = None
    """When a callback that was promised for later takes its place in line."""
    phone: str = ""
    """The phone of the house that rings us."""
    thread: Thread = Thread()
    matter: str = ""
    """The first contact of what it is about."""
    text: bool = False
    """There is a text telephone at the other end of `leg`."""
    visit: Visit | None = None
    announced: tuple[str, ...] = ()
    """Announcements of crises that the citizen has been told, each with its language."""
    stood: Stood | None = None
    needs: tuple[str, ...] = ()
    """What the citizen needs, by words of `router.persons.AIDS`."""
    about: str = ""
    """The contact that an agent left for others with this one, or asks about."""
    remarks: int = 0
    """How many there are of what the house's people wrote for each other."""
    questions: tuple[str, ...] = ()
    """What agents asked colleagues about it, answered or not."""

    @property
    def talks(self) -> bool:
        """Tell whether it is a telephone call, in which agents take part by telephone."""
        return bool(self.leg) and CHANNELS[self.channel].voice

    @property
    def written(self) -> bool:
        """Tell whether it is a conversation of messages, perhaps beside the voice."""
        return self.text or CHANNELS[self.channel].written
