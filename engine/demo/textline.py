"""One call of a text telephone: what stands on its display, and what is typed there (T.140 over RTP, RFC 4103)."""

import time
from collections.abc import Callable
from typing import Final

from adapters.sip import t140
from adapters.sip.native import Port, SipError
from engine.demo.line import HungUp, Line

BLOCK: Final = 12
"""Characters typed at once ..."""
BLOCK_S: Final = 0.3
"""... and how long that takes."""
READ_PAUSE_S: Final = 1.2
"""After so long without a new letter everything has come."""


class TextLine(Line):
    """One call without audio."""

    def __init__(self, rest: Callable[[Port], None], sink: Port, gone: Callable[[Line], None]) -> None:
        super().__init__(rest, sink, gone)
        self.display = ""
        """All that came, with line ends as they are in Python."""
        self._incoming = t140.Incoming()
        self._changed = 0.0
        self._read = 0
        """Letters of the display that were read."""

    def media_changed(self) -> None:
        """Do nothing: there is no sound to be taken up."""

    def typed(self, number: int, block: bytes) -> None:
        """Show what the other end writes."""
        text = self._incoming.feed(number, block).replace(t140.BOM, "").replace(t140.NEW_LINE, "\n")
        if text:
            self.display += text
            self._changed = time.monotonic()

    async def read(self, within: float | None = None) -> str:
        """Return what is new on the display once it stands still; nothing when nothing came in time. Raises HungUp."""
        await self.until(self._stands_still, within)
        new, self._read = self.display[self._read :], len(self.display)
        return new

    def _stands_still(self) -> bool:
        return len(self.display) > self._read and time.monotonic() - self._changed >= READ_PAUSE_S

    async def type(self, text: str) -> None:
        """Type a line. Raises HungUp."""
        rest = text + t140.NEW_LINE
        while rest:
            if self.call is None:
                raise HungUp
            try:
                self.call.send_text(rest[:BLOCK])
                rest = rest[BLOCK:]
            except SipError:
                pass  # the letters before are on their way still
            await self.wait(BLOCK_S)
