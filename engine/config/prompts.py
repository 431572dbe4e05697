"""prompts.yaml and prompts/<language>/<name>.wav: what can be said, in which language."""

from pathlib import Path
from typing import Final

from adapters.speech import script
from engine.config import words
from engine.config.audio import playable
from engine.config.document import Document
from engine.config.flowchecks import Spoken
from engine.config.problems import Problem, listed
from engine.config.reader import Reader

Texts = dict[str, dict[str, str]]
FILE: Final = "prompts.yaml"
TEXT_MAX: Final = 2000
"""Characters; about two minutes of speech."""
CONFIRMING: Final = {
    "sv": "Samtal från växeln. Tryck 1 för att svara.",
    "en": "A call from the switchboard. Press 1 to answer.",
    "fi": "Puhelu vaihteesta. Vastaa painamalla 1.",
    "ar": "مكالمة من البدالة. اضغط 1 للرد.",
}
"""What `ivr.phrase.CONFIRM` says where prompts.yaml has no words of its own."""


def texts(document: Document) -> Texts:
    """Read prompts.yaml: language to prompt to text."""
    if document.root is None:
        return {}
    found = Reader(document).read(document.root, dict[str, dict[str, str]], ())
    if not isinstance(found, dict):
        return {}
    for language, prompts in found.items():
        for name, text in prompts.items():
            path = (language, name)
            try:
                words.name(name)
            except ValueError as error:
                document.say(path, str(error))
            if len(text) > TEXT_MAX:
                document.say(path, f"has {len(text)} characters; at most {TEXT_MAX} can be listened to")
    return found


def confirming(language: str) -> str:
    """Return what whoever picks up an agent's number outside is asked; in English where we know no better."""
    return CONFIRMING.get(language, CONFIRMING["en"])


def recordings(folder: Path, texts: Texts) -> tuple[Texts, list[Problem]]:
    """Find the recordings: language to prompt to absolute path, and what is wrong with them."""
    found: Texts = {}
    problems: list[Problem] = []
    for path in sorted((folder / "prompts").glob("*/*.wav")):
        wrong = playable(path)
        text = texts.get(path.parent.name, {}).get(path.stem, "")
        if script.values(text):
            pieces = [f"{part}.wav" for part in script.parts(path.stem, text) if isinstance(part, str)]
            wrong = f"is never heard: the text holds values; record its pieces as {listed(pieces)}"
        if wrong:
            problems.append(Problem(str(path.relative_to(folder)), 0, "", wrong))
        found.setdefault(path.parent.name, {})[path.stem] = str(path.resolve())
    return found, problems


def spoken(texts: Texts, recordings: Texts) -> Spoken:
    """Return what can be said in each language."""
    languages = sorted({*texts, *recordings})
    return Spoken(
        names={one: {*texts.get(one, ()), *recordings.get(one, ())} for one in languages},
        values={one: {name: frozenset(script.values(text)) for name, text in texts[one].items()} for one in texts},
    )
