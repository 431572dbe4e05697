"""Events: the public form of facts, with a version of its own, so that facts may change and events need not.

Rules for this file:

1. An event carries no personal value, not even the pseudonym of a person.
2. A field may be added to an event at any time. Where a meaning changes or a field goes, its version rises.
3. Every fact has its row in `FORMS`, or stands in `UNPUBLISHED`.

docs/events.md describes each event; a test keeps it complete.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct, structs

from router import facts as f
from router.agent import Agent
from router.contact import Contact
from router.dialling import PHONE
from web.contactview import DestinationView, agent_of, destination_view, queue_of
from web.crisisview import MeasuresView, measures_view


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened. Which fields an event has follows from its type."""

    id: str
    """`<epoch>-<seq>.<n>`: where in the journal it stands. Ids only rise."""
    type: str
    version: int = 1
    at: float
    """UTC seconds."""
    contact: str = ""
    channel: str = ""
    queue: str = ""
    """Where the contact is, or was last."""
    agent: str = ""
    """Whom it is about: who acts, is asked, or has the contact."""
    offer: str = ""
    callback: str = ""
    entry: str = ""
    """The number, mailbox or page that was reached."""
    reason: str = ""
    leaving: bool = False
    """Logs out once what is in hand is finished."""
    until: float | None = None
    """UTC seconds at which this ends by itself."""
    cause: str = ""
    outcome: str = ""
    resumed_by: str = ""
    """The contact that carries the place on."""
    step: int | None = None
    """Step of the requirement, from 0."""
    preferred: str = ""
    """The agent for whom the contact waits first."""
    rule: str = ""
    """The routing rule that chose."""
    passed: dict[str, int] | None = None
    """How many agents of the queue were not chosen, by cause; causes of nobody are left out."""
    behind: tuple[str, ...] = ()
    """Queues whose overdue deferred contact was passed over."""
    obstacle: str = ""
    way: str = ""
    """The way out: queue, message, callback, report or announcement."""
    to: str = ""
    """Where it goes: the other queue, the prompt that is played, the other agent."""
    phone: str = ""
    """Name of a phone."""
    language: str = ""
    party: str = ""
    """Somebody who takes part besides citizen and agent."""
    destination: DestinationView | None = None
    held: tuple[str, ...] | None = None
    """Who hears music instead of talking: `citizen`, the agent's offer, parties."""
    slot: str = ""
    due: float | None = None
    """UTC seconds from which a promised callback waits in line."""
    crisis: str = ""
    plan: str = ""
    """The name that a crisis goes by."""
    measures: MeasuresView | None = None
    """What is done in a crisis."""
    languages: tuple[str, ...] | None = None
    """Those of an announcement; the first stands in for all others."""
    announcements: tuple[str, ...] | None = None
    """What the citizen is told of crises, `announcement.CRISIS.NUMBER/LANGUAGE`."""
    answer: int | None = None
    """To the survey, from 1 to `scale`."""
    scale: int | None = None
    position: int | None = None
    """Place in line that the contact is told, from 1."""
    low: float | None = None
    high: float | None = None
    """Seconds within which the contact is told that an agent will answer."""
    notice: str = ""
    """Why a key did not lead out of the line: `no_number`, `not_now`."""
    number: int | None = None
    """Of a message, from 1 in the order of its conversation."""
    author: str = ""
    """Who wrote a message: `citizen`, `agent`, `house`."""
    prompt: str = ""
    """What the house wrote."""
    automatic: bool = False
    """A machine wrote it."""
    matter: str = ""
    avoidable: bool | None = None
    gap: str = ""
    follow_up: bool = False
    revision: str = ""
    """Of the configuration."""
    place: str = ""
    """That people visit."""
    service: str = ""
    ticket: str = ""
    """The number by which a visitor is called."""
    desk: str = ""
    """`PLACE/DESK`."""
    about: str = ""
    """The contact that this one was left for others with, or asks about."""
    writer: str = ""
    """The agent who wrote a remark; absent for somebody who leads."""
    question: str = ""
    """The contact as which a question waits."""
    sent_by: str = ""
    """The agent to whom it comes back when nobody takes it."""
    epoch: int | None = None
    """Of the leader."""
    look: str = ""
    """Path to ask for the present state."""
    text: bool = False
    """Of `contact.arrived`: with a text telephone."""
    secret: bool | None = None
    """Whether the matter is secret from now on."""
    recording: str = ""
    """`announcing`, `on`, `paused`, `declined`."""
    stays: bool | None = None
    """Whether nothing of the matter may be deleted from now on."""
    mode: str = ""
    """By whom somebody who listens is heard: `listen`, `whisper`, `barge`."""
    factor: float | None = None
    """By how much more urgent than others of its queue."""
    first: bool | None = None
    """Before all others of its queue."""
    queues: dict[str, int] | None = None
    """Queue to tier, of an agent for now."""
    skills: dict[str, int] | None = None
    """Skill to level, of an agent for now."""
    open: bool | None = None
    """Whether a queue is open, whatever its hours say."""
    bulletin: str = ""
    """Something that agents are told (`/notices`)."""
    alert: str = ""
    """A word about an alarm: `QUEUE.ALARM.MILLISECOND.raised` or `.over`, and the way it goes."""
    alarm: str = ""
    """The figure that crossed its threshold: `waiting`, `longest_wait`, `service_level`, `nobody_available`."""


