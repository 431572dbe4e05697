"""Prompts by the real espeak-ng and libspeexdsp, both Debian packages of set-up."""

import asyncio
import math
import stat
import time
import wave
from array import array
from pathlib import Path

import numpy as np
import pytest

from adapters.speech import espeak, wav
from adapters.speech.resample import resample
from adapters.speech.settings import SpeechSettings


def speech(rate: int = 16000, **changes: object) -> SpeechSettings:
    texts = {"sv": {"hello": "Välkommen till Malmö stad."}, "en": {"hello": "--help yourself"}}
    return SpeechSettings(**{"rate": rate, "texts": texts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [8000, 16000])
async def test_prompts_are_spoken(tmp_path: Path, rate: int) -> None:
    files = await espeak.ensure(speech(rate), tmp_path)
    assert set(files) == {("sv", "hello"), ("en", "hello")}
    for file in files.values():
        assert 0.5 < file.seconds < 5
        samples = read(Path(file.path), rate)
        assert 0.45 < np.abs(samples).max() < 0.55
        assert math.sqrt(float(np.mean(samples**2))) > 0.02


async def test_spoken_once_and_then_fast(tmp_path: Path) -> None:
    texts = {"en": {f"p{n}": f"Number {n}." for n in range(30)}}
    first = await espeak.ensure(speech(texts=texts), tmp_path)
    stamps = times(first)
    begun = time.perf_counter()
    again = await espeak.ensure(speech(texts=texts), tmp_path)
    assert time.perf_counter() - begun < 0.02
    assert again == first
    assert times(again) == stamps


async def test_changed_text_or_voice_is_spoken_anew(tmp_path: Path) -> None:
    first = await espeak.ensure(speech(), tmp_path)
    other = await espeak.ensure(speech(texts={"sv": {"hello": "Hej."}, "en": {"hello": "Hi."}}), tmp_path)
    voiced = await espeak.ensure(speech(voices={"en": "en-us"}), tmp_path)
    assert first["sv", "hello"].path != other["sv", "hello"].path
    assert first["sv", "hello"].path == voiced["sv", "hello"].path
    assert first["en", "hello"].path != voiced["en", "hello"].path


async def test_recordings_win(tmp_path: Path) -> None:
    path = tmp_path / "hello.wav"
    wav.write(path, array("h", [100] * 8000), 16000)
    recordings = {"sv": {"hello": str(path), "only-recorded": str(path)}}
    files = await espeak.ensure(speech(recordings=recordings), tmp_path / "data")
    assert files["sv", "hello"] == espeak.PromptFile(str(path), 0.5)
    assert files["sv", "only-recorded"] == espeak.PromptFile(str(path), 0.5)


async def test_half_written_file_is_spoken_anew(tmp_path: Path) -> None:
    files = await espeak.ensure(speech(), tmp_path)
    (tmp_path / files["sv", "hello"].path).write_bytes(b"RIFF")
    again = await espeak.ensure(speech(), tmp_path)
    assert again == files


async def test_unknown_voice(tmp_path: Path) -> None:
    with pytest.raises(espeak.SpeechError) as caught:
        await espeak.ensure(speech(texts={"xx": {"hello": "Hi."}}), tmp_path)
    assert str(caught.value) == (
        'espeak-ng cannot speak with the voice "xx" for language xx: choose one of `espeak-ng --voices` under '
        "`voices:` in vaxel.yaml"
    )


async def test_missing_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(espeak.SpeechError) as caught:
        await espeak.ensure(speech(texts={"sv": {"hello": "Hej."}}), tmp_path)
    assert str(caught.value) == (
        "espeak-ng is not installed: install it (apt-get install espeak-ng), or put recordings into prompts/sv/ of the "
        "configuration folder"
    )


async def test_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(espeak, "SPEAK_WITHIN_S", 0.2)
    begun = time.perf_counter()
    with pytest.raises(espeak.SpeechError, match="did not finish"):
        await espeak.ensure(speech(texts={"sv": {"hello": "Hej."}}), tmp_path)
    assert time.perf_counter() - begun < 5


async def test_unwritable_folder(tmp_path: Path) -> None:
    (tmp_path / "prompts").write_text("in the way")
    with pytest.raises(espeak.SpeechError, match=r"^cannot write .*/prompts/"):
        await espeak.ensure(speech(), tmp_path)


async def test_nothing_to_say(tmp_path: Path) -> None:
    assert await espeak.ensure(SpeechSettings(), tmp_path) == {}
    assert not asyncio.all_tasks() - {asyncio.current_task()}


def test_resampling_keeps_the_voice_and_drops_what_would_fold() -> None:
    def sine(hertz: int) -> "array[int]":
        return array("h", [round(10000 * math.sin(2 * math.pi * hertz * n / 22050)) for n in range(22050)])

    def level(samples: "array[int]") -> float:
        return float(np.sqrt(np.mean(np.square(np.array(samples[1000:-1000], dtype=float)))))

    kept, folded = resample(sine(1000), 22050, 16000), resample(sine(9500), 22050, 16000)
    assert len(kept) == 16000
    assert level(kept) == pytest.approx(10000 / math.sqrt(2), rel=0.01)
    assert level(folded) < 10000 / math.sqrt(2) / 1000
    spectrum = np.abs(np.fft.rfft(np.array(kept, dtype=float)))
    assert int(spectrum.argmax()) == 1000


def times(files: espeak.PromptFiles) -> list[int]:
    return [Path(file.path).stat().st_mtime_ns for file in files.values()]


def read(path: Path, rate: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (1, 2, rate)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
