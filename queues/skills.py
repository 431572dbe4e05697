"""Skills, and what a contact needs of the person who serves it (rule 2).

A language, sign language or an individual need (plain language, interpreter) is a skill like any other.
"""

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

LOWEST, HIGHEST = 1, 5


class Need(Struct, frozen=True, order=True, forbid_unknown_fields=True, gc=False):
    """`skill` at `level` (1-5) or better."""

    skill: str
    level: int = LOWEST


Needs = tuple[Need, ...]
"""A conjunction of needs, sorted: also the signature by which waiting lines are indexed."""


class Step(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What is required once a contact has waited `after` seconds (of the queue's open time)."""

    needs: Needs = ()
    after: float = 0.0


Requirement = tuple[Step, ...]
"""Ordered steps that widen with waiting time; the first has `after` 0."""

ANYBODY: Requirement = (Step(),)


@lru_cache(maxsize=4096)
def signature(needs: Needs) -> Needs:
    """Return `needs` in the one order under which equal conjunctions compare equal, doubles merged to the highest."""
    levels: dict[str, int] = {}
    for need in needs:
        levels[need.skill] = max(need.level, levels.get(need.skill, LOWEST))
    return tuple(Need(skill, level) for skill, level in sorted(levels.items()))


def meets(skills: Mapping[str, int], needs: Needs) -> bool:
    """Tell whether somebody with `skills` (name to level) satisfies every one of `needs`."""
    return all(skills.get(need.skill, 0) >= need.level for need in needs)


def at_least_as_wide(narrow: Needs, wide: Needs) -> bool:
    """Tell whether everybody who meets `narrow` also meets `wide` (rule 2: a skip goes only to a wider step)."""
    levels = {need.skill: need.level for need in narrow}
    return meets(levels, wide)
