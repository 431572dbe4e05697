"""A crisis: announcements and measures that stand before queues for as long as it lasts.

What is typed in a hurry may name people, so its words stand in the vault (`announcement_owner`); here they are counted.
What stands before a queue is a level: whoever comes there and has not been told yet is told.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from msgspec import Struct, structs

from ivr.phrase import Phrase
from queues.crisis import Measures
from router import transitions
from router.facts import CrisisAmended, CrisisEnded, CrisisSaid, CrisisStarted, HelperJoined, HelperLeft

PREFIX: Final = "announcement."
"""Begins the names of prompts that crises say; no prompt of the configuration has a full stop."""
KIND: Final = "announcement"
"""Of what the vault keeps of each."""
CALLBACK: Final = "crisis_callback"
"""The prompt that tells who is to be called back instead of waiting."""
REMEMBERED: Final = 86_400.0
"""Seconds for which what was announced can still be read after the end."""
REMEMBERED_MAX: Final = 20


class Announcement(Struct, frozen=True, array_like=True, gc=False):
    """What was said, without its words."""

    number: int
    at: float
    languages: tuple[str, ...]


class Running(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """In force."""

    id: str
    plan: str
    started: float
    measures: Measures
    messages: tuple[Announcement, ...] = ()
    helpers: tuple[str, ...] = ()
    """Agents who help."""
    came: tuple[str, ...] = ()
    """Those of them who have logged in for that alone."""


class Over(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Ended; still to be read about."""

    id: str
    plan: str
    started: float
    measures: Measures
    messages: tuple[Announcement, ...]
    ended: float
    cause: Literal["asked", "over"]


Crisis = Running | Over
CrisisFact = CrisisAmended | CrisisSaid | CrisisEnded | HelperJoined | HelperLeft

TABLE: Final[transitions.Table] = {
    (Running, CrisisAmended): Running,
    (Running, CrisisSaid): Running,
    (Running, HelperJoined): Running,
    (Running, HelperLeft): Running,
    (Running, CrisisEnded): Over,
}


def start(fact: CrisisStarted) -> Running:
    """Return the crisis that comes to be by `fact`."""
    return Running(fact.crisis, fact.plan, fact.at, fact.measures)


def evolve(crisis: Crisis, fact: CrisisFact) -> Crisis:
    """Return the crisis after `fact`. Raises IllegalTransition."""
    transitions.check(TABLE, crisis, fact)
    assert isinstance(crisis, Running)  # by the table
    match fact:
        case CrisisAmended():
            return structs.replace(crisis, measures=fact.measures)
        case CrisisSaid():
            said = Announcement(fact.message, fact.at, fact.languages)
            return structs.replace(crisis, messages=(*crisis.messages, said))
        case HelperJoined():
            came = (*crisis.came, fact.agent) if fact.came else crisis.came
            return structs.replace(crisis, helpers=(*crisis.helpers, fact.agent), came=came)
        case HelperLeft():
            helpers, came = (tuple(one for one in all_ if one != fact.agent) for all_ in (crisis.helpers, crisis.came))
            return structs.replace(crisis, helpers=helpers, came=came)
        case CrisisEnded():
            kept = (crisis.id, crisis.plan, crisis.started, crisis.measures, crisis.messages)
            return Over(*kept, fact.at, fact.cause)


# ---- what is told ----------------------------------------------------------------------------------------------


def announcement_owner(crisis: str, number: int) -> str:
    """Return the name of an announcement, under which the vault keeps its words, by language, as JSON."""
    return f"{PREFIX}{crisis}.{number}"


def crisis_of(told: str) -> str:
    """Return the crisis that says what was told: `<name>/<language>`."""
    return told.removeprefix(PREFIX).rpartition(".")[0]


def phrase(told: str) -> Phrase:
    """Return what is said for one that was told, or is to be: `<name>/<language>`."""
    name, _, language = told.rpartition("/")
    return Phrase(name, language=language)


def before(crises: Iterable[Running], queue: str | None, language: str) -> Iterator[str]:
    """Yield what stands before a queue, or with None before everything, for somebody of that language."""
    for crisis in crises:
        stands = crisis.measures.cover(queue) if queue is not None else not crisis.measures.queues
        if crisis.messages and stands:
            last = crisis.messages[-1]
            spoken = language if language in last.languages else last.languages[0]
            yield f"{announcement_owner(crisis.id, last.number)}/{spoken}"


# ---- what is done ----------------------------------------------------------------------------------------------


def callback_only(crises: Iterable[Running], queue: str) -> bool:
    """Tell whether those who come to a queue are called back instead of waiting."""
    return any(one.measures.callback_only and one.measures.cover(queue) for one in crises)


def triage_of(crises: Iterable[Running], queue: str) -> str:
    """Return the queue in which those who come to `queue` are asked first; empty for none."""
    found = (one.measures.triage for one in crises if one.measures.triage and one.measures.cover(queue))
    name = next(found, "")
    return name if name != queue else ""
