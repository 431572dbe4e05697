"""An engine with its web port and a real Redis, but no workers: `python -m bench.api_engine CONFIG DATA WAITING`.

Callers are put into the line as a worker would report them. It says `ready`, then obeys lines on standard input:
`go N RATE` lets N facts happen, RATE a second (an agent's reason for a pause changes), and `lag` tells how late the
loop ran since the last time.
"""

import asyncio
import gc
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import uvloop

from adapters.speech.tones import Tones
from bench.rows import quantile
from bench.system import Trouble
from engine.config import load
from engine.datafolder import DataFolder
from engine.house import House, Speech
from engine.processes import private_redis
from engine.publishing.versions import Versions
from engine.supervisor import answers
from engine.watching import Watching
from router.inputs import Arrived, Pause
from router.ports import Secret

LAG_EVERY_S: Final = 0.005
PAUSES: Final = ("break", "lunch")
GROUP: Final = 20
"""Callers who come in one loop turn."""


class Engine:
    """The engine, and what is done to it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.lags: list[float] = []

    async def fill(self, waiting: int) -> None:
        """Give all agents a pause, put callers into the line, and wait until all is kept."""
        for agent in self.house.configuration.agents:
            self.house.spine.submit(Pause(agent, PAUSES[0]))
        for first in range(0, waiting, GROUP):
            for number in range(first, min(first + GROUP, waiting)):
                name = f"bench-1-{number}"
                arrived = Arrived(contact=name, channel="call", entry="direct", leg=name)
                self.house.spine.submit(arrived, (Secret(name, "number", f"+4670{number:07}"),))
            kept = asyncio.get_running_loop().create_future()
            self.house.spine.look(lambda _, kept=kept: lambda: kept.set_result(None))  # type: ignore[misc]
            await kept

    async def happen(self, number: int, rate: float) -> None:
        """Let things happen to agents, evenly in time."""
        agent, begun = next(iter(self.house.configuration.agents)), time.perf_counter()
        for count in range(number):
            await asyncio.sleep(max(0.0, begun + count / rate - time.perf_counter()))
            self.house.spine.submit(Pause(agent, PAUSES[(count + 1) % 2]))

    async def watch_lag(self) -> None:
        """Note how late the loop is."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.lags.append(loop.time() - due)

    def obey(self, line: str) -> None:
        """Carry out a line."""
        words = line.split()
        if words[:1] == ["go"]:
            _ = self.house.tasks.spawn("bench", self.happen(int(words[1]), float(words[2])))
        elif words[:1] == ["lag"]:
            lags, self.lags = self.lags or [0.0], []
            sys.stdout.write(f"{quantile(lags, 0.5)} {quantile(lags, 0.99)} {max(lags)}\n")
            sys.stdout.flush()


async def serve(config: Path, data: Path, waiting: int) -> None:
    """Serve until standard input ends."""
    loaded = load(config)
    folder = DataFolder(data)
    house = House(loaded, folder, Speech({}, Tones("", "")))
    watching = Watching(house, Versions(config, folder.versions), reload=lambda: None)
    await watching.open()
    await house.open()
    watching.follow()
    engine = Engine(house)
    await engine.fill(waiting)
    gc.collect()
    gc.freeze()
    _ = house.tasks.spawn("lag of the benchmark", engine.watch_lag())
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await reader.readline():
        engine.obey(line.decode())
    await watching.close()
    await house.close()


def main() -> None:
    """Start Redis, serve, and end both."""
    config, data, waiting = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    folder = DataFolder(data)
    folder.prepare()
    redis = private_redis(folder)
    server = subprocess.Popen(redis.argv, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 10
        while not answers(redis.ready):
            if time.monotonic() > end:
                raise Trouble("redis-server does not answer")
            time.sleep(0.01)
        uvloop.run(serve(config, data, waiting))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
