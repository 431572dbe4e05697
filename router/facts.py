"""Facts: what the router decided, in the past tense. State changes only by applying them; the journal keeps them.

Rules for this file:

1. A fact carries no personal value. Numbers, names and digits stand in the vault under the contact's or person's id.
2. Fields are only ever added, at the end and with a default; a change of meaning is a new fact. Frozen journals under
   tests/journals prove that old ones can be read.
3. `at` is UTC seconds.
"""

from typing import Literal

from msgspec import Struct, field

from ivr.actions import Action, Notes
from ivr.phrase import Value
from ivr.session import Session
from queues.alarms import AlarmKind
from queues.crisis import Measures
from queues.line import Place
from queues.queue import Obstacle, WayOut
from queues.skills import Needs, Requirement
from router.configuration import Configuration
from router.dialling import Destination
from router.tape import TapeState

OfferRule = Literal["preferred", "spare-scarce", "longest-idle", "most-urgent", "deferred-turn"]
DeclineCause = Literal["declined", "busy"]
MissCause = Literal["no_answer", "unreachable"]
WithdrawCause = Literal["citizen_left", "agent_gone", "contact_ended", "configuration", "assigned"]
LeaveCause = Literal["hung_up", "cut_off", "no_show"]
"""`no_show`: was called to a desk and did not come."""
PartyCause = Literal["declined", "busy", "no_answer", "unreachable", "hung_up", "cut_off", "dropped", "refused"]
"""Why somebody who was rung does not talk (any more); `refused` by the dial gate."""
ReturnCause = Literal["leg_lost", "handed_back", "citizen_lost", "not_connected", "park_over", "sent_on", "no_show"]
Notice = Literal["", "no_number", "not_now", "let_down"]
"""Why a key did not lead out of the line: we would not know whom to call back; nobody there takes contacts now.
`let_down`: somebody whom we called is told that no agent came."""
PostponeCause = Literal["no_answer", "busy", "unreachable", "not_there", "quiet", "no_agent"]
"""`not_there`: somebody or something else answered, as the agent says, or hung up before anybody spoke; `quiet`: people
are not called at this hour; `no_agent`: the citizen answered, and no agent came."""
CloseCause = Literal["kept", "cancelled", "reached_otherwise", "gave_up"]
Author = Literal["citizen", "agent", "house"]
"""Who wrote a message; `house` is what Vaxel writes by itself."""
SendCause = Literal["away", "put_off", "no_such_address", "not_wanted", "too_large", "rejected", "given_up", "asked"]
"""Why a message of ours did not leave: who carries it is away, or asks to be left alone for now; the address is
nobody's; the other side does not want it; it is too large; it was refused for another reason; it was tried for too
long; `asked` to try again."""
HelpCause = Literal["answered", "withdrawn"]
ConsultCause = Literal["nobody", "withdrawn"]
Ear = Literal["listen", "whisper", "barge"]
"""By whom somebody who leads is heard in a talk: by nobody, by the agent alone, by all."""
EndCause = Literal["asked", "over"]
Outcome = Literal[
    "served",
    "abandoned",
    "lost",
    "resumed",
    "flow_ended",
    "turned_away",
    "callback_registered",
    "cancelled",
    "gave_up",
    "connected",
    "not_reached",
    "no_show",
]
"""`connected`: talked to somebody outside the queues; `not_reached`: our call to a citizen came to nothing; `no_show`:
booked a time, or took a ticket, and did not come."""


class Fact(Struct, frozen=True, array_like=True, gc=False):
    """Base of all facts."""

    at: float


class PassedOver(Struct, frozen=True, array_like=True, gc=False):
    """How many agents of the queue were not chosen, each counted under its first cause in this order."""

    logged_out: int = 0
    paused: int = 0
    not_responding: int = 0
    reserved: int = 0
    busy: int = 0
    unskilled: int = 0
    held_back: int = 0
    """Kept free for contacts that need a scarce skill (rule 10)."""
    resting: int = 0
    """Declined or missed this contact a moment ago (rule 1)."""
    less_suited: int = 0
    """Free and able, but rule 4 preferred another."""


class Returned(Struct, frozen=True, array_like=True, gc=False):
    """Why a contact is back with the agent who sent it on: shown when it is offered again."""

    cause: PartyCause | Literal["parked", "not_taken", "closed", "nobody", "full", "too_long", "crisis"]
    """`not_taken` and what follows: by nobody of `queue` in time, or why it could not wait there any longer."""
    destination: Destination | None = None
    queue: str = ""
    """To which it had been sent."""


class Sent(Struct, frozen=True, array_like=True, gc=False):
    """Who sent a contact to the second line, and the place in line that it comes back to (rule 7)."""

    by: str
    queue: str
    place: Place
    clock: float
    """The second line's open clock when it last came to stand there."""


# ---- house -----------------------------------------------------------------------------------------------------


