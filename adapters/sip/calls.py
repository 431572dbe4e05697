"""The worker's legs: their life from the first message to the last event."""

import asyncio
from collections.abc import Callable
from typing import Final, Literal

from adapters.sip.events import Events
from adapters.sip.legs import Leg
from adapters.sip.logs import log
from adapters.sip.native import Headers, Port, SipError
from adapters.sip.protocol import (
    CONFIRM,
    CommandFailed,
    DigitPressed,
    LegAnswered,
    LegEnded,
    LegHeld,
    MediaSilent,
    PlayEnded,
    RecordingEnded,
)
from adapters.sip.protocol import Leg as LegPicture
from adapters.sip.recordings import Recordings
from adapters.sip.silence import SilenceWatch
from adapters.sip.sound import Sound
from adapters.sip.texts import Texts
from adapters.sip.transfers import Transfers

DIGITS: Final = frozenset("0123456789*#ABCD")
END_OF_KEY: Final = 0.1
"""Seconds after which the end of a key cannot be on its way any more."""


class Calls:
    """All legs, what they hear, and what they say. Hears them as `legs.LegOwner`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        events: Events,
        rest: Callable[[Port], None],
        rtp_timeout: float,
        emptied: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._events = events
        self._emptied = emptied
        self.legs: dict[str, Leg] = {}
        self.inbound = 0
        """How many of them are callers'."""
        self.sound = Sound(loop, self.legs, rest, self._last_words_said, self._play_ended, self._unplayable)
        self.recordings = Recordings(loop, self._recording_ended)
        self.transfers = Transfers(loop, events)
        self.texts = Texts(loop, self.legs, events)
        self._silence = SilenceWatch(loop, self.legs, rtp_timeout, self._media_silent)

    @property
    def dialled(self) -> int:
        """How many legs we rang."""
        return len(self.legs) - self.inbound

    def picture(self) -> tuple[LegPicture, ...]:
        """Return all legs as they are now."""
        return tuple(self._pictured(leg) for leg in self.legs.values())

    def _pictured(self, leg: Leg) -> LegPicture:
        how = leg.inbound, leg.signal, leg.media, leg.held, self.recordings.of(leg), leg.target
        text = self.texts.of(leg)
        lines = (text.shown, text.typed.text, text.written.text) if text is not None else ()
        return LegPicture(leg.id, *how, *lines)

    def stop(self) -> None:
        """End everything: the worker stops."""
        for leg in tuple(self.legs.values()):
            self.end(leg, "worker", 503)
        self.recordings.stop_all()
        self._silence.stop()

    # ---- what is done to a leg ---------------------------------------------------------------------------------

    def add(self, leg: Leg) -> None:
        """Take a new leg in."""
        self.legs[leg.id] = leg
        self.inbound += leg.inbound

    def ring(self, leg: Leg) -> None:
        """Send 180 on an inbound leg. Raises SipError."""
        if leg.call is not None and leg.inbound and not leg.answered:
            leg.call.answer(180, leg.label)
            self.rings(leg)

    def pick_up(self, leg: Leg) -> None:
        """Answer an inbound leg. Raises SipError."""
        if leg.call is not None and leg.inbound and not leg.answered:
            leg.pick_up()
            leg.call.answer(200, leg.label)

    def redirect(self, leg: Leg, target: str) -> None:
        """Send the caller of an inbound leg, not answered yet, on to `target`. Raises SipError."""
        if leg.call is not None:
            leg.ended_by = "engine"
            leg.call.answer(302, (("Contact", f"<{target}>"), *leg.label))

    def probe(self, leg: Leg) -> None:
        """Ask the far end of an answered leg whether it is still there."""
        if leg.answered:
            self._silence.ask(leg)

    def end(self, leg: Leg, by: Literal["engine", "worker"], code: int, headers: Headers = ()) -> None:
        """Hang up, once what was given to be shown can have been read; `ended` is called then."""
        if leg.call is None or self.texts.holds_back(leg, lambda: self.end(leg, by, code, headers)):
            return
        leg.ended_by = by
        try:
            leg.call.hang_up(0 if leg.answered else code, (*headers, *leg.label))
        except SipError as error:
            log("hang_up_failed", reason=error.reason)

    # ---- what calls say ----------------------------------------------------------------------------------------

    def rings(self, leg: Leg) -> None:
        leg.rang = True
        if not leg.answered:
            leg.signal = "ringing"

    def confirmed(self, leg: Leg) -> None:
        self.texts.confirmed(leg)
        if leg.inbound or leg.connected:
            return
        if leg.confirm:
            self.rings(leg)
            leg.asked = True
            self.sound.ask(leg)
        else:
            self._answered(leg)

    def _answered(self, leg: Leg) -> None:
        leg.pick_up()
        if leg.timer is not None:
            leg.timer.cancel()
            leg.timer = None
        self._events.emit(LegAnswered, leg.id)
        if leg.held:
            self._events.emit(LegHeld, leg.id, True)
        self._audio_up(leg)

    def media_changed(self, leg: Leg) -> None:
        if leg.call is None:
            return
        leg.audio_since = self._loop.time()
        self.sound.audio_replaced(leg, leg.call.port())
        self.texts.stream_replaced(leg)
        before, held = leg.held, leg.call.held()
        if held != before:
            leg.hold(held)
        self._silence.answered(leg)
        if leg.asked:
            self.sound.ask(leg)
        if leg.answered:
            if held != before:
                self._events.emit(LegHeld, leg.id, leg.held)
            self._audio_up(leg)

    def _audio_up(self, leg: Leg) -> None:
        self.sound.audio_up(leg)
        self.recordings.audio_up(leg)

    def digit(self, leg: Leg, digit: str) -> None:
        if digit not in DIGITS:
            log("digit_unknown", leg=leg.id)
            return
        now = self._loop.time()
        (before, at), leg.key = leg.key, (digit, now)
        if digit == before and at < leg.audio_since and now - leg.audio_since < END_OF_KEY:
            return
        if not leg.asked:
            self._events.emit(DigitPressed, leg.id, digit)
        elif digit == CONFIRM:
            self.sound.confirmed(leg)
            self._answered(leg)

    def typed(self, leg: Leg, number: int, block: bytes) -> None:
        self.texts.received(leg, number, block)

    def transfer_asked(self, leg: Leg, refer_to: str, request: str) -> int:
        return self.transfers.asked(leg, refer_to, request)

    def refer_status(self, leg: Leg, code: int, final: bool) -> bool:
        return self.transfers.refer_status(leg, code, final)

    def ended(self, leg: Leg, code: int) -> None:
        self.forget(leg)
        leg.hold(False)
        times = leg.began, leg.answered_at, round(leg.held_for, 3)
        how = leg.ended_by, leg.answered, leg.rang
        self._events.emit(LegEnded, leg.id, code, *how, leg.stats, leg.network.name, *times)
        if not self.legs:
            self._emptied()

    def forget(self, leg: Leg) -> None:
        """Drop a leg that is over; who listened to it hears what follows."""
        if self.legs.pop(leg.id, None) is None:
            return
        if leg.inbound:
            self.inbound -= 1
        if leg.timer is not None:
            leg.timer.cancel()
            leg.timer = None
        self._silence.gone(leg)
        self.transfers.gone(leg)
        leg.call = None
        self.sound.gone(leg)
        self.texts.gone(leg)
        self.recordings.gone(leg)

    # ---- what sound and recordings say -------------------------------------------------------------------------

    def _last_words_said(self, leg: Leg) -> None:
        self.end(leg, "worker", 0)

    def _play_ended(self, leg: Leg, play: str) -> None:
        self._events.emit(PlayEnded, leg.id, play)

    def _unplayable(self, leg: Leg, path: str, why: str) -> None:
        log("file_unplayable", file=path, reason=why)
        self._events.emit(CommandFailed, leg.command, leg.id, "file_unplayable", path)

    def _recording_ended(self, recording: str, seconds: float, spoken: float) -> None:
        self._events.emit(RecordingEnded, recording, seconds, spoken)

    def _media_silent(self, leg: Leg, alive: bool) -> None:
        self._events.emit(MediaSilent, leg.id, alive)
