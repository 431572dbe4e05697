"""What the engine needs of the world, as Protocols. Each port has its real adapter and a fake for the simulator."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from router.journal import Entry


class Secret(Struct, frozen=True):
    """A personal value of `owner`, a person's or contact's id; `kind`: number, name, address, text, digits, answers.

    Some kinds only lead to such values: `letter` to what the content store keeps, `thread` from a mail's hashed id to
    its contact and from there to its matter; `by` says who wrote a message.
    """

    owner: str
    kind: str
    value: str


class Journal(Protocol):
    """Keeps entries in order, before their effects leave."""

    def append(self, entry: Entry, secrets: list[Secret], kept: Callable[[], None]) -> None:
        """Write `secrets`, then `entry`; call `kept` once both are acknowledged. Calls come back in order."""


class Clock(Protocol):
    """UTC seconds that never go back."""

    def now(self) -> float:
        """Return the time."""
