"""What a session asks of the world, and what the world tells it.

An *action* is what should be the case now; the *event* that answers it moves the session on. An *effect* happened on
the way: it changes something outside the session.
"""

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from ivr.phrase import Phrase
from queues.hours import Hours
from queues.skills import Needs

Channel = Literal["message", "report", "form"]
ConnectKind = Literal["person", "extension", "number"]
ConnectCause = Literal["busy", "no_answer", "refused", "unreachable"]
Deed = Literal["log_in", "log_out", "ready", "pause", "end_wrap_up", "extend_wrap_up", "join_crisis", "leave_crisis"]
"""What an agent can do by telephone beside talking."""
Notes = tuple[tuple[str, str], ...]

# ---- actions ---------------------------------------------------------------------------------------------------


class Speak(Struct, frozen=True, tag=True, gc=False, omit_defaults=True):
    """Say phrases, one after the other."""

    prompt: str = ""
    """In journals from before there were phrases: the only prompt."""
    phrases: tuple[Phrase, ...] = ()
    quiet: bool = False
    """Nothing is heard after it, so that the caller can speak; music otherwise."""

    @property
    def heard(self) -> tuple[Phrase, ...]:
        """Return what is said."""
        return self.phrases or (Phrase(self.prompt),)


class Listen(Struct, frozen=True, tag=True, gc=False):
    """Wait `timeout` seconds for input."""

    timeout: float


class Recording(Struct, frozen=True, tag=True, gc=False):
    """Record what the caller says, `timeout` seconds at most, until `silence` seconds of silence."""

    name: str
    silence: float
    timeout: float


class Await(Struct, frozen=True, tag=True, gc=False):
    """Wait `timeout` seconds for what the world has to tell: a recording is complete, digits have been checked."""

    timeout: float


class Connecting(Struct, frozen=True, tag=True, gc=False):
    """Ring somebody for `timeout` seconds; whoever is connected has left the flow."""

    kind: ConnectKind
    key: str
    timeout: float


class Acting(Struct, frozen=True, tag=True, gc=False):
    """Do something for the agent at the telephone that rings; the event `Acted` tells at once whether it was done."""

    what: Deed
    argument: str = ""
    agent: str = ""
    """Who has shown to be that agent, for `log_in` and `join_crisis`."""
    crisis: str = ""
    """The crisis to which that one was invited, for `join_crisis`."""


class Queued(Struct, frozen=True, tag=True, gc=False, omit_defaults=True):
    """The flow leads into a waiting line."""

    queue: str
    needs: Needs = ()
    priority: float = 1.0
    notes: Notes = ()


class Finished(Struct, frozen=True, tag=True, gc=False):
    """The flow ends the contact."""


Action = Speak | Listen | Recording | Await | Connecting | Acting | Queued | Finished
Timed = (Listen, Recording, Await, Connecting)
"""Actions that an event `Silence` ends in time if nothing else does."""

# ---- events ----------------------------------------------------------------------------------------------------


class Ended(Struct, frozen=True, gc=False):
    """The prompt of `turn` has been played to its end."""

    turn: int


class Key(Struct, frozen=True, gc=False):
    """The caller pressed a key that is no digit of an answer."""

    digit: str


class Typed(Struct, frozen=True, gc=False):
    """The caller has typed `count` digits of an answer; 0 when what was typed before has been lost."""

    count: int
    over: bool
    """The terminator was pressed, or there can be no more."""
    holds: bool | None
    """Whether they are an answer as they stand; None when that is being looked at (`Checked`)."""
    person: str | None = None
    """Whose number it is, where a number that may be called was asked for."""


class Checked(Struct, frozen=True, gc=False):
    """The house has looked at the digits of `turn`."""

    turn: int
    holds: bool
    agent: str = ""
    """Whose number and PIN they are, for the check `agent`; whose code, for `helper`."""
    crisis: str = ""
    """The crisis for which the code was given."""


class Acted(Struct, frozen=True, gc=False):
    """What was asked for at `turn` was done, or refused."""

    turn: int
    done: bool


class Recorded(Struct, frozen=True, gc=False):
    """The recording that began at `turn` is complete, `seconds` long."""

    turn: int
    seconds: float


class Written(Struct, frozen=True, gc=False):
    """The citizen wrote something; or, with a `key`, took one of the choices that stand there to be taken."""

    key: str = ""
    holds: bool = False
    """It is an answer to a question that wants more than words: digits, or an address."""
    person: str | None = None
    """Whose address, or number, it is."""


