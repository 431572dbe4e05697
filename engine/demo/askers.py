"""Citizens who ask to be called back without ringing: on a form of the city's, which is a POST to its API."""

import asyncio
from random import Random
from typing import Final

from adapters.sip.logs import log
from engine.demo.citizens import NUMBERS, People
from engine.demo.client import Client, Refused
from queues.queue import Calling

EVERY_S: Final = 250.0
"""Between two of them, in life, where twelve agents work."""
FIRST_S: Final = 20.0


class Askers:
    """Everybody who asks."""

    def __init__(self, people: People, client: Client, token: str) -> None:
        """`token` is of role `kiosk`: it may do what somebody may who stands there."""
        self._people = people
        self._client = client
        self._token = token
        self._chance: Random = people.chance("callbacks")
        core = people.town.core
        self._queues = [
            name for name, queue in core.queues.items() if queue.calling != Calling() and people.town.helpers(name)
        ]
        """Those that say how they call back, and have somebody."""

    async def come(self) -> None:
        """Let citizens ask for ever."""
        wait = FIRST_S
        while self._queues:
            await asyncio.sleep(self._people.tempo.quicker(wait))
            wait = self._people.between(self._chance, EVERY_S)
            asked = {"queue": self._chance.choice(self._queues), "number": self._chance.choice(NUMBERS)}
            try:
                await self._client.ask(self._token, "POST", "/callbacks", asked)
            except Refused as refused:
                log("demo_not_promised", id=refused.error_id)
