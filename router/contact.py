"""A contact: one citizen's request through one channel, from its arrival to its end."""

from typing import Final

from msgspec import Struct

from ivr.actions import Action, Notes
from ivr.session import Session
from queues.line import Place
from queues.queue import Obstacle, WayOut
from queues.skills import Needs, Requirement
from router import transitions
from router.card import Card
from router.dialling import Destination
from router.facts import (
    AgentCalledBack,
    AgentMissing,
    AgentThere,
    AnnouncementTold,
    CallbackPostponed,
    CitizenBack,
    CitizenLeft,
    CitizenReached,
    ConsultEnded,
    ConsultSought,
    ContactEnded,
    ContactForwarded,
    ContactHandedOver,
    ContactParked,
    ContactQueued,
    ContactReturned,
    ContactTaken,
    FlowMoved,
    ForwardTried,
    ForwardWaits,
    GraceEnded,
    HearingBegan,
    HelpAsked,
    HelpEnded,
    HoldChanged,
    LanguageChosen,
    LeaveCause,
    MatterJoined,
    MessageAdded,
    NeedsNoted,
    Notice,
    NumberCalled,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    OfferMissed,
    OfferWithdrawn,
    Outcome,
    PartyInvited,
    PartyJoined,
    PartyLeft,
    PersonTold,
    QuestionAsked,
    RemarkAdded,
    RequirementWidened,
    Returned,
    Sent,
    SurveyAnswered,
    SurveyAsked,
    SurveyLeft,
    TapeChanged,
    TicketIssued,
    VisitBegan,
    WaitAnnounced,
    WayOutRepeated,
    WayOutTaken,
    WorkSetAside,
    WorkTakenUp,
    WrapUpEnded,
    WrapUpStarted,
)
from router.tape import Taping

LET_DOWN: Final = "let_down"
"""What a citizen whom we called is told when no agent came."""
RING_CITIZEN: Final = 60.0
"""Seconds for which a citizen whom we call is rung."""


LEAVING_TURN: Final = 0
"""The turn of the prompt that a contact hears on its way out (rule 9); flows count from 1."""
TEXT_CONNECTED: Final = "text_connected"
"""The prompt that tells a citizen with a text telephone that somebody reads."""
STILL_THERE: Final = "chat_still_there"
"""The prompt that asks a citizen who has not written for long."""
REPEATED_TURN: Final = 1_000_000
"""From here on those of the prompt heard again; no flow gets so far."""
HEARING_TURN: Final = 2_000_000
"""From here on those of announcements."""
SURVEY_TURN: Final = 3_000_000
"""The turn of the question how it was."""


class Told(Struct, frozen=True, array_like=True, gc=False):
    """What somebody in line was told last, and the best that was told so far: nothing worse is told after it."""

    turn: int
    at: float
    due: float | None
    position: int | None
    low: float | None
    high: float | None
    notice: Notice
    best_position: int | None
    best_high: float | None
    speaks: bool = True
    """It is to be heard; not after an offer, which it would be older than."""
    announcements: tuple[str, ...] = ()
    """Announcements of crises that are heard first."""


class Spot(Struct, frozen=True, array_like=True, gc=False):
    """Where a contact waits, kept through offers, talk and hand-overs (rule 7)."""

    queue: str
    place: Place
    requirement: Requirement
    step: int
    weight: float
    queued: float
    """Since when it stands in this line without a break; `max_wait` counts from here (rule 9)."""
    preferred: str | None
    grace_until: float | None
    """None once the grace time is over or when nobody is preferred."""
    rests: tuple[tuple[str, float], ...] = ()
    """Agents who refused a moment ago, and until when they are left in peace (rule 1)."""
    offers: int = 0
    """How many offers were made; the next one's id derives from it."""
    own_needs: Needs = ()
    """What the contact itself needs, part of every step; goes with it to another queue."""
    priority: float = 1.0
    """The contact's own part of the weight; goes with it to another queue."""
    left: tuple[str, ...] = ()
    """Queues it left by a way out; no way leads back to them (rule 9)."""
    notes: Notes = ()
    """Words of the flow for whoever serves it."""
    returned: Returned | None = None
    """Why it is back in line, when it had been sent on."""
    stands_since: float = 0.0
    """When it last came to stand in line: an offer that failed is a break here, though not in `queued`."""
    told: Told | None = None
    reached: float | None = None
    """Since when the citizen, whom we called first, is on the line."""
    sent: Sent | None = None
    """Who sent it to this line, if it comes back when nobody takes it."""

    @property
    def needs(self) -> Needs:
        """Return what is required at the present step (rule 2)."""
        return self.requirement[self.step].needs


