"""The formulas of docs/metrics.md. Where people mean different things by one word, each meaning has a name, and the
name goes with the number wherever it is shown."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from metrics.figures import Figures
from router.facts import Outcome

SHORT_S: Final = 5.0
"""Who leaves this soon did not wait in vain: a wrong number, a change of mind."""

Share = tuple[int, int]
"""A part and its whole."""


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole as a number from 0 to 1, None when there is no whole."""
    return part / whole if whole > 0 else None


def _unserved(figures: Figures) -> int:
    return figures.abandoned + figures.lost


SERVICE_LEVELS: Final[dict[str, Callable[[Figures], Share]]] = {
    "of_answered": lambda one: (one.in_target, one.answered),
    "of_all": lambda one: (one.in_target, one.answered + _unserved(one)),
    "of_all_but_short": lambda one: (one.in_target, one.answered + _unserved(one) - one.short_abandoned),
    "of_all_but_impatient": lambda one: (one.in_target, one.answered + _unserved(one) - one.abandoned_in_target),
    "impatient_as_served": lambda one: (one.in_target + one.abandoned_in_target, one.answered + _unserved(one)),
    "of_all_and_turned_away": lambda one: (
        one.in_target,
        one.answered + _unserved(one) + sum(one.turned_away.values()),
    ),
}
"""Service level, by the name of its formula: those answered within the promised wait, of whom?

The *impatient* left within that wait.
"""


def service_levels(figures: Figures) -> dict[str, float | None]:
    """Return the service level by each formula."""
    return {name: share(*formula(figures)) for name, formula in SERVICE_LEVELS.items()}


def announced_right(figures: Figures) -> float | None:
    """Return the share of announced waits that ended within their range."""
    return share(figures.told.get("held", 0), sum(figures.told.values()))


GOES_ON: Final[frozenset[Outcome]] = frozenset({"resumed", "callback_registered", "cancelled"})
"""Outcomes of contacts that go on as another, or that the citizen took back: they count there, or not at all."""


class Ending(NamedTuple):
    """How a contact ended."""

    queue: str
    """The last it asked for; empty if none."""
    channel: str
    outcome: Outcome
    reached: bool
    """It met an agent."""


def reached_a_person(ended: Mapping[Ending, int], channel: str) -> dict[str, float | None]:
    """Return the share of a channel's contacts that met an agent, by the name of its formula."""
    counted = {end: number for end, number in ended.items() if end.channel == channel and end.outcome not in GOES_ON}
    asked = {end: number for end, number in counted.items() if end.queue}
    return {
        name: share(sum(number for end, number in some.items() if end.reached), sum(some.values()))
        for name, some in (("of_all", counted), ("of_those_who_asked", asked))
    }
