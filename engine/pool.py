"""Long work in another process, so that the engine's loop goes on: reading and writing large files."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, TypeVar

T = TypeVar("T")
IDLE_S: Final = 60.0
"""How long the process waits for more work before it ends: it takes some 50 MiB."""
_SET_PARENT_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class Pool:
    """One process, started when there is work and ended when there has been none for a while."""

    def __init__(self) -> None:
        self._executor: ProcessPoolExecutor | None = None
        self._working = 0
        self._timer: asyncio.TimerHandle | None = None

    async def __call__(self, work: Callable[..., T], /, *arguments: Any) -> T:
        """Return what `work` returns; it, its arguments and its answer are pickled on the way."""
        if self._timer is not None:
            self._timer.cancel()
        if self._executor is None:
            # Not a fork: the engine's sockets, and its threads' locks, are nobody else's.
            context = get_context("spawn")
            self._executor = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(os.getpid(),))
        loop = asyncio.get_running_loop()
        self._working += 1
        try:
            return await loop.run_in_executor(self._executor, work, *arguments)
        except BrokenExecutor:
            # The process was killed; the next work starts another.
            self.close()
            raise
        finally:
            self._working -= 1
            if not self._working:
                self._timer = loop.call_later(IDLE_S, self.close)

    def close(self) -> None:
        """End the process; what it was doing is given up."""
        if self._timer is not None:
            self._timer.cancel()
        executor, self._executor = self._executor, None
        if executor is not None:
            # Whoever ends a program waits for what its executors do. Python 3.14 has a word for this: kill_workers().
            for process in list(executor._processes.values()):
                process.kill()
            executor.shutdown(wait=False, cancel_futures=True)


def _begin(engine: int) -> None:
    """End with the engine, however it ends; a stop by the terminal is the engine's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != engine:  # it ended before we could ask to be told
        os.kill(os.getpid(), signal.SIGKILL)
