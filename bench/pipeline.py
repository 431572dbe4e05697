"""Commands through the engine: spine, router, figures and journal on a real Redis, without workers.

The load is calls: a caller arrives, is offered, the agent answers, and hangs up. Inputs are submitted in small
groups, as they come out of a worker's frame; a few turns may wait for the journal at a time.
"""

import asyncio
import itertools
import resource
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvloop

from adapters.redis.address import Address
from adapters.redis.journal import RedisJournal
from bench.rows import Context, Group, Measured
from bench.system import Trouble, cpu_s
from engine import bench_config
from engine.clock import MonotonicClock, local_time
from engine.config import load as read
from engine.shell import LoopShell
from engine.spine import Spine
from engine.supervisor import answers
from engine.tasks import Tasks
from metrics.projection import Projection
from router.facts import AnyFact, OfferMade
from router.inputs import ApplyConfiguration, Arrived, HungUp, Input, PickedUp, Refused
from router.router import Router
from router.state import State

AGENTS: Final = 1000
GROUP: Final = 8
"""Inputs in one loop turn."""
LINE: Final = 1000
"""Callers that wait all the while."""
TURNS_IN_FLIGHT: Final = 8


def commands_per_s(context: Context) -> list[Measured]:
    """1,000 agents, 1,000 waiting; every group of calls goes through all its steps."""
    calls = int(context.choose(20_000, 2_000))
    found = [_in_own_redis(calls) for _ in range(context.repeats)]
    return [
        Measured(
            "engine.commands_per_s", [(inputs / (own + redis),) for inputs, own, redis, _ in found],
            [f"bench.pipeline: {calls} calls of 3 inputs, {AGENTS} agents, {LINE} waiting, {GROUP} inputs a turn"],
            "inputs over the CPU seconds of this process and Redis together",
            {
                "engine alone, /s": max(inputs / own for inputs, own, _, _ in found),
                "wall, /s": max(inputs / wall for inputs, _, _, wall in found),
                "engine, us": 1e6 * min(own / inputs for inputs, own, _, _ in found),
                "redis, us": 1e6 * min(redis / inputs for inputs, _, redis, _ in found),
            },
        )
    ]  # fmt: skip


def _in_own_redis(calls: int) -> tuple[int, float, float, float]:
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as name:
        folder = Path(name)
        path = str(folder / "redis.sock")
        options = ["--port", "0", "--unixsocket", path, "--dir", str(folder), "--save", ""]
        argv = ["redis-server", *options, "--appendonly", "yes", "--appendfsync", "everysec"]
        server = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 10
            while not answers(path):
                if time.monotonic() > deadline:
                    raise Trouble("redis-server does not answer")
                time.sleep(0.01)
            return uvloop.run(_run(folder, path, server.pid, calls))
        finally:
            server.kill()
            server.wait()


async def _run(folder: Path, path: str, redis_pid: int, calls: int) -> tuple[int, float, float, float]:
    bench_config.write(folder / "config", agents=AGENTS)
    loaded = read(folder / "config")
    tasks = Tasks()
    journal = RedisJournal(
        Address(path=path),
        1,
        spawn=tasks.spawn,
        refused_folder=folder,
        on_degraded=lambda degraded: None,
        on_deposed=lambda: None,
    )
    await journal.start()
    clock = MonotonicClock()
    local = local_time(loaded.installation.time_zone)
    spine = Spine(Router(local), journal, clock, LoopShell(clock), {})
    spine.followers.append(Projection(local))
    load = _Load(spine)
    await load.turn([ApplyConfiguration(loaded.core)])
    for _ in range(0, AGENTS + LINE, GROUP):
        await load.turn(load.arrivals())
    await load.settle()
    own, redis, begun, before = _own_cpu_s(), cpu_s(redis_pid), time.perf_counter(), load.submitted
    for _ in range(calls // GROUP):
        await load.turn(load.answers())
        await load.turn(load.endings())
        await load.turn(load.arrivals())
    await load.settle()
    passed = time.perf_counter() - begun
    found = load.submitted - before, _own_cpu_s() - own, cpu_s(redis_pid) - redis, passed
    if spine.bugs:
        raise Trouble(f"{spine.bugs} inputs broke off")
    await journal.close()
    await tasks.cancel()
    return found


class _Load:
    """Makes calls; follows the spine to see whom is offered what."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine
        self._count = itertools.count(1)
        self._offered: deque[str] = deque()
        self._talking: deque[str] = deque()
        self._loop = asyncio.get_running_loop()
        self._flying: deque[asyncio.Future[Refused | None]] = deque()
        self.submitted = 0
        spine.followers.append(self)

    def decided(self, facts: Sequence[AnyFact], state: State) -> None:
        """Note the offers made."""
        self._offered += [fact.offer for fact in facts if type(fact) is OfferMade]

    def arrivals(self) -> list[Input]:
        """Return the arrivals of one turn."""
        names = [f"w1-bench-{next(self._count)}" for _ in range(GROUP)]
        return [Arrived(contact=name, channel="call", entry="direct", leg=name) for name in names]

    def answers(self) -> list[Input]:
        """Return the answers of one turn, to the oldest offers."""
        offers = [self._offered.popleft() for _ in range(min(GROUP, len(self._offered)))]
        self._talking += offers
        return [PickedUp(leg=offer) for offer in offers]

    def endings(self) -> list[Input]:
        """Return the hang-ups of one turn, of the longest talks."""
        return [HungUp(leg=self._talking.popleft(), cause="hung_up") for _ in range(min(GROUP, len(self._talking)))]

    async def turn(self, inputs: list[Input]) -> None:
        """Submit the inputs of one turn, and wait while too many turns are not kept."""
        if not inputs:
            return
        kept: asyncio.Future[Refused | None] = self._loop.create_future()
        for input_ in inputs[:-1]:
            self._spine.submit(input_)
        self._spine.submit(inputs[-1], answer=kept.set_result)
        self.submitted += len(inputs)
        self._flying.append(kept)
        await asyncio.sleep(0)
        while len(self._flying) > TURNS_IN_FLIGHT:
            await self._flying.popleft()

    async def settle(self) -> None:
        """Wait until all is kept."""
        while self._flying:
            await self._flying.popleft()


def _own_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


GROUPS: Final = (Group(("engine.commands_per_s",), 30, 8, commands_per_s),)