class Arrived(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Known, and nothing decided yet."""

    card: Card


class InFlow(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A flow speaks or listens."""

    card: Card
    session: Session
    action: Action
    since: float
    left: tuple[str, ...] = ()
    """Queues it has left by a way out, which led here."""


class Waiting(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """In line."""

    card: Card
    spot: Spot


class Offered(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """One agent is reserved and being asked."""

    card: Card
    spot: Spot
    offer: str
    agent: str
    deadline: float
    calling: bool = False
    """The citizen is called first, until `deadline`."""


class Party(Struct, frozen=True, array_like=True, gc=False):
    """Somebody besides the citizen and the agent."""

    leg: str
    destination: Destination
    agent: str | None = None
    """The agent at that phone, who is busy with it."""
    deadline: float | None = None
    """Rung until then; None once the party has answered."""
    via: str = ""
    """The agent's second leg, which the party talks with; the first one when empty."""
    interprets: str = ""
    """The language, if it is an interpreter."""
    then: tuple[Destination, ...] = ()
    """Who else is on duty."""
    queue: str = ""
    """Of which anybody was sought."""

    @property
    def joined(self) -> bool:
        """Tell whether the party talks."""
        return self.deadline is None


class Seeking(Struct, frozen=True, array_like=True, gc=False):
    """A consultation with anybody of a queue, that has not come about yet."""

    queue: str
    until: float
    tried: tuple[str, ...] = ()
    """Agents who were rung in vain."""


class Connected(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An agent has it."""

    card: Card
    spot: Spot
    offer: str
    """The agent's leg."""
    agent: str
    since: float
    aside: bool = False
    """Set aside for a live contact (rule 6)."""
    calling_until: float | None = None
    """The citizen, whom we call, is rung until then; None once the citizen is there."""
    ringing_until: float | None = None
    """The agent's phone is rung until then, before a call of ours or after the leg was lost."""
    retry_at: float | None = None
    """The agent's phone could not be rung and is tried again then."""
    held: tuple[str, ...] = ()
    """Legs that hear music; all others talk."""
    parties: tuple[Party, ...] = ()
    taping: Taping | None = None
    """None where the queue records nothing."""
    help_since: float | None = None
    """Since when the agent wants somebody who leads to help."""
    seeking: Seeking | None = None

    @property
    def agent_there(self) -> bool:
        """Tell whether the agent is on the line."""
        return self.ringing_until is None


class Asking(Struct, frozen=True, array_like=True, gc=False):
    """A question to somebody who was served."""

    prompt: str
    scale: int
    since: float
    until: float


class WrappingUp(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """The citizen is served; the agent finishes the matter, until the time that stands at the agent's desk."""

    card: Card
    spot: Spot
    agent: str
    until: float
    """As long as was granted at first."""
    asking: "Asking | None" = None
    """The citizen is still there, and is asked how it was; `agent` is empty once the agent is done."""


class Forwarded(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Sent on to somebody who is no agent of its queue; it comes back if that fails."""

    card: Card
    spot: Spot | None
    """None when a flow or a phone sent it, and not an agent."""
    by: str
    """The agent it comes back to; empty when there is none."""
    destination: Destination
    since: float
    party: Party | None = None
    """None while it waits for the destination to become free."""
    until: float | None = None
    """How long it waits for that (camp-on); None when it does not."""
    retry_at: float | None = None
    attempts: int = 1
    """Counts the legs made to ring the destination."""
    session: Session | None = None
    """The flow that goes on when it fails, if one sent it on."""

    @property
    def by_trunk(self) -> bool:
        """Tell whether the trunk is asked to connect the citizen itself (REFER)."""
        return self.destination.refer and bool(self.card.entry)


class Parked(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Hears music until an agent fetches it."""

    card: Card
    spot: Spot
    by: str
    slot: str
    until: float


class Hearing(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Hears announcements before it goes on: into `flow`, or into the line of `queue`."""

    card: Card
    announcements: tuple[str, ...]
    since: float
    flow: str = ""
    queue: str = ""
    own_needs: Needs = ()
    priority: float = 1.0
    notes: Notes = ()
    left: tuple[str, ...] = ()
    """Queues it has left by a way out, which led here."""

    @property
    def turn(self) -> int:
        """The turn of what it hears: unlike any of a flow's, and another each time."""
        return HEARING_TURN + len(self.card.announced)


class Leaving(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Could not wait (rule 9): hears why and what now."""

    card: Card
    obstacle: Obstacle
    way: WayOut
    since: float
    left: tuple[str, ...] = ()
    """Queues it has left by a way out, this one included."""
    repeated: int = 0
    """How often it wanted to hear that again."""

    @property
    def turn(self) -> int:
        """The turn of what it hears: unlike any of a flow's."""
        return LEAVING_TURN if not self.repeated else REPEATED_TURN + self.repeated


class Away(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """The citizen is gone for now; the place is kept until `until` (rule 7)."""

    card: Card
    spot: Spot
    cause: LeaveCause
    until: float


class Ended(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Over."""

    card: Card
    outcome: Outcome


InLine = (Waiting, Offered, Connected, WrappingUp, Parked, Away)
"""The states that have a spot in any case."""

Contact = (
    Arrived
    | Hearing
    | InFlow
    | Waiting
    | Offered
    | Connected
    | WrappingUp
    | Forwarded
    | Parked
    | Leaving
    | Away
    | Ended
)

_OPEN: Final = (Arrived, Hearing, InFlow, Waiting, Connected, WrappingUp, Forwarded, Parked, Leaving, Away)
_IN_TALK: Final = (
    AgentCalledBack,
    AgentMissing,
    AgentThere,
    CitizenReached,
    ContactHandedOver,
    HoldChanged,
    PartyInvited,
    PartyJoined,
    PartyLeft,
    WorkSetAside,
    WorkTakenUp,
    HelpAsked,
    HelpEnded,
    ConsultSought,
    ConsultEnded,
)
"""Facts that change who talks, and leave the contact with an agent."""

_ANYWHERE: Final = (MessageAdded, MatterJoined, NeedsNoted, PersonTold, RemarkAdded, AnnouncementTold)

TABLE: Final[transitions.Table] = {
    (Arrived, FlowMoved): InFlow,
    (InFlow, FlowMoved): InFlow,
    (Leaving, FlowMoved): InFlow,
    (Arrived, LanguageChosen): Arrived,
    (InFlow, LanguageChosen): InFlow,
    (Leaving, LanguageChosen): Leaving,
    (Arrived, ContactQueued): Waiting,
    (InFlow, ContactQueued): Waiting,
    (Leaving, ContactQueued): Waiting,
    (Arrived, WayOutTaken): Leaving,
    (InFlow, WayOutTaken): Leaving,
    (Waiting, WayOutTaken): Leaving,
    (Leaving, WayOutTaken): Leaving,
    (Leaving, WayOutRepeated): Leaving,
    (Waiting, GraceEnded): Waiting,
    (Waiting, RequirementWidened): Waiting,
    (Waiting, WaitAnnounced): Waiting,
    (Waiting, OfferMade): Offered,
    (Offered, OfferDeclined): Waiting,
    (Offered, OfferMissed): Waiting,
    (Offered, OfferWithdrawn): Waiting,
    (Offered, OfferAccepted): Connected,
    (Offered, CitizenReached): Offered,
    **{(Connected, fact): Connected for fact in _IN_TALK},
    (Connected, ContactReturned): Waiting,
    (Connected, ContactForwarded): Forwarded,
    (Connected, ContactParked): Parked,
    (Connected, WrapUpStarted): WrappingUp,
    **{(state, CallbackPostponed): Arrived for state in (Arrived, Waiting, Connected)},
    (Arrived, ContactForwarded): Forwarded,
    (InFlow, ContactForwarded): Forwarded,
    (Forwarded, ForwardTried): Forwarded,
    (Forwarded, ForwardWaits): Forwarded,
    (Forwarded, PartyJoined): Forwarded,
    (Forwarded, PartyLeft): Forwarded,
    (Forwarded, ContactHandedOver): Connected,
    (Forwarded, ContactReturned): Waiting,
    (Forwarded, FlowMoved): InFlow,
    (Forwarded, ContactQueued): Waiting,
    (Forwarded, WayOutTaken): Leaving,
    (Forwarded, LanguageChosen): Forwarded,
    (Parked, ContactTaken): Connected,
    (Parked, ContactReturned): Waiting,
    (Waiting, ContactTaken): Connected,
    (Waiting, ContactQueued): Waiting,
    (Waiting, CitizenLeft): Away,
    (Away, CitizenBack): Waiting,
    (Arrived, VisitBegan): Arrived,
    (Arrived, TicketIssued): Arrived,
    (Connected, NumberCalled): Connected,
    **{(state, HearingBegan): Hearing for state in (Arrived, Hearing, InFlow, Leaving, Forwarded)},
    **{
        (Hearing, fact): state
        for fact, state in ((FlowMoved, InFlow), (ContactQueued, Waiting), (WayOutTaken, Leaving))
    },
    (Hearing, LanguageChosen): Hearing,
    **{(WrappingUp, fact): WrappingUp for fact in (SurveyAsked, SurveyAnswered, SurveyLeft, WrapUpEnded)},
    (Connected, TapeChanged): Connected,
    **{(state, ContactEnded): Ended for state in _OPEN},
    **{(state, fact): state for state in (*_OPEN, Offered) for fact in _ANYWHERE},
    **{(state, LanguageChosen): state for state in (Waiting, Offered, Connected, WrappingUp, Parked, Away)},
    (Connected, QuestionAsked): Connected,
}

CardFact = (
    LanguageChosen
    | MessageAdded
    | MatterJoined
    | VisitBegan
    | TicketIssued
    | NumberCalled
    | NeedsNoted
    | PersonTold
    | RemarkAdded
    | QuestionAsked
    | AnnouncementTold
)
"""Facts that leave a contact in the state in which it is."""

TalkFact = (
    AgentCalledBack
    | AgentMissing
    | AgentThere
    | CitizenReached
    | ContactForwarded
    | ContactHandedOver
    | ContactParked
    | ContactTaken
    | ForwardTried
    | ForwardWaits
    | HoldChanged
    | PartyInvited
    | PartyJoined
    | PartyLeft
)
"""Facts about who talks with whom."""

HelpFact = HelpAsked | HelpEnded | ConsultSought | ConsultEnded
"""Facts about whom an agent looks for."""

LineFact = (
    GraceEnded
    | RequirementWidened
    | WaitAnnounced
    | OfferMade
    | OfferDeclined
    | OfferMissed
    | OfferWithdrawn
    | OfferAccepted
    | WorkSetAside
    | WorkTakenUp
    | ContactReturned
    | WrapUpStarted
    | CitizenLeft
    | CitizenBack
    | CitizenReached
)

SurveyFact = SurveyAsked | SurveyAnswered | SurveyLeft | WrapUpEnded
"""Facts about a question after the talk; `WrapUpEnded` when the agent is done before the citizen."""

ContactFact = (
    FlowMoved
    | ContactQueued
    | WayOutTaken
    | WayOutRepeated
    | ContactEnded
    | CardFact
    | TapeChanged
    | CallbackPostponed
    | LineFact
    | TalkFact
    | HelpFact
    | HearingBegan
    | SurveyFact
)


def owner_of(leg: str) -> str:
    """Return the contact after which a leg is named: `<contact>.<more>`, or the contact's own id."""
    return leg.rpartition(".")[0] or leg


def hands(contact: Contact) -> tuple[str, ...]:
    """Return the agents who have a contact in hand, the one who leads it first."""
    match contact:
        case Connected():
            if not contact.parties:
                return (contact.agent,)
            return (contact.agent, *(party.agent for party in contact.parties if party.agent is not None))
        case Forwarded(party=Party(agent=str(agent))):
            return (agent,)
        case WrappingUp():
            return (contact.agent,) if contact.agent else ()
        case _:
            return ()


def parties_of(contact: Contact) -> tuple[Party, ...]:
    """Return who takes part in a contact, or is rung for it, besides citizen and agent."""
    match contact:
        case Connected():
            return contact.parties
        case Forwarded(party=Party() as party):
            return (party,)
        case _:
            return ()


def interpreters(contact: Contact) -> tuple[Party, ...]:
    """Return who interprets in a talk: they stay when it goes from one agent to another."""
    return tuple(party for party in parties_of(contact) if party.interprets and party.joined)


def queues_left(contact: Contact) -> tuple[str, ...]:
    """Return the queues a contact left by a way out."""
    match contact:
        case Arrived():
            return ()
        case Waiting():
            return contact.spot.left
        case Hearing() | InFlow() | Leaving():
            return contact.left
        case _:
            return ()
