"""The pace at which agents take contacts out of a queue's line, learned from facts, and what one may expect of it.

While people wait, agents take them at some rate; over the agents who are there it is the *pace*, which does not depend
on how many there happen to be. It fades with time spent in line, so that it is always the pace of lately, however long
ago there was a line. Those who wait give up at a rate that is learned likewise. Who stands `k`th then waits for `k`
departures: a sum of exponential stages, whose mean and variance are known, the latter widened by how little of the pace
is known. The range is that of a gamma distribution with that mean and variance.

Sources: W. Whitt, "Predicting queueing delays" (1999), for the stages; R. Ibrahim and W. Whitt, "Real-time delay
estimation in overloaded multiserver queues with abandonments" (2009), for stages with abandonment and for learning from
what happened lately; E. B. Wilson and M. M. Hilferty, "The distribution of chi-square" (1931), for the quantiles.
"""

import math
from typing import Final

from msgspec import Struct

from queues.site import elsewhere, site_of
from queues.skills import Needs
from router.contact import Spot

MEMORY: Final = 1200.0
"""Seconds with somebody in line after which what was learned weighs a third (e^-1)."""
LEAST_DEPARTURES: Final = 3.0
"""Departures remembered below which nothing is foretold."""
QUANTILE: Final = 1.2816
"""Standard normal quantile of 90 %: four of five waits are to lie in the range, one in ten on either side."""
EXACT: Final = 8
"""Stages summed one by one; the rest by an integral."""
RING_MEMORY: Final = 0.1
"""Weight of the newest time between an offer and its answer."""
PACE_AT: Final = " at "
"""Between queue and site in the name of a pace: names of queues have no spaces."""


class Range(Struct, frozen=True):
    """Seconds after which the wait will end, in four of five cases."""

    low: float
    high: float
    mean: float


class Pace(Struct, array_like=True):
    """How the line of one queue has moved; everything fades with time in which somebody stood in it."""

    departures: float = 0.0
    """Contacts that an agent was offered out of the line."""
    staffed: float = 0.0
    """Seconds with somebody in line, times agents who were there."""
    leavings: float = 0.0
    """Contacts that left the line by themselves, or by a way out."""
    waited: float = 0.0
    """Seconds that those two kinds had waited."""
    ring: float = 4.0
    """Seconds from an offer to its answer."""
    waiting: int = 0
    """Live contacts in line that need nothing special: who waits for a rare skill alone shows nothing of the pace."""
    since: float = 0.0
    """Up to when the above is reckoned, while somebody is in line."""

    def joined(self, at: float) -> None:
        """Somebody who needs nothing special has come to stand in line."""
        if not self.waiting:
            self.since = at
        self.waiting += 1

    def reckon(self, at: float, agents: int) -> None:
        """Let time pass up to `at`, with so many `agents` there."""
        seconds = at - self.since
        kept = math.exp(-seconds / MEMORY)
        self.departures *= kept
        self.leavings *= kept
        self.waited *= kept
        self.staffed = self.staffed * kept + seconds * agents
        self.since = at

    def left(self, waited: float, *, special: bool, served: bool, kept: bool = False) -> None:
        """Somebody has left the line after `waited` seconds: offered to an agent when `served`; when `kept`, a callback
        stands at the place from then on, so that nobody behind has come nearer. Reckon before."""
        self.waiting -= not special
        if waited <= 0.0:
            return  # an agent was free: there was no line
        self.waited += waited
        if served:
            self.departures += 1.0
        elif not kept:
            self.leavings += 1.0

    def came_to_nothing(self) -> None:
        """An offer out of the line was not taken."""
        self.departures = max(self.departures - 1.0, 0.0)

    def answered(self, seconds: float) -> None:
        """An offer was taken after `seconds`; a clock that was put back meanwhile teaches nothing."""
        if seconds < 0.0:
            return
        self.ring += RING_MEMORY * (seconds - self.ring)

    def expect(self, now: float, before: int, own: int, agents: int, able: int) -> Range | None:
        """Return how long somebody will wait who stands behind `before` others; None when that cannot be told.

        `own` of those before need what it needs. `agents` are there for the queue, `able` of them can serve it.
        """
        staffed = self.staffed + ((now - self.since) * agents if self.waiting else 0.0)
        if not able or self.departures < LEAST_DEPARTURES or staffed <= 0.0:
            return None
        pace, leaving = self.departures / staffed, self.leavings / self.waited if self.waited else 0.0
        mean, variance = stages(before - own, pace * agents, leaving)
        own_mean, own_variance = stages(own + 1, pace * able, leaving)
        mean += own_mean
        return spread(mean, variance + own_variance + mean * mean / self.departures, self.ring)

    def at_once(self) -> Range:
        """Return how long somebody will wait for whom an agent is free."""
        return spread(self.ring, self.ring * self.ring, 0.0)


def pace_of(queue: str, needs: Needs) -> str:
    """Return the name of the pace at which those with these needs are served: visits have that of their site."""
    site = site_of(needs)
    return f"{queue}{PACE_AT}{site}" if site else queue


def special(spot: Spot) -> bool:
    """Tell whether a contact needs more than its queue asks for, its site apart."""
    return bool(elsewhere(spot.own_needs))


def stages(number: int, rate: float, leaving: float) -> tuple[float, float]:
    """Return mean and variance of the time until `number` have left, at `rate` and each also at the rate `leaving`."""
    mean = variance = 0.0
    for others in range(min(number, EXACT)):
        step = 1.0 / (rate + others * leaving)
        mean += step
        variance += step * step
    if number > EXACT:
        first, last = rate + (EXACT - 0.5) * leaving, rate + (number - 0.5) * leaving
        rest = number - EXACT
        mean += math.log(last / first) / leaving if leaving * rest > 1e-6 * rate else rest / rate
        variance += rest / (first * last)
    return mean, variance


def spread(mean: float, variance: float, more: float) -> Range:
    """Return the range of a time with that mean and variance, and `more` on top."""
    low, high = (gamma_quantile(mean, variance, z) for z in (-QUANTILE, QUANTILE))
    return Range(low + more, high + more, mean + more)


def gamma_quantile(mean: float, variance: float, z: float) -> float:
    """Return a quantile, by its standard normal `z`, of the gamma distribution with that mean and variance."""
    ninth = variance / (9.0 * mean * mean)
    return mean * max(1.0 - ninth + z * math.sqrt(ninth), 0.0) ** 3
