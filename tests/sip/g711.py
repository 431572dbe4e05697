"""G.711 and tones, for hearing what arrives."""

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = 160
"""Samples of 20 ms."""

Samples = NDArray[np.float64]


def _a_law_table() -> Samples:
    codes = np.arange(256) ^ 0x55
    exponent, mantissa = (codes >> 4) & 7, codes & 15
    steps = np.where(exponent == 0, 2 * mantissa + 1, (2 * mantissa + 33) << np.maximum(exponent - 1, 0))
    return np.where(codes & 0x80, steps, -steps) * 8.0


def _mu_law_table() -> Samples:
    codes = ~np.arange(256) & 0xFF
    exponent, mantissa = (codes >> 4) & 7, codes & 15
    steps = ((2 * mantissa + 33) << exponent) - 33
    return np.where(codes & 0x80, -steps, steps) * 4.0


_TABLES = {8: _a_law_table(), 0: _mu_law_table()}
"""By RTP payload type."""


def decode(payload: bytes, payload_type: int) -> Samples:
    """Return the samples of a G.711 payload."""
    return _TABLES[payload_type][np.frombuffer(payload, np.uint8)]


def encode(samples: Samples, payload_type: int) -> bytes:
    """Return samples as G.711."""
    table = _TABLES[payload_type]
    order = np.argsort(table, kind="stable")
    middles = (table[order][1:] + table[order][:-1]) / 2
    return order[np.searchsorted(middles, samples)].astype(np.uint8).tobytes()


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE, level: float = 8000.0) -> Samples:
    """Return a sine; silence for 0 Hz."""
    return level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def share(samples: Samples, hertz: float, rate: int = RATE) -> float:
    """Return which part of the energy lies at `hertz` (Goertzel's sum, by one dot product): 0 to 1."""
    energy = float(np.dot(samples, samples))
    if len(samples) == 0 or energy / len(samples) < 100.0**2:
        return 0.0
    wave = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / rate)
    return float(2 * abs(np.dot(samples, wave)) ** 2 / (len(samples) * energy))


def share_by_frames(samples: Samples, hertz: float) -> float:
    """Return the same as the mean of all frames: a jitter buffer that makes up for a busy machine lets a tone jump in
    between."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return float(np.mean([share(frame, hertz) for frame in frames])) if len(frames) else 0.0
