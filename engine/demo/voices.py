"""People's voices: what they say is spoken once, by espeak-ng, each sentence by somebody of its own, and kept."""

import zlib
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final

from adapters.speech import espeak
from adapters.speech.espeak import PromptFile
from adapters.speech.settings import SpeechSettings
from engine.demo.sentences import HOUSE, SENTENCES

RATE: Final = 8000
VARIANTS: Final = ("", "+f2", "+m3", "+f4")
"""espeak-ng's: ways to sound."""

Spoken = Mapping[tuple[str, str], tuple[PromptFile, ...]]
"""(language, kind) to sounds."""


class Voices:
    """All that people can say."""

    def __init__(self, spoken: Spoken) -> None:
        self._spoken = spoken

    def one(self, chance: Random, language: str, *kinds: str) -> PromptFile:
        """Return a sentence of the first kind that the language has, else that the house's own has."""
        for spoken in (language, HOUSE):
            for kind in kinds:
                if sounds := self._spoken.get((spoken, kind)):
                    return chance.choice(sounds)
        raise KeyError(kinds)


async def prepare(folder: Path) -> Voices:
    """Let everything be spoken that was not before, into `folder`. Raises espeak.SpeechError."""
    found: dict[tuple[str, str], list[PromptFile]] = {}
    for number, variant in enumerate(VARIANTS):
        texts = {
            language: {
                f"{kind}-{index}": text
                for kind, sentences in kinds.items()
                for index, text in enumerate(sentences)
                if zlib.crc32(text.encode()) % len(VARIANTS) == number
            }
            for language, kinds in SENTENCES.items()
        }
        voices = {language: language + variant for language in texts}
        files = await espeak.ensure(SpeechSettings(rate=RATE, texts=texts, voices=voices), folder)
        for (language, name), file in sorted(files.items()):
            found.setdefault((language, name.rpartition("-")[0]), []).append(file)
    return Voices({key: tuple(sounds) for key, sounds in found.items()})
