"""What a citizen hears, reads and chooses about being called back: times that are free, the number, what was promised.

Keys are the same everywhere: 1 is in turn, 2 and on are times, 9 asks for later ones.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ivr.actions import Number, World
from ivr.phrase import Clock, Digits, Phrase, Value, Word

NUMBER: Final = "callback_number"
"""The answer that holds a number which was typed."""
CALLER: Final = "caller"
"""Names the number from which the citizen rings, where answers are named."""
TURN: Final = "1"
LATER: Final = "9"
SHOWN: Final = 3
"""Times that are offered at once: more than anybody remembers who only hears them."""
MINUTE: Final = 60.0
WAIT: Final = "1"
KEEP: Final = "2"
CANCEL: Final = "3"

PROMPTS: Final[dict[str, frozenset[str]]] = {
    "callback_key_turn": frozenset({"key"}),
    "callback_key_time": frozenset({"key", "day", "time"}),
    "callback_key_later": frozenset({"key"}),
    "callback_taken": frozenset(),
    "callback_already": frozenset(),
    "day_today": frozenset(),
    "day_tomorrow": frozenset(),
    **{f"day_{day}": frozenset() for day in range(1, 8)},
}
"""The prompts beside those that a flow names, to the values that their texts name. Days are numbered from Monday."""
TITLES: Final[dict[str, frozenset[str]]] = {
    "callback_title_turn": frozenset(),
    "callback_title_time": frozenset({"day", "time"}),
    "callback_title_later": frozenset(),
    "callback_title_wait": frozenset(),
    "callback_title_keep": frozenset(),
    "callback_title_cancel": frozenset(),
}
"""Those on buttons, where a citizen reads."""


class Slot(Struct, frozen=True, gc=False):
    """A time at which somebody can be called, and how it is said on the day on which it is offered."""

    start: float
    """UTC seconds."""
    day: str
    """The prompt that says it."""
    hour: int
    minute: int

    @property
    def values(self) -> dict[str, Value]:
        """Return what prompts may name of it."""
        return {"day": Word(self.day), "time": Clock(self.hour, self.minute)}


def slot_of(world: World, start: float) -> Slot:
    """Return a time as it is said now."""
    there = world.moment(start)
    ahead = (there.date() - world.local.date()).days
    day = ("today", "tomorrow")[ahead] if ahead in (0, 1) else str(there.isoweekday())
    return Slot(start, f"day_{day}", there.hour, there.minute)


def offered(world: World, queue: str, after: float = 0.0) -> tuple[Slot, ...]:
    """Return the times to offer, and one more if there are later ones."""
    return tuple(slot_of(world, start) for start in world.free_times(queue, after, SHOWN + 1))


def keys(slots: tuple[Slot, ...]) -> Iterator[tuple[str, Slot]]:
    """Yield the times that are offered by their keys."""
    for number, slot in enumerate(slots[:SHOWN]):
        yield str(int(TURN) + 1 + number), slot


def spoken(slots: tuple[Slot, ...]) -> Iterator[Phrase]:
    """Yield what is said about keys."""
    yield Phrase("callback_key_turn", {"key": int(TURN)})
    for key, slot in keys(slots):
        yield Phrase("callback_key_time", {"key": int(key), **slot.values})
    if len(slots) > SHOWN:
        yield Phrase("callback_key_later", {"key": int(LATER)})


def buttons(slots: tuple[Slot, ...]) -> Iterator[tuple[str, Phrase]]:
    """Yield what stands on buttons, with their keys."""
    yield TURN, Phrase("callback_title_turn")
    for key, slot in keys(slots):
        yield key, Phrase("callback_title_time", slot.values)
    if len(slots) > SHOWN:
        yield LATER, Phrase("callback_title_later")


def standing_buttons() -> Iterator[tuple[str, Phrase]]:
    """Yield what stands on the buttons of whoever has been promised a call."""
    for key, name in ((WAIT, "wait"), (KEEP, "keep"), (CANCEL, "cancel")):
        yield key, Phrase(f"callback_title_{name}")


def dated(prompt: str, at: str, slot: Slot | None, **more: Value) -> Phrase:
    """Return what is said about a call: by `prompt` for one in turn, by `at` for one at a time."""
    return Phrase(prompt, more) if slot is None else Phrase(at, {**slot.values, **more})


def ticketed(prompt: str, wait: str, ticket: Number | None) -> Iterator[Phrase]:
    """Yield what is said of a ticket; the minutes of the wait are rounded upwards."""
    if ticket is None:
        return
    yield Phrase(prompt, {"letter": Word(f"letter_{ticket.letter}"), "number": ticket.number})
    if ticket.high is not None:
        yield Phrase(wait, {"high": max(-int(-ticket.high // MINUTE), 1)})


def number(proposed: bool) -> Digits:
    """Return the number that is to be called: the one somebody rings from, or one that was typed."""
    return Digits(CALLER if proposed else NUMBER)
