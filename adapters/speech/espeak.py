"""Prompts as WAV files: recordings where there are any, espeak-ng's voice for the rest, spoken once and kept."""

import asyncio
import hashlib
import subprocess
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from adapters.speech import script, wav
from adapters.speech.resample import MissingLibrary, resample
from adapters.speech.script import Line
from adapters.speech.settings import SpeechSettings

PROGRAM: Final = "espeak-ng"
WORDS_PER_MINUTE: Final = 150
PEAK: Final = 0.5
"""Of full scale: loudness well above the music's, and room for the codec."""
AT_ONCE: Final = 2
SPEAK_WITHIN_S: Final = 30.0
QUIET: Final = 0.01
"""Of full scale: what is softer at the ends of a joined sound is cut off."""
JOINT_S: Final = 0.06
"""Silence left at the ends of a joined sound: a sentence made of pieces flows, digits do not run into each other."""
RECIPE: Final = 1
"""Raised when the same text is to sound different, so that what was kept is spoken anew."""


class SpeechError(Exception):
    """A prompt cannot be made; the text says what to do."""

    error_id = "speech"
    retryable = False


class PromptFile(Struct, frozen=True):
    """A prompt that can be played."""

    path: str
    """Absolute."""
    seconds: float


PromptFiles = dict[tuple[str, str], PromptFile]
"""(language, prompt) to file."""


async def ensure(settings: SpeechSettings, data: Path) -> PromptFiles:
    """Return a file for every sound (`script.lines`); those not spoken before are spoken into data/prompts/<language>/.

    Raises SpeechError when one cannot be made. With everything spoken before it takes a few milliseconds.
    """
    found: PromptFiles = {}
    wanted: list[tuple[tuple[str, str], Line, Path]] = []
    for language, recordings in sorted(settings.recordings.items()):
        for name, recording in sorted(recordings.items()):
            recorded = _described(Path(recording))
            if recorded is None:
                raise SpeechError(f"the recording {recording} cannot be read; `vaxel check` says why")
            found[language, name] = recorded
    for key, line, path in _spoken(settings, data):
        kept = _described(path)
        if kept is not None:
            found[key] = kept
        else:
            wanted.append((key, line, path))
    turns = asyncio.Semaphore(AT_ONCE)
    spoken = await asyncio.gather(
        *(_make(settings, key, line, path, turns) for key, line, path in wanted), return_exceptions=True
    )
    for result in spoken:
        if isinstance(result, BaseException):
            raise result
    for key, _, path in wanted:
        made = _described(path)
        if made is None:
            raise SpeechError(f"{path} was written but cannot be read: is the disk full?")
        found[key] = made
    return found


def unspoken(settings: SpeechSettings, data: Path) -> int:
    """Return how many prompts `ensure` would have to speak."""
    return sum(_described(path) is None for _, _, path in _spoken(settings, data))


def voiceless(settings: SpeechSettings) -> Iterator[str]:
    """Yield the languages that espeak-ng cannot speak, of those in which something is to be spoken."""
    for language in sorted(settings.texts):
        command = (PROGRAM, "-q", "-v", _voice(settings, language), "--stdin")
        try:
            done = subprocess.run(command, input=b"", capture_output=True, timeout=SPEAK_WITHIN_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return
        if done.returncode:
            yield language


def _spoken(settings: SpeechSettings, data: Path) -> Iterator[tuple[tuple[str, str], Line, Path]]:
    """Yield what has no recording: language and prompt, what is said, and where it is kept."""
    for language, texts in sorted(settings.texts.items()):
        for name, line in sorted(script.lines(texts).items()):
            if name not in settings.recordings.get(language, {}):
                yield (language, name), line, _kept(settings, language, name, line, data)


def _kept(settings: SpeechSettings, language: str, name: str, line: Line, data: Path) -> Path:
    """Return where the spoken prompt lies: its name holds a hash of all that makes its sound."""
    recipe = (RECIPE, WORDS_PER_MINUTE, settings.rate, _voice(settings, language), line.text, line.joined)
    sound = hashlib.sha256(repr(recipe).encode()).hexdigest()[:16]
    return (data / "prompts" / language / f"{name}-{sound}.wav").resolve()


def _voice(settings: SpeechSettings, language: str) -> str:
    return settings.voices.get(language, language)


def _described(path: Path) -> PromptFile | None:
    try:
        return PromptFile(str(path), wav.described(path)[1])
    except (OSError, EOFError, wave.Error):
        return None


async def _make(
    settings: SpeechSettings, key: tuple[str, str], line: Line, path: Path, turns: asyncio.Semaphore
) -> None:
    language, name = key
    async with turns:
        sound = await _speak(_voice(settings, language), line.text, language)
        try:
            await asyncio.to_thread(_keep, sound, path, settings.rate, line.joined)
        except MissingLibrary as error:
            raise SpeechError(str(error)) from error
        except OSError as error:
            raise SpeechError(f"cannot write {path.parent}: {(error.strerror or str(error)).lower()}") from error
        except ValueError as error:
            raise SpeechError(f"{PROGRAM} said nothing usable for prompt {name} ({language}): {error}") from error


async def _speak(voice: str, text: str, language: str) -> bytes:
    # The text goes through standard input: whatever it begins with, it is no option.
    arguments = ("-b", "1", "-v", voice, "-s", str(WORDS_PER_MINUTE), "--stdin", "--stdout")
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(PROGRAM, *arguments, stdin=pipe, stdout=pipe, stderr=pipe)
    except FileNotFoundError:
        raise SpeechError(
            f"{PROGRAM} is not installed: install it (apt-get install {PROGRAM}), or put recordings into "
            f"prompts/{language}/ of the configuration folder"
        ) from None
    try:
        async with asyncio.timeout(SPEAK_WITHIN_S):
            sound, _ = await process.communicate(text.encode())
    except TimeoutError:
        raise SpeechError(f"{PROGRAM} did not finish within {SPEAK_WITHIN_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not sound:
        raise SpeechError(
            f'{PROGRAM} cannot speak with the voice "{voice}" for language {language}: choose one of '
            f"`{PROGRAM} --voices` under `voices:` in vaxel.yaml"
        )
    return sound


def _keep(sound: bytes, path: Path, rate: int, joined: bool) -> None:
    samples, spoken_rate = wav.read(sound)
    speech = resample(samples, spoken_rate, rate)
    peak = max(max(speech, default=0), -min(speech, default=0))
    if not peak:
        raise ValueError("silence")
    gain = PEAK * wav.SAMPLE_MAX / peak
    loud = array("h", [round(sample * gain) for sample in speech])
    wav.write(path, _trimmed(loud, round(JOINT_S * rate)) if joined else loud, rate)


def _trimmed(samples: "array[int]", left: int) -> "array[int]":
    """Return speech with `left` samples of the silence around it."""
    quiet = QUIET * wav.SAMPLE_MAX
    first = next((n for n, sample in enumerate(samples) if abs(sample) > quiet), 0)
    last = next((n for n in range(len(samples) - 1, -1, -1) if abs(samples[n]) > quiet), len(samples) - 1)
    return samples[max(0, first - left) : last + 1 + left]
