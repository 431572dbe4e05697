"""How the recording of a talk stands: a level of the contact that is with an agent."""

from typing import Literal

from msgspec import Struct

TapeState = Literal["announcing", "on", "paused", "declined"]
"""Both hear that they will be recorded; they are; they are not just now; the citizen does not want it."""


class Taping(Struct, frozen=True, array_like=True, gc=False):
    """A talk that is recorded, or could be."""

    state: TapeState
    leg: str
    """The agent's, for which it holds: another agent hears the announcement anew."""
    heard: tuple[str, ...] = ()
    """Legs that have heard the announcement to its end."""
    since: float = 0.0
    """When it, or who takes part, changed last: each stretch is a recording of its own."""
