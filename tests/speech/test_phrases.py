"""Phrases with values: of which sounds they are made, ready before anybody rings, and which sound wins."""

from array import array
from pathlib import Path

import numpy as np
import pytest

from adapters.speech import espeak, script, tones, wav
from adapters.speech.prompts import Prompts
from adapters.speech.script import Line, Slot
from adapters.speech.settings import SpeechSettings
from ivr.phrase import BEEP, Digits, Phrase, Recorded

LANGUAGES = ("sv", "en-gb", "fi", "ar")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello.", ["p"]),
        ("You are number {number} in line.", ["p.1", Slot("number"), "p.2"]),
        ("{number}", [Slot("number")]),
        ("From {low} to {high}.", ["p.1", Slot("low"), "p.2", Slot("high")]),
        ("{digits}? Press one.", [Slot("digits"), "p.2"]),
    ],
)
def test_a_text_is_cut_at_its_values(text: str, parts: list[object]) -> None:
    assert list(script.parts("p", text)) == parts


def test_a_voice_does_not_fall_before_a_value() -> None:
    lines = script.lines({"p": "You are number {number} in line."})
    assert lines["p.1"] == Line("You are number,", joined=True)
    assert lines["p.2"] == Line("in line.")
    assert lines["number.100"] == Line("100,", joined=True)


def test_only_numbers_that_can_be_needed_are_made() -> None:
    assert "number.0" not in script.lines({"p": "Hello."})
    assert "number.0" not in script.lines({"p": "So: {recording}"})
    digits = script.lines({"p": "{digits}, {key}"})
    assert {f"number.{n}" for n in range(10)} <= digits.keys()
    assert "number.10" not in digits


@pytest.mark.parametrize(
    ("value", "names"),
    [(0, ["number.0"]), (100, ["number.100"]), (101, ["number.1", "number.0", "number.1"]), (-3, ["number.3"])],
)
def test_a_number_too_large_is_said_digit_by_digit(value: int, names: list[str]) -> None:
    assert script.numbers(value) == names


async def prompts(
    tmp_path: Path, texts: dict[str, dict[str, str]], kept: dict[tuple[str, str], str], **more: object
) -> Prompts:
    settings = SpeechSettings(rate=8000, texts=texts, **more)  # type: ignore[arg-type]
    files = await espeak.ensure(settings, tmp_path)
    return Prompts(settings, files, tones.ensure(8000, tmp_path), "en-gb", kept)


def names(files: tuple[str, ...]) -> list[str]:
    """Return the names of sounds, without their hashes."""
    return [Path(file).stem.rsplit("-", 1)[0] for file in files]


async def test_a_phrase_is_said_piece_by_piece(tmp_path: Path) -> None:
    said = await prompts(tmp_path, {"en-gb": {"place": "You are number {number} in line.", "right": "{digits}?"}}, {})
    assert names(said.phrase("en-gb", Phrase("place", {"number": 7}))) == ["place.1", "number.7", "place.2"]
    given = lambda value: "4071" if value == Digits("account") else ""  # noqa: E731
    assert names(said.phrase("en-gb", Phrase("right", {"digits": Digits("account")}), given)) == [
        "number.4", "number.0", "number.7", "number.1",
    ]  # fmt: skip
    assert said.missing == 0


async def test_numbers_in_every_language_are_words_of_their_own(tmp_path: Path) -> None:
    said = await prompts(tmp_path, {one: {"place": "{number}"} for one in LANGUAGES}, {})
    for language in LANGUAGES:
        sounds = {number: spoken(said, language, number) for number in (0, 1, 2, 14, 20, 37, 99, 100)}
        assert len(set(sounds.values())) == len(sounds)


def spoken(said: Prompts, language: str, number: int) -> bytes:
    """Return the samples of a number, which must be speech without long silence around it."""
    (path,) = said.phrase(language, Phrase("place", {"number": number}))
    samples, rate = wav.read(Path(path).read_bytes())
    loud = np.abs(np.array(samples))
    assert 0.15 < len(samples) / rate < 3
    assert loud.max() > 10000
    assert loud[: rate // 5].max() > 1000
    assert loud[-rate // 5 :].max() > 300
    return samples.tobytes()


async def test_what_is_recorded_by_telephone_wins_and_then_recordings_of_the_folder(tmp_path: Path) -> None:
    path = str(tmp_path / "own.wav")
    wav.write(Path(path), array("h", [100] * 800), 8000)
    texts = {"en-gb": {"hello": "Hello.", "place": "Number {number} in line."}}
    kept: dict[tuple[str, str], str] = {}
    recordings = {"en-gb": {"hello": path, "place.1": path, "number.5": path}}
    said = await prompts(tmp_path, texts, kept, recordings=recordings)
    assert said.phrase("en-gb", Phrase("hello")) == (path,)
    place = said.phrase("en-gb", Phrase("place", {"number": 5}))
    assert place[:2] == (path, path)
    assert names(place)[2] == "place.2"
    kept["en-gb", "hello"] = "/by/telephone.wav"
    assert said.phrase("en-gb", Phrase("hello")) == ("/by/telephone.wav",)
    del kept["en-gb", "hello"]
    assert said.phrase("en-gb", Phrase("hello")) == (path,)


async def test_what_cannot_be_said_is_a_moment_of_silence_and_counted(tmp_path: Path) -> None:
    said = await prompts(tmp_path, {"en-gb": {"hello": "Hello."}, "sv": {"only": "Hej."}}, {})
    assert names(said.phrase("sv", Phrase("hello"))) == ["hello"], "the house's own language, rather than nothing"
    assert names(said.phrase("", Phrase("hello"))) == ["hello"]
    assert names(said.phrase("fi", Phrase("nowhere"))) == ["pause"]
    assert said.missing == 1
    assert names(said.phrase("sv", BEEP)) == ["beep"]
    assert names(said.phrase("en-gb", Phrase("only", language="sv"))) == ["only"]


async def test_a_recording_is_played_back_where_the_text_names_it(tmp_path: Path) -> None:
    said = await prompts(tmp_path, {"en-gb": {"review": "This is it: {recording} Keep it?"}}, {})
    phrase = Phrase("review", {"recording": Recorded("report3", "what")})
    files = said.phrase("en-gb", phrase, lambda value: f"/{value.name}.wav")
    assert files[1] == "/what.wav"
    assert len(said.phrase("en-gb", phrase, lambda _value: "")) == 2, "nothing was recorded"


def test_tones_are_made_once(tmp_path: Path) -> None:
    made = tones.ensure(16000, tmp_path)
    stamp = Path(made.beep).stat().st_mtime_ns
    assert tones.ensure(16000, tmp_path) == made
    assert Path(made.beep).stat().st_mtime_ns == stamp
    samples, rate = wav.read(Path(made.beep).read_bytes())
    assert rate == 16000
    assert int(np.abs(np.fft.rfft(np.array(samples, dtype=float))).argmax()) == pytest.approx(250, abs=1), "1000 Hz"
    assert wav.described(Path(made.pause)) == (16000, 0.2)
