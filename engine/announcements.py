"""What crises say: spoken before it counts, and found again after a restart.

The words lie in the vault, the sounds beside those of the prompts, named after what makes them: a text that was spoken
once, also one of a plan, is ready at once.
"""

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec import structs

from adapters.redis.vault import Vault
from adapters.speech import espeak
from adapters.speech.settings import SpeechSettings
from router.crisis import KIND, announcement_owner
from router.state import State

log = logging.getLogger("vaxel.speech")

Texts = dict[str, dict[str, str]]
"""Language to announcement to text."""
NAME: Final = "announcement"
"""Of their sounds, whichever it is."""
AT_ONCE: Final = 2


class Announcements:
    """Sounds and texts of all announcements that can still be told."""

    def __init__(self, settings: SpeechSettings, data: Path) -> None:
        self.sounds: dict[tuple[str, str], str] = {}
        """(language, announcement) to its sound."""
        self.texts: Texts = {}
        self.done = self.wanted = 0
        """How many of the sounds that are being made are ready; both 0 when none is."""
        self._settings = settings
        self._data = data
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def prepare(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Speak texts by language; return the files. Raises SpeechError."""
        self.wanted += len(texts)
        try:
            spoken = await asyncio.gather(*(self._speak(*one) for one in texts.items()), return_exceptions=True)
        finally:
            self.wanted -= len(texts)
            self.done = self.done if self.wanted else 0
        for one in spoken:
            if isinstance(one, BaseException):
                raise one
        return {language: path for language, path in zip(texts, spoken, strict=True) if isinstance(path, str)}

    async def _speak(self, language: str, text: str) -> str:
        settings = structs.replace(self._settings, texts={language: {NAME: text}}, recordings={})
        async with self._turns:
            files = await espeak.ensure(settings, self._data)
        self.done += 1
        return files[language, NAME].path

    async def make_ready(self, name: str, texts: Mapping[str, str]) -> None:
        """Let an announcement be told from now on. Raises SpeechError."""
        files = await self.prepare(texts)
        for language, text in texts.items():
            self.sounds[language, name] = files[language]
            self.texts.setdefault(language, {})[name] = text

    def text(self, name: str) -> dict[str, str]:
        """Return language to text of an announcement."""
        return {language: texts[name] for language, texts in self.texts.items() if name in texts}

    async def restore(self, state: State, vault: Vault) -> None:
        """Make ready what an earlier engine has announced. Raises StoreError."""
        for crisis in state.crises.values():
            for message in crisis.messages:
                name = announcement_owner(crisis.id, message.number)
                kept = (await vault.get(name)).get(KIND)
                try:
                    await self.make_ready(name, json.loads(kept) if kept else {})
                except espeak.SpeechError as error:
                    log.error("announcement not spoken: %s", error, extra={"action": "speech.announcement"})

    async def ahead(self, texts: Iterable[Mapping[str, str]]) -> None:
        """Speak what is planned, so that it is ready at once in a crisis."""
        for one in texts:
            try:
                await self.prepare(one)
            except espeak.SpeechError as error:
                log.error("plan not spoken: %s", error, extra={"action": "speech.plan"})
