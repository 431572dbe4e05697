"""Who serves which queues and has which skills, as the texts of the configuration say it."""

from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct
from yaml.nodes import MappingNode

from engine.config import Texts, routing
from engine.config.document import Document, pairs
from engine.config.reader import Reader
from engine.config.schema import AgentsFile
from queues.skills import HIGHEST, LOWEST

AGENTS: Final = "agents.yaml"
QUEUES: Final = "queues.yaml"
TIER_MAX: Final = 9
NAME: Final = r"^[^\W_][\w.-]{0,63}$"

Name = Annotated[str, Meta(pattern=NAME, max_length=64)]


class Member(Struct, frozen=True):
    """What an agent serves and can do."""

    queues: Annotated[dict[Name, Annotated[int, Meta(ge=1, le=TIER_MAX)]], Meta(max_length=500)]
    """Queue to tier; contacts of a lower tier come first."""
    skills: Annotated[dict[Name, Annotated[int, Meta(ge=LOWEST, le=HIGHEST)]], Meta(max_length=500)]
    """Skill to level."""


class Members(Struct, frozen=True, kw_only=True):
    """All of them, and the words they are made of."""

    agents: dict[str, Member]
    queues: dict[str, str]
    """Queue to its name for people; empty for one that has none."""
    skills: dict[str, str]
    """Skill that somebody has to its name for people; empty for one that has none."""


def members_of(texts: Texts) -> Members:
    """Return what could be read."""
    file = _agents_file(texts)
    had = sorted({skill for table in file.agents.values() for skill in table.skills})
    skills = {skill: file.skills.get(skill, "") for skill in had}
    return Members(agents=_members(file), queues=_queues(Document(Path(), QUEUES, texts)), skills=skills)


def read_members(texts: Texts) -> dict[str, Member]:
    """Return the agents of agents.yaml with their queues and skills; mistakes are for a check to tell."""
    return _members(_agents_file(texts))


def _agents_file(texts: Texts) -> AgentsFile:
    return routing.agents_file(Document(Path(), AGENTS, texts))


def _members(file: AgentsFile) -> dict[str, Member]:
    return {name: Member(table.queues, table.skills) for name, table in file.agents.items()}


def _queues(document: Document) -> dict[str, str]:
    found = {}
    reader = Reader(document)
    for name, table in document.items("queues").items():
        written = dict(pairs(table)) if isinstance(table, MappingNode) else {}
        title = reader.text(written["title"], ("queues", name, "title")) if "title" in written else ""
        found[name] = title if isinstance(title, str) else ""
    return found
