"""When something is due. Each deadline follows from one state; one that its state no longer names is stale."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from ivr.actions import Timed
from queues.channels import CHANNELS
from router.agent import Agent, NotResponding
from router.configuration import Configuration
from router.contact import (
    LET_DOWN,
    Arrived,
    Away,
    Connected,
    Contact,
    Forwarded,
    Hearing,
    InFlow,
    Leaving,
    Offered,
    Parked,
    Waiting,
    WrappingUp,
)
from router.crisis import Crisis, Running

Kind = Literal[
    "silence",
    "grace",
    "step",
    "overdue",
    "too_long",
    "rest",
    "announce",
    "offer",
    "away",
    "leaving",
    "party",
    "citizen",
    "recall",
    "retry",
    "camp",
    "park",
    "due",
    "hold",
    "idle",
    "vain",
    "seek",
    "responding",
    "wrap_up",
    "hearing",
    "survey",
    "crisis",
]

OF_AGENT: Final = frozenset({"responding", "wrap_up"})
"""Kinds whose id is an agent's; the others' is a contact's, and that of `crisis` a crisis's."""

SORRY_AT_MOST: Final = 20.0
"""Seconds after which a call of ours is over whose end was announced."""
LEAVING_AT_MOST: Final = 120.0
"""Seconds after which a contact that was turned away is over, whatever its channel reports."""


HEARING_AT_MOST: Final = 180.0
"""Seconds after which announcements have been heard, whatever is reported of them."""


class Deadline(NamedTuple):
    """At `at`, `kind` is due for the contact or agent `id`."""

    at: float
    id: str
    kind: Kind


class QueueClock(Struct, frozen=True, array_like=True, gc=False):
    """A queue's open clock: it runs while the queue is open (rule 3)."""

    total: float = 0.0
    """Reading when it last stood still."""
    open_since: float | None = None

    def reading(self, now: float) -> float:
        """Return the seconds of open time up to `now`."""
        return self.total if self.open_since is None else self.total + now - self.open_since

    def when(self, reading: float) -> float | None:
        """Return the time at which the clock shows `reading` if it keeps running, None while it stands still."""
        return None if self.open_since is None else self.open_since + reading - self.total

    def shows(self, reading: float, now: float) -> bool:
        """Tell whether the clock has come to `reading`: to the instant that `when` names, whatever floats round."""
        when = self.when(reading)
        return self.total >= reading if when is None else now >= when


def of_agent(agent: Agent) -> list[Deadline]:
    """Return an agent's deadlines."""
    id_ = agent.desk.id
    due = [Deadline(item.until, id_, "wrap_up") for item in agent.desk.work if item.until is not None]
    if type(agent) is NotResponding and agent.until is not None:
        due.append(Deadline(agent.until, id_, "responding"))
    return due


def of_contact(contact: Contact, configuration: Configuration, clocks: Mapping[str, QueueClock]) -> list[Deadline]:
    """Return a contact's deadlines."""
    if type(contact) is Waiting:
        return _of_waiting(contact, configuration, clocks[contact.spot.queue])
    id_ = contact.card.id
    if type(contact) is Offered:
        return [Deadline(contact.deadline, id_, "offer")]
    if type(contact) is Connected:
        return _of_talk(contact, id_, configuration)
    if type(contact) is Forwarded:
        return _of_forwarded(contact, id_)
    if type(contact) is Parked:
        return [Deadline(contact.until, id_, "park")]
    if type(contact) is Arrived:
        due = due_at(contact, configuration)
        return [Deadline(due, id_, "due")] if due is not None else []
    if type(contact) is Away:
        return [Deadline(contact.until, id_, "away")]
    if type(contact) is Leaving:
        return [Deadline(contact.since + LEAVING_AT_MOST, id_, "leaving")]
    if type(contact) is InFlow and isinstance(contact.action, Timed):
        return [Deadline(contact.since + contact.action.timeout, id_, "silence")]
    if type(contact) is Hearing:
        return [Deadline(contact.since + HEARING_AT_MOST, id_, "hearing")]
    if type(contact) is WrappingUp and contact.asking is not None:
        return [Deadline(contact.asking.until, id_, "survey")]
    return []


def of_crisis(crisis: Crisis) -> list[Deadline]:
    """Return when a crisis ends by itself."""
    if type(crisis) is Running and crisis.measures.until is not None:
        return [Deadline(crisis.measures.until, crisis.id, "crisis")]
    return []


def due_at(contact: Arrived, configuration: Configuration) -> float | None:
    """Return when a promised callback takes its place in line, or a booked time is lost by who has not come."""
    visit = contact.card.visit
    if visit is None or visit.booked is None:
        return contact.card.due
    site = configuration.sites.get(visit.site)
    return visit.booked + (site.late if site is not None else 0.0)


