"""WAV files as everything here is kept: PCM, mono, 16 bits."""

import os
import sys
import wave
from array import array
from pathlib import Path

SAMPLE_MAX = 32767


def write(path: Path, samples: "array[int]", rate: int) -> None:
    """Write the file whole or not at all: a crash leaves no half of it behind. Raises OSError."""
    if sys.byteorder == "big":
        samples = array("h", samples)
        samples.byteswap()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setparams((1, 2, rate, len(samples), "NONE", "not compressed"))
            file.writeframesraw(samples.tobytes())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(data: bytes) -> "tuple[array[int], int]":
    """Return samples and rate of a whole file. Raises ValueError when it is not mono with 16 bits.

    The lengths in the head are not believed: what is written to a pipe cannot know them.
    """
    at = data.find(b"data")
    if data[:4] != b"RIFF" or at < 36 or data[22:24] != b"\x01\x00" or data[34:36] != b"\x10\x00":
        raise ValueError("no WAV sound, mono and 16 bits")
    body = data[at + 8 :]
    samples = array("h", body[: len(body) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples, int.from_bytes(data[24:28], "little")


def mended(data: bytes) -> bytes:
    """Return a file whose head tells its lengths: one that was broken off while it was written tells none."""
    at = data.find(b"data")
    if data[:4] != b"RIFF" or at < 36:
        return data
    body = len(data) - at - 8
    lengths = (len(data) - 8).to_bytes(4, "little"), body.to_bytes(4, "little")
    return data[:4] + lengths[0] + data[8 : at + 4] + lengths[1] + data[at + 8 :]


def described(path: Path) -> tuple[int, float]:
    """Return rate and seconds, read from the head. Raises OSError, EOFError or wave.Error."""
    with wave.open(str(path)) as file:
        return file.getframerate(), file.getnframes() / file.getframerate()