class LeaderChanged(Fact, frozen=True, array_like=True, tag="leader_changed"):
    """An engine took the lead; entries of lower epochs are refused from here on."""

    epoch: int


class ConfigurationApplied(Fact, frozen=True, array_like=True, tag="configuration_applied"):
    """This configuration is in force."""

    configuration: Configuration


class QueueOpened(Fact, frozen=True, array_like=True, tag="queue_opened"):
    """The queue's open clock runs."""

    queue: str


class QueueClosed(Fact, frozen=True, array_like=True, tag="queue_closed"):
    """The queue's open clock stands still."""

    queue: str


# ---- agents ----------------------------------------------------------------------------------------------------


class AgentLoggedIn(Fact, frozen=True, array_like=True, tag="agent_logged_in"):
    """The agent works at `address`; paused until ready."""

    agent: str
    address: str
    seat: str = ""
    """The desk, `SITE/NUMBER`, of a place that people visit; `address` is its phone's then, empty without one."""


class AgentLoggedOut(Fact, frozen=True, array_like=True, tag="agent_logged_out"):
    """The agent has left."""

    agent: str


class AgentReady(Fact, frozen=True, array_like=True, tag="agent_ready"):
    """The agent takes offers."""

    agent: str


class AgentPaused(Fact, frozen=True, array_like=True, tag="agent_paused"):
    """The agent takes no offers; `leaving` when the log-out follows the last contact."""

    agent: str
    reason: str
    leaving: bool = False


class PhoneLost(Fact, frozen=True, array_like=True, tag="phone_lost"):
    """The phone is not registered any more; its agent is not offered what needs one (rule 5)."""

    phone: str


class PhoneFound(Fact, frozen=True, array_like=True, tag="phone_found"):
    """The phone is registered again."""

    phone: str


class AgentNotResponding(Fact, frozen=True, array_like=True, tag="agent_not_responding"):
    """The agent let an offer go unanswered and is out until `until`, or until it says so itself (None) (rules 1, 5)."""

    agent: str
    until: float | None


# ---- contacts --------------------------------------------------------------------------------------------------


class ContactArrived(Fact, frozen=True, array_like=True, tag="contact_arrived"):
    """A citizen reached us. `order` counts arrivals; `person` is a pseudonym, None when unknown or withheld."""

    contact: str
    channel: str
    entry: str
    leg: str
    order: int
    person: str | None
    preferred: str | None = None
    """The agent this person should meet again if possible (rule 4)."""
    language: str = ""
    """The language of the entry."""
    patience: float = 1.0
    """Multiplies the time-outs of flows (relay services)."""
    destination: Destination | None = None
    """Whom we call, when the contact is ours to begin."""
    phone: str = ""
    """The phone of the house that rings us."""
    matter: str = ""
    """What it is about: the first contact of the matter; a matter of its own when empty."""
    text: bool = False
    """There is a text telephone at the other end of `leg`: what is said is shown there too."""
    about: str = ""
    """The contact that an agent left for others with this one, or asks about."""


class ContactRefused(Fact, frozen=True, array_like=True, tag="contact_refused"):
    """Nothing is configured at `entry`, or a phone dialled what it may not: no contact came to be."""

    contact: str
    channel: str
    cause: Literal["unknown_entry", "not_allowed", "busy", "unreachable"]


class FlowMoved(Fact, frozen=True, array_like=True, tag="flow_moved"):
    """The flow session stands at a new position; `action` is what happens there."""

    contact: str
    session: Session
    action: Action


class LanguageChosen(Fact, frozen=True, array_like=True, tag="language_chosen"):
    """The contact goes on in `language`: whatever it hears, and whoever serves it."""

    contact: str
    language: str


class PromptRecorded(Fact, frozen=True, array_like=True, tag="prompt_recorded"):
    """`prompt` is heard in `language` as it was recorded by telephone: `recording` names the file."""

    contact: str
    language: str
    prompt: str
    recording: str


class PromptDropped(Fact, frozen=True, array_like=True, tag="prompt_dropped"):
    """`prompt` is heard in `language` as it was before it was recorded by telephone."""

    contact: str
    language: str
    prompt: str


class ContactQueued(Fact, frozen=True, array_like=True, tag="contact_queued"):
    """The contact waits in `queue` at `place`; the first `requirement` step that somebody could meet is `step`."""

    contact: str
    queue: str
    place: Place
    requirement: Requirement
    step: int
    weight: float
    preferred: str | None = None
    grace_until: float | None = None
    """Until then the contact is for the preferred agent alone (rule 4)."""
    offers: int = 0
    """Offers made before, in another queue; the next offer's id counts on."""
    own_needs: Needs = ()
    """What the contact itself needs, part of every step: it goes with it to another queue (rules 2 and 9)."""
    priority: float = 1.0
    """The contact's own part of `weight`; it goes with it too."""
    notes: Notes = ()
    """Words of the flow for whoever serves the contact; they go with it too."""
    sent: Sent | None = None
    """Who sent it here, if it comes back when nobody takes it."""
    returned: Returned | None = None
    """Why it is back from there."""


