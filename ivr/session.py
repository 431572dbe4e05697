"""A contact's way through a flow: a frozen position, and one function that moves it.

    begin(flow) -> (session, action)
    step(flow, session, event) -> (session, action) | None

An action is what should happen now; the event that follows it moves the session on. An event that does not fit
the position (a late prompt end, a digit nobody asked for) gives None: nothing happens.
"""

from msgspec import Struct

from ivr.flow import START, Enter, Flow, HangUp, Menu, Say
from queues.skills import Needs

KEYS = frozenset("0123456789*#")


class Session(Struct, frozen=True, gc=False):
    """Where in which flow a contact is."""

    flow: str
    node: str
    turn: int = 0
    """Counts actions; an event names the turn it answers, so that late ones are recognised."""
    tries: int = 0
    """How often the present node's prompt has been played."""
    listening: bool = False
    """The prompt has ended and the time-out for input runs."""


class Speak(Struct, frozen=True, tag=True, gc=False):
    """Play `prompt`."""

    prompt: str


class Listen(Struct, frozen=True, tag=True, gc=False):
    """Wait `timeout` seconds for input."""

    timeout: float


class Queued(Struct, frozen=True, tag=True, gc=False):
    """The flow leads into a waiting line."""

    queue: str
    needs: Needs
    priority: float


class Finished(Struct, frozen=True, tag=True, gc=False):
    """The flow ends the contact."""


Action = Speak | Listen | Queued | Finished


class Ended(Struct, frozen=True, gc=False):
    """The prompt of `turn` has been played to its end."""

    turn: int


class Key(Struct, frozen=True, gc=False):
    """The caller pressed a key."""

    digit: str


class Silence(Struct, frozen=True, gc=False):
    """Nothing was pressed within the time-out of `turn`."""

    turn: int


Event = Ended | Key | Silence
Moved = tuple[Session, Action]


def begin(flow: Flow) -> Moved:
    """Enter a flow at its start."""
    return _enter(flow, START, turn=1)


def step(flow: Flow, session: Session, event: Event) -> Moved | None:
    """Move a session by an event; None when the event does not concern its position."""
    node = flow.nodes[session.node]
    match node, event:
        case Say(), Ended(turn) if turn == session.turn:
            return _enter(flow, node.next, session.turn + 1)
        case Menu(), Key(digit) if digit in node.choices:
            return _enter(flow, node.choices[digit], session.turn + 1)
        case Menu(), Key(digit) if digit in KEYS:
            return _again(flow, session, node)
        case Menu(), Ended(turn) if turn == session.turn:
            return _moved(session, listening=True), Listen(node.timeout)
        case Menu(), Silence(turn) if turn == session.turn:
            return _again(flow, session, node)
    return None


def _enter(flow: Flow, name: str, turn: int) -> Moved:
    node = flow.nodes[name]
    session = Session(flow.name, name, turn, tries=1)
    match node:
        case Say() | Menu():
            return session, Speak(node.prompt)
        case Enter():
            return session, Queued(node.queue, node.needs, node.priority)
        case HangUp():
            return session, Finished()


def _again(flow: Flow, session: Session, node: Menu) -> Moved:
    if session.tries >= node.tries:
        return _enter(flow, node.otherwise, session.turn + 1)
    return _moved(session, tries=session.tries + 1), Speak(node.prompt)


def _moved(session: Session, *, tries: int | None = None, listening: bool = False) -> Session:
    return Session(session.flow, session.node, session.turn + 1, tries or session.tries, listening)
