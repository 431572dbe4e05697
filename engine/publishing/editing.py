"""Changes of agents.yaml that leave everything else as it is written: comments, order, quotes, blank lines.

The file is read into nodes that know where they stand, and only the text of what changes is replaced. What comes out is
read again and compared with what was wanted; where it differs, nothing is changed, and a person edits the file.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.config.document import is_empty, pairs
from engine.publishing.members import AGENTS, Member, read_members

FIELDS: Final = ("queues", "skills")


class Uneditable(Exception):
    """The file is written in a way that only a person can change; the text says where."""

    error_id = "configuration_uneditable"
    retryable = False


class Edit(NamedTuple):
    """A piece of text that another takes the place of."""

    start: int
    end: int
    text: str


def with_members(text: str, wanted: Mapping[str, Member]) -> str:
    """Return agents.yaml with other queues and skills of some agents. Raises Uneditable."""
    before = read_members({AGENTS: text})
    edits: list[Edit] = []
    agents = _agents(text)
    for name, member in wanted.items():
        if name not in agents or name not in before:
            raise Uneditable(f"agents.yaml has no agent {name} that could be read")
        edits += _of_agent(text, name, agents[name], before[name], member)
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    if read_members({AGENTS: text}) != {**before, **wanted}:
        raise Uneditable("agents.yaml is written in a way that cannot be changed from here: edit its text")
    return text


def _agents(text: str) -> dict[str, Node]:
    try:
        # In Python, whose marks count characters: libyaml's count them otherwise beyond the ends of lines.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise Uneditable("agents.yaml cannot be read: mend its text first") from error
    return dict(pairs(dict(pairs(root)).get("agents")))


def _of_agent(text: str, name: str, node: Node, before: Member, after: Member) -> list[Edit]:
    if is_empty(node):
        fields = [(field, getattr(after, field)) for field in FIELDS if getattr(after, field)]
        written = ", ".join(f"{field}: {_flow(value)}" for field, value in fields)
        return [Edit(node.start_mark.index, node.end_mark.index, f" {{{written}}}")]
    if not isinstance(node, MappingNode) or _shared(text, node):
        raise Uneditable(f"agent {name} is written by an alias: edit the text of agents.yaml")
    edits: list[Edit] = []
    fresh: dict[str, Mapping[str, int]] = {}
    for field in FIELDS:
        old, new = getattr(before, field), getattr(after, field)
        if old == new:
            continue
        pair = next(((key, value) for key, value in node.value if getattr(key, "value", None) == field), None)
        if pair is None:
            fresh[field] = new
        elif _shared(text, pair[1]) or pair[1].start_mark.index < pair[0].end_mark.index:
            raise Uneditable(f"{field} of agent {name} is written by an alias: edit the text of agents.yaml")
        else:
            edits += _of_field(text, f"{field} of agent {name}", pair[1], new)
    return [*edits, *_added(text, node, fresh)]


def _of_field(text: str, where: str, node: Node, wanted: Mapping[str, int]) -> list[Edit]:
    """Return the edits that make a mapping or list say what is wanted."""
    if isinstance(node, ScalarNode):
        return [Edit(node.start_mark.index, node.end_mark.index, f" {_flow(wanted)}")]
    assert isinstance(node, MappingNode | SequenceNode)
    plain = isinstance(node, SequenceNode)
    if plain and any(level != 1 for level in wanted.values()):
        return [_whole(text, where, node, _flow(wanted))]
    if node.flow_style:
        return [_whole(text, where, node, _list(wanted) if plain else _flow(wanted))]
    if not any(name in wanted for name, _, _ in _items(node)):
        return [_whole(text, where, node, _list(wanted) if plain else _flow(wanted))]
    return _by_lines(text, node, wanted)


def _whole(text: str, where: str, node: Node, written: str) -> Edit:
    """Replace all of a mapping or list, unless somebody has explained something in it."""
    end = node.end_mark.index if getattr(node, "flow_style", False) else _last(node)
    if "#" in text[node.start_mark.index : end]:
        raise Uneditable(f"{where} has comments within: edit the text of agents.yaml")
    return Edit(node.start_mark.index, end, written)


def _by_lines(text: str, node: MappingNode | SequenceNode, wanted: Mapping[str, int]) -> list[Edit]:
    """Change levels where they stand, and take away and add whole lines."""
    edits, known = [], set()
    for name, first, value in _items(node):
        known.add(name)
        if name not in wanted:
            start, end = text.rfind("\n", 0, first.start_mark.index) + 1, text.find("\n", value.end_mark.index) + 1
            edits.append(Edit(start, end or len(text), ""))
        elif isinstance(node, MappingNode) and value.value != str(wanted[name]):
            edits.append(Edit(value.start_mark.index, value.end_mark.index, str(wanted[name])))
    column = node.start_mark.column
    lines = "".join(
        f"\n{' ' * column}" + (f"{name}: {level}" if isinstance(node, MappingNode) else f"- {_item(name)}")
        for name, level in wanted.items()
        if name not in known
    )
    if lines:
        # Behind the last line that stays: an edit that takes a line away begins where it begins.
        kept = [value for name, _, value in _items(node) if name in wanted]
        edits.append(_inserted(_line_end(text, kept[-1].end_mark.index), lines))
    return edits


def _added(text: str, node: MappingNode, fresh: Mapping[str, Mapping[str, int]]) -> list[Edit]:
    """Return what writes fields that an agent has not had."""
    if not fresh:
        return []
    fields = [f"{field}: {_flow(value)}" for field, value in fresh.items()]
    if node.flow_style:
        return [_inserted(node.start_mark.index + 1, ", ".join(fields) + (", " if node.value else ""))]
    first, value = node.value[0]
    indent = " " * first.start_mark.column
    if isinstance(value, ScalarNode) and value.start_mark.line == value.end_mark.line == first.start_mark.line:
        return [_inserted(_line_end(text, value.end_mark.index), "".join(f"\n{indent}{one}" for one in fields))]
    return [_inserted(first.start_mark.index, "".join(f"{one}\n{indent}" for one in fields))]


def _inserted(at: int, text: str) -> Edit:
    return Edit(at, at, text)


def _items(node: MappingNode | SequenceNode) -> list[tuple[str, Node, Node]]:
    """Return names with the nodes where each begins and ends."""
    if isinstance(node, MappingNode):
        return [(str(key.value), key, value) for key, value in node.value]
    return [(str(item.value), item, item) for item in node.value]


def _last(node: Node) -> int:
    """Return where the last item of a block ends: its own end is that of the blank lines and comments behind it."""
    items = _items(node) if isinstance(node, MappingNode | SequenceNode) else []
    return int(items[-1][2].end_mark.index) if items else int(node.end_mark.index)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _shared(text: str, node: Node) -> bool:
    """Tell whether something else may be written as the same as this node."""
    return text[node.start_mark.index : node.start_mark.index + 1] == "&"


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_item, names))}]"


def _item(name: str) -> str:
    """Return a name as it stands in a list, where that word alone would mean that nothing stands there."""
    return f'"{name}"' if name == "null" else name


def _flow(values: Mapping[str, int]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in values.items()) + "}"