class Where(Struct, frozen=True, gc=False):
    """Where a contact is: what its facts leave out because the state knows it."""

    channel: str = ""
    queue: str = ""
    agent: str = ""
    leg: str = ""
    """The citizen's."""


NOWHERE: Final = Where()
More = Callable[[Any, Where], dict[str, Any]]


class Form(NamedTuple):
    """The public form of a fact: what it says besides `contact`, `queue`, `channel` and `agent`."""

    type: str
    version: int = 1
    more: More = lambda _fact, _where: {}


def _same(*names: str) -> More:
    """Take fields over as they are; what is None is left out."""
    return lambda fact, _: {name: value for name in names if (value := getattr(fact, name)) is not None}


def _until(field: str, *names: str) -> More:
    """Tell the time in `field` as `until`, and take other fields over."""
    same = _same(*names)
    return lambda fact, where: {"until": getattr(fact, field), **same(fact, where)}


def _offer_made(fact: f.OfferMade, _: Where) -> dict[str, Any]:
    passed = {cause: number for cause, number in msgspec.structs.asdict(fact.passed).items() if number}
    return {**_same("offer", "rule", "step", "behind")(fact, NOWHERE), "until": fact.deadline, "passed": passed}


def _held(fact: f.HoldChanged | f.PartyLeft | f.PartyInvited, where: Where) -> dict[str, Any]:
    return {"held": tuple("citizen" if leg == where.leg else leg for leg in fact.held)}


def _invited(fact: f.PartyInvited, where: Where) -> dict[str, Any]:
    party = {"party": fact.party, "destination": destination_view(fact.destination), "to": fact.to or ""}
    party |= {"language": fact.interprets} if fact.interprets else {}
    return {**party, "until": fact.deadline, **_held(fact, where)}


def _missing(fact: f.InterpreterMissing, _: Where) -> dict[str, Any]:
    return {"agent": fact.agent, "language": fact.language, "cause": fact.cause}


def _forwarded(fact: f.ContactForwarded, _: Where) -> dict[str, Any]:
    until = fact.deadline if fact.party else fact.until
    return {"destination": destination_view(fact.destination), "party": fact.party, "to": fact.to or "", "until": until}


def _queued(fact: f.ContactQueued, where: Where) -> dict[str, Any]:
    cause = fact.returned.cause if fact.returned is not None else ""
    sent_by = fact.sent.by if fact.sent is not None else ""
    return {**_until("grace_until", "step", "preferred")(fact, where), "cause": cause, "sent_by": sent_by}


def _to_queue(*names: str) -> More:
    """Tell another queue than the contact's as `to`, and take other fields over."""
    same = _same(*names)
    return lambda fact, where: {"to": fact.of_queue, **same(fact, where)}


def _listener(fact: f.ListenerInvited, _: Where) -> dict[str, Any]:
    party = {"party": fact.party, "destination": destination_view(fact.destination), "to": fact.to or ""}
    return {**party, "mode": fact.mode, "until": fact.deadline}


