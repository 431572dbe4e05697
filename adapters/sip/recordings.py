"""Recordings: the mix of some legs in a WAV file. Silence ends one, or its greatest length, if the engine wished so."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
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
    __slots__ = ("began", "heard", "legs", "most", "path", "recorder", "silence", "timer")

    def __init__(self, path: str, recorder: Recorder, legs: set[str], silence: float, most: float, now: float) -> None:
        self.path = path
        self.recorder = recorder
        self.legs = legs
        self.silence = silence
        self.most = most
        self.began = now
        self.heard: float | None = None
        """When there was sound last."""
        self.timer: asyncio.TimerHandle | None = None

    @property
    def spoken(self) -> float:
        return self.heard - self.began if self.heard is not None else 0.0

    def is_over(self, now: float) -> bool:
        if self.most and now - self.began >= self.most:
            return True
        if not self.silence:
            return False
        if self.heard is None:
            return now - self.began >= BEFORE_FIRST * self.silence
        return now - self.heard >= self.silence


class Recordings:
    """Those that run now."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        legs: Mapping[str, Leg],
        ended: Callable[[str, float, float], None],
    ) -> None:
        """`ended` is told which, its length, and its length up to the last sound."""
        self._loop = loop
        self._legs = legs
        self._ended = ended
        self._running: dict[str, _Recording] = {}

    def __contains__(self, recording: str) -> bool:
        return recording in self._running

    def of(self, leg: Leg) -> str:
        """Return the latest recording that a leg is part of; empty for none."""
        return next((name for name, running in reversed(self._running.items()) if leg.id in running.legs), "")

    def start(self, recording: str, legs: Iterable[Leg], path: str, silence: float = 0.0, most: float = 0.0) -> None:
        """Record what comes from `legs`. Raises SipError when the file cannot be written."""
        legs = list(legs)
        running = _Recording(path, Recorder(path), {leg.id for leg in legs}, silence, most, self._loop.time())
        self._running[recording] = running
        running.timer = self._loop.call_later(LOOK_EVERY, self._look, recording)
        for leg in legs:
            if leg.port is not None and leg.answered:
                leg.port.feed(running.recorder)

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
            running.legs.discard(leg.id)
            if not running.legs:
                self.stop(recording)

    def stop(self, recording: str) -> None:
        """Finish a recording."""
        running = self._running.pop(recording)
        if running.timer is not None:
            running.timer.cancel()
        for leg in self._legs.values():
            if leg.port is not None and leg.id in running.legs:
                leg.port.cut(running.recorder)
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
        self._ended(recording, seconds, min(running.spoken, seconds))