class GraceEnded(Fact, frozen=True, array_like=True, tag="grace_ended"):
    """The preferred agent did not become free in time; anybody eligible may serve now."""

    contact: str


class RequirementWidened(Fact, frozen=True, array_like=True, tag="requirement_widened"):
    """The contact has waited long enough for step `step` (rule 2)."""

    contact: str
    step: int


class WaitAnnounced(Fact, frozen=True, array_like=True, tag="wait_announced"):
    """Somebody in line is told how it stands; or, when `turn` is as before, there was nothing new to tell."""

    contact: str
    turn: int
    """Counts what the contact is told in this line."""
    due: float | None
    """When that is looked at again, if ever."""
    position: int | None = None
    """From 1; None when it is not told, as it has not improved."""
    low: float | None = None
    high: float | None = None
    """Seconds within which an agent answers, most likely; None when that is not told."""
    notice: Notice = ""
    announcements: tuple[str, ...] = ()
    """Announcements of crises (`router.crisis.announcement`) that are heard first."""


class WayOutTaken(Fact, frozen=True, array_like=True, tag="way_out_taken"):
    """The contact met an obstacle in `queue` and leaves by the configured way (rule 9)."""

    contact: str
    queue: str
    obstacle: Obstacle
    way: WayOut


class WayOutRepeated(Fact, frozen=True, array_like=True, tag="way_out_repeated"):
    """The citizen hears once more why it cannot wait (rule 9)."""

    contact: str


class CitizenLeft(Fact, frozen=True, array_like=True, tag="citizen_left"):
    """The citizen is not on the line any more; the place is kept until `keep_until` (rule 7)."""

    contact: str
    cause: LeaveCause
    keep_until: float


class ContactReturned(Fact, frozen=True, array_like=True, tag="contact_returned"):
    """The talk broke off though the contact is not over: it waits again at its old place (rule 7)."""

    contact: str
    agent: str
    cause: ReturnCause
    rest_until: float | None = None
    """Until then the contact is not offered to this agent again (rule 5, no ping-pong)."""
    preferred: str | None = None
    """To whom it goes back, if possible."""
    grace_until: float | None = None
    """Until then it is for the preferred agent alone (rule 4)."""
    returned: Returned | None = None
    """Why it comes back to whoever sent it on."""
    wrap_up_until: float | None = None
    """The agent who sent it to another queue wraps up until then."""
    sent: Sent | None = None
    """Who had sent it to this line, for which it waits anew."""


class ContactEnded(Fact, frozen=True, array_like=True, tag="contact_ended"):
    """The contact is over; `resumed_by` carries its place on."""

    contact: str
    outcome: Outcome
    resumed_by: str | None = None


# ---- offers and work -------------------------------------------------------------------------------------------


class OfferMade(Fact, frozen=True, array_like=True, tag="offer_made"):
    """`agent` is reserved for `contact` until `deadline` (rule 5)."""

    offer: str
    contact: str
    agent: str
    deadline: float
    rule: OfferRule
    step: int
    passed: PassedOver
    behind: tuple[str, ...] = ()
    """Queues whose overdue deferred contact was passed over for this live one (rule 3)."""
    citizen_first: bool = False
    """The citizen is called until `deadline`; the agent is rung once the citizen is there."""


class OfferAccepted(Fact, frozen=True, array_like=True, tag="offer_accepted"):
    """The agent took the contact: they are connected."""

    offer: str
    contact: str
    agent: str


class OfferDeclined(Fact, frozen=True, array_like=True, tag="offer_declined"):
    """The agent said no; the contact rests for this agent until `rest_until` (rule 1)."""

    offer: str
    contact: str
    agent: str
    cause: DeclineCause
    rest_until: float


class OfferMissed(Fact, frozen=True, array_like=True, tag="offer_missed"):
    """The agent did not answer in time or could not be rung."""

    offer: str
    contact: str
    agent: str
    cause: MissCause
    rest_until: float


class OfferWithdrawn(Fact, frozen=True, array_like=True, tag="offer_withdrawn"):
    """The offer lost its reason; the agent is free again and nobody's fault is counted."""

    offer: str
    contact: str
    agent: str
    cause: WithdrawCause


class WorkSetAside(Fact, frozen=True, array_like=True, tag="work_set_aside"):
    """An interruptible contact waits at the agent's desk while a live one is served (rule 6)."""

    contact: str
    agent: str


class WorkTakenUp(Fact, frozen=True, array_like=True, tag="work_taken_up"):
    """A contact that was set aside is being worked on again."""

    contact: str
    agent: str


class WrapUpStarted(Fact, frozen=True, array_like=True, tag="wrap_up_started"):
    """The talk is over; the agent finishes the matter until `until` at the latest."""

    contact: str
    agent: str
    until: float


