"""Recordings: can they be played?"""

import wave
from pathlib import Path

from adapters.sip.settings_check import CLOCK_RATES


def playable(path: Path) -> str:
    """Say what is wrong with a WAV file; empty when nothing is. Only the head of the file is read."""
    try:
        with wave.open(str(path)) as file:
            channels, width, rate, frames = file.getparams()[:4]
    except FileNotFoundError:
        return f"there is no file {path.name} there"
    except (OSError, EOFError, wave.Error) as error:
        return f"{path.name} is no PCM WAV file ({error}); make one by: sox IN -r 16000 -c 1 -b 16 {path.name}"
    if (channels, width) != (1, 2) or rate not in CLOCK_RATES:
        return (
            f"{path.name} has {channels} channels, {8 * width} bits, {rate} Hz; wanted: mono, 16 bits, 16000 Hz. "
            f"Make one by: sox IN -r 16000 -c 1 -b 16 {path.name}"
        )
    return "" if frames else f"{path.name} is silent: it holds no sound at all"
