"""The one law of the state machines: a fact moves a state only along its table.

Each of contact, agent, offer and callback has a file with one frozen type per state and a table
`(state, fact) -> next state`. Applying a fact that the table does not name is a bug of ours and raises; the state
stays as it was.
"""

from collections.abc import Mapping
from typing import Any

Table = Mapping[tuple[type[Any], type[Any]], type[Any]]


class IllegalTransition(RuntimeError):
    """A fact was applied to a state that has no such exit."""

    def __init__(self, state: object, fact: object) -> None:
        super().__init__(f"{type(state).__name__} has no exit by {type(fact).__name__}")


def check(table: Table, state: object, fact: object) -> type[Any]:
    """Return the type of state that `fact` leads to. Raises IllegalTransition."""
    target = table.get((type(state), type(fact)))
    if target is None:
        raise IllegalTransition(state, fact)
    return target
