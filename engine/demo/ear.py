"""What somebody at a telephone makes of what is heard: silence, a voice, or music. Pure: levels in, ten a second.

A robot understands no words, but it hears when a prompt is over, when the other one has finished speaking, and when
there is music again. That is what people react to, too. Levels are `adapters.sip.native.Port.loudness`.
"""

from collections import deque
from typing import Final

EVERY_S: Final = 0.1
"""Seconds between looks."""
QUIET: Final = 8
"""Levels below are silence: breath, comfort noise."""
PAUSE_S: Final = 0.8
"""Silence after which somebody has finished speaking: espeak-ng pauses for up to half a second between sentences, and
two prompts in a row are as far apart."""
MUSIC_S: Final = 1.2
"""How long a sound has to be even to be music."""
EVEN: Final = 7
"""Levels of music lie as close together as that; those of speech never do for so long."""
WORD_S: Final = 0.3
"""A voice that is shorter is a click."""
BEEP_S: Final = 0.3
"""The longest beep; it stands alone."""
BEEP: Final = 26
"""It is as loud as anything."""
ALONE: Final = 2
"""Looks of silence around a beep."""


class Ear:
    """Listens to one call."""

    def __init__(self) -> None:
        self._last: deque[int] = deque(maxlen=round(MUSIC_S / EVERY_S))
        self._quiet = 0
        self._voice = 0
        self._beep = False

    def take(self, level: int) -> None:
        """Hear what comes next."""
        self._last.append(level)
        if level < QUIET:
            self._quiet += 1
        else:
            self._quiet = 0
            self._voice += 1
            self._beep = False
        if self.music:
            self._voice = 0
        elif self._quiet == ALONE:
            self._beep = self._beeped()

    def begin(self) -> None:
        """Forget what was heard: something new is waited for."""
        self._last.clear()
        self._quiet = self._voice = 0
        self._beep = False

    @property
    def silence(self) -> float:
        """Return for how many seconds nothing has been heard."""
        return self._quiet * EVERY_S

    @property
    def music(self) -> bool:
        """Tell whether music is heard."""
        last = self._last
        return len(last) == last.maxlen and min(last) >= QUIET and max(last) - min(last) < EVEN

    @property
    def beep(self) -> bool:
        """Tell whether the last thing heard was a beep: speak now."""
        return self._beep

    def _beeped(self) -> bool:
        """Look for a beep before the silence that has just been heard."""
        heard = list(self._last)[:-ALONE]
        loud = 0
        while loud < len(heard) and heard[-1 - loud] >= QUIET:
            loud += 1
        before = heard[: len(heard) - loud][-ALONE:]
        tone = heard[len(heard) - loud :]
        alone = len(before) == ALONE and max(before) < QUIET
        return alone and 0 < loud * EVERY_S <= BEEP_S + EVERY_S / 2 and max(tone) >= BEEP

    @property
    def voice(self) -> bool:
        """Tell whether anybody has spoken since `begin`, or since there was music."""
        return self._voice * EVERY_S >= WORD_S

    def finished(self, pause: float = PAUSE_S) -> bool:
        """Tell whether somebody has spoken, and nothing for `pause` seconds since."""
        return self.voice and self.silence >= pause
