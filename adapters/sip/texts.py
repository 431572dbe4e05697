"""The text of legs that have some: what the citizen types, what stands on the citizen's display, and when it is there.

What is typed is told as a level: a line, as it reads now, until it is over. What is to be shown has numbers, and what
was shown once is not shown again, however often it is ordered.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from adapters.sip import t140
from adapters.sip.events import Events
from adapters.sip.legs import Leg
from adapters.sip.logs import log
from adapters.sip.native import SipError
from adapters.sip.protocol import LineTyped

TOLD_EVERY: Final = 0.3
"""Seconds between two words about one line that grows."""
REST: Final = 10.0
"""Seconds after which a line that nobody goes on with is over: many text telephones have no key to end one."""
REST_DIGITS: Final = 3.0
"""The same of a line of digits, with which menus are answered."""
TYPED_PER_S: Final = 100.0
TYPED_MOST: Final = 3000.0
"""Characters that a citizen may type or paste; what is beyond is marked as lost."""
SENT_PER_S: Final = 30.0
SENT_MOST: Final = 300.0
"""What a text telephone takes unless it says otherwise (RFC 4103 §6: 30 a second, over ten seconds)."""
BLOCK_MAX: Final = 300
"""Bytes sent at once."""
SEND_EVERY: Final = 0.3
QUEUE_MAX: Final = 20_000
"""Characters that wait to be sent; more are refused."""
READ: Final = 3.0
"""Seconds for which the last words stand before a leg without audio is hung up."""
READ_MAX: Final = 30.0
"""Seconds after which it is hung up whatever is still to be sent."""
_DIGITS: Final = frozenset("0123456789*# ")


class LegText:
    """The text of one leg."""

    def __init__(self, now: float) -> None:
        self.shown = 0
        """The number of the last message that was given to be shown."""
        self.waiting = t140.BOM
        """What is still to be sent."""
        self.typed = t140.Line()
        """What the far end types."""
        self.written = t140.Line()
        """What the agent writes."""
        self.at_start = True
        """The display stands at the beginning of a line."""
        self.incoming = t140.Incoming()
        self.typing = t140.pace(TYPED_PER_S, TYPED_MOST, now)
        self.sending = t140.pace(SENT_PER_S, SENT_MOST, now)
        self.up = False
        """The far end has its media; what was sent before would be lost."""
        self.send_timer: asyncio.TimerHandle | None = None
        self.tell_timer: asyncio.TimerHandle | None = None
        self.rest_timers: dict[bool, asyncio.TimerHandle] = {}
        """Ours or not to when the line is over."""
        self.end_timer: asyncio.TimerHandle | None = None
        self.until = 0.0
        """When the leg is hung up at the latest; 0 while nobody wants that."""


class Texts:
    """The text of all legs."""

    def __init__(self, loop: asyncio.AbstractEventLoop, legs: Mapping[str, Leg], events: Events) -> None:
        self._loop = loop
        self._legs = legs
        self._events = events
        self._texts: dict[str, LegText] = {}
        self.dropped = 0
        """Characters that were too many."""

    def of(self, leg: Leg) -> LegText | None:
        """Return the text of a leg that has some."""
        return self._texts.get(leg.id)

    def begun(self, leg: Leg) -> None:
        """The leg has, or may come to have, text."""
        self._texts.setdefault(leg.id, LegText(self._loop.time()))

    def gone(self, leg: Leg) -> None:
        """The leg ended: what was being typed is over."""
        text = self._texts.pop(leg.id, None)
        if text is None:
            return
        for own, line in ((False, text.typed), (True, text.written)):
            if line.text:
                self._events.emit(LineTyped, leg.id, own, line.end(), True)
        for timer in (text.send_timer, text.tell_timer, text.end_timer, *text.rest_timers.values()):
            if timer is not None:
                timer.cancel()

    def confirmed(self, leg: Leg) -> None:
        """The far end has heard of the answer."""
        if (text := self._texts.get(leg.id)) is not None:
            text.up = True
            self._send_soon(leg, text, 0.0)

    def stream_replaced(self, leg: Leg) -> None:
        """Media was agreed on anew."""
        if (text := self._texts.get(leg.id)) is not None:
            text.incoming.restart()
            self._send_soon(leg, text, 0.0)

    # ---- what the far end types --------------------------------------------------------------------------------

    def received(self, leg: Leg, number: int, block: bytes) -> None:
        """Take in a block of packet `number`."""
        text = self._texts.get(leg.id)
        if text is None:
            return
        characters = text.incoming.feed(number, block)
        passing = text.typing.take(len(characters), self._loop.time())
        if passing < len(characters):
            self.dropped += len(characters) - passing
            log("text_dropped", leg=leg.id, characters=len(characters) - passing)
            characters = characters[:passing] + (t140.LOST if passing else "")
        if characters:
            self._grow(leg, text, False, characters)

    def _grow(self, leg: Leg, text: LegText, own: bool, characters: str) -> None:
        line = text.written if own else text.typed
        before = line.text
        for finished in line.feed(characters):
            if finished.strip():
                self._events.emit(LineTyped, leg.id, own, finished, True)
        self._rest(leg, text, own)
        if line.text != before and text.tell_timer is None:
            text.tell_timer = self._loop.call_later(TOLD_EVERY, self._tell, leg, text)

    def _tell(self, leg: Leg, text: LegText) -> None:
        text.tell_timer = None
        for own, line in ((False, text.typed), (True, text.written)):
            if line.text:
                self._events.emit(LineTyped, leg.id, own, line.text, False)

    def _rest(self, leg: Leg, text: LegText, own: bool) -> None:
        """Wait anew for a line to be over."""
        if (timer := text.rest_timers.pop(own, None)) is not None:
            timer.cancel()
        line = text.written if own else text.typed
        if line.text:
            rest = REST_DIGITS if _DIGITS.issuperset(line.text) and not own else REST
            text.rest_timers[own] = self._loop.call_later(rest, self._rested, leg, text, own)

    def _rested(self, leg: Leg, text: LegText, own: bool) -> None:
        text.rest_timers.pop(own, None)
        line = text.written if own else text.typed
        if line.text.strip():
            self._events.emit(LineTyped, leg.id, own, line.end(), True)
            if own:
                self._put(leg, text, t140.NEW_LINE)

    # ---- what is shown to it -----------------------------------------------------------------------------------

    def show(self, leg: Leg, number: int, words: str) -> bool:
        """Show a message in lines of its own, once; tell whether there is room for it."""
        text = self._texts.get(leg.id)
        if text is None or number <= text.shown:
            return text is not None
        text.shown = number
        if not words:
            return True
        before = "" if text.at_start else t140.NEW_LINE
        return self._put(leg, text, f"{before}{words}{t140.NEW_LINE}")

    def write(self, leg: Leg, words: str) -> bool:
        """Show what an agent writes, as it is written; tell whether there is room for it."""
        text = self._texts.get(leg.id)
        if text is None or not self._put(leg, text, words.replace("\r\n", t140.NEW_LINE).replace("\n", t140.NEW_LINE)):
            return False
        self._grow(leg, text, True, words)
        return True

    def _put(self, leg: Leg, text: LegText, words: str) -> bool:
        if len(text.waiting) + len(words) > QUEUE_MAX:
            self.dropped += len(words)
            return False
        text.waiting += words
        text.at_start = words.endswith(t140.NEW_LINE)
        self._send_soon(leg, text, 0.0)
        return True

    def _send_soon(self, leg: Leg, text: LegText, delay: float) -> None:
        if text.send_timer is None and text.waiting:
            text.send_timer = self._loop.call_later(delay, self._send, leg, text)

    def _send(self, leg: Leg, text: LegText) -> None:
        text.send_timer = None
        if leg.call is None or not text.up or not text.waiting:
            return
        now, (first, _) = self._loop.time(), t140.block(text.waiting, BLOCK_MAX)
        first = first[: text.sending.take(len(first), now)]
        try:
            if first:
                leg.call.send_text(first)
                text.waiting = text.waiting[len(first) :]
        except SipError:
            text.sending.left += len(first)  # the last block is on its way still, or the stream is not up yet
        self._send_soon(leg, text, SEND_EVERY)

    # ---- the end -----------------------------------------------------------------------------------------------

    def holds_back(self, leg: Leg, end: Callable[[], None]) -> bool:
        """Tell whether a leg is to be hung up later, by `end`: what was given to be shown has not been read yet."""
        text = self._texts.get(leg.id)
        if text is None or not leg.answered or (not text.until and text.waiting in ("", t140.BOM) and leg.port):
            return False
        if not text.until:
            text.until = self._loop.time() + READ_MAX
            text.end_timer = self._loop.call_later(TOLD_EVERY, self._look, leg, text, end)
        return True

    def _look(self, leg: Leg, text: LegText, end: Callable[[], None]) -> None:
        over = self._loop.time() >= text.until
        if text.waiting and not over:
            text.end_timer = self._loop.call_later(TOLD_EVERY, self._look, leg, text, end)
            return
        text.end_timer = self._loop.call_later(0.0 if over else READ, self._end, leg, end)

    def _end(self, leg: Leg, end: Callable[[], None]) -> None:
        self.gone(leg)
        end()
