"""What is wrong with a configuration that is not in force, and what it would change. Takes a second or so, and is done
in a process of its own (`engine.pool`)."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.config import ConfigError, Loaded, Problem, Texts, check_files, load
from engine.config.document import Document
from router.configuration import AgentSettings

CHANGES_MAX: Final = 500
LINES_MAX: Final = 5_000
"""Of the differences of one file."""
CONTEXT: Final = 3

Kind = Literal["queue", "agent", "flow", "number", "place", "phone"]
What = Literal["added", "removed", "changed", "joined", "left", "skill"]

AT_START: Final = (
    *("listen", "edge", "trunks", "phones", "browser_phones", "sip", "redis_url", "redis_password_file", "history"),
    *("speech", "trace"),
)
"""What processes beside the engine are told when Vaxel is started."""


class Alteration(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that would be different."""

    kind: Kind
    name: str
    what: What
    of: str = ""
    """The queue that an agent joins or leaves, or the skill that changes."""
    before: int = 0
    """The skill's level before; 0 for none."""
    after: int = 0


class FileChange(Struct, frozen=True):
    """A file that would be different."""

    file: str
    what: Literal["added", "removed", "changed"]
    lines: tuple[str, ...]
    """Its differences, as `diff -u` shows them, without the two lines that name the file."""


class Difference(Struct, frozen=True):
    """What one version would change of another."""

    files: tuple[FileChange, ...]
    changes: tuple[Alteration, ...] = ()
    """The same in words, as far as it is about what people know by name; nothing while one of both has mistakes."""
    more: bool = False
    """There are further ones."""
    at_start: tuple[str, ...] = ()
    """Fields of the installation that count only when Vaxel itself is started again, which ends calls."""


def problems(folder: str, texts: Texts, present: Texts) -> tuple[Problem, ...]:
    """Return every mistake of `texts`, if they stood in a folder that now holds `present`."""
    found = tuple(_outside(texts, present))
    try:
        check_files(load(Path(folder), files=texts), Path(folder), texts)
    except ConfigError as error:
        return tuple(sorted({*found, *error.problems}))
    return found


def difference(folder: str, before: Texts, after: Texts) -> Difference:
    """Return what `after` would change of `before`, in a folder."""
    files = tuple(_file_changes(before, after))
    try:
        old, new = load(Path(folder), files=before), load(Path(folder), files=after)
    except ConfigError:
        return Difference(files)
    changes = tuple(_changes(old, new))
    at_start = tuple(one for one in AT_START if getattr(old.installation, one) != getattr(new.installation, one))
    return Difference(files, changes[:CHANGES_MAX], len(changes) > CHANGES_MAX, at_start)


# ---- files -----------------------------------------------------------------------------------------------------


def _file_changes(before: Texts, after: Texts) -> Iterator[FileChange]:
    for file in sorted({*before, *after}):
        old, new = before.get(file), after.get(file)
        if old == new:
            continue
        lines = difflib.unified_diff((old or "").splitlines(), (new or "").splitlines(), lineterm="", n=CONTEXT)
        what: Literal["added", "removed", "changed"] = (
            "added" if old is None else "removed" if new is None else "changed"
        )
        yield FileChange(file, what, tuple(lines)[2 : LINES_MAX + 2])


def _outside(texts: Texts, present: Texts) -> Iterator[Problem]:
    """Find paths beyond the folder that the present files do not name.

    Whoever runs the machine writes those there: somebody who only signs in to a page must not have Vaxel read, or tell
    of, other files of the machine.
    """
    for file, text in texts.items():
        if present.get(file) == text:
            continue
        known = {value for _, value in _scalars(Document(Path(), file, present).root, (), set())}
        document = Document(Path(), file, texts)
        for path, value in _scalars(document.root, (), set()):
            if _leads_outside(value) and value not in known:
                document.say(path, "leads out of the folder: such a path is written on the machine itself")
        yield from (one for one in document.problems if "leads out of the folder" in one.text)


def _leads_outside(value: str) -> bool:
    return value.startswith(("/", "~")) or ".." in value.split("/")


def _scalars(
    node: Node | None, path: tuple[str | int, ...], seen: set[int]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield what is written, each once however many aliases stand for it."""
    if id(node) in seen:
        return
    seen.add(id(node))
    match node:
        case MappingNode():
            for key, value in node.value:
                name = key.value if isinstance(key, ScalarNode) else ""
                yield from _scalars(value, (*path, name), seen)
        case SequenceNode():
            for number, item in enumerate(node.value):
                yield from _scalars(item, (*path, number), seen)
        case ScalarNode():
            yield path, str(node.value).strip()
        case _:
            pass


# ---- in words --------------------------------------------------------------------------------------------------


def _changes(old: Loaded, new: Loaded) -> Iterator[Alteration]:
    tables: tuple[tuple[Kind, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("queue", old.core.queues, new.core.queues),
        ("agent", old.core.agents, new.core.agents),
        ("flow", _written_flows(old), _written_flows(new)),
        ("number", _numbers(old), _numbers(new)),
        ("place", old.core.sites, new.core.sites),
        ("phone", old.installation.phones, new.installation.phones),
    )
    for kind, before, after in tables:
        for name in _in_order(before, after):
            if name not in before:
                yield Alteration(kind=kind, name=name, what="added")
            elif name not in after:
                yield Alteration(kind=kind, name=name, what="removed")
            elif kind == "agent":
                yield from _of_agent(name, before[name], after[name])
            elif before[name] != after[name]:
                yield Alteration(kind=kind, name=name, what="changed")


def _of_agent(name: str, before: AgentSettings, after: AgentSettings) -> Iterator[Alteration]:
    for queue in _in_order(before.queues, after.queues):
        if queue not in before.queues:
            yield Alteration(kind="agent", name=name, what="joined", of=queue)
        elif queue not in after.queues:
            yield Alteration(kind="agent", name=name, what="left", of=queue)
    for skill in _in_order(before.skills, after.skills):
        levels = before.skills.get(skill, 0), after.skills.get(skill, 0)
        if levels[0] != levels[1]:
            yield Alteration(kind="agent", name=name, what="skill", of=skill, before=levels[0], after=levels[1])
    if _rest(before) != _rest(after):
        yield Alteration(kind="agent", name=name, what="changed")


def _rest(settings: AgentSettings) -> tuple[object, ...]:
    """Return what of an agent has no words of its own."""
    tiers = {queue: tier for queue, tier in settings.queues.items() if tier != 1}
    return settings.address, settings.capacity, settings.signed_in, settings.reserve, tiers


def _written_flows(loaded: Loaded) -> dict[str, object]:
    """Return the flows of files; the others follow from numbers and ways out."""
    return {name: flow for name, flow in loaded.core.flows.items() if ":" not in name}


def _numbers(loaded: Loaded) -> dict[str, object]:
    return {one.number: one for one in loaded.installation.numbers}


def _in_order(before: Collection[str], after: Collection[str]) -> list[str]:
    return list(dict.fromkeys((*before, *after)))