class WrapUpExtended(Fact, frozen=True, array_like=True, tag="wrap_up_extended"):
    """The agent needs longer: `until` at the latest."""

    contact: str
    agent: str
    until: float


class WrapUpEnded(Fact, frozen=True, array_like=True, tag="wrap_up_ended"):
    """The agent is done with a contact that goes on elsewhere, or is over."""

    contact: str
    agent: str


# ---- talk ------------------------------------------------------------------------------------------------------


class ContactTaken(Fact, frozen=True, array_like=True, tag="contact_taken"):
    """An agent took a contact unasked: a call of the agent's own, or one that was parked.

    `offer` names the agent's side; its phone is rung until `ringing_until`, None when the agent is on the line already.
    """

    contact: str
    agent: str
    offer: str
    ringing_until: float | None = None


class CitizenReached(Fact, frozen=True, array_like=True, tag="citizen_reached"):
    """The citizen whom we called answered."""

    contact: str
    until: float | None = None
    """The reserved agent is rung until then, if the citizen was called first."""


class AgentCalledBack(Fact, frozen=True, array_like=True, tag="agent_called_back"):
    """The agent's leg was lost in mid-talk: the phone is rung as `offer`; at `until` the contact goes back in line."""

    contact: str
    agent: str
    offer: str
    until: float


class AgentMissing(Fact, frozen=True, array_like=True, tag="agent_missing"):
    """The agent's phone could not be rung; it is tried again at `retry_at`."""

    contact: str
    agent: str
    retry_at: float


class AgentThere(Fact, frozen=True, array_like=True, tag="agent_there"):
    """The agent's phone was picked up again."""

    contact: str
    agent: str


class HoldChanged(Fact, frozen=True, array_like=True, tag="hold_changed"):
    """`held` (legs) hear music; everybody else of the contact talks."""

    contact: str
    held: tuple[str, ...]


class PartyInvited(Fact, frozen=True, array_like=True, tag="party_invited"):
    """Somebody is being rung at the agent's wish, until `deadline`; `held` hear music meanwhile."""

    contact: str
    party: str
    agent: str
    """Who wished it."""
    destination: Destination
    deadline: float
    held: tuple[str, ...] = ()
    to: str | None = None
    """The agent at that phone, who is busy with it."""
    via: str = ""
    """The agent's second leg, if the agent dialled from the phone: the party talks with that one."""
    interprets: str = ""
    """The language, if it is an interpreter: who has the citizen talks on meanwhile."""
    then: tuple[Destination, ...] = ()
    """Who else is on duty, to be rung in this order if nobody answers."""
    of_queue: str = ""
    """Of which anybody is sought."""


class PartyJoined(Fact, frozen=True, array_like=True, tag="party_joined"):
    """Who was rung answered."""

    contact: str
    party: str


class PartyLeft(Fact, frozen=True, array_like=True, tag="party_left"):
    """A party does not talk, or not any more; `held` are those who hear music now."""

    contact: str
    party: str
    cause: PartyCause
    held: tuple[str, ...] = ()


class ContactHandedOver(Fact, frozen=True, array_like=True, tag="contact_handed_over"):
    """The contact passed from one agent to another, whose leg is `offer`; the first wraps up until `wrap_up_until`."""

    contact: str
    agent: str
    to: str
    offer: str
    wrap_up_until: float | None = None


class ContactForwarded(Fact, frozen=True, array_like=True, tag="contact_forwarded"):
    """The contact goes to somebody who is no agent of its queue, and comes back to `agent` if that fails.

    `party` is the leg being rung until `deadline`, or talking already (`joined`). Without a party it waits until
    `until` for the destination to become free (camp-on) and is tried at `retry_at`.
    """

    contact: str
    agent: str
    destination: Destination
    party: str = ""
    deadline: float | None = None
    joined: bool = False
    until: float | None = None
    retry_at: float | None = None
    to: str | None = None
    wrap_up_until: float | None = None


class ForwardTried(Fact, frozen=True, array_like=True, tag="forward_tried"):
    """The destination is rung (again) as `party`."""

    contact: str
    party: str
    deadline: float
    to: str | None = None


class ForwardWaits(Fact, frozen=True, array_like=True, tag="forward_waits"):
    """The destination was busy; it is tried again at `retry_at`, or as soon as it is seen to be free."""

    contact: str
    retry_at: float


class ContactParked(Fact, frozen=True, array_like=True, tag="contact_parked"):
    """The contact hears music in `slot`, from where any agent may fetch it; at `until` it comes back to `agent`."""

    contact: str
    agent: str
    slot: str
    until: float
    wrap_up_until: float | None = None


# ---- callbacks -------------------------------------------------------------------------------------------------


class CallbackRegistered(Fact, frozen=True, array_like=True, tag="callback_registered"):
    """A citizen will be called back; the contact `callback` waits at the place of `contact` (rules 7, 8)."""

    callback: str
    contact: str
    person: str
    queue: str
    order: int
    agent: str | None = None
    """Who promised it in person, and is to call."""
    due: float | None = None
    """It waits in line from then on; at once when None."""
    own_needs: Needs = ()
    priority: float = 1.0
    notes: Notes = ()


