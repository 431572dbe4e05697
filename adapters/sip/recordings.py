"""Recordings: the mix of some legs in a WAV file. Silence ends one, or its greatest length, if the engine wished so."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from adapters.sip.legs import Leg
from adapters.sip.native import Recorder
from adapters.sip.wav import BadWav, wav_seconds

SETTLE: Final = 0.1
"""Seconds for the bridge to let go of a recorder, and for its file to be closed."""
LOOK_EVERY: Final = 0.1
"""Seconds between looks at how loud it is."""
QUIET: Final = 7
"""Levels (`native.Recorder.level`) up to here are silence: about -45 dB of full scale, noise of a line or a room."""
BEFORE_FIRST: Final = 2.0
"""So many times longer may it be silent before anything is said."""


class _Recording:
    __slots__ = ("began", "heard", "legs", "path", "recorder", "seconds_max", "silence", "timer")

    def __init__(
        self, path: str, recorder: Recorder, legs: dict[str, Leg], seconds_max: float, silence: float, now: float
    ) -> None:
        self.path = path
        self.recorder = recorder
        self.legs = legs
        self.seconds_max = seconds_max
        self.silence = silence
        self.began = now
        self.heard: float | None = None
        """When there was sound last."""
        self.timer: asyncio.TimerHandle | None = None
        """The next look, or its greatest length."""

    @property
    def spoken(self) -> float:
        return self.heard - self.began if self.heard is not None else 0.0

    def is_over(self, now: float) -> bool:
        if self.seconds_max and now - self.began >= self.seconds_max:
            return True
        if self.heard is None:
            return now - self.began >= BEFORE_FIRST * self.silence
        return now - self.heard >= self.silence


class Recordings:
    """Those that run now."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ended: Callable[[str, float, float], None]) -> None:
        """`ended` is told which, its length, and its length up to the last sound, for those that silence may end."""
        self._loop = loop
        self._ended = ended
        self._running: dict[str, _Recording] = {}
        self.closing = 0
        """Recordings whose files are not complete yet."""

    def __contains__(self, recording: str) -> bool:
        return recording in self._running

    def of(self, leg: Leg) -> str:
        """Return the latest recording that a leg is part of; empty for none."""
        return next((name for name, running in reversed(self._running.items()) if leg.id in running.legs), "")

    def start(
        self, recording: str, legs: Iterable[Leg], path: str, seconds_max: float = 0.0, silence: float = 0.0
    ) -> None:
        """Record what comes from `legs`; 0 is no limit. Raises SipError when the file cannot be written."""
        recorder, now = Recorder(path), self._loop.time()
        running = _Recording(path, recorder, {leg.id: leg for leg in legs}, seconds_max, silence, now)
        self._running[recording] = running
        for leg in running.legs.values():
            if leg.port is not None and leg.answered:
                leg.port.feed(recorder)
        if silence > 0:
            running.timer = self._loop.call_later(LOOK_EVERY, self._look, recording)
        elif seconds_max > 0:
            running.timer = self._loop.call_later(seconds_max, self.stop, recording)

    def audio_up(self, leg: Leg) -> None:
        """Connect a leg's new audio to the recordings it belongs to."""
        if leg.port is None:
            return
        for running in self._running.values():
            if leg.id in running.legs:
                leg.port.feed(running.recorder)

    def gone(self, leg: Leg) -> None:
        """A leg ended; a recording ends with its last one."""
        for recording, running in tuple(self._running.items()):
            if running.legs.pop(leg.id, None) is not None and not running.legs:
                self.stop(recording)

    def stop(self, recording: str) -> None:
        """Finish a recording."""
        running = self._running.pop(recording)
        if running.timer is not None:
            running.timer.cancel()
        for leg in running.legs.values():
            if leg.port is not None:
                leg.port.cut(running.recorder)
        self.closing += 1
        self._loop.call_later(SETTLE, self._close, recording, running)

    def stop_all(self) -> None:
        """Finish all at once, when the worker stops."""
        for recording in tuple(self._running):
            self.stop(recording)

    def _look(self, recording: str) -> None:
        running, now = self._running[recording], self._loop.time()
        if running.recorder.level() > QUIET:
            running.heard = now
        if running.is_over(now):
            self.stop(recording)
        else:
            running.timer = self._loop.call_later(LOOK_EVERY, self._look, recording)

    def _close(self, recording: str, running: _Recording) -> None:
        running.recorder.native = None
        self._loop.call_later(SETTLE, self._closed, recording, running)

    def _closed(self, recording: str, running: _Recording) -> None:
        try:
            seconds = wav_seconds(running.path)
        except (OSError, BadWav):
            seconds = 0.0
        self.closing -= 1
        self._ended(recording, seconds, min(running.spoken, seconds) if running.silence else seconds)
