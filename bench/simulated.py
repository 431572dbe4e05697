"""How long a simulated day takes, in this process and without any I/O."""

from time import perf_counter
from typing import Final

from bench.rows import Context, Group, Measured
from engine.sim.day import Day


def day(context: Context) -> list[Measured]:
    """A day in Malmö in virtual time, spine and router and all."""
    times = []
    for _ in range(context.repeats):
        begun = perf_counter()
        Day(seed=1).run()
        times.append((perf_counter() - begun,))
    return [Measured("sim.day_s", times, ["python -m engine.sim --day --seed 1"], "wall-clock time of the simulation")]


GROUPS: Final = (Group(("sim.day_s",), 8, 6, day),)
