"""How long it may take, as people are told it everywhere: in whole minutes, or not at all when it could be anything."""

from collections.abc import Mapping
from typing import Final

from ivr.phrase import NUMBER_MAX
from router.announcing import LONGEST, MINUTE, rounded
from router.pace import Range

Minutes = tuple[int, int]
"""At least, at most."""
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "minute": "högst en minut", "between": "{low}-{high} minuter", "below": "under {high} minuter",
        "above": "mer än {low} minuter",
    },
    "en": {
        "minute": "at most a minute", "between": "{low}-{high} minutes", "below": "less than {high} minutes",
        "above": "more than {low} minutes",
    },
    "fi": {
        "minute": "enintään minuutti", "between": "{low}-{high} minuuttia", "below": "alle {high} minuuttia",
        "above": "yli {low} minuuttia",
    },
    "ar": {
        "minute": "دقيقة على الأكثر", "between": "من {low} إلى {high} دقيقة", "below": "أقل من {high} دقيقة",
        "above": "أكثر من {low} دقيقة",
    },
}  # fmt: skip


def minutes(expected: Range | None) -> Minutes | None:
    """Return a wait in whole minutes as callers are told it (`router.announcing`); None when that says nothing."""
    span = rounded(expected) if expected is not None else None
    return (int(span[0] / MINUTE), int(span[1] / MINUTE)) if span is not None else None


def said(told: Minutes, language: str) -> str:
    """Return a wait in words.

    >>> said((0, 1), "en"), said((2, 5), "en"), said((0, 4), "en"), said((90, 180), "en")
    ('at most a minute', '2-5 minutes', 'less than 4 minutes', 'more than 60 minutes')
    """
    least, most = told
    words = WORDS[language]
    if most > NUMBER_MAX:
        return words["above"].format(low=min(least, int(LONGEST / MINUTE)))
    if most == 1:
        return words["minute"]
    return words["between" if least else "below"].format(low=least, high=most)
