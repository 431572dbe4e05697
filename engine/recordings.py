"""What people said into the telephone, as files below data/recordings: reports and messages of citizens, and prompts
recorded by a supervisor. A file is `<contact>.<filing>.<answer>.wav`; the report's contact is `<contact>.<filing>`.
"""

import contextlib
import glob
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.speech import wav
from router.facts import AnyFact, PromptDropped, PromptRecorded
from router.state import State

log = logging.getLogger("vaxel.recordings")

DAY = 86_400.0


class Recordings:
    """Follows the spine: a prompt that was recorded is heard as soon as that is certain."""

    def __init__(self, folder: Path) -> None:
        self.prompts: dict[tuple[str, str], str] = {}
        """Language and prompt to the file that is heard instead of every other."""
        self._folder = folder

    def path(self, name: str) -> str:
        """Return where a recording lies, or will."""
        return str(self._folder / f"{name}.wav")

    def lengths(self, contact: str) -> dict[str, float]:
        """Return what was said for a report or message: name of the answer to seconds. Blocks.

        What was typed is in the vault (`router.answers`).
        """
        found: dict[str, float] = {}
        for path in sorted(self._folder.glob(f"{glob.escape(contact)}.*.wav")):
            name = path.stem.removeprefix(f"{contact}.")
            if "." not in name:  # else it belongs to something filed from this contact
                with contextlib.suppress(OSError, ValueError):
                    samples, rate = wav.read(path.read_bytes())
                    found[name] = len(samples) / rate
        return found

    def sound(self, contact: str, answer: str) -> bytes | None:
        """Return an answer by voice, None when there is none. Blocks."""
        path = Path(self.path(f"{contact}.{answer}"))
        try:
            return wav.mended(path.read_bytes()) if path.parent == self._folder else None
        except (OSError, ValueError):
            return None

    def load(self, state: State) -> None:
        """Take over the prompts that were recorded before, as far as their files are there."""
        self.prompts.clear()
        for language, prompts in state.recorded.items():
            for prompt, recording in prompts.items():
                if Path(self.path(recording)).is_file():
                    self.prompts[language, prompt] = self.path(recording)
                else:
                    log.error("recorded prompt lost", extra={"action": "recordings.lost", "prompt": prompt})

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Let a recorded prompt be heard, or not any more, once that is kept."""
        changes = [fact for fact in facts if isinstance(fact, PromptRecorded | PromptDropped)]
        return (lambda: self._change(changes)) if changes else None

    def _change(self, changes: list[PromptRecorded | PromptDropped]) -> None:
        for change in changes:
            key = (change.language, change.prompt)
            if isinstance(change, PromptRecorded):
                self.prompts[key] = self.path(change.recording)
            else:
                self.prompts.pop(key, None)

    def in_use(self, state: State) -> Callable[[str], bool]:
        """Return what tells, from any thread, whether a file's name stands for something that is still needed."""
        heard = {recording for prompts in state.recorded.values() for recording in prompts.values()}
        present = frozenset(state.contacts)

        def needed(name: str) -> bool:
            return name in heard or any(owner in present for owner in _owners(name))

        return needed

    def sweep(self, needed: Callable[[str], bool], before: float) -> int:
        """Delete what nobody needs and was last written before that time (UTC seconds); return the number. Blocks."""
        gone = 0
        for path in self._folder.glob("*.wav"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before and not needed(path.stem):
                    path.unlink()
                    gone += 1
        return gone


def _owners(name: str) -> list[str]:
    """Return the contacts that a file may belong to: the call, and what was filed from it."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in (1, 2)]
