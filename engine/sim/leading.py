"""Those who lead a simulated city: who listens, lets somebody go first, moves agents, opens and closes, tells all."""

from collections.abc import Sequence
from typing import Final, get_args

from engine.sim.colleagues import PHONES
from engine.sim.house import SimHouse
from engine.sim.world import World
from queues.alarms import KINDS
from router import inputs as i
from router.contact import Connected, Offered, Waiting
from router.dialling import Destination
from router.facts import Ear
from router.inputs import Input
from router.state import State

EARS: Final[tuple[Ear, ...]] = get_args(Ear)
LASTS: Final = (30.0, 200.0)
"""Seconds for which something is changed: all is as configured again before a run ends."""


class Leaders:
    """Everybody who leads."""

    def __init__(
        self, world: World, house: SimHouse, queues: Sequence[str], agents: Sequence[str], skills: Sequence[str]
    ) -> None:
        self._world = world
        self._house = house
        self._queues = queues
        self._agents = agents
        self._skills = skills
        self._told = 0

    def act(self) -> None:
        """Let somebody who leads do something."""
        state = self._house.spine.router.state if self._house.spine is not None else None
        if state is not None:
            chance = self._world.chance
            wishes = chance.choice([self._talks, self._line, self._house_wide, self._alarms])(state)
            if wishes:
                self._house.submit(chance.choice(wishes))

    def end(self) -> None:
        """Let all be as it is configured."""
        state = self._house.spine.router.state if self._house.spine is not None else None
        if state is not None:
            for agent in list(state.assignments):
                self._house.submit(i.EndAssignment(agent))
            for queue in list(state.today):
                self._house.submit(i.EndToday(queue))

    def _talks(self, state: State) -> list[Input]:
        chance = self._world.chance
        listened = [one.card.id for one in state.contacts.values() if isinstance(one, Connected) and one.listener]
        talks = [one.card.id for one in state.contacts.values() if isinstance(one, Connected) and one.card.talks]
        wishes: list[Input] = [i.Listen(one, Destination(chance.choice(PHONES)), chance.choice(EARS)) for one in talks]
        for one in listened:
            wishes += [i.Listen(one, None, chance.choice(EARS)), i.StopListening(one)]
        return wishes

    def _line(self, state: State) -> list[Input]:
        chance, now = self._world.chance, self._world.now
        waiting = [id_ for id_, one in state.contacts.items() if isinstance(one, Waiting | Offered)]
        if not waiting:
            return []
        contact = chance.choice(waiting)
        return [
            i.Urge(contact, chance.choice([0.2, 1.0, 5.0]), first=chance.random() < 0.3),
            i.AssignContact(contact, chance.choice(self._agents), now + chance.choice(LASTS)),
        ]

    def _house_wide(self, state: State) -> list[Input]:
        chance, until = self._world.chance, self._world.now + self._world.chance.choice(LASTS)
        agent, queue = chance.choice(self._agents), chance.choice(self._queues)
        queues = {one: chance.randint(0, 1) for one in self._queues if chance.random() < 0.6}
        skills = {one: chance.randint(1, 5) for one in self._skills if chance.random() < 0.6}
        self._told += 1
        wishes: list[Input] = [
            i.AssignAgent(agent, queues, chance.choice([None, skills]), until),
            i.EndAssignment(agent),
            i.SetToday(queue, open=chance.random() < 0.5, until=until),
            i.EndToday(queue),
            i.PostBulletin(f"told-{self._house.epoch}-{self._told}", chance.choice([(), (queue,)]), until),
        ]
        for bulletin in state.bulletins:
            wishes += [i.ReadBulletin(bulletin, agent), i.EndBulletin(bulletin)]
        return wishes

    def _alarms(self, state: State) -> list[Input]:
        chance, now = self._world.chance, self._world.now
        queue, kind = chance.choice(self._queues), chance.choice(KINDS)
        wishes: list[Input] = [i.QueueAlarm(queue=queue, alarm=kind, raised=chance.random() < 0.5)]
        for alert in state.alerts:
            again = chance.choice([None, now + 20.0])
            wishes += [i.AlertTaken(alert=alert), i.AlertNotTaken(alert=alert, cause="away", retry_at=again)]
        return wishes
