"""What is written to a citizen: a phrase of the core, in a language, with its values."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from ivr.phrase import Clock, Digits, Phrase, Recorded, Value, Word

NOTHING: Final[Mapping[str, Mapping[str, str]]] = {}
_BRACES: Final = re.compile(r"\{(\w+)\}")


class Words:
    """Texts by language and prompt; the house's language stands in for one that lacks a text."""

    def __init__(
        self,
        texts: Mapping[str, Mapping[str, str]],
        language: str,
        announced: Mapping[str, Mapping[str, str]] = NOTHING,
    ) -> None:
        """`announced` has what crises say besides."""
        self._texts = texts
        self._announced = announced
        self._language = language

    def of(self, phrase: Phrase, language: str = "", given: Callable[[str], str] = lambda _name: "") -> str:
        """Return a phrase in writing; `given` tells what the citizen answered, by the answers' names."""
        for one in (phrase.language or language, self._language):
            text = self._texts.get(one, {}).get(phrase.prompt) or self._announced.get(one, {}).get(phrase.prompt)
            if text is not None:
                return self._written(text, phrase, one, given)
        return ""

    def _written(self, text: str, phrase: Phrase, language: str, given: Callable[[str], str]) -> str:
        written = _BRACES.sub(lambda found: self._value(phrase.values.get(found[1], ""), language, given), text)
        return written[:1].upper() + written[1:] if text.startswith("{") else written

    def _value(self, value: Value | str, language: str, given: Callable[[str], str]) -> str:
        match value:
            case Digits():
                return given(value.name)
            case Recorded():
                return ""
            case Clock():
                return f"{value.hour}:{value.minute:02}"
            case Word():
                return self.of(Phrase(value.prompt), language)
            case _:
                return str(value)
