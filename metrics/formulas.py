"""The formulas of docs/metrics.md. Where people mean different things by one word, each meaning has a name, and the
name goes with the number wherever it is shown."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from metrics.figures import WAIT_S, Figures, Spread
from metrics.work import Work
from router.facts import Outcome

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


# ---- figures of the history (docs/history.md) ------------------------------------------------------------------------

Values = dict[str, float | None]
"""Name of a formula to its value; None when there is nothing to tell of."""

BUSY: Final = ("serving", "wrap_up", "reserved")
"""States in which an agent is with a contact, or is being asked to take one."""


def _answered_and_not(figures: Figures) -> int:
    return figures.answered + _unserved(figures)


ABANDONMENTS: Final[dict[str, Callable[[Figures], Share]]] = {
    "of_all": lambda one: (one.abandoned, _answered_and_not(one)),
    "of_all_but_short": lambda one: (
        one.abandoned - one.short_abandoned,
        _answered_and_not(one) - one.short_abandoned,
    ),
    "of_all_and_turned_away": lambda one: (one.abandoned, _answered_and_not(one) + sum(one.turned_away.values())),
}
"""Who gave up, of whom?"""


def quantile(spread: Spread, edges: tuple[float, ...], part: float) -> float | None:
    """Return the value below which `part` of the counted lie, within its class by proportion; None without any.

    Beyond the last edge nothing is known but that: the edge is told.

    >>> quantile(Spread([0, 4, 0]), (10.0, 20.0), 0.5)
    15.0
    """
    wanted, low = part * spread.number, 0.0
    if not spread.number:
        return None
    for edge, count in zip(edges, spread.counts, strict=False):
        if count and wanted <= count:
            return low + (edge - low) * wanted / count
        wanted -= count
        low = edge
    return low


def answer_speeds(figures: Figures) -> Values:
    """Return how long the answered had waited, in seconds."""
    wait = figures.wait
    return {
        "mean": wait.mean,
        "median": quantile(wait, WAIT_S, 0.5),
        "nine_of_ten": quantile(wait, WAIT_S, 0.9),
    }


def occupancies(seconds: Mapping[str, float]) -> Values:
    """Return the share of their time that agents spend with contacts; from the seconds in each state."""
    busy = sum(seconds.get(state, 0.0) for state in BUSY)
    return {
        "of_ready": share(busy, busy + seconds.get("free", 0.0)),
        "of_logged_in": share(busy, sum(seconds.values())),
    }


def all_figures(figures: Figures, work: Work) -> dict[str, Values]:
    """Return every figure by each of its formulas."""
    promised = work.callbacks_kept + work.callbacks_failed
    told = sum(figures.told.values())
    return {
        "service_level": service_levels(figures),
        "answer_speed": answer_speeds(figures),
        "abandonment": {name: share(*formula(figures)) for name, formula in ABANDONMENTS.items()},
        "handling_time": {
            "talk": share(figures.talk.total, work.handled),
            "talk_and_wrap_up": share(figures.talk.total + work.wrap_up, work.handled),
        },
        "transfers": {
            "of_handled": share(work.handed_on, work.handled),
            "of_reached": share(work.passed_on, work.reached),
        },
        "until_help": {
            "people_met": share(work.people_met, work.helped),
            "contacts_made": share(work.contacts_made, work.helped),
            "seconds": share(work.until_help, work.helped),
        },
        "reached_a_person": {"of_all": share(work.reached, work.ended)},
        "callbacks_kept": {
            "of_due": share(work.callbacks_kept, promised),
            "of_all": share(work.callbacks_kept, promised + work.callbacks_cancelled + work.callbacks_needless),
        },
        "expected_wait": {
            "held": announced_right(figures),
            "mean_error": share(sum(figures.told_off.values()), told),
        },
        "avoidable": {"of_described": share(work.avoidable, work.described)},
    }
