"""JSON lines on stderr: a fixed `action`, and never a number, a name or an address of a person."""

import re
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Final

import msgspec

_URI: Final = re.compile(r"(sips?:|tel:)[^\s>;,]+", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"[^"]*"')
_TEXT_MAX: Final = 300
_WINDOW: Final = 10.0
_LINES_PER_WINDOW: Final = 20
_LONG_NUMBER: Final = re.compile(r"\+?\d{5,}")


def log(action: str, **fields: str | int | float) -> None:
    """Write one line. `action` is a constant in the code; `fields` hold no personal values."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "action": action, **fields}
    sys.stderr.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stderr.buffer.flush()


def report_failure(where: str, error: BaseException | None) -> None:
    """Log an exception that nobody expected: its type and place, but not its text, which may hold personal values."""
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-3:]))
    log("callback_failed", where=where, error=type(error).__name__, place=place)


def without_persons(text: str) -> str:
    """Return the first line of `text`, which PJSIP wrote, with names, SIP addresses and long numbers blotted out."""
    first = text.partition("\n")[0].encode("utf-8", "replace").decode()
    return _LONG_NUMBER.sub("…", _URI.sub(r"\1…", _QUOTED.sub("…", first)))[:_TEXT_MAX]


class LibraryLog:
    """What PJSIP has to say: so many lines per window, then only how many more there were (rubbish makes many)."""

    def __init__(self) -> None:
        self._window = 0.0
        self._lines = 0

    def write(self, level: int, text: str) -> None:
        """Log one line of PJSIP's."""
        now = time.monotonic()
        if now - self._window > _WINDOW:
            if self._lines > _LINES_PER_WINDOW:
                log("pjsip_more", lines=self._lines - _LINES_PER_WINDOW)
            self._window, self._lines = now, 0
        self._lines += 1
        if self._lines <= _LINES_PER_WINDOW:
            log("pjsip", level=level, text=without_persons(text.strip()))
