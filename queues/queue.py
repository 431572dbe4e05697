"""What a queue is: a service that people wait for, with its hours, target, requirement and ways out."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct, field

from queues.hours import ALWAYS, Hours
from queues.skills import ANYBODY, Requirement

Waiting = Literal["music", "silence", "ringing"]
"""What a caller hears in line; with `ringing` the call is not answered before an agent answers."""

Selection = Literal["spare-scarce", "longest-idle"]
"""Rule 4: which of several free agents gets a contact."""

Obstacle = Literal["closed", "full", "nobody", "too_long", "asked", "crisis"]
"""Rule 9: why a contact does not wait here (any longer); `asked`: the citizen pressed a key to leave the line;
`crisis`: people are called back only."""


class WayOut(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a contact goes when it meets an obstacle (rule 9); never silence."""

    to: Literal["queue", "message", "callback", "report", "announcement"]
    name: str = ""
    """The other queue; the flow that takes a message or report; or the prompt that is heard before the call ends."""

    @property
    def by_flow(self) -> bool:
        """Tell whether a flow asks the citizen to leave something behind."""
        return self.to in ("message", "report")

    @property
    def prompt(self) -> str:
        """Return the prompt that is heard before the contact ends; empty where it goes on."""
        return self.name if self.to in ("callback", "announcement") else ""


GOODBYE = WayOut(to="announcement", name="sorry")


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """The service the queue promises."""

    wait: float = 60.0
    """Seconds of open time within which a contact should be answered; urgency is waiting time over it (rule 3)."""
    share: float = 0.8
    """The share of contacts for which that should hold (for reports; routing does not read it)."""


class Announce(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody in line is told about the wait."""

    every: float = 45.0
    """Seconds between looks at whether there is anything new to tell."""
    position: bool = True
    expected: bool = True
    """How long it may take, as a range."""


class Calling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How those are called back who were promised it (rule 8). Times in seconds."""

    attempts: int = 3
    """So often, before the promise is given up."""
    pause: float = 900.0
    """From one attempt to the next."""
    hours: Hours = ALWAYS
    """When people are called; outside of it they are left in peace."""
    window: float = 3600.0
    """From one time that can be booked to the next."""
    bookable: int = 0
    """How many may have the same; nobody can choose a time when 0."""
    ahead: float = 7 * 86_400.0
    """How far ahead."""
    citizen_first: bool = False
    """The citizen is rung before the agent, who is reserved meanwhile."""
    hold: float = 45.0
    """A citizen who was rung first and has answered waits so long for an agent at most."""
    let_down: float = 0.03
    """The share of those reached for whom nobody may have come; beyond it agents are rung first for a while."""
    on_page: int = 0
    """So many who asked on the public page may wait for their call; there is no such page when 0."""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How talks are recorded."""

    announce: str
    """Prompt that both hear to its end before."""
    decline: str = ""
    """Key by which the citizen does without; none when empty."""


class SecondLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long somebody whom an agent sent here waits before coming back (rule 7). Seconds of the queue's open time."""

    live: float = 180.0
    """While the citizen is there."""
    deferred: float = 28_800.0
    """What waits by itself."""


class Survey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one question that some of those who were served are asked."""

    prompt: str
    """It, with what the keys mean."""
    scale: Literal[2, 5] = 5
    """The answers are 1 to this."""
    every: int = 1
    """One contact in so many is asked."""
    again_after: float = 30 * 86_400.0
    """A person is not asked again so soon."""
    wait: float = 20.0
    """Seconds for an answer."""
    mail: str = ""
    """The text of the mail that asks after a mail; none is asked when empty."""
    visits: bool = False
    """Visitors are asked, on the page of their ticket and at the desk."""
    open: float = 14 * 86_400.0
    """Seconds for an answer on a page."""


class Queue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A queue as configured. Times in seconds."""

    name: str
    hours: Hours = ALWAYS
    target: Target = Target()
    weight: float = 1.0
    """Multiplies urgency (rule 3)."""
    requirement: Requirement = ANYBODY
    """What is required of the agent besides what the flow adds (rule 2)."""
    selection: Selection = "spare-scarce"
    grace: float = 20.0
    """How long a contact waits for its preferred agent alone (rule 4)."""
    offer_timeout: float = 20.0
    """How long an agent may let an offer ring (rule 5)."""
    wrap_up: float = 30.0
    """Time after a contact that is the agent's own; 0 for none."""
    deferred_every: int = 4
    """A deferred contact past its target gets at least every n-th turn (rule 3)."""
    keep_place: float = 300.0
    """How long the place of somebody who hung up or was cut off is kept (rule 7)."""
    max_waiting: int | None = None
    """Full from here (rule 9)."""
    max_wait: float | None = None
    """Seconds after which the way out `too_long` is taken (rule 9)."""
    waiting: Waiting = "music"
    idle_after: float | None = 300.0
    """A citizen in a conversation of messages who has not answered for so long is asked about it; never when None."""
    idle_close: float = 300.0
    """And let go so long after that."""
    whisper: bool = False
    """An agent who picks up hears first, unheard by the citizen, what the queue is called."""
    shows: str = ""
    """The number that people see whom its agents call."""
    forward_timeout: float = 25.0
    """How long somebody is rung to whom a contact is sent on, or who is consulted."""
    camp_limit: float = 180.0
    """How long a contact waits for somebody busy (camp-on)."""
    park_limit: float = 180.0
    """How long a contact stays parked."""
    return_grace: float = 45.0
    """How long a contact that comes back waits for the agent who sent it on alone (rule 4)."""
    wrap_up_extension: float = 30.0
    """By how much an agent may extend wrap-up, again and again."""
    wrap_up_max: float = 300.0
    """The longest wrap-up, extensions included."""
    ways_out: dict[Obstacle, WayOut] = field(default_factory=dict)
    welcome: str = ""
    """Prompt that is heard first in line."""
    announce: Announce | None = None
    calling: Calling = Calling()
    keys: dict[str, WayOut] = field(default_factory=dict)
    """Key to the way that somebody takes who presses it in line; 0 and no key keep the place (rule 9)."""
    survey: Survey | None = None
    record: Record | None = None
    """None to record no talk."""
    second_line: SecondLine | None = None
    """Its agents are specialists, to whom others hand over; None when nothing that is sent here comes back."""

    @property
    def speaks(self) -> bool:
        """Tell whether those in line are told anything."""
        return bool(self.welcome or self.announce or self.keys) and self.waiting != "ringing"

    def ways(self) -> Iterator[tuple[tuple[str, str], WayOut]]:
        """Yield all ways out of this queue, with where they are configured."""
        yield from ((("ways_out", obstacle), way) for obstacle, way in self.ways_out.items())
        yield from ((("keys", key), way) for key, way in self.keys.items())

    def way_out(self, obstacle: Obstacle) -> WayOut:
        """Return the configured way, or the apology that ends the call politely."""
        return self.ways_out.get(obstacle, GOODBYE)
