"""When something is due. Each deadline follows from one state; one that its state no longer names is stale."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from msgspec import Struct

from ivr.actions import Timed
from queues.channels import CHANNELS
from queues.queue import Queue, SecondLine
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
    Spot,
    Waiting,
    WrappingUp,
)
from router.crisis import Crisis, Running
from router.facts import Sent

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
    "listener",
    "assignment",
    "today",
    "bulletin",
]

OF_AGENT: Final = frozenset({"responding", "wrap_up"})
"""Kinds whose id is an agent's; the others' is a contact's, and that of `crisis` a crisis's."""
OF_LEADS: Final = frozenset({"assignment", "today", "bulletin"})
"""Kinds of what those who lead have changed for now (`router.led`)."""

SORRY_AT_MOST: Final = 20.0
"""Seconds after which a call of ours is over whose end was announced."""
LEAVING_AT_MOST: Final = 120.0
"""Seconds after which a contact that was turned away is over, whatever its channel reports."""


HEARING_AT_MOST: Final = 180.0
"""Seconds after which announcements have been heard, whatever is reported of them."""


class Deadline(Struct, frozen=True, order=True, gc=False):
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


Clocks = Mapping[str, QueueClock]
"""Queue to its clock."""


def of_agent(agent: Agent) -> list[Deadline]:
    """Return an agent's deadlines."""
    id_ = agent.desk.id
    due = [Deadline(item.until, id_, "wrap_up") for item in agent.desk.work if item.until is not None]
    if type(agent) is NotResponding and agent.until is not None:
        due.append(Deadline(agent.until, id_, "responding"))
    return due


def of_contact(contact: Contact, configuration: Configuration, clocks: Clocks) -> list[Deadline]:
    """Return a contact's deadlines."""
    of_state = _OF_STATE.get(type(contact))
    return of_state(contact, configuration, clocks) if of_state is not None else []


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


def _of_arrived(contact: Arrived, configuration: Configuration, _: Clocks) -> list[Deadline]:
    due = due_at(contact, configuration)
    return [Deadline(due, contact.card.id, "due")] if due is not None else []


def _of_hearing(contact: Hearing, _: Configuration, __: Clocks) -> list[Deadline]:
    return [Deadline(contact.since + HEARING_AT_MOST, contact.card.id, "hearing")]


def _of_flow(contact: InFlow, _: Configuration, __: Clocks) -> list[Deadline]:
    action = contact.action
    return [Deadline(contact.since + action.timeout, contact.card.id, "silence")] if isinstance(action, Timed) else []


def _of_offered(contact: Offered, _: Configuration, __: Clocks) -> list[Deadline]:
    return [Deadline(contact.deadline, contact.card.id, "offer")]


def _of_talk(contact: Connected, configuration: Configuration, _: Clocks) -> list[Deadline]:
    id_ = contact.card.id
    idle = idle_at(contact, configuration)
    due = [Deadline(idle, id_, "idle")] if idle is not None else []
    if contact.parties:
        due += [Deadline(party.deadline, id_, "party") for party in contact.parties if party.deadline is not None]
    if contact.seeking is not None:
        due.append(Deadline(contact.seeking.until, id_, "seek"))
    if contact.listener is not None and contact.listener.deadline is not None:
        due.append(Deadline(contact.listener.deadline, id_, "listener"))
    if contact.retry_at is not None:
        due.append(Deadline(contact.retry_at, id_, "retry"))
    if contact.ringing_until is not None:
        due.append(Deadline(contact.ringing_until, id_, "recall"))
    elif contact.calling_until is not None:
        due.append(Deadline(contact.calling_until, id_, "citizen"))
    return due


def _of_wrap_up(contact: WrappingUp, _: Configuration, __: Clocks) -> list[Deadline]:
    return [Deadline(contact.asking.until, contact.card.id, "survey")] if contact.asking is not None else []


def _of_forwarded(contact: Forwarded, _: Configuration, __: Clocks) -> list[Deadline]:
    due, id_ = [], contact.card.id
    if contact.party is not None and contact.party.deadline is not None:
        due.append(Deadline(contact.party.deadline, id_, "party"))
    if contact.party is None and contact.until is not None:
        due.append(Deadline(contact.until, id_, "camp"))
    if contact.retry_at is not None:
        due.append(Deadline(contact.retry_at, id_, "retry"))
    return due


