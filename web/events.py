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
from msgspec import Struct

from router import facts as f
from router.contact import Connected, Contact, Offered, WrappingUp


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
    """The other queue, or the prompt that is played."""
    revision: str = ""
    """Of the configuration."""
    epoch: int | None = None
    """Of the leader."""
    look: str = ""
    """Path to ask for the present state."""


class Form(NamedTuple):
    """The public form of a fact: what it says besides `contact`, `queue`, `channel` and `agent`."""

    type: str
    version: int
    more: Callable[[Any], dict[str, Any]] = lambda _: {}


FORMS: Final[dict[type[f.AnyFact], Form]] = {
    f.LeaderChanged: Form("house.leader_changed", 1, lambda fact: {"epoch": fact.epoch}),
    f.ConfigurationApplied: Form(
        "house.configuration_applied", 1, lambda fact: {"revision": fact.configuration.revision}
    ),
    f.QueueOpened: Form("queue.opened", 1),
    f.QueueClosed: Form("queue.closed", 1),
    f.AgentLoggedIn: Form("agent.logged_in", 1),
    f.AgentLoggedOut: Form("agent.logged_out", 1),
    f.AgentReady: Form("agent.ready", 1),
    f.AgentPaused: Form("agent.paused", 1, lambda fact: {"reason": fact.reason, "leaving": fact.leaving}),
    f.AgentNotResponding: Form("agent.not_responding", 1, lambda fact: {"until": fact.until}),
    f.ContactArrived: Form("contact.arrived", 1, lambda fact: {"entry": fact.entry}),
    f.ContactRefused: Form("contact.refused", 1, lambda fact: {"cause": fact.cause}),
    f.ContactQueued: Form(
        "contact.queued",
        1,
        lambda fact: {"step": fact.step, "preferred": fact.preferred or "", "until": fact.grace_until},
    ),
    f.GraceEnded: Form("contact.grace_ended", 1),
    f.RequirementWidened: Form("contact.widened", 1, lambda fact: {"step": fact.step}),
    f.WayOutTaken: Form(
        "contact.way_out_taken",
        1,
        lambda fact: {"obstacle": fact.obstacle, "way": fact.way.to, "to": fact.way.name},
    ),
    f.CitizenLeft: Form("contact.left", 1, lambda fact: {"cause": fact.cause, "until": fact.keep_until}),
    f.ContactReturned: Form("contact.returned", 1, lambda fact: {"cause": fact.cause}),
    f.WorkSetAside: Form("contact.set_aside", 1),
    f.WorkTakenUp: Form("contact.taken_up", 1),
    f.WrapUpStarted: Form("contact.wrap_up_started", 1, lambda fact: {"until": fact.until}),
    f.ContactEnded: Form(
        "contact.ended", 1, lambda fact: {"outcome": fact.outcome, "resumed_by": fact.resumed_by or ""}
    ),
    f.OfferMade: Form(
        "offer.made",
        1,
        lambda fact: {
            "offer": fact.offer,
            "until": fact.deadline,
            "rule": fact.rule,
            "step": fact.step,
            "passed": {cause: number for cause, number in msgspec.structs.asdict(fact.passed).items() if number},
            "behind": fact.behind,
        },
    ),
    f.OfferAccepted: Form("offer.accepted", 1, lambda fact: {"offer": fact.offer}),
    f.OfferDeclined: Form("offer.declined", 1, lambda fact: {"offer": fact.offer, "cause": fact.cause}),
    f.OfferMissed: Form("offer.missed", 1, lambda fact: {"offer": fact.offer, "cause": fact.cause}),
    f.OfferWithdrawn: Form("offer.withdrawn", 1, lambda fact: {"offer": fact.offer, "cause": fact.cause}),
    f.CallbackRegistered: Form("callback.registered", 1, lambda fact: {"callback": fact.callback}),
    f.CallbackAttempted: Form("callback.attempted", 1, lambda fact: {"callback": fact.callback}),
    f.CallbackClosed: Form("callback.closed", 1, lambda fact: {"callback": fact.callback, "cause": fact.cause}),
}

UNPUBLISHED: Final[frozenset[type[f.AnyFact]]] = frozenset({f.FlowMoved})
"""The inside of flows; there are many of these, and what comes of them is told."""


# ---- whereabouts -----------------------------------------------------------------------------------------------------


class Where(NamedTuple):
    """Where a contact is: what its facts leave out because the state knows it."""

    channel: str = ""
    queue: str = ""
    agent: str = ""


NOWHERE: Final = Where()


class Whereabouts:
    """Where every contact is, followed fact by fact."""

    def __init__(self) -> None:
        self._known: dict[str, Where] = {}

    def adopt(self, contact: Contact) -> None:
        """Take over a contact that was there before the first fact."""
        agent = contact.agent if isinstance(contact, Offered | Connected | WrappingUp) else ""
        spot = getattr(contact, "spot", None)
        self._known[contact.card.id] = Where(contact.card.channel, spot.queue if spot is not None else "", agent)

    def follow(self, fact: f.AnyFact) -> Where:
        """Return where the contact is that a fact is about, and where it leaves it to be."""
        match fact:
            case f.ContactArrived():
                return self._put(fact.contact, Where(fact.channel))
            case f.CallbackRegistered():
                return self._put(fact.callback, Where("callback", fact.queue))
            case f.ContactQueued() | f.WayOutTaken():
                return self._put(fact.contact, Where(self._of(fact.contact).channel, fact.queue))
            case f.OfferMade():
                return self._put(fact.contact, self._of(fact.contact)._replace(agent=fact.agent))
            case f.OfferDeclined() | f.OfferMissed() | f.OfferWithdrawn() | f.ContactReturned():
                where = self._of(fact.contact)
                self._known[fact.contact] = where._replace(agent="")
                return where
            case f.ContactEnded():
                return self._known.pop(fact.contact, NOWHERE)
            case f.CallbackAttempted() | f.CallbackClosed():
                return self._of(fact.callback)
            case _:
                return self._of(getattr(fact, "contact", ""))

    def _of(self, contact: str) -> Where:
        return self._known.get(contact, NOWHERE)

    def _put(self, contact: str, where: Where) -> Where:
        self._known[contact] = where
        return where


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


class Happening:
    """A fact with its place and whereabouts; it becomes an event once somebody wants to hear of it."""

    __slots__ = ("_json", "agent", "fact", "form", "position", "where")

    def __init__(self, position: Position, fact: f.AnyFact, form: Form, where: Where) -> None:
        self.position = position
        self.fact = fact
        self.form = form
        self.where = where
        self.agent: str = getattr(fact, "agent", "") or where.agent
        self._json: bytes | None = None

    @property
    def queue(self) -> str:
        """The queue it is about."""
        return getattr(self.fact, "queue", "") or self.where.queue

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
            contact=getattr(fact, "contact", "") or getattr(fact, "callback", ""),
            channel=self.where.channel or getattr(fact, "channel", ""),
            queue=self.queue,
            agent=self.agent,
            **self.form.more(fact),
        )


_ENCODER: Final = msgspec.json.Encoder()
