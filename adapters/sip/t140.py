"""Real-time text as ITU-T T.140 writes it: lines that grow letter by letter, and letters that are taken back.

What comes is hostile until it has been through here: half characters, control sequences, lines without an end.
"""

import codecs
import unicodedata
from typing import Final

from msgspec import Struct

LINE_MAX: Final = 1000
"""Characters after which a line is over, whether its writer ends it or not."""
BOM: Final = "\ufeff"
"""Begins a session (T.140 §8.1); it is nothing to be read."""
NEW_LINE: Final = "\u2028"
ERASE: Final = "\b"
LOST: Final = "\ufffd"
"""Stands where text was lost (RFC 4103 §5.3), or was none."""
_ESCAPE: Final = "\x1b"
_CSI: Final = "\x9b"
_SOS: Final = "\x98"
_ST: Final = "\x9c"
_SEQUENCE_MAX: Final = 64
"""Characters after which what looked like a control sequence is taken for text again."""


class Incoming:
    """Makes characters of the blocks of packets, which may cut them apart, and marks where some are missing."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._last: int | None = None

    def feed(self, number: int, block: bytes) -> str:
        """Return the characters of packet `number`; one that is not next has a gap before it."""
        lost = ""
        if self._last is not None and number != (self._last + 1) & 0xFFFF:
            lost = self._decoder.decode(b"", final=True) + LOST
            self._decoder.reset()
        self._last = number
        return lost + self._decoder.decode(block)

    def restart(self) -> None:
        """The stream is another one: what comes next continues nothing."""
        self._last = None
        self._decoder.reset()


class Line:
    """A line that is being written."""

    def __init__(self) -> None:
        self.text = ""
        self._sequence: str | None = None
        """The control sequence that has begun; it shows nothing."""
        self._after_return = False

    def feed(self, text: str) -> list[str]:
        """Take more of it; return the lines that are over by that."""
        finished = []
        for character in text:
            if self._is_control(character):
                continue
            if character in "\r\n\u2028\u2029":
                if not (character == "\n" and self._after_return):
                    finished.append(self.end())
                self._after_return = character == "\r"
                continue
            self._after_return = False
            if character == ERASE:
                self.text = _erased(self.text)
                continue
            if unicodedata.category(character) in ("Cc", "Cs", "Cn") or character == BOM:
                continue
            self.text += character
            if len(self.text) >= LINE_MAX:
                finished.append(self.end())
        return finished

    def end(self) -> str:
        """End the line as it is, and return it; the next one begins."""
        text, self.text = self.text, ""
        return text

    def _is_control(self, character: str) -> bool:
        """Tell whether a character belongs to a control sequence: of graphics (SGR), or what SOS and ST enclose."""
        if self._sequence is None:
            if character not in (_ESCAPE, _CSI, _SOS):
                return False
            self._sequence = character
            return True
        self._sequence += character
        if _is_whole(self._sequence) or len(self._sequence) > _SEQUENCE_MAX:
            self._sequence = None
        return True


def _is_whole(sequence: str) -> bool:
    if sequence[0] == _SOS:
        return sequence[-1] == _ST
    if sequence[0] == _CSI or sequence.startswith(_ESCAPE + "["):
        begun = 1 if sequence[0] == _CSI else 2
        return len(sequence) > begun and "@" <= sequence[-1] <= "~"
    return len(sequence) > 1


def _erased(text: str) -> str:
    """Return a line without its last character: with all that combines with it."""
    while text and unicodedata.combining(text[-1]):
        text = text[:-1]
    return text[:-1]


class Pace(Struct):
    """Bounds characters per second, so that a burst passes and a flood does not."""

    per_second: float
    most: float
    """At once."""
    left: float
    at: float

    def take(self, count: int, now: float) -> int:
        """Return how many of `count` characters may pass at `now`, and let them."""
        self.left = min(self.most, self.left + (now - self.at) * self.per_second)
        self.at = now
        passing = min(count, int(self.left))
        self.left -= passing
        return passing


def pace(per_second: float, most: float, now: float) -> Pace:
    """Return a pace of which nothing has been used."""
    return Pace(per_second, most, most, now)


def block(text: str, most: int) -> tuple[str, str]:
    """Divide text after at most `most` bytes, between characters."""
    size = 0
    for place, character in enumerate(text):
        size += len(character.encode())
        if size > most:
            return text[:place], text[place:]
    return text, ""