FORMS: Final[dict[type[f.AnyFact], Form]] = {
    f.LeaderChanged: Form("house.leader_changed", 1, _same("epoch")),
    f.ConfigurationApplied: Form(
        "house.configuration_applied", 1, lambda fact, _: {"revision": fact.configuration.revision}
    ),
    f.QueueOpened: Form("queue.opened"),
    f.QueueClosed: Form("queue.closed"),
    f.PhoneLost: Form("phone.lost", 1, lambda fact, _: {"phone": fact.phone.removeprefix(PHONE)}),
    f.PhoneFound: Form("phone.found", 1, lambda fact, _: {"phone": fact.phone.removeprefix(PHONE)}),
    f.AgentLoggedIn: Form("agent.logged_in", 1, lambda fact, _: {"phone": _phone(fact.address), "desk": fact.seat}),
    f.AgentLoggedOut: Form("agent.logged_out"),
    f.AgentReady: Form("agent.ready"),
    f.AgentPaused: Form("agent.paused", 1, _same("reason", "leaving")),
    f.AgentNotResponding: Form("agent.not_responding", 1, _same("until")),
    f.ContactArrived: Form("contact.arrived", 1, _same("entry", "matter", "text", "about")),
    f.ContactRefused: Form("contact.refused", 1, _same("cause")),
    f.LanguageChosen: Form("contact.language_chosen", 1, _same("language")),
    f.ContactQueued: Form("contact.queued", 1, _queued),
    f.GraceEnded: Form("contact.grace_ended"),
    f.RequirementWidened: Form("contact.widened", 1, _same("step")),
    f.WaitAnnounced: Form("contact.told", 1, _same("position", "low", "high", "notice")),
    f.WayOutTaken: Form(
        "contact.way_out_taken", 1, lambda fact, _: {"obstacle": fact.obstacle, "way": fact.way.to, "to": fact.way.name}
    ),
    f.CitizenLeft: Form("contact.left", 1, _until("keep_until", "cause")),
    f.ContactReturned: Form("contact.returned", 1, _until("grace_until", "cause", "preferred")),
    f.ContactEnded: Form("contact.ended", 1, _same("outcome", "resumed_by")),
    f.OfferMade: Form("offer.made", 1, _offer_made),
    f.OfferAccepted: Form("offer.accepted", 1, _same("offer")),
    f.OfferDeclined: Form("offer.declined", 1, _same("offer", "cause")),
    f.OfferMissed: Form("offer.missed", 1, _same("offer", "cause")),
    f.OfferWithdrawn: Form("offer.withdrawn", 1, _same("offer", "cause")),
    f.WorkSetAside: Form("contact.set_aside"),
    f.WorkTakenUp: Form("contact.taken_up"),
    f.WrapUpStarted: Form("contact.wrap_up_started", 1, _same("until")),
    f.WrapUpExtended: Form("contact.wrap_up_extended", 1, _same("until")),
    f.WrapUpEnded: Form("contact.wrap_up_ended"),
    f.ContactTaken: Form("contact.taken", 1, _until("ringing_until", "offer")),
    f.CitizenReached: Form("contact.citizen_reached"),
    f.AgentCalledBack: Form("contact.agent_called_back", 1, _same("offer", "until")),
    f.AgentMissing: Form("contact.agent_missing", 1, _until("retry_at")),
    f.AgentThere: Form("contact.agent_there"),
    f.HoldChanged: Form("contact.hold_changed", 1, _held),
    f.PartyInvited: Form("party.invited", 1, _invited),
    f.PartyJoined: Form("party.joined", 1, _same("party")),
    f.PartyLeft: Form(
        "party.left", 1, lambda fact, where: {**_same("party", "cause")(fact, where), **_held(fact, where)}
    ),
    f.ContactHandedOver: Form("contact.handed_over", 1, _same("to", "offer")),
    f.ContactForwarded: Form("contact.forwarded", 1, _forwarded),
    f.ForwardTried: Form("contact.forward_tried", 1, _until("deadline", "party", "to")),
    f.ForwardWaits: Form("contact.forward_waits", 1, _until("retry_at")),
    f.ContactParked: Form("contact.parked", 1, _same("slot", "until")),
    f.CallbackRegistered: Form("callback.registered", 1, _same("callback", "due")),
    f.CallbackAttempted: Form("callback.attempted", 1, _same("callback")),
    f.CallbackPostponed: Form("callback.postponed", 1, _same("due", "cause")),
    f.CallbackClosed: Form("callback.closed", 1, _same("callback", "cause")),
    f.CallbackHandedOver: Form("callback.handed_over", 1, _same("callback")),
    f.MessageAdded: Form("message.added", 1, _same("number", "author", "prompt", "automatic")),
    f.MessageSent: Form("message.sent", 1, _same("number")),
    f.MessageDelayed: Form("message.delayed", 1, _same("number", "until", "cause")),
    f.MessageFailed: Form("message.failed", 1, _same("number", "cause")),
    f.MessageDropped: Form("message.dropped", 1, _same("number")),
    f.MatterJoined: Form("contact.matter_joined", 1, _same("matter")),
    f.ContactDescribed: Form("contact.described", 1, _same("reason", "avoidable", "gap", "follow_up")),
    f.SiteOpened: Form("place.opened", 1, lambda fact, _: {"place": fact.site}),
    f.SiteClosed: Form("place.closed", 1, lambda fact, _: {"place": fact.site}),
    f.VisitBegan: Form(
        "visit.began", 1, lambda fact, _: {"place": fact.site, "service": fact.service, "due": fact.booked}
    ),
    f.TicketIssued: Form("visit.ticket_issued", 1, lambda fact, _: {"place": fact.site, "ticket": fact.ticket}),
    f.NumberCalled: Form("visit.called", 1, lambda fact, _: {"desk": fact.seat}),
    f.CitizenBack: Form("visit.back"),
    f.NeedsNoted: Form("contact.needs_noted"),
    f.InterpreterMissing: Form("interpreter.missing", 1, _missing),
    f.CrisisStarted: Form(
        "crisis.started",
        1,
        lambda fact, _: {"crisis": fact.crisis, "plan": fact.plan, "measures": measures_view(fact.measures)},
    ),
    f.CrisisAmended: Form(
        "crisis.amended", 1, lambda fact, _: {"crisis": fact.crisis, "measures": measures_view(fact.measures)}
    ),
    f.CrisisSaid: Form(
        "crisis.said", 1, lambda fact, _: {"crisis": fact.crisis, "number": fact.message, "languages": fact.languages}
    ),
    f.CrisisEnded: Form("crisis.ended", 1, _same("crisis", "cause")),
    f.HelperJoined: Form("crisis.helper_joined", 1, _same("crisis")),
    f.HelperLeft: Form("crisis.helper_left", 1, _same("crisis")),
    f.AnnouncementTold: Form("contact.announcement_told", 1, _same("announcements")),
    f.HearingBegan: Form("contact.hearing_began", 1, _same("announcements")),
    f.SurveyAsked: Form("survey.asked", 1, _same("scale", "until")),
    f.SurveyAnswered: Form("survey.answered", 1, lambda fact, _: {"answer": fact.answer, "scale": fact.scale}),
    f.SurveyLeft: Form("survey.left", 1, _same("cause")),
    f.SecrecyChanged: Form("contact.secrecy_changed", 1, _same("matter", "secret")),
    f.TapeChanged: Form("contact.recording_changed", 1, lambda fact, _: {"recording": fact.state}),
    f.MatterClosed: Form("matter.closed", 1, _same("matter")),
    f.MatterHandedOver: Form("matter.handed_over", 1, _same("matter")),
    f.HandoverFailed: Form("matter.handover_failed", 1, _same("matter", "cause", "until")),
    f.HoldPlaced: Form("matter.hold_placed", 1, lambda fact, _: {"matter": fact.matter, "stays": fact.held}),
    f.RemarkAdded: Form("remark.added", 1, _same("number", "writer")),
    f.QuestionAsked: Form("contact.question_asked", 1, _to_queue("question")),
    f.HelpAsked: Form("help.asked"),
    f.HelpEnded: Form("help.ended", 1, _same("cause")),
    f.ConsultSought: Form("party.sought", 1, _to_queue("until")),
    f.ConsultEnded: Form("party.not_found", 1, _to_queue("cause")),
    f.SurveyInvited: Form(
        "survey.invited", 1, lambda fact, _: {"scale": fact.scale, "until": fact.until, "desk": fact.seat}
    ),
    f.ListenerInvited: Form("listener.invited", 1, _listener),
    f.ListenerJoined: Form("listener.joined", 1, _same("party")),
    f.ListenerChanged: Form("listener.changed", 1, _same("party", "mode")),
    f.ListenerLeft: Form("listener.left", 1, _same("party", "cause")),
    f.UrgencyChanged: Form("contact.urgency_changed", 1, _same("factor", "first")),
    f.ContactAssigned: Form("contact.assigned", 1, _until("until")),
    f.AgentAssigned: Form("agent.assigned", 1, _same("queues", "skills", "until")),
    f.AssignmentEnded: Form("agent.assignment_ended", 1, _same("cause")),
    f.QueueTodaySet: Form("queue.today_set", 1, _same("open", "until")),
    f.QueueTodayEnded: Form("queue.today_ended", 1, _same("cause")),
    f.BulletinPosted: Form("notice.posted", 1, _same("bulletin", "until")),
    f.BulletinRead: Form("notice.read", 1, _same("bulletin")),
    f.BulletinEnded: Form("notice.ended", 1, _same("bulletin", "cause")),
    f.AlarmRaised: Form("alarm.raised", 1, _same("alarm")),
    f.AlarmOver: Form("alarm.over", 1, _same("alarm")),
    f.AlertSent: Form("alarm.told", 1, _same("alert")),
    f.AlertFailed: Form("alarm.not_told", 1, _same("alert", "cause", "until")),
}

