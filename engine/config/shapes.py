"""Values of the configuration that are more than one word: hours, needs, ways out. Each reads a node and notes its
mistakes (see `engine.config.reader.Shape`)."""

from datetime import date
from typing import Final

from msgspec import Struct, field
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.config import words
from engine.config.document import Path_, called, pairs
from engine.config.problems import unknown
from engine.config.reader import BROKEN, Broken, Reader
from queues import timetable
from queues.hours import Span
from queues.queue import WayOut
from queues.skills import HIGHEST, LOWEST, Need, Needs, signature

_LATER: Final = ("message", "callback", "report")
_WAY: Final = "write {queue: NAME} to send the contact on, or {announcement: PROMPT} to say goodbye with it"


class Opening(Struct, frozen=True):
    """Hours as written: names still to be looked up."""

    named: str = ""
    """The name of hours in `hours:`; the rest is empty then."""
    week: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    special: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    special_days: tuple[str, ...] = ()
    """Names in `special_days:`; a date under `special` wins over them."""


def opening(reader: Reader, node: Node, path: Path_) -> Opening | Broken:
    """Read `always`, the name of hours, or a mapping of days to times."""
    if isinstance(node, ScalarNode):
        text = reader.text(node, path, "hours")
        return text if isinstance(text, Broken) else Opening(named=text)
    if not isinstance(node, MappingNode):
        return reader.say(path, f"expected hours such as mon-fri: 08:00-16:30, found {called(node)}")
    week: dict[int, tuple[Span, ...]] = {}
    special: dict[date, tuple[Span, ...]] = {}
    names: list[str] = []
    for key, value in pairs(node):
        if key == "special":
            _special(reader, value, (*path, key), special, names)
            continue
        days = timetable.weekdays(key)
        if days is None:
            reader.say((*path, key), f'"{key}" is no weekday; write {", ".join(timetable.DAYS)}, mon-fri, or special')
            continue
        times = _times(reader, value, (*path, key))
        for weekday in days:
            if weekday in week:
                reader.say((*path, key), f"{timetable.DAYS[weekday - 1]} has its hours already")
            week[weekday] = times
    return Opening(week=week, special=special, special_days=tuple(names))


def special_days(reader: Reader, node: Node, path: Path_) -> dict[date, tuple[Span, ...]] | Broken:
    """Read a mapping of dates to times."""
    if not isinstance(node, MappingNode):
        return reader.say(path, f"expected days such as 2026-12-24: closed, found {called(node)}")
    found: dict[date, tuple[Span, ...]] = {}
    for key, value in pairs(node):
        day = words.day(key)
        if day is None:
            reader.say((*path, key), f'"{key}" is no date; write it like 2026-12-24')
        else:
            found[day] = _times(reader, value, (*path, key))
    return found


def _special(reader: Reader, node: Node, path: Path_, special: dict[date, tuple[Span, ...]], names: list[str]) -> None:
    match node:
        case ScalarNode():
            name = reader.text(node, path, "the name of special days")
            names += [] if isinstance(name, Broken) else [name]
        case SequenceNode():
            for index, item in enumerate(node.value):
                _special(reader, item, (*path, index), special, names)
        case MappingNode():
            days = special_days(reader, node, path)
            special.update({} if isinstance(days, Broken) else days)
        case _:
            pass


def _times(reader: Reader, node: Node, path: Path_) -> tuple[Span, ...]:
    text = reader.text(node, path, "times such as 08:00-16:30, or closed")
    if isinstance(text, Broken):
        return ()
    try:
        return timetable.spans(text)
    except ValueError as error:
        reader.say(path, str(error))
        return ()


def levels(reader: Reader, node: Node, path: Path_) -> dict[str, int] | Broken:
    """Read skills with levels."""
    if not isinstance(node, MappingNode):
        return reader.say(path, f"expected skills such as {{swedish: 3}}, found {called(node)}")
    found: dict[str, int] = {}
    for skill, value in pairs(node):
        level = reader.read(value, int, (*path, skill))
        if isinstance(level, Broken):
            continue
        if LOWEST <= level <= HIGHEST:
            found[skill] = level
        else:
            reader.say((*path, skill), f"{level} is no level; levels go from {LOWEST} (some) to {HIGHEST} (fully)")
    return found


def needs(reader: Reader, node: Node, path: Path_) -> Needs | Broken:
    """Read needs into their one order."""
    found = levels(reader, node, path)
    if isinstance(found, Broken):
        return found
    return signature(tuple(Need(skill, level) for skill, level in found.items()))


def tiers(reader: Reader, node: Node, path: Path_) -> dict[str, int] | Broken:
    """Read an agent's queues: a list (all alike), or a mapping to tiers, 1 first."""
    if isinstance(node, SequenceNode):
        names = [reader.text(item, (*path, n), "a queue's name") for n, item in enumerate(node.value)]
        return {name: 1 for name in names if isinstance(name, str)}
    if not isinstance(node, MappingNode):
        return reader.say(path, f"expected queues such as [a, b] or {{a: 1, b: 2}}, found {called(node)}")
    found: dict[str, int] = {}
    for name, value in pairs(node):
        tier = reader.read(value, int, (*path, name))
        if isinstance(tier, int) and 1 <= tier <= 9:
            found[name] = tier
        elif isinstance(tier, int):
            reader.say((*path, name), f"{tier} is no tier; tiers go from 1 (served first) to 9")
    return found


def way_out(reader: Reader, node: Node, path: Path_) -> WayOut | Broken:
    """Read where a contact goes when it cannot wait (rule 9)."""
    written = pairs(node)
    way = written[0][0] if len(written) == 1 else getattr(node, "value", None)
    if way in _LATER:
        return reader.say(path, f'"{way}" is not available on the telephone in this version; {_WAY}')
    if len(written) != 1:
        return reader.say(path, f"found {called(node)}; {_WAY}")
    if way not in ("queue", "announcement"):
        return reader.say((*path, str(way)), f"{unknown('way out', str(way), ['queue', 'announcement'])}; {_WAY}")
    name = reader.text(written[0][1], (*path, way), f"the {way}'s name")
    if isinstance(name, Broken):
        return BROKEN
    return WayOut(to="queue" if way == "queue" else "announcement", name=name)
