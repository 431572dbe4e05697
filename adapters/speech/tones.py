"""Sounds that are no speech: the beep after which a caller speaks, and a moment of silence."""

import math
import wave
from array import array
from pathlib import Path
from typing import Final

from msgspec import Struct

from adapters.speech import wav

BEEP_HZ: Final = 1000
BEEP_S: Final = 0.25
BEEP_LEVEL: Final = 0.2
"""Of full scale."""
FADE_S: Final = 0.01
PAUSE_S: Final = 0.2


class Tones(Struct, frozen=True):
    """Absolute paths."""

    beep: str
    pause: str


def ensure(rate: int, data: Path) -> Tones:
    """Return the files, made once below data/tones. Raises OSError when they cannot be written."""
    made = {"beep": _beep, "pause": _pause}
    paths = {name: (data / "tones" / f"{name}-{rate}.wav").resolve() for name in made}
    for name, path in paths.items():
        try:
            wav.described(path)
        except (OSError, EOFError, wave.Error):
            wav.write(path, made[name](rate), rate)
    return Tones(**{name: str(path) for name, path in paths.items()})


def _beep(rate: int) -> "array[int]":
    count, fade = int(BEEP_S * rate), FADE_S * rate
    level = BEEP_LEVEL * wav.SAMPLE_MAX
    return array(
        "h",
        [
            round(level * min(1.0, n / fade, (count - n) / fade) * math.sin(2 * math.pi * BEEP_HZ * n / rate))
            for n in range(count)
        ],
    )


def _pause(rate: int) -> "array[int]":
    return array("h", bytes(2 * int(PAUSE_S * rate)))
