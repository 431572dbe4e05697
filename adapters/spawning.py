"""How adapters start long-lived tasks: the engine hands them `engine.tasks.Tasks.spawn`."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol


class Spawn(Protocol):
    """Starts a named task that is watched; one that dies stops the engine."""

    def __call__(self, name: str, work: Coroutine[Any, Any, None], /) -> asyncio.Task[None]:
        """Start `work`."""