class CallbackAttempted(Fact, frozen=True, array_like=True, tag="callback_attempted"):
    """An agent is reserved and the citizen is being called."""

    callback: str
    agent: str


class CallbackPostponed(Fact, frozen=True, array_like=True, tag="callback_postponed"):
    """The citizen was not reached, or is to be left in peace: the callback takes its place again at `due` (rule 7)."""

    contact: str
    """The callback's turn in line."""
    agent: str
    """Who tried; empty when nobody did."""
    due: float
    place: Place
    cause: PostponeCause
    own_needs: Needs = ()
    priority: float = 1.0
    notes: Notes = ()
    offers: int = 0
    """Offers made so far; the next one's id counts on."""


class CallbackClosed(Fact, frozen=True, array_like=True, tag="callback_closed"):
    """The promise is over: kept, cancelled by the citizen, made needless, or given up."""

    callback: str
    cause: CloseCause


class CallbackHandedOver(Fact, frozen=True, array_like=True, tag="callback_handed_over"):
    """Another queue keeps the promise from now on, at the same time."""

    callback: str
    queue: str
    place: Place | None = None
    """Its place in line there, once it is due again; None where it never had one, or stands in a line."""


# ---- messages --------------------------------------------------------------------------------------------------


class MessageAdded(Fact, frozen=True, array_like=True, tag="message_added"):
    """A message belongs to the conversation. What it says stands in the vault under `<contact>.m<number>`."""

    contact: str
    number: int
    """From 1, in the order of the conversation."""
    author: Author
    agent: str = ""
    count: int = 0
    """The citizen's program's own number of it, by which it is known again when sent twice."""
    prompt: str = ""
    """What the house says; nothing of it is in the vault then."""
    automatic: bool = False
    """A machine wrote it, which is not to be answered by one (RFC 3834)."""
    values: dict[str, Value] = field(default_factory=dict)
    """What the text of `prompt` leaves open."""
    language: str = ""
    """Of `prompt`; the contact's own when empty."""
    mark: str = ""
    """By which it is known again when it is told twice: a hash."""


class MessageSent(Fact, frozen=True, array_like=True, tag="message_sent"):
    """A message of ours has left the house."""

    contact: str
    number: int


class MessageDelayed(Fact, frozen=True, array_like=True, tag="message_delayed"):
    """A message of ours could not leave; it is tried again at `until`."""

    contact: str
    number: int
    until: float
    cause: SendCause


class MessageFailed(Fact, frozen=True, array_like=True, tag="message_failed"):
    """A message of ours cannot be delivered; it is shown until somebody has seen to it."""

    contact: str
    number: int
    cause: SendCause


class MessageDropped(Fact, frozen=True, array_like=True, tag="message_dropped"):
    """Somebody has seen that a message of ours did not get there."""

    contact: str
    number: int


# ---- matters ---------------------------------------------------------------------------------------------------


class MatterJoined(Fact, frozen=True, array_like=True, tag="matter_joined"):
    """The contact is about the same as others: it belongs to their matter."""

    contact: str
    matter: str


class ContactDescribed(Fact, frozen=True, array_like=True, tag="contact_described"):
    """An agent said what a contact was about. Words of the configuration; the newest counts."""

    contact: str
    agent: str
    reason: str
    avoidable: bool | None = None
    """It came about only because the city had left something undone or unclear; None when that was not said."""
    gap: str = ""
    """Where service fell short of what could be expected."""
    follow_up: bool = False
    """Something is left to do for the department."""


# ---- visits ----------------------------------------------------------------------------------------------------


class SiteOpened(Fact, frozen=True, array_like=True, tag="site_opened"):
    """A place takes visits."""

    site: str


class SiteClosed(Fact, frozen=True, array_like=True, tag="site_closed"):
    """A place takes no more visits; who is there is served as long as somebody works there."""

    site: str


class VisitBegan(Fact, frozen=True, array_like=True, tag="visit_began"):
    """The contact is a visit to `site` for `service`; `booked` for a time (UTC seconds), or as one comes."""

    contact: str
    site: str
    service: str
    booked: float | None = None
    needs: Needs = ()
    """What the visit itself needs, its site apart."""


class TicketIssued(Fact, frozen=True, array_like=True, tag="ticket_issued"):
    """The visitor is here and waits to be called by `ticket`, the number of `day` (ISO 8601, local)."""

    contact: str
    site: str
    day: str
    ticket: str


class NumberCalled(Fact, frozen=True, array_like=True, tag="number_called"):
    """The visitor is asked to come to a desk, once more each time."""

    contact: str
    agent: str
    seat: str


