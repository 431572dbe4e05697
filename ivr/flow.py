"""Flows: what happens to a contact between its arrival and a waiting line.

A flow is a graph of named nodes. Each node type says what it does and where it leads; the interpreter is
`ivr.session`.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from queues.skills import Needs

START: Final = "start"


class Say(Struct, frozen=True, kw_only=True, tag="say", forbid_unknown_fields=True):
    """Play a prompt, then go on."""

    prompt: str
    next: str


class Menu(Struct, frozen=True, kw_only=True, tag="menu", forbid_unknown_fields=True):
    """Play a prompt and let the caller choose by one digit, also while it plays."""

    prompt: str
    choices: dict[str, str]
    """Digit (0-9, *, #) to node."""
    timeout: float = 6.0
    """Seconds of silence after the prompt before it counts as no input."""
    tries: int = 3
    """How often the prompt is played before `otherwise`."""
    otherwise: str
    """Where nobody's choice leads: a person, as a rule (a caller who cannot press keys is served too)."""


class Enter(Struct, frozen=True, kw_only=True, tag="queue", forbid_unknown_fields=True):
    """Wait in a queue."""

    queue: str
    needs: Needs = ()
    """Added to every step of the queue's requirement."""
    priority: float = 1.0
    """Multiplies the contact's urgency."""


class HangUp(Struct, frozen=True, kw_only=True, tag="hang_up", forbid_unknown_fields=True):
    """End the contact."""


Node = Say | Menu | Enter | HangUp


class Flow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named graph; it begins at the node `start`."""

    name: str
    nodes: dict[str, Node] = field(default_factory=dict)


def exits(node: Node) -> Iterator[str]:
    """Yield the names of the nodes that can follow `node`."""
    match node:
        case Say():
            yield node.next
        case Menu():
            yield from node.choices.values()
            yield node.otherwise
        case Enter() | HangUp():
            return