UNPUBLISHED: Final[frozenset[type[f.AnyFact]]] = frozenset(
    {
        f.FlowMoved,
        f.WayOutRepeated,
        f.PromptRecorded,
        f.PromptDropped,
        f.PersonTold,
        f.PersonRemembered,
        f.PersonForgotten,
        f.PersonJoined,
        f.PersonParted,
        f.PersonMarked,
    }
)
"""The inside of flows, of which what follows is told; what concerns files; and what is known of persons."""


def _phone(address: str) -> str:
    return address.removeprefix(PHONE) if address.startswith(PHONE) else ""


# ---- whereabouts -----------------------------------------------------------------------------------------------------


class Whereabouts:
    """Where every contact is, and who sits at which phone, followed fact by fact."""

    def __init__(self) -> None:
        self._known: dict[str, Where] = {}
        self._at: dict[str, str] = {}
        """Phone to the agent who works there."""

    def adopt(self, one: Contact | Agent) -> None:
        """Take over a contact or an agent that was there before the first fact."""
        if isinstance(one, Agent):
            self._at[one.desk.address] = one.desk.id
        else:
            card = one.card
            self._known[card.id] = Where(card.channel, queue_of(one), agent_of(one), card.leg)

    def follow(self, fact: f.AnyFact) -> Where:
        """Return where the contact is that a fact is about, and where it leaves it to be."""
        move = _MOVES.get(type(fact))
        if move is not None:
            return move(self, fact)
        return self._known.get(getattr(fact, "contact", ""), NOWHERE)

    def _arrived(self, fact: f.ContactArrived) -> Where:
        return self._put(fact.contact, Where(fact.channel, leg=fact.leg))

    def _promised(self, fact: f.CallbackRegistered) -> Where:
        return self._put(fact.callback, Where("callback", fact.queue))

    def _into(self, fact: f.ContactQueued | f.WayOutTaken) -> Where:
        return self._put(fact.contact, structs.replace(self._of(fact.contact), queue=fact.queue, agent=""))

    def _to_agent(self, fact: f.OfferMade | f.ContactTaken) -> Where:
        return self._put(fact.contact, structs.replace(self._of(fact.contact), agent=fact.agent))

    def _from_agent(
        self, fact: f.OfferDeclined | f.OfferMissed | f.OfferWithdrawn | f.ContactReturned | f.CallbackPostponed
    ) -> Where:
        where = self._of(fact.contact)
        self._known[fact.contact] = structs.replace(where, agent="")
        return where

    def _handed_over(self, fact: f.ContactHandedOver) -> Where:
        where = self._of(fact.contact)
        self._known[fact.contact] = structs.replace(where, agent=fact.to)
        return where

    def _ended(self, fact: f.ContactEnded) -> Where:
        return self._known.pop(fact.contact, NOWHERE)

    def _of_callback(self, fact: f.CallbackAttempted | f.CallbackClosed) -> Where:
        return self._of(fact.callback)

    def _elsewhere(self, fact: f.CallbackHandedOver) -> Where:
        return self._put(fact.callback, structs.replace(self._of(fact.callback), queue=fact.queue))

    def _of_phone(self, fact: f.PhoneLost | f.PhoneFound) -> Where:
        return Where(agent=self._at.get(fact.phone, ""))

    def _sits_down(self, fact: f.AgentLoggedIn) -> Where:
        self._at[fact.address] = fact.agent
        return NOWHERE

    def _of(self, contact: str) -> Where:
        return self._known.get(contact, NOWHERE)

    def _put(self, contact: str, where: Where) -> Where:
        self._known[contact] = where
        return where