class CitizenBack(Fact, frozen=True, array_like=True, tag="citizen_back"):
    """A visitor whose place was kept is here again, and stands there (rule 7)."""

    contact: str


# ---- persons, needs, interpreters ------------------------------------------------------------------------------


class NeedsNoted(Fact, frozen=True, array_like=True, tag="needs_noted"):
    """What the citizen of a contact needs, by words of a fixed list; it goes with the contact wherever that goes."""

    contact: str
    needs: tuple[str, ...]


class PersonTold(Fact, frozen=True, array_like=True, tag="person_told"):
    """An agent was told who the citizen of a contact is, whom nothing had shown."""

    contact: str
    person: str


class PersonRemembered(Fact, frozen=True, array_like=True, tag="person_remembered"):
    """A person agreed to have language and needs kept, until `until`."""

    person: str
    language: str
    needs: tuple[str, ...]
    until: float


class PersonForgotten(Fact, frozen=True, array_like=True, tag="person_forgotten"):
    """Language and needs of a person are not kept any more."""

    person: str


class PersonJoined(Fact, frozen=True, array_like=True, tag="person_joined"):
    """Two pseudonyms are the same person: an agent said so."""

    person: str
    to: str


class PersonParted(Fact, frozen=True, array_like=True, tag="person_parted"):
    """A pseudonym is somebody else's after all."""

    person: str


class PersonMarked(Fact, frozen=True, array_like=True, tag="person_marked"):
    """What a person is: with protected identity; or no person but an address that several share (rule 8)."""

    person: str
    protected: bool
    shared: bool


class InterpreterMissing(Fact, frozen=True, array_like=True, tag="interpreter_missing"):
    """Nobody on duty for a language could be brought into a talk."""

    contact: str
    agent: str
    language: str
    cause: PartyCause
    """Why the last who was rung did not come."""


# ---- crises ----------------------------------------------------------------------------------------------------


class CrisisStarted(Fact, frozen=True, array_like=True, tag="crisis_started"):
    """These measures are in force until the crisis ends; `plan` is the name it goes by."""

    crisis: str
    plan: str
    measures: Measures


class CrisisAmended(Fact, frozen=True, array_like=True, tag="crisis_amended"):
    """The measures are these from now on."""

    crisis: str
    measures: Measures


class CrisisSaid(Fact, frozen=True, array_like=True, tag="crisis_said"):
    """An announcement takes the place of the one before; its words stand in the vault, its sounds lie ready."""

    crisis: str
    message: int
    """From 1."""
    languages: tuple[str, ...]
    """Those in which there is a text; the first stands in for all others."""


class CrisisEnded(Fact, frozen=True, array_like=True, tag="crisis_ended"):
    """Everything is as before it; `over` when its time had come."""

    crisis: str
    cause: Literal["asked", "over"]


class HelperJoined(Fact, frozen=True, array_like=True, tag="helper_joined"):
    """The agent serves the queues of the crisis too, as long as it lasts."""

    agent: str
    crisis: str
    came: bool = False
    """Has logged in for that, by telephone, and goes home when it is over."""


class HelperLeft(Fact, frozen=True, array_like=True, tag="helper_left"):
    """The agent serves its own queues alone again."""

    agent: str
    crisis: str


class AnnouncementTold(Fact, frozen=True, array_like=True, tag="announcement_told"):
    """The citizen has been told these announcements, and is not told them again."""

    contact: str
    announcements: tuple[str, ...]


class HearingBegan(Fact, frozen=True, array_like=True, tag="hearing_began"):
    """The citizen hears announcements, and then goes on into `flow`, or into the line of `queue`."""

    contact: str
    announcements: tuple[str, ...]
    flow: str = ""
    queue: str = ""
    own_needs: Needs = ()
    priority: float = 1.0
    notes: Notes = ()


# ---- survey ----------------------------------------------------------------------------------------------------


class SurveyAsked(Fact, frozen=True, array_like=True, tag="survey_asked"):
    """Who was served is asked how it was, and may say so until `until`."""

    contact: str
    queue: str
    prompt: str
    scale: int
    """The answers are 1 to this."""
    until: float


class SurveyAnswered(Fact, frozen=True, array_like=True, tag="survey_answered"):
    """A number, and who was asked in which way; no agent, and no person."""

    contact: str
    queue: str
    channel: str
    language: str
    answer: int
    scale: int
    asked: float = 0.0
    """When it was asked; 0 in journals from before that was noted."""


class SurveyLeft(Fact, frozen=True, array_like=True, tag="survey_left"):
    """The question was not answered."""

    contact: str
    queue: str
    cause: Literal["hung_up", "silent"]


class SurveyInvited(Fact, frozen=True, array_like=True, tag="survey_invited"):
    """Who was served, and is gone, may say on a page how it was, until `until`; or at the desk `seat`, at once."""

    contact: str
    queue: str
    channel: str
    language: str
    scale: int
    """The answers are 1 to this."""
    until: float
    seat: str = ""


