"""The music of waiting: quiet, seamless, always the same."""

import time
from array import array
from pathlib import Path

import numpy as np
import pytest

from adapters.speech import music, wav
from adapters.speech.settings import SpeechSettings


@pytest.mark.parametrize("rate", [8000, 16000])
def test_loop(rate: int) -> None:
    begun = time.process_time()
    samples = np.array(music.compose(rate), dtype=float) / 32768
    assert time.process_time() - begun < 2
    assert len(samples) == 30 * rate
    assert 20 * np.log10(np.sqrt(np.mean(samples**2))) == pytest.approx(-24, abs=0.1)
    assert np.abs(samples).max() < 0.5
    steps = np.abs(np.diff(np.concatenate([samples, samples[:1]])))
    assert steps[-1] <= np.quantile(steps, 0.999)
    around = np.concatenate([samples[-rate // 10 :], samples[: rate // 10]])
    bends = np.abs(np.diff(around, 2))
    assert bends[rate // 10 - 4 : rate // 10 + 4].max() <= bends.max() * 1.0001
    assert bends.max() < np.abs(np.diff(samples, 2)).max() * 1.5


def test_never_silent() -> None:
    samples = np.array(music.compose(8000), dtype=float).reshape(-1, 800)
    assert np.sqrt(np.mean(samples**2, axis=1)).min() > 300


def test_same_every_time() -> None:
    assert music.compose(8000) == music.compose(8000)


def test_ringback_is_a_tone_of_one_second_in_six() -> None:
    samples = np.array(music.ringback(8000), dtype=float)
    assert len(samples) == 6 * 8000
    spectrum = np.abs(np.fft.rfft(samples[:8000]))
    assert int(spectrum.argmax()) == 425
    assert not samples[8000:].any()


def test_made_once(tmp_path: Path) -> None:
    files = music.ensure(SpeechSettings(rate=8000), tmp_path)
    path = tmp_path / "music" / "default.wav"
    assert files == {"default": str(path), "ringback": str(path.with_name("ringback.wav"))}
    assert wav.described(path) == (8000, 30)
    stamp = path.stat().st_mtime_ns
    assert music.ensure(SpeechSettings(rate=8000), tmp_path) == files
    assert path.stat().st_mtime_ns == stamp
    music.ensure(SpeechSettings(rate=16000), tmp_path)
    assert wav.described(path) == (16000, 30)
    assert {one.name for one in path.parent.iterdir()} == {"default.wav", "ringback.wav"}


def test_own_music_wins(tmp_path: Path) -> None:
    own = {"default": "/somewhere/own.wav", "ringback": "/somewhere/tone.wav"}
    assert music.ensure(SpeechSettings(music=own), tmp_path) == own
    assert not (tmp_path / "music").exists()


def test_broken_wav_is_refused() -> None:
    for data in (b"", b"RIFF", b"x" * 100):
        with pytest.raises(ValueError, match="no WAV"):
            wav.read(data)


def test_wav_round_trip(tmp_path: Path) -> None:
    samples = array("h", [0, 1, -1, 32767, -32768])
    wav.write(tmp_path / "a.wav", samples, 8000)
    assert wav.read((tmp_path / "a.wav").read_bytes()) == (samples, 8000)