def _of_talk(contact: Connected, id_: str, configuration: Configuration) -> list[Deadline]:
    idle = idle_at(contact, configuration)
    due = [Deadline(idle, id_, "idle")] if idle is not None else []
    due += [Deadline(party.deadline, id_, "party") for party in contact.parties if party.deadline is not None]
    if contact.seeking is not None:
        due.append(Deadline(contact.seeking.until, id_, "seek"))
    if contact.retry_at is not None:
        due.append(Deadline(contact.retry_at, id_, "retry"))
    if contact.ringing_until is not None:
        due.append(Deadline(contact.ringing_until, id_, "recall"))
    elif contact.calling_until is not None:
        due.append(Deadline(contact.calling_until, id_, "citizen"))
    return due


def _of_forwarded(contact: Forwarded, id_: str) -> list[Deadline]:
    due = []
    if contact.party is not None and contact.party.deadline is not None:
        due.append(Deadline(contact.party.deadline, id_, "party"))
    if contact.party is None and contact.until is not None:
        due.append(Deadline(contact.until, id_, "camp"))
    if contact.retry_at is not None:
        due.append(Deadline(contact.retry_at, id_, "retry"))
    return due


def idle_at(contact: Connected, configuration: Configuration) -> float | None:
    """Return when a citizen who has not written for long is asked about it, or let go; None when that is not due."""
    policy, thread = CHANNELS[contact.card.channel], contact.card.thread
    if not (policy.live and policy.written) or thread.by == "citizen" or not thread.messages:
        return None
    queue = configuration.queues[contact.spot.queue]
    if queue.idle_after is None:
        return None
    return thread.at + (queue.idle_close if thread.reminded else queue.idle_after)


def too_long_at(contact: Waiting, configuration: Configuration) -> float | None:
    """Return when a contact whose citizen is there has waited for too long in its queue (rule 9)."""
    limit = configuration.queues[contact.spot.queue].max_wait
    return contact.spot.queued + limit if limit is not None and CHANNELS[contact.card.channel].attended else None


def _hold_until(contact: Waiting, configuration: Configuration) -> float | None:
    """Return when somebody whom we called and who has answered has waited long enough for an agent."""
    spot = contact.spot
    if spot.reached is None:
        return None
    if spot.told is not None and spot.told.notice == LET_DOWN:
        return spot.told.at + SORRY_AT_MOST
    return spot.reached + configuration.queues[spot.queue].calling.hold


def vain_at(contact: Waiting, configuration: Configuration, clock: QueueClock) -> float | None:
    """Return when somebody whom an agent sent to the second line comes back, if nobody takes it (rule 7)."""
    sent, limits = contact.spot.sent, configuration.queues[contact.spot.queue].second_line
    if sent is None or limits is None:
        return None
    return clock.when(sent.clock + (limits.live if CHANNELS[contact.card.channel].live else limits.deferred))


def _announce_at(contact: Waiting, configuration: Configuration) -> float | None:
    """Return when it is due to look at what somebody in line should be told: at once, and then as was said."""
    spot = contact.spot
    if not configuration.queues[spot.queue].speaks or not CHANNELS[contact.card.channel].attended:
        return None
    return spot.queued if spot.told is None else spot.told.due


def _of_waiting(contact: Waiting, configuration: Configuration, clock: QueueClock) -> list[Deadline]:
    spot, id_ = contact.spot, contact.card.id
    due = [Deadline(until, id_, "rest") for _, until in spot.rests]
    if spot.grace_until is not None:
        due.append(Deadline(spot.grace_until, id_, "grace"))
    too_long = too_long_at(contact, configuration)
    if too_long is not None:
        due.append(Deadline(too_long, id_, "too_long"))
    hold = _hold_until(contact, configuration)
    if hold is not None:
        due.append(Deadline(hold, id_, "hold"))
    announce = _announce_at(contact, configuration)
    if announce is not None:
        due.append(Deadline(announce, id_, "announce"))
    in_open_time: list[tuple[float, Kind]] = []
    if spot.step + 1 < len(spot.requirement):
        in_open_time.append((spot.requirement[spot.step + 1].after, "step"))
    if configuration.reserve:
        in_open_time.append((configuration.queues[spot.queue].target.wait, "overdue"))
    vain = vain_at(contact, configuration, clock)
    if vain is not None:
        due.append(Deadline(vain, id_, "vain"))
    for waited, kind in in_open_time:
        when = clock.when(spot.place.clock + waited)
        if when is not None:
            due.append(Deadline(when, id_, kind))
    return due
