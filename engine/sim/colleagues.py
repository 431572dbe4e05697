"""The first line and the second: agents who hand over, ask in writing, look for somebody to talk with, and for help."""

from collections.abc import Sequence
from typing import Final

from engine.sim.house import SimHouse
from engine.sim.world import World
from router import inputs as i
from router.contact import Connected
from router.dialling import Destination
from router.inputs import AnyRequest

PHONES: Final = ("phone:lead1", "phone:lead2")
"""Phones of those who lead: no agent works there."""


class Colleagues:
    """Everybody who asks colleagues."""

    def __init__(self, world: World, house: SimHouse, queues: Sequence[str]) -> None:
        self._world = world
        self._house = house
        self._queues = queues
        self._begun = 0

    def act(self) -> None:
        """Let somebody who has a contact turn to colleagues."""
        state = self._house.spine.router.state if self._house.spine is not None else None
        having = [one for one in state.contacts.values() if isinstance(one, Connected)] if state is not None else []
        if having:
            self._house.submit(self._request(self._world.chance.choice(having)))

    def _request(self, contact: Connected) -> AnyRequest:
        chance, id_ = self._world.chance, contact.card.id
        queue = chance.choice(self._queues)
        self._begun += 1
        requests: list[AnyRequest] = [
            i.SendToQueue(id_, queue, remark=chance.random() < 0.5),
            i.SendToQueue(id_, queue, remark=True),
            i.LeaveFor(id_, queue, f"left-{self._house.epoch}-{self._begun}"),
            i.AskQueue(id_, queue, f"asked-{self._house.epoch}-{self._begun}"),
            i.AddRemark(id_, contact.agent),
            i.ConsultQueue(id_, queue),
            i.ConsultQueue(id_, queue),
            i.AskHelp(id_),
            i.EndHelp(id_, answered=chance.random() < 0.5),
            i.JoinTalk(id_, Destination(chance.choice(PHONES))),
        ]
        return chance.choice(requests)
