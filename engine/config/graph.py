"""Flows as graphs: who gets where, what goes round, who is left in silence, and in which languages it is all heard."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from msgspec import Struct

from engine.config.document import Document
from engine.config.schema import HANG_UP, PERSON, RETURN
from ivr.flow import (
    START,
    Collect,
    Enter,
    Flow,
    Form,
    HangUp,
    Language,
    Mail,
    Menu,
    Node,
    Open,
    Record,
    Return,
    Run,
    Set,
    exits,
    silent_exits,
)

IMPLIED: Final = frozenset({RETURN, HANG_UP, PERSON})
"""Nodes that nobody has to write."""

Place = tuple[str, str]
"""A flow and a node of it."""
Flows = Mapping[str, Flow]


# ---- one flow --------------------------------------------------------------------------------------------------


def check_flow(document: Document, found: Flow) -> None:
    """Note nodes nobody can reach, and ways on which a caller goes round for ever."""
    reached = _reached(found, START)
    written = document.keys()
    for name in found.nodes:
        if name not in reached and name in written:
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


def _circle(found: Flow, start: str) -> list[str]:
    """Return a circle in which a caller who presses nothing may end up from `start`, or nothing."""
    way: list[str] = []
    done: set[str] = set()

    def walk(name: str) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        way.append(name)
        for following in silent_exits(found.nodes[name]):
            if circle := walk(following):
                return circle
        done.add(way.pop())
        return []

    return walk(start)


# ---- flows that call flows -------------------------------------------------------------------------------------


def calls(flows: Flows, name: str) -> Iterator[tuple[str, str]]:
    """Yield the nodes of a flow that call another, with its name."""
    for node_name, node in flows[name].nodes.items():
        if isinstance(node, Run) and node.flow in flows:
            yield node_name, node.flow


def recursion(flows: Flows, name: str) -> list[str]:
    """Return the flows that lead from `name` back to it by calls, with `name` at both ends; nothing if none do."""
    came: dict[str, str] = {}
    ahead = deque([name])
    while ahead:
        here = ahead.popleft()
        for _, called in calls(flows, here):
            if called == name:
                way = [name, here]
                while way[-1] != name:
                    way.append(came[way[-1]])
                return way[::-1]
            if called not in came:
                came[called] = here
                ahead.append(called)
    return []


def callable_alone(flows: Flows) -> list[str]:
    """Return the flows that no other flow calls."""
    called = {target for name in flows for _, target in calls(flows, name)}
    return [name for name in flows if name not in called]


class Ways:
    """The ways among all flows: a call leads into the flow called, its returns to wherever it was called from."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows
        self._back: dict[str, list[Place]] = {}
        for name, flow in flows.items():
            for node in flow.nodes.values():
                if isinstance(node, Run):
                    self._back.setdefault(node.flow, []).append((name, node.next))

    def node(self, place: Place) -> Node:
        """Return what stands there."""
        return self.flows[place[0]].nodes[place[1]]

    def after(self, place: Place, *, silent: bool = False) -> Iterator[Place]:
        """Yield where a caller, or one who presses and says nothing, may go from here."""
        flow, node = place[0], self.node(place)
        match node:
            case Run():
                yield (node.flow, START)
            case Return():
                yield from self._back.get(flow, ())
            case _:
                yield from ((flow, name) for name in (silent_exits(node) if silent else exits(node)))


# ---- languages -------------------------------------------------------------------------------------------------


def languages(flows: Flows, starts: Collection[tuple[str, str]], *, written: bool = False) -> dict[Place, set[str]]:
    """Return in which languages each place can be heard, or read when `written`; `starts` are flows and the languages
    they are entered in."""
    ways = Ways(flows)
    heard: dict[Place, set[str]] = {}
    ahead = [((flow, START), {language}) for flow, language in starts]
    while ahead:
        place, spoken = ahead.pop()
        new = spoken - heard.get(place, set())
        if not new:
            continue
        heard.setdefault(place, set()).update(new)
        node = ways.node(place)
        if isinstance(node, Language):
            for tongue in node.choices.values():
                ahead.append(((place[0], tongue.next or node.next), {tongue.language}))
        elif isinstance(node, Set) and node.language:
            new = {node.language}
        passed = isinstance(node, Language) or (isinstance(node, Mail) and not written)
        if isinstance(node, Menu) and written:
            ahead += [((place[0], node.choices[key]), new) for key in node.offered]
            passed = True
        ahead += [(following, new) for following in ways.after(place, silent=passed)]
    return heard


# ---- silence ---------------------------------------------------------------------------------------------------


class Trap(Struct, frozen=True):
    """A question after which a caller who presses and says nothing is cut off."""

    place: Place
    way: tuple[str, ...]
    """Names of nodes from the question to the end."""


def traps(flows: Flows, starts: Collection[str], excused: Collection[str]) -> list[Trap]:
    """Return where a caller who falls silent never meets a person nor any other useful end.

    Who is led out because it is closed has heard that nobody is there; so has whoever a flow of `excused` receives,
    to which queues send those who cannot wait (rule 9).
    """
    ways = Ways(flows)
    found: list[Trap] = []
    asked: set[Place] = set()
    seen: set[tuple[Place, bool]] = set()
    ahead = [((flow, START), flow in excused) for flow in starts]
    while ahead:
        place, closed = ahead.pop()
        if (place, closed) in seen:
            continue
        seen.add((place, closed))
        if isinstance(ways.node(place), Menu | Collect | Record | Form) and not closed and place not in asked:
            asked.add(place)
            way = _to_the_end(ways, place)
            found += [Trap(place, way)] if way else []
        ahead += [(one, closed or _closes(ways, place, one)) for one in ways.after(place)]
    return found


def _closes(ways: Ways, place: Place, following: Place) -> bool:
    """Tell whether this step is taken because it is closed."""
    node = ways.node(place)
    return isinstance(node, Open) and following != (place[0], node.open)


def _to_the_end(ways: Ways, start: Place) -> tuple[str, ...]:
    """Return a way on which a silent caller gets from `start` to the end of the call, or nothing."""
    seen: set[Place] = set()
    ahead: list[tuple[Place, ...]] = [(start,)]
    while ahead:
        way = ahead.pop()
        node, following = ways.node(way[-1]), list(ways.after(way[-1], silent=True))
        if isinstance(node, HangUp) or (isinstance(node, Return) and not following):
            return tuple(name for _, name in way)
        for one in following:
            if one not in seen and not _closes(ways, way[-1], one):
                seen.add(one)
                ahead.append((*way, one))
    return ()