_MOVES: Final[dict[type[f.AnyFact], Callable[[Whereabouts, Any], Where]]] = {
    f.ContactArrived: Whereabouts._arrived,
    f.CallbackRegistered: Whereabouts._promised,
    f.ContactQueued: Whereabouts._into,
    f.WayOutTaken: Whereabouts._into,
    f.OfferMade: Whereabouts._to_agent,
    f.ContactTaken: Whereabouts._to_agent,
    f.OfferDeclined: Whereabouts._from_agent,
    f.OfferMissed: Whereabouts._from_agent,
    f.OfferWithdrawn: Whereabouts._from_agent,
    f.ContactReturned: Whereabouts._from_agent,
    f.CallbackPostponed: Whereabouts._from_agent,
    f.ContactHandedOver: Whereabouts._handed_over,
    f.ContactEnded: Whereabouts._ended,
    f.CallbackAttempted: Whereabouts._of_callback,
    f.CallbackClosed: Whereabouts._of_callback,
    f.CallbackHandedOver: Whereabouts._elsewhere,
    f.PhoneLost: Whereabouts._of_phone,
    f.PhoneFound: Whereabouts._of_phone,
    f.AgentLoggedIn: Whereabouts._sits_down,
}


LAST: Final = 2**31
"""Number after the last fact of any entry."""


