"""What goes on, as anybody sees it who may look: the API's picture of the house, its figures, and the event stream."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.demo.client import Client, Refused
from engine.demo.town import Town

LOOK_EVERY_S: Final = 1.0
EVENTS_KEPT: Final = 200
CALLS: Final = frozenset({"call", "callback"})

Event = Mapping[str, Any]


class Board:
    """The picture, kept up to date by `watch`."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.live: Mapping[str, Any] = {"queues": [], "agents": []}
        self.figures: Mapping[str, Any] = {}
        self.callbacks = 0
        """Open promises to call back."""
        self.away = False
        """The API does not answer."""
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self.counts: dict[str, int] = {}
        """Type of event to how many there were."""
        self.told: list[Callable[[Event], None]] = []
        """Who hears of each event."""
        self.first_answer: float | None = None
        """UTC seconds."""

    async def watch(self, client: Client, token: str) -> None:
        """Look every second, and listen all the time."""
        await self._look(client, token)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(client, token))
            group.create_task(self._keep_looking(client, token))

    async def _keep_looking(self, client: Client, token: str) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._look(client, token)

    async def _look(self, client: Client, token: str) -> None:
        try:
            self.live = await client.ask(token, "GET", "/live")
            self.callbacks = len((await client.ask(token, "GET", "/callbacks"))["callbacks"])
            self.figures = await client.ask(token, "GET", "/figures")
        except Refused as refusal:
            self.away = refusal.error_id == "away"
        else:
            self.away = False

    async def _listen(self, client: Client, token: str) -> None:
        async for events in client.events(token, str(self.live.get("position", ""))):
            for event in events:
                self._hear(event)

    def _hear(self, event: Event) -> None:
        type_ = str(event["type"])
        self.counts[type_] = self.counts.get(type_, 0) + 1
        if type_ == "offer.accepted" and self.first_answer is None:
            self.first_answer = float(event["at"])
        self.events.append(event)
        for tell in self.told:
            tell(event)

    # ---- what others want to know --------------------------------------------------------------------------------

    def free(self) -> list[str]:
        """Return the agents who could be asked something."""
        return [
            str(agent["id"])
            for agent in self.live["agents"]
            if agent["state"] == "ready" and not agent.get("work") and agent["id"] in self.town.agents
        ]
