"""In which language a mail is written, by its most frequent words: enough to choose among the languages of a city."""

import re
from collections.abc import Mapping
from typing import Final

LOOKED_AT: Final = 4000
"""Characters."""
LEAST: Final = 2
"""Words that must be known."""
AHEAD: Final = 1.3
"""So much more must speak for the best language than for the next."""
_WORD: Final = re.compile(r"[^\W\d_]+")


def language_of(text: str, known: Mapping[str, frozenset[str]]) -> str:
    """Return the language of a text, empty when that is not clear. What is quoted from others does not count."""
    own = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    words = [word.lower() for word in _WORD.findall(own[:LOOKED_AT])]
    counts = sorted(((sum(word in marks for word in words), name) for name, marks in known.items()), reverse=True)
    if not counts or counts[0][0] < LEAST:
        return ""
    if len(counts) > 1 and counts[0][0] < AHEAD * counts[1][0]:
        return ""
    return counts[0][1]