class Position(NamedTuple):
    """A place in the journal: that of an event, or the end of an entry."""

    epoch: int
    seq: int
    n: int = LAST

    def __str__(self) -> str:
        """Return the id."""
        return f"{self.epoch}-{self.seq}" if self.n == LAST else f"{self.epoch}-{self.seq}.{self.n}"


def position(text: str) -> Position:
    """Read an id; one without `.n` stands for its whole entry. Raises ValueError."""
    entry, _, n = text.partition(".")
    epoch, _, seq = entry.partition("-")
    numbers = [int(part) for part in (epoch, seq, n or str(LAST)) if part.isdecimal() and len(part) < 19]
    if len(numbers) != 3:
        raise ValueError("an event's id looks like 5-1234.0")
    return Position(*numbers)


TO_ALL: Final = frozenset({"notice.posted", "notice.ended"})
"""Types of events that every agent hears of, unless they name one."""


class Happening:
    """A fact with its place and whereabouts; it becomes an event once somebody wants to hear of it."""

    __slots__ = ("_json", "agent", "fact", "form", "position", "where")

    def __init__(self, position: Position, fact: f.AnyFact, form: Form, where: Where) -> None:
        self.position = position
        self.fact = fact
        self.form = form
        self.where = where
        shown = getattr(fact, "shown", True)
        self.agent: str = (getattr(fact, "agent", "") or where.agent) if shown else ""
        self._json: bytes | None = None

    @property
    def queue(self) -> str:
        """The queue it is about."""
        return getattr(self.fact, "queue", "") or self.where.queue

    @property
    def contact(self) -> str:
        """The contact, or promise to call back, it is about."""
        return getattr(self.fact, "contact", "") or getattr(self.fact, "callback", "")

    @property
    def json(self) -> bytes:
        """The event as JSON, made once."""
        if self._json is None:
            self._json = _ENCODER.encode(self.event())
        return self._json

    def event(self) -> Event:
        """Return the public form."""
        fact = self.fact
        return Event(
            id=str(self.position),
            type=self.form.type,
            version=self.form.version,
            at=fact.at,
            contact=self.contact,
            channel=self.where.channel or getattr(fact, "channel", ""),
            queue=self.queue,
            agent=self.agent,
            **self.form.more(fact, self.where),
        )


_ENCODER: Final = msgspec.json.Encoder()
