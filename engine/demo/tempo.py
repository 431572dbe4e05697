"""How fast the day of the demonstration goes, how long people take, and how many ring. Pure.

The day curve is the simulator's day in Malmö (`engine.sim.day.CURVE`), scaled so that its busiest hour keeps the agents
of the demonstration as busy as `LOAD`. `pace` makes the day pass so many times as fast. People cannot: they are at most
`HURRY_MAX` times as quick as in life, and their telephones and prompts are as slow as ever.
"""

from random import Random
from typing import Final

from msgspec import Struct

from engine.sim.day import CURVE, HABITS
from engine.sim.malmo import OPENS

HURRY_MAX: Final = 5.0
LOAD: Final = 0.4
"""Share of their time for which agents have a call in hand in the busiest hour. Other channels take about as much
(`engine.demo.citizens.CROWD`); more, and a team that is not pooled never gets its lines down."""
AROUND_TALK_S: Final = 6.0
"""What a contact takes of an agent besides talk and wrap-up: ringing, greeting, goodbye."""
HOUR_S: Final = 3600.0
NIGHT: Final = 0.15
"""What is left of the busiest hour outside the day's hours."""


class Tempo(Struct, frozen=True):
    """The pace, and what follows from it. Seconds."""

    pace: float = 10.0
    hour: float = 9.0
    """Where the day begins."""

    @property
    def hurry(self) -> float:
        """By how much people are quicker than in life."""
        return min(self.pace, HURRY_MAX)

    @property
    def talk(self) -> float:
        """How long citizens talk, on average."""
        return HABITS.talk["call"] / self.hurry

    @property
    def patience(self) -> float:
        """How long citizens wait, on average."""
        return HABITS.patience / self.hurry

    @property
    def answer(self) -> float:
        """How long agents let their phones ring, on average."""
        return max(HABITS.answer / self.hurry, 1.5)

    @property
    def wrap_up(self) -> float:
        """How long agents need after a call, on average."""
        return HABITS.wrap_up / self.hurry

    def quicker(self, seconds: float) -> float:
        """Return how long something takes that takes so long in life."""
        return seconds / self.hurry

    def clock(self, elapsed: float) -> float:
        """Return the hour of the demonstration's day after `elapsed` seconds; after the last hour a new day begins."""
        length = float(len(CURVE))
        begun = (self.hour - OPENS) % 24
        if begun >= length:
            return (self.hour + elapsed * self.pace / HOUR_S) % 24
        return OPENS + (begun + elapsed * self.pace / HOUR_S) % length

    def calls_per_second(self, elapsed: float, agents: int) -> float:
        """Return how many citizens ring."""
        at_most = LOAD * agents / (self.talk + self.wrap_up + AROUND_TALK_S)
        hour = int(self.clock(elapsed)) - OPENS
        share = CURVE[hour] / max(CURVE) if 0 <= hour < len(CURVE) else NIGHT
        return at_most * share

    def until_next(self, chance: Random, elapsed: float, agents: int) -> float:
        """Return the time until the next one rings."""
        return chance.expovariate(self.calls_per_second(elapsed, agents))


def some(chance: Random, mean: float) -> float:
    """Return a random time around `mean`: rarely very short, sometimes long."""
    return chance.gammavariate(2.0, mean / 2.0)