# ---- privacy ---------------------------------------------------------------------------------------------------


class SecrecyChanged(Fact, frozen=True, array_like=True, tag="secrecy_changed"):
    """A matter is secret from now on, or is not any more."""

    matter: str
    secret: bool
    contact: str = ""
    """The one for which it was asked."""


class HoldPlaced(Fact, frozen=True, array_like=True, tag="hold_placed"):
    """Nothing of a matter may be deleted from now on (legal hold), or it may again."""

    matter: str
    held: bool


class MatterClosed(Fact, frozen=True, array_like=True, tag="matter_closed"):
    """The last contact of a matter ended: all of it goes to the records system."""

    contact: str
    """The last; it names this handing over."""
    matter: str


class MatterHandedOver(Fact, frozen=True, array_like=True, tag="matter_handed_over"):
    """The records system took it."""

    contact: str
    matter: str


class HandoverFailed(Fact, frozen=True, array_like=True, tag="handover_failed"):
    """The records system did not take it; it is tried again `until` (UTC seconds) unless that is None."""

    contact: str
    matter: str
    cause: SendCause
    until: float | None


class TapeChanged(Fact, frozen=True, array_like=True, tag="tape_changed"):
    """How the recording of a talk stands from now on, with the agent on `leg`; `heard`: who heard the announcement."""

    contact: str
    state: TapeState
    leg: str
    heard: tuple[str, ...] = ()


# ---- second line -----------------------------------------------------------------------------------------------


class RemarkAdded(Fact, frozen=True, array_like=True, tag="remark_added"):
    """One of the house wrote something for colleagues. Its words stand in the vault under `<contact>.n<number>`."""

    contact: str
    number: int
    """From 1."""
    writer: str = ""
    """The agent who did; empty for somebody who leads and is no agent."""


class QuestionAsked(Fact, frozen=True, array_like=True, tag="question_asked"):
    """An agent asks the people of `of_queue` about a contact, and keeps it; `question` is the contact that waits."""

    contact: str
    question: str
    agent: str
    of_queue: str


class HelpAsked(Fact, frozen=True, array_like=True, tag="help_asked"):
    """The agent wants somebody who leads to help with a contact."""

    contact: str
    agent: str


class HelpEnded(Fact, frozen=True, array_like=True, tag="help_ended"):
    """Somebody came to help, or it is not wanted any more."""

    contact: str
    agent: str
    cause: HelpCause


class ConsultSought(Fact, frozen=True, array_like=True, tag="consult_sought"):
    """The agent wants to talk with anybody of `of_queue`, who is rung once free, until `until` at the latest."""

    contact: str
    agent: str
    of_queue: str
    until: float


class ConsultEnded(Fact, frozen=True, array_like=True, tag="consult_ended"):
    """Nobody of `of_queue` is sought any more: none came in time, or it was taken back."""

    contact: str
    of_queue: str
    cause: ConsultCause


# ---- those who lead --------------------------------------------------------------------------------------------


class ListenerInvited(Fact, frozen=True, array_like=True, tag="listener_invited"):
    """Somebody who leads is rung, to listen to a talk of `agent`; `to` is the agent at that phone."""

    contact: str
    party: str
    """The leg."""
    agent: str
    destination: Destination
    deadline: float
    mode: Ear
    to: str | None = None
    shown: bool = True
    """The agent is shown that somebody listens."""


class ListenerJoined(Fact, frozen=True, array_like=True, tag="listener_joined"):
    """Whoever is to listen has picked up."""

    contact: str
    party: str
    shown: bool = True


class ListenerChanged(Fact, frozen=True, array_like=True, tag="listener_changed"):
    """Whoever listens is heard by others than before."""

    contact: str
    party: str
    mode: Ear
    shown: bool = True


class ListenerLeft(Fact, frozen=True, array_like=True, tag="listener_left"):
    """Nobody listens any more, or whoever was rung did not come."""

    contact: str
    party: str
    cause: PartyCause
    shown: bool = True


class UrgencyChanged(Fact, frozen=True, array_like=True, tag="urgency_changed"):
    """Somebody who leads made a waiting contact more, or less, urgent; `first` before all others of its queue."""

    contact: str
    factor: float
    """By which its weight is multiplied; 1 for what it was."""
    first: bool
    weight: float
    """What comes of it."""


class ContactAssigned(Fact, frozen=True, array_like=True, tag="contact_assigned"):
    """Somebody who leads wants `agent` to get a waiting contact next, until `until` that one alone."""

    contact: str
    agent: str
    until: float


class AgentAssigned(Fact, frozen=True, array_like=True, tag="agent_assigned"):
    """For now an agent serves other queues, or has other skills, than are configured; None for no change."""

    agent: str
    queues: dict[str, int] | None
    """Queue to tier."""
    skills: dict[str, int] | None
    """Skill to level."""
    until: float | None


class AssignmentEnded(Fact, frozen=True, array_like=True, tag="assignment_ended"):
    """An agent serves what is configured again."""

    agent: str
    cause: EndCause


