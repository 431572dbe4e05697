"""Texts of the house, with what stands in braces filled in: `{reference}`, `{title}`, `{link}`."""

import re
from collections.abc import Mapping
from typing import Final

VALUES: Final = frozenset({"reference", "title"})
"""What may stand in braces: the reference number of the matter, the mailbox's name for people."""
LINK: Final = "link"
"""Stands besides in the text that asks how it was: where to answer."""
_BRACES: Final = re.compile(r"\{(\w+)\}")


def values_in(text: str) -> set[str]:
    """Return what stands in braces."""
    return set(_BRACES.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its values."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)


PLAIN: Final = "_plain"
"""Ends the name of a text that stands for another where the citizen needs plain language: `open`, `open_plain`."""


def in_language(
    texts: Mapping[str, Mapping[str, str]], name: str, languages: tuple[str, ...], *, plain: bool = False
) -> str:
    """Return a text in the first of the languages in which it exists, empty when there is none.

    `plain`: in plain words, where that language has such.
    """
    found = next((texts[one] for one in languages if name in texts.get(one, ())), {name: ""})
    return found.get(name + PLAIN, found[name]) if plain else found[name]