class NotConnected(Struct, frozen=True, gc=False):
    """Nobody was connected at `turn`."""

    turn: int
    cause: ConnectCause


class Silence(Struct, frozen=True, gc=False):
    """The time-out of `turn` is over."""

    turn: int


Event = Ended | Key | Typed | Checked | Acted | Recorded | Written | NotConnected | Silence

# ---- effects ---------------------------------------------------------------------------------------------------


class Chosen(Struct, frozen=True, gc=False):
    """The contact goes on in `language`."""

    language: str


class Shown(Struct, frozen=True, gc=False):
    """The citizen is written what a caller would hear."""

    phrases: tuple[Phrase, ...]


class Mailed(Struct, frozen=True, gc=False):
    """What was written goes on as a mail to `mailbox`, from `person`; its first message is kept under `filing`."""

    filing: str
    mailbox: str
    person: str | None
    queue: str
    needs: Needs
    priority: float
    notes: Notes


class Filed(Struct, frozen=True, gc=False):
    """The answers of a form become a contact of `channel`; they are kept under `filing`."""

    filing: str
    channel: Channel
    queue: str
    needs: Needs
    priority: float
    notes: Notes
    entry: str = ""
    """Its way in; the citizen's own when empty."""


class Kept(Struct, frozen=True, gc=False):
    """The recording `name` of `filing` is `prompt` from now on, in the contact's language."""

    prompt: str
    filing: str
    name: str


class Dropped(Struct, frozen=True, gc=False):
    """`prompt` is heard again as it was before, in the contact's language."""

    prompt: str


class Needed(Struct, frozen=True, gc=False):
    """The citizen has further `needs`, to be remembered with `keep`: the citizen was asked, and agreed."""

    needs: tuple[str, ...]
    keep: bool


class Called(Struct, frozen=True, gc=False):
    """`person` is promised a call for `queue`: in turn, or at `start` (UTC seconds)."""

    queue: str
    person: str
    start: float | None
    needs: Needs
    priority: float
    notes: Notes


class Uncalled(Struct, frozen=True, gc=False):
    """What `person` was promised by `queue` (by any when empty) is not wanted any more."""

    queue: str
    person: str


class Ticketed(Struct, frozen=True, gc=False):
    """`person`, if known, has a ticket for `service` at `site`; the visit is known under `filing`."""

    filing: str
    site: str
    service: str
    person: str
    needs: Needs


Effect = Chosen | Shown | Mailed | Filed | Kept | Dropped | Called | Uncalled | Ticketed | Needed

# ---- the world -------------------------------------------------------------------------------------------------


Hindrance = Literal["", "already", "taken"]


class Number(Struct, frozen=True, gc=False, array_like=True):
    """A ticket."""

    letter: str
    number: int
    low: float | None
    high: float | None
    """Seconds within which it would be called, most likely; None when that cannot be told."""


class Appointment(Struct, frozen=True, gc=False):
    """A call that was promised."""

    start: float | None
    """UTC seconds; None for one in turn."""


class World(Protocol):
    """What a flow asks about the world. The answers show in where the session goes, so replay needs none of them."""

    @property
    def local(self) -> datetime:
        """Return naive local time."""

    def hours(self, name: str) -> Hours:
        """Return the opening hours of that name."""

    def queue_hours(self, queue: str) -> Hours:
        """Return the opening hours of a queue."""

    def staffed(self, queue: str) -> bool:
        """Tell whether a queue is open and somebody at work could serve it."""

    def recorded(self, language: str, prompt: str) -> bool:
        """Tell whether a prompt has been recorded by telephone."""

    def moment(self, at: float) -> datetime:
        """Return the naive local time of UTC seconds."""

    def free_times(self, queue: str, after: float, most: int) -> tuple[float, ...]:
        """Return the first times later than `after` at which somebody can still be called back, `most` at most."""

    def promised(self, queue: str, person: str) -> Appointment | None:
        """Return when a person has been promised a call by `queue`, or by any when empty; None if it has not."""

    def next_ticket(self, site: str, service: str) -> Number | None:
        """Return what the next ticket of a service would be; None when none is given now."""

    def hindrance(self, queue: str, person: str, start: float | None) -> Hindrance:
        """Return what stands against promising a person a call in turn, or at `start`; empty if nothing does."""
