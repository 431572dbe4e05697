"""What is heard while people wait when nobody put anything in: soft chords in line, a tone while somebody is rung. The
same on every machine."""

import math
import wave
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Final

from adapters.speech import wav
from adapters.speech.settings import SpeechSettings

SECONDS: Final = 30
LEVEL: Final = 10 ** (-24 / 20)
"""Of full scale, root mean square: below speech, so that an announcement is not a shock."""
CHORDS: Final = ((262, 330, 392, 494), (220, 330, 392, 524), (349, 440, 523, 659), (294, 392, 494, 587))
"""Whole hertz, so that one second of a chord can be repeated without a seam."""
RINGBACK_HZ: Final = 425
PARTIALS: Final = ((1, 1.0), (2, 0.3), (3, 0.1))
FADE_S: Final = 2.5
"""Chords melt into each other, the last into the first."""


def ensure(settings: SpeechSettings, data: Path) -> dict[str, str]:
    """Return music source to absolute WAV path; makes what is not configured below data/music once, in about a third of
    a second. Raises OSError when that cannot be written."""
    missing = {name: make for name, make in MADE.items() if name not in settings.music}
    made = {name: _made(data / "music" / f"{name}.wav", settings.rate, make) for name, make in missing.items()}
    return made | settings.music


def _made(path: Path, rate: int, make: Callable[[int], "array[int]"]) -> str:
    path = path.resolve()
    try:
        there = wav.described(path)[0] == rate
    except (OSError, EOFError, wave.Error):
        there = False
    if not there:
        wav.write(path, make(rate), rate)
    return str(path)


def ringback(rate: int) -> "array[int]":
    """Return the tone that says that somebody is being rung: 1 s in 6, as Swedish exchanges have it (ITU-T E.180)."""
    pitch = 2 * math.pi * RINGBACK_HZ / rate
    gain = LEVEL * math.sqrt(2) * wav.SAMPLE_MAX
    edge = rate // 200  # or it would begin and end with a click
    tone = [gain * min(n, rate - n, edge) / edge * math.sin(pitch * n) for n in range(rate)]
    return array("h", [round(sample) for sample in tone] + [0] * (5 * rate))


def compose(rate: int, seconds: int = SECONDS) -> "array[int]":
    """Return the loop: its end leads into its beginning without a click."""
    total = rate * seconds
    mix = [0.0] * total
    each, fade = total // len(CHORDS), int(FADE_S * rate)
    up = [math.sin(math.pi / 2 * n / fade) ** 2 for n in range(fade)]
    envelope = up + [1.0] * (each - fade) + up[::-1]
    for index, chord in enumerate(CHORDS):
        second = _second(chord, rate)
        repeated = second * (len(envelope) // rate + 1)
        sound = [sample * level for sample, level in zip(repeated, envelope, strict=False)]
        start = index * each
        for first, part in ((start, sound[: total - start]), (0, sound[total - start :])):
            here = mix[first : first + len(part)]
            mix[first : first + len(part)] = [a + b for a, b in zip(here, part, strict=True)]
    loudness = math.sqrt(sum(sample * sample for sample in mix) / total)
    gain = LEVEL * wav.SAMPLE_MAX / loudness
    return array("h", [round(sample * gain) for sample in mix])


def _second(chord: tuple[int, ...], rate: int) -> list[float]:
    """Return one second of a chord; the voices begin at different phases, or their peaks would add up."""
    turn = 2 * math.pi / rate
    table = [math.sin(turn * n) for n in range(rate)]
    sound = [0.0] * rate
    for voice, note in enumerate(chord):
        for partial, strength in PARTIALS:
            step, phase = note * partial, voice * rate // 7
            sound = [old + strength * table[(n * step + phase) % rate] for n, old in enumerate(sound)]
    return sound


MADE: Final[dict[str, Callable[[int], "array[int]"]]] = {"default": compose, "ringback": ringback}
"""Music that is there even if nobody put any in."""
