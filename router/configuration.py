"""The configuration in force, as the core knows it. It is a fact too: replay needs no files."""

from typing import Final

from msgspec import Struct, field, structs

from ivr.flow import Flow
from queues.assistance import Assistance, Interpreters
from queues.hours import Hours
from queues.queue import Queue
from queues.site import PLACE, Site, site_at
from router.dialling import DialRules


class AgentSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person who serves contacts; the id is no personal value (no names)."""

    id: str
    address: str = ""
    """SIP URI of the agent's phone, rung for calls."""
    skills: dict[str, int] = field(default_factory=dict)
    """Skill to level, 1 to 5."""
    queues: dict[str, int] = field(default_factory=dict)
    """Queue to tier; contacts of a lower tier come first (rule 3)."""
    capacity: dict[str, int] = field(default_factory=dict)
    """Channel to contacts at a time; absent means the channel's own capacity, 0 none (rule 6)."""
    signed_in: bool = False
    """Logged in and ready from the start (fixed phones, benchmarks)."""
    reserve: tuple[str, ...] = ()
    """Groups that are asked to help in a crisis."""


def seated(settings: AgentSettings, seat: str) -> AgentSettings:
    """Return what an agent may do at a desk (`SITE/NUMBER`): to sit at a site is a skill (rule 1)."""
    return structs.replace(settings, skills={**settings.skills, PLACE + site_at(seat): 1}) if seat else settings


CODE: Final = "code"
"""The channel of entries that are codes, dialled at phones of the house alone."""
WEB_CALL: Final = "~"
"""Begins, and divides, the addresses of pages from which citizens ring, `~page~language`: no number holds it."""


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way in: a telephone number, a mailbox, a chat page, and the flow behind it."""

    channel: str
    address: str
    flow: str
    language: str = ""
    acknowledge: str = ""
    """The prompt that acknowledges what is written here; nothing does when empty."""


def web_call(page: str, language: str) -> str:
    """Return the address of a page from which citizens ring, in a language."""
    return f"{WEB_CALL}{page}{WEB_CALL}{language}"


class Rules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times of the routing rules, in seconds."""

    rest: float = 30.0
    """Who declined or missed a contact is not offered it again so soon (rule 1)."""
    not_responding: float = 30.0
    """How long a missed offer keeps the agent out; a second refusal in a row ends only by the agent (rules 1, 5)."""
    scarcity_memory: float = 900.0
    """How fast past demand for a skill is forgotten (rule 4)."""
    internal_ring: float = 45.0
    """How long one phone of the house may ring another."""
    listening_shown: bool = True
    """Agents are shown that somebody who leads listens to their talk."""
    last_agent: float = 0.0
    """For how long whoever served a person last is preferred, by whatever channel the person comes again (rule 4)."""


class Configuration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the core is told. Names have been checked against each other before (engine.config)."""

    revision: str
    queues: dict[str, Queue] = field(default_factory=dict)
    agents: dict[str, AgentSettings] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    reserve: dict[str, int] = field(default_factory=dict)
    """Skill to number of free agents held back for contacts that need it (rule 10)."""
    rules: Rules = Rules()
    dialling: DialRules = DialRules()
    hours: dict[str, Hours] = field(default_factory=dict)
    """Named opening hours, for flows."""
    repeat_key: str = "*"
    """Says again why a citizen cannot wait (rule 9); in flows, keys are the flow's own."""
    relay_patience: float = 3.0
    """Multiplies the time-outs of flows for callers by relay services, who hear and answer through somebody else."""
    pauses: tuple[str, ...] = ()
    """Reasons that an agent may give for a pause; any word when there are none. Words, so that none is personal."""
    reasons: tuple[str, ...] = ()
    """What contacts can be about, as agents say it."""
    gaps: tuple[str, ...] = ()
    """Where service can fall short of what could be expected."""
    sites: dict[str, Site] = field(default_factory=dict)
    """Places that people visit."""
    aids: dict[str, Assistance] = field(default_factory=dict)
    """Need (`router.persons.AIDS`) to what it takes of an agent."""
    tongues: dict[str, Assistance] = field(default_factory=dict)
    """Language to what it takes of an agent to speak it, whoever asked for it."""
    interpreters: dict[str, Interpreters] = field(default_factory=dict)
    """Language to who interprets it."""
    remember: float = 400 * 86_400.0
    """Seconds for which a citizen's language and needs are kept, if the citizen agrees."""
    alarm_ways: tuple[str, ...] = ()
    """How somebody is told of alarms (`router.led.Alert.way`)."""
    hands_over: bool = False
    """Matters go to the city's records system once they are closed."""


EMPTY = Configuration(revision="")
