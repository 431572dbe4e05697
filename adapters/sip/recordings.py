"""Recordings: the mix of some legs in a WAV file."""

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import Final

from adapters.sip.legs import Leg
from adapters.sip.native import Recorder
from adapters.sip.wav import BadWav, wav_seconds

SETTLE: Final = 0.1
"""Seconds for the bridge to let go of a recorder, and for its file to be closed."""


class _Recording:
    __slots__ = ("legs", "path", "recorder", "timer")

    def __init__(self, path: str, recorder: Recorder, legs: dict[str, Leg]) -> None:
        self.path = path
        self.recorder = recorder
        self.legs = legs
        self.timer: asyncio.TimerHandle | None = None
        """Its greatest length."""


class Recordings:
    """Those that run now."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ended: Callable[[str, float], None]) -> None:
        self._loop = loop
        self._ended = ended
        self._running: dict[str, _Recording] = {}

    def __contains__(self, recording: str) -> bool:
        return recording in self._running

    def start(self, recording: str, legs: Iterable[Leg], path: str, seconds_max: float = 0.0) -> None:
        """Record what comes from `legs`, without limit if `seconds_max` is 0.

        Raises SipError or OSError when the file cannot be written, or is there already.
        """
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        recorder = Recorder(path)
        self._running[recording] = running = _Recording(path, recorder, {leg.id: leg for leg in legs})
        for leg in running.legs.values():
            if leg.port is not None and leg.answered:
                leg.port.feed(recorder)
        if seconds_max > 0:
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
        self._loop.call_later(SETTLE, self._close, recording, running)

    def stop_all(self) -> None:
        """Finish all at once, when the worker stops."""
        for recording in tuple(self._running):
            self.stop(recording)

    def _close(self, recording: str, running: _Recording) -> None:
        running.recorder.native = None
        self._loop.call_later(SETTLE, self._closed, recording, running.path)

    def _closed(self, recording: str, path: str) -> None:
        try:
            seconds = wav_seconds(path)
        except (OSError, BadWav):
            seconds = 0.0
        self._ended(recording, seconds)
