"""What goes on, as anybody sees it who may look: the API's picture of the house, its figures, and the event stream."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.demo.client import Client, Refused
from engine.demo.town import Town

LOOK_EVERY_S: Final = 1.0

Event = Mapping[str, Any]


class Board:
    """The picture, kept up to date by `watch`."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.live: Mapping[str, Any] = {"queues": [], "agents": []}
        self.figures: Mapping[str, Any] = {}
        self.promised: set[str] = set()
        """Callbacks that were promised while we watched, and are still open."""
        self.callbacks = 0
        """Open promises to call back."""
        self.away = False
        """The API does not answer."""
        self.told: list[Callable[[Event], None]] = []
        """Who hears of each event."""

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
        except Refused:
            self.away = True
        else:
            self.away = False

    async def _listen(self, client: Client, token: str) -> None:
        async for events in client.events(token, str(self.live.get("position", ""))):
            for event in events:
                self._hear(event)

    def _hear(self, event: Event) -> None:
        if event["type"] == "callback.registered":
            self.promised.add(str(event["callback"]))
        elif event["type"] == "callback.closed":
            self.promised.discard(str(event["callback"]))
        for tell in self.told:
            tell(event)

    def free(self) -> list[str]:
        """Return the agents who could be asked something."""
        return [
            str(agent["id"])
            for agent in self.live["agents"]
            if agent["state"] == "ready" and not agent.get("work") and agent["id"] in self.town.agents
        ]
