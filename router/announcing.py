"""What somebody in line is told: welcome, place, how long it may take, which keys lead elsewhere; and those keys.

Nothing is told that is worse than what was told before: the place when it has improved, the time when it has become
clearly shorter. When there has been nothing to tell for long, it is said again, so far as it still holds.
"""

import math
from collections.abc import Iterator
from typing import Final

from ivr.phrase import NUMBER_MAX, Phrase
from queues.queue import Queue, WayOut
from router import crisis, messages
from router import facts as f
from router.configuration import Configuration
from router.contact import LET_DOWN, Told, Waiting
from router.entering import leave_by_key
from router.expectation import of_contact, position
from router.pace import Range
from router.turn import Turn

AGAIN_AFTER: Final = 4
"""Looks without anything new, after which it is said again."""
KEYS_EVERY: Final = 3
"""Announcements of which one names the keys."""
CLEARLY: Final = 0.75
"""A wait is clearly shorter when it is at most so much of what was told."""
RARER: Final = 0.125
"""Share of the wait still expected that passes at least between two looks: a long line does not move in a minute."""
REPEAT_KEY: Final = "*"
REPEAT_AFTER: Final = 1.0
"""Seconds after an announcement began before a key has it said again."""

MINUTE: Final = 60.0
ROUGHLY_FROM: Final = 600.0
"""Seconds from which on times are told in steps of `ROUGHLY`."""
ROUGHLY: Final = 300.0
WIDEST: Final = 4.0
"""A range is told when its end is at most so many times its beginning, or so many times `ROUGHLY`."""
LONGEST: Final = 3600.0
"""Of a wait that may be longer than can be said, only its least is told, and at most this."""

PROMPTS: Final[dict[str, frozenset[str]]] = {
    "wait_position": frozenset({"number"}),
    "wait_next": frozenset(),
    "wait_between": frozenset({"low", "high"}),
    "wait_below": frozenset({"high"}),
    "wait_minute": frozenset(),
    "wait_above": frozenset({"low"}),
    "wait_still": frozenset(),
    "wait_no_number": frozenset(),
    "wait_not_now": frozenset(),
    "wait_let_down": frozenset(),
    "callback_word": frozenset(),
}
"""The prompts of waiting, to the values that their texts name."""


# ---- deciding --------------------------------------------------------------------------------------------------


def review(turn: Turn, contact: Waiting) -> None:
    """Look at what somebody in line should be told by now."""
    told, settings = contact.spot.told, turn.queue_of(contact).announce
    long_ago = told is not None and settings is not None and turn.now - told.at >= AGAIN_AFTER * settings.every
    _tell(turn, contact, told.turn + 1 if told is not None else 1, again=long_ago)


def key_pressed(turn: Turn, contact: Waiting, key: str) -> None:
    """Let who pressed a key go that way, tell why that cannot be, or say again how it stands."""
    queue, told = turn.queue_of(contact), contact.spot.told
    if not queue.speaks:
        return
    if key in queue.keys:
        notice = leave_by_key(turn, contact, queue.keys[key])
        if notice:
            _tell(turn, contact, told.turn + 1 if told is not None else 1, notice)
    elif key == REPEAT_KEY and told is not None and turn.now - told.at >= REPEAT_AFTER:
        with_keys = told.turn + KEYS_EVERY - (told.turn - 1) % KEYS_EVERY
        _tell(turn, contact, with_keys, again=True)


def _tell(turn: Turn, contact: Waiting, next_turn: int, notice: f.Notice = "", *, again: bool = False) -> None:
    """Tell what is new, or all that holds when it is said `again`; if there is nothing, note when to look next."""
    told, settings = contact.spot.told, turn.queue_of(contact).announce
    best_place, best_high = (told.best_position, told.best_high) if told is not None else (None, None)
    place = span = due = None
    if settings is not None and settings.position:
        place = position(turn.state, contact)
        place = place if place <= NUMBER_MAX and _better(place, best_place, 1.0, again) else None
    if settings is not None:
        expected = of_contact(turn.state, contact, turn.now) if settings.expected else None
        due = turn.now + max(settings.every, RARER * expected.mean if expected is not None else 0.0)
        span = rounded(expected) if expected is not None else None
        span = span if span is not None and _better(span[1], best_high, CLEARLY, again) else None
    says = told is None or again or notice or place is not None or span is not None
    low, high = span or (None, None)
    turn_number = next_turn if told is None or says else told.turn
    turn.emit(f.WaitAnnounced(turn.now, contact.card.id, turn_number, due, place, low, high, notice))
    waiting = turn.state.contacts[contact.card.id]
    if says and waiting.card.text and isinstance(waiting, Waiting):
        messages.show(turn, waiting, in_line(waiting, turn.state.configuration))


def _better(value: float, best: float | None, share: float, again: bool) -> bool:
    """Tell whether a number is worth telling after the best that was told: lower, or not higher when said again."""
    if best is None:
        return True
    return value <= best if again else value < best and value <= share * best


def rounded(expected: Range) -> tuple[float, float] | None:
    """Return a range in whole minutes, or in steps of five when it is long; None when it is too wide to say much.

    Its end is rounded upwards: to be answered sooner than was told is no broken promise.
    """
    if expected.high > WIDEST * max(expected.low, ROUGHLY):
        return None
    step = MINUTE if expected.high <= ROUGHLY_FROM else ROUGHLY
    most = max(math.ceil(expected.high / step), 1)
    return min(round(expected.low / step), most - 1) * step, most * step


# ---- saying ----------------------------------------------------------------------------------------------------


def in_line(contact: Waiting, configuration: Configuration) -> Iterator[Phrase]:
    """Yield what somebody in line was told last; nothing before the first time."""
    told, queue = contact.spot.told, configuration.queues.get(contact.spot.queue)
    if told is not None and queue is not None:
        yield from phrases(told, queue, known=contact.card.person is not None)


def phrases(told: Told, queue: Queue, *, known: bool) -> Iterator[Phrase]:
    """Yield what is said; `known` when the citizen could be called back."""
    if told.notice == LET_DOWN:
        yield Phrase(f"wait_{told.notice}")
        return
    yield from map(crisis.phrase, told.announcements)
    if told.turn == 1 and queue.welcome:
        yield Phrase(queue.welcome)
    if told.notice:
        yield Phrase(f"wait_{told.notice}")
    if told.position is not None:
        yield Phrase("wait_next") if told.position == 1 else Phrase("wait_position", {"number": told.position})
    if told.low is not None and told.high is not None:
        yield _time(told.low, told.high)
    if told.turn > 1 and not told.announcements and not told.notice and told.position is None and told.high is None:
        yield Phrase("wait_still")
    if told.turn % KEYS_EVERY == 1 and not told.notice:
        for key, way in queue.keys.items():
            if known or way.to != "callback":
                yield Phrase(key_prompt(way), {"key": int(key)})


def _time(low: float, high: float) -> Phrase:
    least, most = int(low / MINUTE), int(high / MINUTE)
    if most > NUMBER_MAX:
        return Phrase("wait_above", {"low": min(least, int(LONGEST / MINUTE))})
    if most == 1:
        return Phrase("wait_minute")
    return Phrase("wait_between", {"low": least, "high": most}) if least else Phrase("wait_below", {"high": most})


def key_prompt(way: WayOut) -> str:
    """Return the name of the prompt that offers a way by its key: `wait_key_callback`, `wait_key_<queue>`."""
    return f"wait_key_{way.to if way.to in ('callback', 'message') else way.name}"