class QueueTodaySet(Fact, frozen=True, array_like=True, tag="queue_today_set"):
    """Until `until` a queue is open, or closed, whatever its hours say. The reason stands in the vault."""

    queue: str
    open: bool
    until: float


class QueueTodayEnded(Fact, frozen=True, array_like=True, tag="queue_today_ended"):
    """A queue keeps its hours again."""

    queue: str
    cause: EndCause


class BulletinPosted(Fact, frozen=True, array_like=True, tag="bulletin_posted"):
    """The agents of `queues`, or all when there are none, are told something until `until`. The vault has the words."""

    bulletin: str
    queues: tuple[str, ...]
    until: float
    agent: str = ""
    """Who alone is told; the words are those of a colleague."""
    by: str = ""
    """That colleague."""


class BulletinRead(Fact, frozen=True, array_like=True, tag="bulletin_read"):
    """An agent has read it."""

    bulletin: str
    agent: str


class BulletinEnded(Fact, frozen=True, array_like=True, tag="bulletin_ended"):
    """It is not shown any more."""

    bulletin: str
    cause: EndCause
    agent: str = ""
    """Who alone was told."""


class AlarmRaised(Fact, frozen=True, array_like=True, tag="alarm_raised"):
    """A figure of a queue has crossed the threshold that its configuration names; it is told by each of `ways`."""

    queue: str
    alarm: AlarmKind
    ways: tuple[str, ...] = ()


class AlarmOver(Fact, frozen=True, array_like=True, tag="alarm_over"):
    """It is well on the right side again, or the threshold is no more."""

    queue: str
    alarm: AlarmKind
    ways: tuple[str, ...] = ()


class AlertSent(Fact, frozen=True, array_like=True, tag="alert_sent"):
    """Somebody has been told of an alarm, or of its end."""

    alert: str


class AlertFailed(Fact, frozen=True, array_like=True, tag="alert_failed"):
    """Somebody could not be told; it is tried again at `until`, and not any more when that is None."""

    alert: str
    cause: SendCause
    until: float | None


AnyFact = (
    LeaderChanged
    | ConfigurationApplied
    | QueueOpened
    | QueueClosed
    | AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentPaused
    | AgentNotResponding
    | PhoneLost
    | PhoneFound
    | ContactArrived
    | ContactRefused
    | FlowMoved
    | LanguageChosen
    | PromptRecorded
    | PromptDropped
    | ContactQueued
    | GraceEnded
    | RequirementWidened
    | WaitAnnounced
    | WayOutTaken
    | WayOutRepeated
    | CitizenLeft
    | ContactReturned
    | ContactEnded
    | OfferMade
    | OfferAccepted
    | OfferDeclined
    | OfferMissed
    | OfferWithdrawn
    | WorkSetAside
    | WorkTakenUp
    | WrapUpStarted
    | WrapUpExtended
    | WrapUpEnded
    | ContactTaken
    | CitizenReached
    | AgentCalledBack
    | AgentMissing
    | AgentThere
    | HoldChanged
    | PartyInvited
    | PartyJoined
    | PartyLeft
    | ContactHandedOver
    | ContactForwarded
    | ForwardTried
    | ForwardWaits
    | ContactParked
    | CallbackRegistered
    | CallbackAttempted
    | CallbackClosed
    | MessageAdded
    | MessageSent
    | MessageDelayed
    | MessageFailed
    | MessageDropped
    | MatterJoined
    | ContactDescribed
    | SiteOpened
    | SiteClosed
    | VisitBegan
    | TicketIssued
    | NumberCalled
    | CitizenBack
    | CallbackPostponed
    | NeedsNoted
    | PersonTold
    | PersonRemembered
    | PersonForgotten
    | PersonJoined
    | PersonParted
    | PersonMarked
    | InterpreterMissing
    | CrisisStarted
    | CrisisAmended
    | CrisisSaid
    | CrisisEnded
    | HelperJoined
    | HelperLeft
    | AnnouncementTold
    | HearingBegan
    | SurveyAsked
    | SurveyAnswered
    | SurveyLeft
    | SecrecyChanged
    | HoldPlaced
    | MatterClosed
    | MatterHandedOver
    | HandoverFailed
    | TapeChanged
    | RemarkAdded
    | QuestionAsked
    | HelpAsked
    | HelpEnded
    | ConsultSought
    | ConsultEnded
    | CallbackHandedOver
    | SurveyInvited
    | ListenerInvited
    | ListenerJoined
    | ListenerChanged
    | ListenerLeft
    | UrgencyChanged
    | ContactAssigned
    | AgentAssigned
    | AssignmentEnded
    | QueueTodaySet
    | QueueTodayEnded
    | BulletinPosted
    | BulletinRead
    | BulletinEnded
    | AlarmRaised
    | AlarmOver
    | AlertSent
    | AlertFailed
)
