"""flows/*.yaml to `ivr.flow.Flow`, each checked as a graph."""

from typing import Final

from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode

from engine.config import words
from engine.config.document import Document, called, is_empty, pairs
from engine.config.problems import unknown
from engine.config.reader import BROKEN, Broken, Reader
from engine.config.schema import EnterTable, HangUpTable, MenuTable, SayTable
from ivr.flow import START, Enter, Flow, HangUp, Menu, Say, exits
from ivr.flow import Node as FlowNode
from ivr.session import KEYS

_KINDS: Final[dict[str, type[Struct]]] = {
    "say": SayTable,
    "menu": MenuTable,
    "queue": EnterTable,
    "hang_up": HangUpTable,
}
_WANTED: Final = "a node says what it does by one of: say, menu, queue, hang_up"


def straight_to(queue: str) -> Flow:
    """Return the flow of a number that leads straight to a queue; its name cannot be a file's."""
    return Flow(name=f"queue:{queue}", nodes={START: Enter(queue=queue)})


def flow(document: Document, name: str) -> Flow:
    """Read a flow; broken nodes are left out and their mistakes noted in the document."""
    nodes: dict[str, FlowNode] = {}
    reader = Reader(document)
    if document.root is None or not isinstance(document.root, MappingNode):
        if not document.problems:
            found = called(document.root) if document.root is not None else "nothing"
            document.say((), f"expected nodes (start: ...), found {found}")
        return Flow(name=name)
    for key, value in pairs(document.root):
        try:
            words.name(key)
        except ValueError as error:
            document.say((key,), str(error))
        node = _node(reader, key, value)
        if not isinstance(node, Broken):
            nodes[key] = node
    complete = not document.problems
    _check_names(document)
    found_flow = Flow(name=name, nodes=nodes)
    if complete and not document.problems:
        _check_graph(document, found_flow)
    return found_flow


def _node(reader: Reader, key: str, value: Node) -> FlowNode | Broken:
    if isinstance(value, ScalarNode) and value.value in ("hang_up", "hang up"):
        return HangUp()
    if not isinstance(value, MappingNode):
        return reader.say((key,), f"found {called(value)}; {_WANTED}")
    kinds = [name for name, _ in pairs(value) if name in _KINDS]
    if len(kinds) != 1:
        return reader.say((key,), f"{'does nothing' if not kinds else 'does ' + ' and '.join(kinds)}; {_WANTED}")
    match reader.read(value, _KINDS[kinds[0]], (key,)):
        case SayTable() as table:
            return Say(prompt=table.say, next=table.next)
        case MenuTable() as table:
            _check_keys(reader, key, table)
            return Menu(
                prompt=table.menu,
                choices=table.choices,
                timeout=table.timeout,
                tries=table.tries,
                otherwise=table.otherwise,
            )
        case EnterTable() as table:
            return Enter(queue=table.queue, needs=table.needs, priority=table.priority)
        case HangUpTable():
            return HangUp()
        case _:
            return BROKEN


def _check_keys(reader: Reader, key: str, table: MenuTable) -> None:
    if not table.choices:
        reader.say((key, "choices"), "offers no choice; write it like {1: NODE, 2: NODE}")
    for digit in table.choices:
        if digit not in KEYS:
            reader.say((key, "choices", digit), f'"{digit}" is no key of a telephone; allowed: 0-9, "*", "#"')


def _check_names(document: Document) -> None:
    """Note a missing start and every reference to a node that is not there."""
    names = document.keys()
    if START not in names:
        document.say((), f'has no node "{START}", where every flow begins')
    for key, node in document.items().items():
        for field, value in pairs(node):
            if field in ("next", "otherwise"):
                _check_name(document, (key, field), value, names)
            for digit, target in pairs(value) if field == "choices" else ():
                _check_name(document, (key, field, digit), target, names)


def _check_name(document: Document, path: tuple[str, ...], value: Node, names: list[str]) -> None:
    if isinstance(value, ScalarNode) and not is_empty(value) and value.value not in names:
        document.say(path, unknown("node", value.value, names))


def _check_graph(document: Document, found: Flow) -> None:
    """Note nodes nobody can reach, and ways on which a caller goes round for ever."""
    reached = _reached(found, START)
    for name in found.nodes:
        if name not in reached:
            document.say((name,), "cannot be reached from start; lead a way to it, or remove it")
    rounds: set[str] = set()
    for name in found.nodes:
        if name in reached and name not in rounds and (circle := _circle(found, name)):
            rounds |= set(circle) | {name}
            way = " > ".join([*circle, circle[0]])
            if any(isinstance(found.nodes[n], Enter | HangUp) for n in _reached(found, name)):
                text = f"a caller who presses nothing goes round for ever ({way}); let `otherwise` lead to a queue"
            else:
                text = f"is a loop without exit ({way}); lead a way out of it to a queue, or to hang_up"
            document.say((circle[0],), text)


def _reached(found: Flow, start: str) -> set[str]:
    reached, ahead = {start}, [start]
    while ahead:
        for name in exits(found.nodes[ahead.pop()]):
            if name not in reached:
                reached.add(name)
                ahead.append(name)
    return reached


def _circle(found: Flow, name: str) -> list[str]:
    """Return the circle in which a caller who presses nothing ends up from `name`, or nothing."""
    way: list[str] = []
    while name not in way:
        way.append(name)
        match found.nodes[name]:
            case Say(next=following) | Menu(otherwise=following):
                name = following
            case _:
                return []
    return way[way.index(name) :]
