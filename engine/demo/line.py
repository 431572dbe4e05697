"""One call of one telephone of the demonstration: spoken into, listened to, with keys to press.

Whatever waits here ends with `HungUp` when the call does, so that a person's way through a call reads from top to
bottom, and the end of the call ends it anywhere.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from adapters.sip.logs import log
from adapters.sip.native import Call, Player, Port, SipError
from adapters.sip.protocol import LegStats
from adapters.speech.espeak import PromptFile
from engine.demo.ear import PAUSE_S, Ear

TAIL_S: Final = 0.1
"""Added to a sound's length: until it has left."""
KEY_S: Final = 0.2
"""How long PJSIP takes to send a key."""


class HungUp(Exception):
    """The call is over."""


class NotAnswered(Exception):
    """Nobody picked up: the call ended before it began."""


class Line:
    """One call. Hears its call as `adapters.sip.native.CallEvents`."""

    def __init__(self, rest: Callable[[Port], None], sink: Port, gone: Callable[["Line"], None]) -> None:
        """`rest` takes players that are not needed any more; `sink` keeps what is heard from being discarded."""
        self.call: Call | None = None
        self.code = 0
        """With which the call ended; 0 while it lives."""
        self.ear = Ear()
        self.answered_at = 0.0
        """Monotonic seconds; 0 before."""
        self._rest = rest
        self._sink = sink
        self._gone = gone
        self._port: Port | None = None
        self._player: Player | None = None
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    # ---- what the call tells -----------------------------------------------------------------------------------

    def call_rings(self) -> None:
        """Do nothing: whoever rings waits for an answer."""

    def call_confirmed(self) -> None:
        """The call stands."""
        self.answered_at = self.answered_at or time.monotonic()
        self._look()

    def call_ended(self, code: int) -> None:
        """The call is over; nothing may be done with it any more."""
        self.call, self.code = None, code or 487
        self._hush()
        self._port = None
        self._gone(self)
        self._look()

    def media_changed(self) -> None:
        """Take up the sound where it is now."""
        player = self._player
        self._port = self.call.port() if self.call is not None else None
        if self._port is not None:
            self._port.feed(self._sink)
            if player is not None:
                player.feed(self._port)

    def digit(self, digit: str) -> None:
        """Do nothing: nobody presses keys at people."""

    def typed(self, number: int, block: bytes) -> None:
        """Do nothing: nobody types to people."""

    def stream_ended(self, stats: LegStats) -> None:
        """Do nothing."""

    def transfer_asked(self, refer_to: str, request: str) -> int:
        """Refuse: nobody sends our phones elsewhere."""
        return 603

    def refer_status(self, code: int, final: bool) -> bool:
        """Go on listening until a transfer has come to its end."""
        return not final

    # ---- waiting -----------------------------------------------------------------------------------------------

    @property
    def answered(self) -> bool:
        """Whether somebody picked up."""
        return self.answered_at > 0

    def listen(self) -> None:
        """Hear the next tenth of a second."""
        if self._port is not None:
            self.ear.take(self._port.loudness())
        self._look()

    async def until(self, true: Callable[[], bool], within: float | None = None) -> bool:
        """Wait until something is true, which it may become with each sound; tell whether it did in time.

        Raises HungUp.
        """
        if self.code:
            raise HungUp
        if true():
            return True
        future = asyncio.get_running_loop().create_future()
        entry = (true, future)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(within):
                await future
        except TimeoutError:
            return False
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
        return True

    async def wait(self, seconds: float) -> None:
        """Let time pass. Raises HungUp."""
        await self.until(lambda: False, seconds)

    async def until_answered(self, within: float) -> None:
        """Wait until somebody picks up. Raises NotAnswered."""
        try:
            if not await self.until(lambda: self.answered, within):
                self.hang_up()
                raise NotAnswered
        except HungUp:
            raise NotAnswered from None

    async def finished(self, pause: float = PAUSE_S, within: float | None = None) -> bool:
        """Wait until the other one has spoken and said nothing more for `pause`, or there is music; tell whether it is
        one of them. Raises HungUp."""
        return await self.until(lambda: self.ear.finished(pause) or self.ear.music, within)

    def _look(self) -> None:
        for true, future in list(self._waiting):
            if future.done():
                continue
            if self.code:
                future.set_exception(HungUp())
            elif true():
                future.set_result(None)

    # ---- doing -------------------------------------------------------------------------------------------------

    async def say(self, sound: PromptFile) -> None:
        """Say something to its end. Raises HungUp."""
        if self.code:
            raise HungUp
        self._hush()
        try:
            self._player = Player(sound.path)
        except SipError as error:
            log("demo_sound_failed", reason=error.reason)
            return
        if self._port is not None:
            self._player.feed(self._port)
        try:
            await self.wait(sound.seconds + TAIL_S)
        finally:
            self._hush()
            self.ear.begin()

    async def press(self, digits: str) -> None:
        """Press keys, as RFC 4733 sends them. Raises HungUp."""
        self._do(lambda call: call.send_digits(digits))
        self.ear.begin()
        await self.wait(KEY_S * len(digits))

    def ring(self) -> None:
        """Let the caller know that our phone rings."""
        self._do(lambda call: call.answer(180))

    def pick_up(self) -> None:
        """Answer."""
        self._do(lambda call: call.answer(200))

    def refuse(self, code: int = 486) -> None:
        """Do not answer."""
        self._do(lambda call: call.hang_up(code))

    def hang_up(self) -> None:
        """End the call."""
        self._do(lambda call: call.hang_up())

    def hold(self) -> None:
        """Put the other end on hold, by the phone's own key."""
        self._do(lambda call: call.hold())

    def resume(self) -> None:
        """Take it off hold."""
        self._do(lambda call: call.resume())

    def transfer(self, target: str) -> None:
        """Ask to have the other end connected to a URI (REFER)."""
        self._do(lambda call: call.refer(target))

    def transfer_to(self, other: "Line") -> None:
        """Ask to have the other ends of both calls connected with each other."""
        call = other.call
        if call is not None:
            self._do(lambda own: own.refer_to_call(call))

    def _do(self, act: Callable[[Call], None]) -> None:
        """Do something with the call; one that is just ending takes nothing any more."""
        if self.call is None:
            return
        try:
            act(self.call)
        except SipError as error:
            log("demo_refused", reason=error.reason)

    def _hush(self) -> None:
        if self._player is not None:
            self._rest(self._player)
            self._player = None
