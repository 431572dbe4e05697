"""Values of the configuration that are more than one word: hours, needs, ways out. Each reads a node and notes its
mistakes (see `engine.config.reader.Shape`)."""

from datetime import date
from typing import Final, Literal

from msgspec import Struct, field
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.config import words
from engine.config.days import SpecialDays, known_country, names
from engine.config.document import Path_, called, pairs
from engine.config.problems import unknown
from engine.config.reader import BROKEN, Broken, Reader
from ivr.actions import Deed
from ivr.flow import Act, GlobalKey, Tongue
from ivr.session import KEYS
from queues import timetable
from queues.hours import Span
from queues.queue import WayOut
from queues.skills import HIGHEST, LOWEST, Need, Needs, signature

ORDINARY: Final = "ordinary"
MESSAGES: Final = "message:"
"""Begins the names of flows that take messages; no file's name can."""
_WAYS: Final[dict[Literal["queue", "callback", "message", "report", "announcement"], str]] = {
    "queue": "queue",
    "callback": "prompt",
    "message": "queue",
    "report": "flow",
    "announcement": "prompt",
}
"""Ways out that can be written, and what their names name."""
_WAY: Final = (
    "write {queue: NAME} to send the contact on, {callback: PROMPT} to call back in its turn and say so, "
    "{message: QUEUE} or {report: FLOW} to let it leave something behind, or {announcement: PROMPT} to say goodbye "
    "with it"
)
DEEDS: Final[tuple[Deed, ...]] = (
    "log_in", "log_out", "ready", "end_wrap_up", "extend_wrap_up", "join_crisis", "leave_crisis"
)  # fmt: skip
"""What a code can do by itself; a pause has its reason."""
DONE: Final = "done"
REFUSED: Final = "refused"
"""Nodes of a code's flow: it was done, it could not be done."""
LINE_KEYS: Final = frozenset("123456789")
_SAMPLE_YEAR: Final = 2026
"""Names of days are looked up in this year: rules change seldom."""


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


def special_days(reader: Reader, node: Node, path: Path_) -> SpecialDays | Broken:
    """Read `holidays: COUNTRY`, and what days it names, or dates, are like."""
    if not isinstance(node, MappingNode):
        return reader.say(path, f"expected days such as holidays: SE, or 2026-12-24: closed, found {called(node)}")
    written = dict(pairs(node))
    country = _country(reader, written, path)
    named: dict[str, tuple[Span, ...] | None] = {}
    own: dict[date, tuple[Span, ...]] = {}
    for key, value in written.items():
        if key == "holidays":
            continue
        day = words.day(key)
        if day is not None:
            own[day] = _times(reader, value, (*path, key))
        elif name := _named(reader, key, country, (*path, key)):
            ordinary = isinstance(value, ScalarNode) and value.value == ORDINARY
            named[name] = None if ordinary else _times(reader, value, (*path, key))
    return SpecialDays(country, named, own)


def _country(reader: Reader, written: dict[str, Node], path: Path_) -> str:
    if "holidays" not in written:
        return ""
    text = reader.text(written["holidays"], (*path, "holidays"), "a country such as SE")
    if isinstance(text, Broken):
        return ""
    if known_country(text):
        return text
    reader.say((*path, "holidays"), f'"{text}" is no country whose holidays are known; write it like SE, or DE-BY')
    return ""


def _named(reader: Reader, key: str, country: str, path: Path_) -> str:
    """Return a day's name if the country knows it."""
    if not country:
        reader.say(
            path, f'"{key}" is no date; write it like 2026-12-24, or name a country (holidays: SE) to name its days'
        )
        return ""
    known = names(country, _SAMPLE_YEAR)
    if key in known:
        return key
    reader.say(path, unknown(f"day in {country}", key, known))
    return ""


def dates(reader: Reader, node: Node, path: Path_) -> dict[date, tuple[Span, ...]] | Broken:
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
            days = dates(reader, node, path)
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
    if len(written) != 1:
        return reader.say(path, f"found {called(node)}; {_WAY}")
    to = next((known for known in _WAYS if known == way), None)
    if to is None:
        return reader.say((*path, str(way)), f"{unknown('way out', str(way), _WAYS)}; {_WAY}")
    name = reader.text(written[0][1], (*path, to), f"the {_WAYS[to]}'s name")
    if isinstance(name, Broken):
        return BROKEN
    return WayOut(to=to, name=message_flow(name) if to == "message" else name)


def line_keys(reader: Reader, node: Node, path: Path_) -> dict[str, WayOut] | Broken:
    """Read keys that lead out of a line."""
    if not isinstance(node, MappingNode):
        return reader.say(path, f"expected keys such as {{1: {{callback: promised}}}}, found {called(node)}")
    found: dict[str, WayOut] = {}
    for key, value in pairs(node):
        way = way_out(reader, value, (*path, key))
        if key in LINE_KEYS and not isinstance(way, Broken):
            found[key] = way
        elif key not in LINE_KEYS:
            reader.say((*path, key), f'"{key}" cannot lead out of a line; allowed: 1-9 (0 keeps the place, * repeats)')
    return found


def message_flow(queue: str) -> str:
    """Return the name of the flow that takes messages for a queue."""
    return f"{MESSAGES}{queue}"


# ---- flows -----------------------------------------------------------------------------------------------------


def global_keys(reader: Reader, node: Node, path: Path_) -> dict[str, GlobalKey] | Broken:
    """Read keys that do the same everywhere."""
    if not isinstance(node, MappingNode):
        return reader.say(path, f'expected keys such as {{0: person, "*": repeat}}, found {called(node)}')
    found: dict[str, GlobalKey] = {}
    for key, value in pairs(node):
        does = reader.read(value, GlobalKey, (*path, key))
        if key not in KEYS:
            reader.say((*path, key), f'"{key}" is no key of a telephone; allowed: 0-9, "*", "#"')
        elif not isinstance(does, Broken):
            found[key] = does
    return found


