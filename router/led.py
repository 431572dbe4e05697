"""What those who lead have changed for now: whom agents serve, whether queues are open, what all are told, alarms.

Each is kept through restarts and new configurations, and ends by itself (docs/supervising.md).
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, structs

from queues.alarms import AlarmKind
from router.configuration import AgentSettings, Configuration
from router.deadlines import Deadline
from router.facts import AgentAssigned, AlarmOver, AlarmRaised, AlertFailed, BulletinPosted, BulletinRead

KIND: Final = "words"
"""The kind under which the vault keeps what people are told, and why a queue is open or closed."""


class Assignment(Struct, frozen=True, array_like=True):
    """What an agent does for now; None for what is configured."""

    agent: str
    queues: dict[str, int] | None = None
    skills: dict[str, int] | None = None
    until: float | None = None

    def applied(self, settings: AgentSettings, configuration: Configuration) -> AgentSettings:
        """Return what the agent may do; queues that are configured no more are left out."""
        if self.queues is not None:
            queues = {name: tier for name, tier in self.queues.items() if name in configuration.queues}
            settings = structs.replace(settings, queues=queues)
        return settings if self.skills is None else structs.replace(settings, skills=self.skills)


class Today(Struct, frozen=True, array_like=True):
    """Whether a queue is open until `until`, whatever its hours say."""

    queue: str
    open: bool
    until: float


class Bulletin(Struct, frozen=True, array_like=True):
    """Something that agents are told; or one of them, by another."""

    id: str
    at: float
    queues: tuple[str, ...]
    """Of whose agents; of all when there are none."""
    until: float
    readers: tuple[str, ...] = ()
    agent: str = ""
    """Who alone is told, by a colleague."""
    by: str = ""
    """That colleague."""

    def concerns(self, settings: AgentSettings) -> bool:
        """Tell whether it is for an agent."""
        if self.agent:
            return self.agent == settings.id
        return not self.queues or any(queue in settings.queues for queue in self.queues)


class Alert(Struct, frozen=True, array_like=True):
    """A word about an alarm on its way to somebody."""

    id: str
    """The same whenever it is tried."""
    queue: str
    alarm: AlarmKind
    at: float
    over: bool
    """The alarm is over."""
    way: str
    """`webhook`, or `mail:NUMBER` for one of the addresses of the configuration."""
    attempts: int = 0
    due: float = 0.0


class ForNow:
    """All of it."""

    def __init__(self) -> None:
        self.assignments: dict[str, Assignment] = {}
        """Agent to what that one does for now, other than is configured."""
        self.today: dict[str, Today] = {}
        """Queue to whether it is open, whatever its hours say."""
        self.bulletins: dict[str, Bulletin] = {}
        """What agents are told, the oldest first."""
        self.alarms: dict[str, float] = {}
        """`QUEUE/ALARM` to since when it stands."""
        self.alerts: dict[str, Alert] = {}
        """What somebody is still to be told of alarms, the oldest first."""


def assigned(fact: AgentAssigned) -> Assignment:
    """Return what an agent does from now on."""
    return Assignment(fact.agent, fact.queues, fact.skills, fact.until)


def posted(fact: BulletinPosted) -> Bulletin:
    """Return what agents are told from now on."""
    return Bulletin(fact.bulletin, fact.at, fact.queues, fact.until, (), fact.agent, fact.by)


def read(bulletin: Bulletin, fact: BulletinRead) -> Bulletin:
    """Return a bulletin that one more has read."""
    return structs.replace(bulletin, readers=(*bulletin.readers, fact.agent))


def alerts(fact: AlarmRaised | AlarmOver) -> list[Alert]:
    """Return what is to be told of an alarm, to whom."""
    over = isinstance(fact, AlarmOver)
    name = f"{fact.queue}.{fact.alarm}.{round(fact.at * 1000)}.{'over' if over else 'raised'}"
    return [Alert(f"{name}.{way}", fact.queue, fact.alarm, fact.at, over, way) for way in fact.ways]


def tried(alert: Alert, fact: AlertFailed) -> Alert | None:
    """Return an alert that could not be told; None when it is given up."""
    return None if fact.until is None else structs.replace(alert, attempts=alert.attempts + 1, due=fact.until)


def words_of_today(queue: str) -> str:
    """Return under which name the vault keeps why a queue is open or closed today."""
    return f"today.{queue}"


def deadlines(
    assignments: Iterable[Assignment], today: Iterable[Today], bulletins: Iterable[Bulletin]
) -> list[Deadline]:
    """Return when each of them ends by itself."""
    found = [Deadline(one.until, one.agent, "assignment") for one in assignments if one.until is not None]
    found += [Deadline(one.until, one.queue, "today") for one in today]
    return found + [Deadline(one.until, one.id, "bulletin") for one in bulletins]