def _of_parked(contact: Parked, _: Configuration, __: Clocks) -> list[Deadline]:
    return [Deadline(contact.until, contact.card.id, "park")]


def _of_leaving(contact: Leaving, _: Configuration, __: Clocks) -> list[Deadline]:
    return [Deadline(contact.since + LEAVING_AT_MOST, contact.card.id, "leaving")]


def _of_away(contact: Away, _: Configuration, __: Clocks) -> list[Deadline]:
    return [Deadline(contact.until, contact.card.id, "away")]


def idle_at(contact: Connected, configuration: Configuration) -> float | None:
    """Return when a citizen who has not written for long is asked about it, or let go; None when that is not due."""
    policy, thread = CHANNELS[contact.card.channel], contact.card.thread
    if not (policy.live and policy.written) or thread.by == "citizen" or not thread.messages:
        return None
    queue = configuration.queues[contact.spot.queue]
    if queue.idle_after is None:
        return None
    return thread.at + (queue.idle_close if thread.reminded else queue.idle_after)


def too_long_at(contact: Waiting, queue: Queue) -> float | None:
    """Return when a contact whose citizen is there has waited for too long in its queue (rule 9). Nobody is sent home
    from a waiting room by a clock."""
    policy = CHANNELS[contact.card.channel]
    if queue.max_wait is None or policy.in_person or not policy.attended:
        return None
    return contact.spot.queued + queue.max_wait


def _hold_until(spot: Spot, reached: float, queue: Queue) -> float:
    """Return when somebody whom we called and who has answered has waited long enough for an agent."""
    if spot.told is not None and spot.told.notice == LET_DOWN:
        return spot.told.at + SORRY_AT_MOST
    return reached + queue.calling.hold


def _vain_at(contact: Waiting, sent: Sent, limits: SecondLine, clock: QueueClock) -> float | None:
    """Return when somebody whom an agent sent to the second line comes back, if nobody takes it (rule 7)."""
    return clock.when(sent.clock + (limits.live if CHANNELS[contact.card.channel].live else limits.deferred))


def _of_waiting(contact: Waiting, configuration: Configuration, clocks: Clocks) -> list[Deadline]:
    spot, id_ = contact.spot, contact.card.id
    queue, clock = configuration.queues[spot.queue], clocks[spot.queue]
    due = [Deadline(until, id_, "rest") for _, until in spot.rests] if spot.rests else []
    if spot.grace_until is not None:
        due.append(Deadline(spot.grace_until, id_, "grace"))
    too_long = too_long_at(contact, queue)
    if too_long is not None:
        due.append(Deadline(too_long, id_, "too_long"))
    if spot.reached is not None:
        due.append(Deadline(_hold_until(spot, spot.reached, queue), id_, "hold"))
    if queue.speaks and CHANNELS[contact.card.channel].attended:  # at once, and then as was said
        announce = spot.queued if spot.told is None else spot.told.due
        if announce is not None:
            due.append(Deadline(announce, id_, "announce"))
    if spot.step + 1 < len(spot.requirement):
        step = clock.when(spot.place.clock + spot.requirement[spot.step + 1].after)
        if step is not None:
            due.append(Deadline(step, id_, "step"))
    if configuration.reserve:
        overdue = clock.when(spot.place.clock + queue.target.wait)
        if overdue is not None:
            due.append(Deadline(overdue, id_, "overdue"))
    if spot.sent is not None and queue.second_line is not None:
        vain = _vain_at(contact, spot.sent, queue.second_line, clock)
        if vain is not None:
            due.append(Deadline(vain, id_, "vain"))
    return due


_OF_STATE: Final[dict[type, Callable[[Any, Configuration, Clocks], list[Deadline]]]] = {
    Arrived: _of_arrived,
    Hearing: _of_hearing,
    InFlow: _of_flow,
    Waiting: _of_waiting,
    Offered: _of_offered,
    Connected: _of_talk,
    WrappingUp: _of_wrap_up,
    Forwarded: _of_forwarded,
    Parked: _of_parked,
    Leaving: _of_leaving,
    Away: _of_away,
}
