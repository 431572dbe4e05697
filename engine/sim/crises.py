"""Crises that come and go over a simulated city, and agents who help."""

from typing import Final

from engine.sim.house import SimHouse
from engine.sim.world import World
from queues.crisis import Measures
from queues.skills import Need
from router import inputs as i
from router.crisis import Running

RESERVE: Final = "reserve"
"""The group of agents who are asked to help."""
NAMES: Final = ("flood", "snow")


class Crises:
    """Whoever announces something, and those who come to help."""

    def __init__(self, world: World, house: SimHouse, queues: tuple[str, ...], agents: tuple[str, ...]) -> None:
        self._world = world
        self._house = house
        self._queues = queues
        self._agents = agents
        self._number = 0

    def act(self) -> None:
        """Begin a crisis, change one, or let somebody help."""
        chance, running = self._world.chance, self._running()
        if not running or chance.random() < 0.2:
            self._number += 1
            name = chance.choice(NAMES)
            languages = chance.choice([(), ("swedish",), ("swedish", "arabic")])
            self._house.submit(i.StartCrisis(f"{name}-{self._number}", name, self._measures(), languages))
            return
        one, agent = chance.choice(running), chance.choice(self._agents)
        requests: list[i.AnyRequest] = [
            i.AmendCrisis(one.id, self._measures()),
            i.Announce(one.id, len(one.messages) + chance.choice([1, 1, 2]), ("swedish",)),
            i.EndCrisis(one.id),
            i.JoinCrisis(one.id, agent),
            i.JoinCrisis(one.id, agent),
            i.LeaveCrisis(one.id, agent),
        ]
        self._house.submit(chance.choice(requests))

    def end(self) -> None:
        """Let all be over."""
        for one in self._running():
            self._house.submit(i.EndCrisis(one.id))

    def _measures(self) -> Measures:
        chance = self._world.chance
        return Measures(
            queues=tuple(queue for queue in self._queues if chance.random() < 0.3),
            until=chance.choice([None, self._world.now + 60.0, self._world.now + 300.0]),
            callback_only=chance.random() < 0.3,
            triage=chance.choice(["", "", *self._queues]),
            helpers=(RESERVE,) if chance.random() < 0.7 else (),
            skills=(Need("arabic", 3),) if chance.random() < 0.5 else (),
            sites=chance.choice([(), ("library",)]),
        )

    def _running(self) -> tuple[Running, ...]:
        return self._house.spine.router.state.running if self._house.spine is not None else ()
