"""The journal on a private redis-server: `python -m bench.journal [--entries N]`.

Three measurements, each for Vaxel's own connection and for redis-py's asyncio client doing the same:

- *one by one*: the next entry is appended when the last is acknowledged: latency, and CPU per append at its dearest;
- *paced*: 1,000 entries per second, one per loop turn, as under calls: CPU and latency as they matter;
- *flood*: windows of 256 entries: the most that goes through; its latency is a whole window's; redis-py by its
  pipeline.

redis-py has one connection here: those of its pool would bring the entries out of order. The client *none* only
encodes: that is what the measuring itself costs.

CPU is user and system time of this process, and of redis-server beside it.
"""

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import redis.asyncio
import uvloop

from adapters.redis.address import Address
from adapters.redis.journal import RedisJournal
from engine import procfs
from engine.supervisor import answers
from engine.tasks import Tasks
from router.facts import ContactArrived, OfferMade, PassedOver
from router.journal import Entry, encode

PACE_PER_S: Final = 1000
WINDOW: Final = 256
US: Final = 1e6


class Row(NamedTuple):
    """Per append, in microseconds, but for the rate."""

    client: str
    way: str
    per_s: float
    cpu_us: float
    redis_cpu_us: float
    p50_us: float
    p99_us: float


Append = Callable[[Entry], Awaitable[None]]
"""Starts an append; what it returns is done when the entry is acknowledged."""
Way = Callable[[Append, int, int], Awaitable[list[float]]]


def entry(seq: int) -> Entry:
    """An arrival and an offer: what a call decides in one turn, about 200 bytes."""
    contact, at = f"w1-{seq:08d}", 1_790_000_000.0 + seq
    facts = (
        ContactArrived(at, contact, "call", "46401234", contact, seq, "p0123456789abcdef0123456789abcdef"),
        OfferMade(at, f"{contact}.1", contact, "agent0042", at + 20, "longest-idle", 0, PassedOver(busy=40)),
    )
    return Entry(1, seq, facts, {"w1": seq})


def own(journal: RedisJournal) -> Append:
    """Append by Vaxel's journal."""
    loop = asyncio.get_running_loop()

    def append(one: Entry) -> Awaitable[None]:
        kept: asyncio.Future[None] = loop.create_future()
        journal.append(one, [], lambda: kept.set_result(None))
        return kept

    return append


def none() -> Append:
    """Encode, and call it kept in the next turn."""
    loop = asyncio.get_running_loop()

    def append(one: Entry) -> Awaitable[None]:
        kept: asyncio.Future[None] = loop.create_future()
        encode(one)
        loop.call_soon(kept.set_result, None)
        return kept

    return append


def by_redis_py(client: "redis.asyncio.Redis") -> Append:
    """Append by redis-py, one command each."""

    async def append(one: Entry) -> None:
        await client.execute_command("XADD", "vaxel:journal", f"2-{one.seq}", "e", encode(one))

    return append


async def one_by_one(append: Append, first: int, count: int) -> list[float]:
    """Return each append's latency in seconds."""
    latencies = []
    for seq in range(first, first + count):
        begun = time.perf_counter()
        await append(entry(seq))
        latencies.append(time.perf_counter() - begun)
    return latencies


async def paced(append: Append, first: int, count: int) -> list[float]:
    """The same at an even pace."""
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    begun = loop.time()

    async def timed(seq: int) -> None:
        start = time.perf_counter()
        await append(entry(seq))
        latencies.append(time.perf_counter() - start)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(begun + number / PACE_PER_S - loop.time())
            group.create_task(timed(first + number))
    return latencies


async def flood(append: Append, first: int, count: int) -> list[float]:
    """The same in windows."""
    latencies = []
    for start in range(first, first + count, WINDOW):
        begun = time.perf_counter()
        await asyncio.gather(*[append(entry(seq)) for seq in range(start, start + WINDOW)])
        latencies.append(time.perf_counter() - begun)
    return latencies


async def flood_by_pipeline(client: "redis.asyncio.Redis", _: Append, first: int, count: int) -> list[float]:
    """The same by redis-py's pipeline."""
    latencies = []
    for start in range(first, first + count, WINDOW):
        begun = time.perf_counter()
        pipeline = client.pipeline(transaction=False)
        for seq in range(start, start + WINDOW):
            pipeline.execute_command("XADD", "vaxel:journal", f"2-{seq}", "e", encode(entry(seq)))
        await pipeline.execute()
        latencies.append(time.perf_counter() - begun)
    return latencies


async def measure(name: str, append: Append, flooded: Way, redis_pid: int, entries: int) -> list[Row]:
    """Run the three ways."""
    rows, first = [], 1
    for way, run, count in (
        ("one by one", one_by_one, entries),
        ("paced", paced, min(entries, 3 * PACE_PER_S)),
        ("flood", flooded, entries // WINDOW * WINDOW),
    ):
        cpu, redis_cpu, begun = own_cpu(), cpu_of(redis_pid), time.perf_counter()
        latencies = sorted(await run(append, first, count))
        took = time.perf_counter() - begun
        rows.append(
            Row(
                name,
                way,
                count / took,
                (own_cpu() - cpu) / count * US,
                (cpu_of(redis_pid) - redis_cpu) / count * US,
                statistics.median(latencies) * US,
                latencies[int(len(latencies) * 0.99)] * US,
            )
        )
        first += count
    return rows


def own_cpu() -> float:
    """Return this process's CPU seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def cpu_of(pid: int) -> float:
    """Return another process's CPU seconds, to 10 ms."""
    stat = procfs.stat(pid)
    return stat.cpu_s if stat is not None else 0.0


async def run(folder: Path, entries: int, repeats: int) -> None:
    """Measure and print."""
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    command = ["redis-server", *options, "--appendonly", "yes", "--appendfsync", "everysec"]
    server = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)
    tasks = Tasks()
    address = Address(path=str(socket))
    client = redis.asyncio.Redis(unix_socket_path=str(socket), single_connection_client=True)
    try:
        while not answers(str(socket)):
            time.sleep(0.01)  # noqa: ASYNC251  # nothing else runs yet
        for _ in range(repeats):
            await client.flushall()
            journal = RedisJournal(
                address,
                1,
                spawn=tasks.spawn,
                refused_folder=folder,
                on_degraded=lambda degraded: None,
                on_deposed=lambda: None,
            )
            await journal.start()
            rows = await measure("none", none(), flood, server.pid, entries)
            rows += await measure("own", own(journal), flood, server.pid, entries)
            await journal.close()
            rows += await measure(
                "redis-py", by_redis_py(client), partial(flood_by_pipeline, client), server.pid, entries
            )
            show(rows)
    finally:
        await client.aclose()
        await tasks.cancel()
        server.kill()
        await server.wait()


def show(rows: list[Row]) -> None:
    """Print one line for each way."""
    head = f"{'client':<9} {'way':<11} {'/s':>7} {'CPU us':>7} {'redis us':>8} {'p50 us':>7} {'p99 us':>7}"
    sys.stdout.write(head + "\n")
    for row in rows:
        sys.stdout.write(
            f"{row.client:<9} {row.way:<11} {row.per_s:>7.0f} {row.cpu_us:>7.1f} {row.redis_cpu_us:>8.1f}"
            f" {row.p50_us:>7.0f} {row.p99_us:>7.0f}\n"
        )
    sys.stdout.flush()


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as folder:
        uvloop.run(run(Path(folder), options.entries, options.repeats))


if __name__ == "__main__":
    main()
