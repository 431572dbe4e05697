"""Long-lived tasks: named, watched, ended together. The one place that starts them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

log = logging.getLogger(__name__)
CANCEL_AGAIN_S: Final = 1.0
"""Longer than a task needs to clear up."""


class TaskDied(Exception):
    """A task that must live has ended; the cause is chained. The engine stops and is started afresh."""

    error_id = "task_died"
    retryable = False

    def __init__(self, name: str) -> None:
        super().__init__(f"task {name} died")
        self.name = name


class Tasks:
    """The engine's tasks. Build it inside the running loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._first_death: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._cancelling = False

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start `work`. It may return when its work is done, and may be cancelled; an exception is a death."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def died(self) -> None:
        """Wait until a task dies, then raise `TaskDied`."""
        await asyncio.shield(self._first_death)

    async def cancel(self) -> None:
        """Cancel all tasks and wait for their end.

        A cancellation may be lost: before Python 3.12, `asyncio.wait_for` swallows one that comes just as what it waits
        for is done, and redis-py sends each command through it. So those that live on are cancelled again.
        """
        self._cancelling = True
        me = asyncio.current_task()
        while others := self._tasks - {me}:
            for task in others:
                task.cancel()
            await asyncio.wait(others, timeout=CANCEL_AGAIN_S)
        if not self._first_death.done():
            self._first_death.cancel()

    def names(self) -> list[str]:
        """Return the names of the tasks that live."""
        return sorted(task.get_name() for task in self._tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        name = task.get_name()
        log.critical("task %s died", name, exc_info=error, extra={"action": "task_died", "task": name})
        if not self._first_death.done() and not self._cancelling:
            death = TaskDied(name)
            death.__cause__ = error
            self._first_death.set_exception(death)
            # Seen through `died()`; without a waiter the log line above has said it.
            self._first_death.exception()
