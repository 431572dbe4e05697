"""Citizens who ask on a page to be called back: in turn, or at a time; and some who do not want it any more."""

from engine.sim.house import SimHouse
from engine.sim.world import World
from router import calling
from router import inputs as i
from router.callback import Registered
from router.state import State


class Asking:
    """Everybody who asks without being on the line."""

    def __init__(self, world: World, house: SimHouse) -> None:
        self._world = world
        self._house = house
        self._asked = 0

    def ask(self, queue: str, number: str, start: float | None = None, *, on_page: bool = False) -> None:
        """Let somebody ask that `number` be called: in turn, or at `start` (UTC seconds)."""
        meaning = self._house.dialplan.number(number) if self._house.spine is not None else None
        if meaning is None or meaning.destination is None or self._house.spine is None:
            return
        self._asked += 1
        person = meaning.destination.address.removeprefix("number:")
        request = i.AskCallback(f"page{self._asked}", queue, person, start, on_page=on_page)
        self._house.spine.submit(request, self._house.telephones.keep_number(meaning))

    def choose(self, queue: str, number: str, until: float) -> None:
        """Let somebody choose one of the times before `until` that the page shows as free."""
        state = self._state()
        if state is not None:
            settings, watch = state.configuration.queues[queue], self._house.watch
            free = calling.times(state, settings, self._house.clock.now(), watch.local)
            times = [start for start, _ in free if start < until]
            self.ask(queue, number, self._world.chance.choice(times) if times else None, on_page=True)

    def think_better(self) -> None:
        """Let somebody who was promised a call cancel it."""
        state = self._state()
        promised = [one.id for one in state.callbacks.values() if isinstance(one, Registered)] if state else []
        if promised:
            self._house.submit(i.CancelCallback(self._world.chance.choice(promised)))

    def say_nobody_was_there(self) -> None:
        """Let an agent say that a machine answered, whether that can be or not."""
        state = self._state()
        if state is not None and state.callbacks:
            self._house.submit(i.NotReached(self._world.chance.choice(list(state.callbacks))))

    def _state(self) -> State | None:
        return self._house.spine.router.state if self._house.spine is not None else None