class Way(Struct, frozen=True):
    """A choice of a menu as written."""

    to: str
    title: str | None = None
    """The prompt on its button; None when nothing is said of it, empty for `no`: it is not for who writes."""


def menu_choices(reader: Reader, node: Node, path: Path_) -> dict[str, Way] | Broken:
    """Read a menu's choices: keys to nodes, or to {to: NODE, title: PROMPT} where a citizen may read them."""
    if not isinstance(node, MappingNode):
        return reader.say(path, f"expected choices such as {{1: NODE, 2: NODE}}, found {called(node)}")
    found: dict[str, Way] = {}
    for key, value in pairs(node):
        if isinstance(value, ScalarNode):
            text = reader.text(value, (*path, key), "a node's name")
            found |= {} if isinstance(text, Broken) else {key: Way(text)}
            continue
        written = dict(pairs(value))
        for field_ in written:
            if field_ not in ("to", "title"):
                reader.say((*path, key, field_), unknown("field", field_, ["to", "title"]))
        if "to" not in written:
            reader.say((*path, key), f"expected a node, or {{to: NODE, title: PROMPT}}, found {called(value)}")
            continue
        to = reader.text(written["to"], (*path, key, "to"), "a node's name")
        like = "a prompt's name, or no"
        title = reader.text(written["title"], (*path, key, "title"), like) if "title" in written else None
        if not isinstance(to, Broken) and not isinstance(title, Broken):
            found[key] = Way(to, "" if title in ("no", "false") else title)
    return found


def tongue(reader: Reader, node: Node, path: Path_) -> Tongue | Broken:
    """Read a language to choose: its code, or {language: CODE, needs: {...}}."""
    if isinstance(node, ScalarNode):
        text = reader.text(node, path, "a language such as fi")
        return text if isinstance(text, Broken) else Tongue(language=text)
    written = dict(pairs(node))
    for key in written:
        if key not in ("language", "needs", "next"):
            reader.say((*path, key), unknown("field", key, ["language", "needs", "next"]))
    if "language" not in written:
        return reader.say(
            path, f"expected a language such as fi, or {{language: fi, needs: {{finnish: 3}}}}, found {called(node)}"
        )
    language = reader.text(written["language"], (*path, "language"), "a language such as fi")
    added = needs(reader, written["needs"], (*path, "needs")) if "needs" in written else ()
    following = reader.text(written["next"], (*path, "next"), "a node's name") if "next" in written else ""
    if isinstance(language, Broken) or isinstance(added, Broken) or isinstance(following, Broken):
        return BROKEN
    return Tongue(language=language, needs=added, next=following)


def whose_hours(reader: Reader, node: Node, path: Path_) -> dict[str, str] | Broken:
    """Read the name of hours, or {queue: NAME}, as {"hours": NAME} or {"queue": NAME}."""
    if isinstance(node, ScalarNode):
        text = reader.text(node, path, "the name of hours")
        return text if isinstance(text, Broken) else {"hours": text}
    return _one_of(reader, node, path, ("queue",), "write hours: NAME, or hours: {queue: NAME}")


def destination(reader: Reader, node: Node, path: Path_) -> dict[str, str] | Broken:
    """Read who is to be rung."""
    like = "write connect: {person: ID}, {extension: NUMBER} or {number: NUMBER}"
    found = _one_of(reader, node, path, ("person", "extension", "number"), like)
    if isinstance(found, Broken):
        return found
    kind, key = next(iter(found.items()))
    try:
        return {kind: words.name(key) if kind == "person" else words.number(key)}
    except ValueError as error:
        return reader.say((*path, kind), str(error))


def service(reader: Reader, node: Node, path: Path_) -> dict[str, str] | Broken:
    """Read a service of a place: {place: NAME, service: NAME}."""
    written = dict(pairs(node))
    if set(written) != {"place", "service"}:
        return reader.say(path, f"found {called(node)}; write ticket: {{place: NAME, service: NAME}}")
    found = {key: reader.text(value, (*path, key), f"the {key}'s name") for key, value in written.items()}
    return (
        {key: value for key, value in found.items() if not isinstance(value, Broken)}
        if not any(isinstance(value, Broken) for value in found.values())
        else BROKEN
    )


def deed(reader: Reader, node: Node, path: Path_) -> Act | Broken:
    """Read what a code does: one of `DEEDS`, or {pause: REASON}."""
    if isinstance(node, ScalarNode):
        what = next((known for known in DEEDS if known == node.value), None)
        if what is None:
            return reader.say(path, f"{unknown('thing to do', node.value, [*DEEDS, '{pause: REASON}'])}")
        return Act(what=what, next=DONE, refused=REFUSED)
    found = _one_of(reader, node, path, ("pause",), f"write one of {', '.join(DEEDS)}, or {{pause: REASON}}")
    if isinstance(found, Broken):
        return found
    return Act(what="pause", argument=found["pause"], next=DONE, refused=REFUSED)


def _one_of(reader: Reader, node: Node, path: Path_, known: tuple[str, ...], like: str) -> dict[str, str] | Broken:
    written = pairs(node)
    if len(written) != 1 or written[0][0] not in known:
        return reader.say(path, f"found {called(node)}; {like}")
    text = reader.text(written[0][1], (*path, written[0][0]), "a name")
    return text if isinstance(text, Broken) else {written[0][0]: text}
