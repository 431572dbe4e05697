"""What a citizen is told: a prompt by its name, and the values that its text leaves open.

The text of a prompt may name values: `You are number {number} in line.` Facts carry the phrase; which sounds say it,
in which language, is for the adapters (`adapters.sip.plan.Sounds`). A value that belongs to a person is never written
here: `Digits` and `Recorded` only say where it is kept.
"""

from typing import Final

from msgspec import Struct, field


class Digits(Struct, frozen=True, tag=True, gc=False):
    """What the caller typed as `name`, said digit by digit."""

    name: str


class Recorded(Struct, frozen=True, tag=True, gc=False):
    """What the caller recorded as `name` of the contact or filing (`ivr.session.Session.filing`)."""

    filing: str
    name: str


class Clock(Struct, frozen=True, tag=True, gc=False):
    """A time of day, said as its hour and, if it is not a full one, its minutes."""

    hour: int
    minute: int = 0


class Word(Struct, frozen=True, tag=True, gc=False):
    """Another prompt, said there: the name of a day."""

    prompt: str


Value = int | Digits | Recorded | Clock | Word
"""A whole number is said as a number; see `NUMBER_MAX`."""

NUMBER_MAX: Final = 100
"""Numbers up to here are said as one word or two; a larger one is said digit by digit."""


class Phrase(Struct, frozen=True, gc=False, omit_defaults=True):
    """A prompt to be heard."""

    prompt: str
    values: dict[str, Value] = field(default_factory=dict)
    """Name in the prompt's text to what is said there."""
    language: str = ""
    """Empty for the contact's own."""


def whisper_of(queue: str) -> str:
    """Return the prompt that tells an agent which queue a call is from; the house has it from the queue's title."""
    return f"queue.{queue}"


CONFIRM: Final = "confirm"
"""The prompt that asks whoever picks up an agent's number outside to press a key."""

BEEP: Final = Phrase("beep")
"""The tone after which a caller speaks; the same in every language, and no prompt of the configuration."""
