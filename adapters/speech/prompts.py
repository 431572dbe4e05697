"""From a phrase to the files that say it, in order. Everything has been spoken or recorded before (`espeak.ensure`);
what a supervisor records by telephone is heard from the next call on.

Of several sounds for one prompt the first is heard: recorded by telephone, a recording of the configuration folder,
espeak-ng's voice.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from adapters.speech import script
from adapters.speech.espeak import PromptFiles
from adapters.speech.script import Part, Slot
from adapters.speech.settings import SpeechSettings
from adapters.speech.tones import Tones
from ivr.phrase import BEEP, Clock, Digits, Phrase, Recorded, Value, Word

log = logging.getLogger("vaxel.speech")

Given = Callable[[Digits | Recorded], str]
"""What a caller typed, as digits; what a caller recorded, as a path; empty when there is nothing."""
NOTHING: Final[Given] = lambda _value: ""  # noqa: E731


class Prompts:
    """All that can be said."""

    def __init__(
        self,
        settings: SpeechSettings,
        files: PromptFiles,
        tones: Tones,
        language: str,
        kept: Mapping[tuple[str, str], str],
    ) -> None:
        """`language` is the house's own; `kept` maps (language, prompt) to what was recorded by telephone."""
        self.missing = 0
        """Phrases that could not be said."""
        self._files = {key: file.path for key, file in files.items()}
        self._parts = {
            (one, name): script.parts(name, text)
            for one, texts in settings.texts.items()
            for name, text in texts.items()
        }
        self._tones = tones
        self._language = language
        self._kept = kept

    def phrase(self, language: str, phrase: Phrase, given: Given = NOTHING) -> tuple[str, ...]:
        """Return the WAV files that say `phrase` in `language` (the house's own if empty), at least one."""
        if phrase.prompt == BEEP.prompt:
            return (self._tones.beep,)
        spoken = phrase.language or language or self._language
        if not self._knows(spoken, phrase.prompt):
            spoken = self._language
        parts = self._parts_of(spoken, phrase.prompt)
        found = tuple(path for part in parts for path in self._sounds(spoken, part, phrase.values, given))
        if found:
            return found
        self.missing += 1
        log.error("prompt missing", extra={"action": "speech.missing", "prompt": phrase.prompt, "language": spoken})
        return (self._tones.pause,)

    def _knows(self, language: str, prompt: str) -> bool:
        key = (language, prompt)
        return key in self._kept or key in self._files or key in self._parts

    def _parts_of(self, language: str, prompt: str) -> tuple[Part, ...]:
        key = (language, prompt)
        return (prompt,) if key in self._kept else self._parts.get(key, (prompt,))

    def _sounds(self, language: str, part: Part, values: Mapping[str, Value], given: Given) -> list[str]:
        if not isinstance(part, Slot):
            found = self._kept.get((language, part)) or self._files.get((language, part))
            return [found] if found is not None else []
        value = values.get(part.name)
        if value is None:
            return []
        if isinstance(value, Recorded):
            recording = given(value)
            return [recording] if recording else []
        if isinstance(value, Word):
            return self._sounds(language, value.prompt, {}, given)
        names = script.clock(value) if isinstance(value, Clock) else _named(value, given)
        return [path for name in names if (path := self._files.get((language, name))) is not None]


def _named(value: int | Digits, given: Given) -> list[str]:
    """Return the names of the sounds that say a number, or digits."""
    return script.numbers(value) if isinstance(value, int) else script.digits(given(value))
