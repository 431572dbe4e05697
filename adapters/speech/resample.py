"""Changes the sample rate of speech, with libspeexdsp: PJSIP brings it along, so it costs no package of its own, and
its band-limited filter keeps the hiss of consonants clean where linear interpolation would fold it into the voice."""

import ctypes
from array import array
from functools import cache
from typing import Final

LIBRARY: Final = "libspeexdsp.so.1"
QUALITY: Final = 10
"""Of 0 to 10; offline, so the best."""


class MissingLibrary(Exception):
    """libspeexdsp is not installed."""

    error_id = "speech_library_missing"
    retryable = False

    def __init__(self) -> None:
        super().__init__("libspeexdsp is not installed: install it (apt-get install libspeexdsp1)")


def resample(samples: "array[int]", rate: int, wanted: int) -> "array[int]":
    """Return `samples` at `wanted` samples per second, without delay. Raises MissingLibrary."""
    if rate == wanted or not samples:
        return array("h", samples)
    speex = _library()
    error = ctypes.c_int()
    state = speex.speex_resampler_init(1, rate, wanted, QUALITY, ctypes.byref(error))
    if not state:
        raise ValueError(f"cannot change {rate} samples per second to {wanted}")
    try:
        speex.speex_resampler_skip_zeros(state)
        delay = speex.speex_resampler_get_input_latency(state)
        count_in, count_out = len(samples) + delay, len(samples) * wanted // rate
        source = (ctypes.c_int16 * count_in).from_buffer_copy(samples.tobytes() + bytes(2 * delay))
        target = (ctypes.c_int16 * count_out)()
        used, made = ctypes.c_uint32(count_in), ctypes.c_uint32(count_out)
        speex.speex_resampler_process_int(state, 0, source, ctypes.byref(used), target, ctypes.byref(made))
    finally:
        speex.speex_resampler_destroy(state)
    return array("h", target[: made.value])


@cache
def _library() -> ctypes.CDLL:
    try:
        speex = ctypes.CDLL(LIBRARY)
    except OSError:
        raise MissingLibrary from None
    speex.speex_resampler_init.restype = ctypes.c_void_p
    for name in ("skip_zeros", "get_input_latency", "process_int", "destroy"):
        function = getattr(speex, f"speex_resampler_{name}")
        first: list[type] = [ctypes.c_void_p]
        function.argtypes = first + ([ctypes.c_uint32] + 4 * [ctypes.c_void_p] if name == "process_int" else [])
    return speex
