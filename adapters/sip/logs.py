"""JSON lines on stderr: a fixed `action`, and never a number, a name or an address of a person."""

import re
import sys
from datetime import UTC, datetime
from typing import Final

import msgspec

_URI: Final = re.compile(r"(sips?:|tel:)[^\s>;,]+", re.IGNORECASE)
_LONG_NUMBER: Final = re.compile(r"\+?\d{5,}")


def log(action: str, **fields: str | int | float) -> None:
    """Write one line. `action` is a constant in the code; `fields` hold no personal values."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "action": action, **fields}
    sys.stderr.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stderr.buffer.flush()


def without_persons(text: str) -> str:
    """Return `text` with SIP addresses and long numbers blotted out, for lines that PJSIP writes."""
    return _LONG_NUMBER.sub("…", _URI.sub(r"\1…", text))
