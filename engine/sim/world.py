"""Virtual time: calls that are due are made in order, and the clock jumps from one to the next."""

import heapq
from collections.abc import Callable
from itertools import count
from random import Random

Call = Callable[[], None]


class World:
    """A clock, what is due, and chance."""

    def __init__(self, seed: int, now: float) -> None:
        self.now = now
        self.chance = Random(seed)
        self._due: list[tuple[float, int, Call]] = []
        self._order = count()

    def later(self, delay: float, call: Call) -> None:
        """Make `call` in `delay` seconds; what is due at the same time is made in the order of asking."""
        heapq.heappush(self._due, (self.now + delay, next(self._order), call))

    def step(self) -> bool:
        """Make the call that is due next; tell whether there was one."""
        if not self._due:
            return False
        when, _, call = heapq.heappop(self._due)
        self.now = max(self.now, when)
        call()
        return True

    def run(self, until: float) -> None:
        """Let time pass."""
        while self._due and self._due[0][0] <= until:
            self.step()
        self.now = until

    def some(self, mean: float) -> float:
        """Return a random time: often short, sometimes long."""
        return self.chance.expovariate(1 / mean)

    def happens(self, share: float) -> bool:
        """Tell whether something happens that does in `share` of the cases."""
        return self.chance.random() < share


class EngineClock:
    """UTC as one engine sees it: anchored when it starts, never before the last fact, and never going back."""

    def __init__(self, world: World, wall_error: float, not_before: float) -> None:
        """`wall_error` is by how much the machine's clock is wrong just now."""
        self._world = world
        self._offset = max(wall_error, not_before - world.now)

    def now(self) -> float:
        """Return the time."""
        return self._world.now + self._offset

    def until(self, when: float) -> float:
        """Return the seconds until this clock shows `when`, at least 0."""
        return max(0.0, when - self.now())


class EngineShell:
    """Drives one engine's spine, as `engine.spine.Shell`; dies with the engine."""

    def __init__(self, world: World, clock: EngineClock) -> None:
        self._world = world
        self._clock = clock
        self._timer = 0
        self._when: float | None = None
        self.alive = True

    def soon(self, call: Call) -> None:
        """Run `call` next."""
        self._world.later(0.0, lambda: call() if self.alive else None)

    def at(self, when: float | None, call: Call) -> None:
        """Run `call` at the time `when`, instead of at the time asked for before."""
        if when == self._when:
            return
        self._timer += 1
        self._when = when
        timer = self._timer
        if when is not None:
            self._world.later(self._clock.until(when), lambda: self._ring(timer, call))

    def _ring(self, timer: int, call: Call) -> None:
        if self.alive and timer == self._timer:
            self._when = None
            call()
