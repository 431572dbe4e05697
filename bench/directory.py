"""The directory of a large city: 25,000 people on a real Redis. `python -m bench.directory` prints one run as JSON.

*Reading* is what an engine does in the background at its start: all records from Redis, into memory and the index.
Beside the time, the longest time for which that held the loop up. Memory is what the process has grown by.

*Searching* is operators who type, one keystroke after the other: names, also the wrong way round, without their
dots, with a slip; initials; what people ask for; extensions. A tenth of the records have absences, some have been
connected lately, and now and then somebody changes a record, which empties what the index remembers.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import uvloop
from msgspec import structs

from adapters.directory.directory import Directory
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings
from adapters.directory.spelling import fold, plain
from adapters.directory.store import RedisStore
from adapters.redis.address import Address
from bench.rows import Context, Group, Measured, quantile
from bench.system import ROOT, Trouble
from engine.sim.staff import staff
from engine.supervisor import answers

PEOPLE: Final = 25_000
NOW: Final = 1_795_597_200.0
"""A Wednesday in November, at ten."""
SESSIONS: Final = 2000
CHANGE_EVERY: Final = 25
"""Searches between two changes of a record."""
HITS: Final = 20
WITHIN_S: Final = 300.0
REDIS_WITHIN_S: Final = 10.0
KEYS: Final = ("directory.search_ms", "directory.read_s", "directory.kib_per_record")


def typed(record: Record, chance: random.Random) -> str:
    """Return what an operator types to find a record, sometimes wrong."""
    if record.kind == "function":
        return chance.choice((*record.responsibilities, record.name.lower()))
    given, family = record.given.lower(), record.family.lower()
    text = chance.choice(
        [f"{given} {family}", f"{family} {given}", given[0] + family[0], f"{given[:2]} {family[:3]}", record.extension]
    )
    if chance.random() < 0.3:
        text = fold(plain(text))
    if len(text) > 6 and chance.random() < 0.3:
        at = chance.randrange(1, len(text) - 1)
        text = text[:at] + chance.choice((text[at] * 2, "", chance.choice("aeiorstn"))) + text[at + 1 :]
    return text


def keystrokes(text: str) -> Iterator[str]:
    """Yield what stands in the field after each keystroke."""
    return (text[:length] for length in range(1, len(text) + 1))


def crowd() -> list[Record]:
    """Return the city's staff, a tenth of them with absences."""
    chance = random.Random(2)
    lunch = Absence(reason="lunch", since=NOW - 600.0, until=NOW + 1800.0)
    holiday = Absence(reason="holiday", since=NOW + 86_400.0, until=NOW + 9 * 86_400.0)
    people = staff(PEOPLE)
    return [
        structs.replace(one, absences=(chance.choice((lunch, holiday)),)) if chance.random() < 0.1 else one
        for one in people
    ]


def measure(sessions: int) -> dict[str, Any]:
    """Fill a Redis, read it as an engine does, and search."""
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as folder:
        socket = Path(folder) / "redis.sock"
        argv = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", ""]
        redis = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        try:
            end = perf_counter() + REDIS_WITHIN_S
            while not answers(str(socket)):
                if perf_counter() > end:
                    raise Trouble("redis-server does not answer")
                time.sleep(0.01)
            return uvloop.run(_fill_read_search(Address(path=str(socket)), sessions))
        finally:
            redis.terminate()
            redis.wait()


async def _fill_read_search(address: Address, sessions: int) -> dict[str, Any]:
    people, store = crowd(), RedisStore(address.client(), lambda: 1)
    await store.rewrite(people, {"p": 0, "f": 0})
    return await _read_and_search(store, people, sessions)


async def _read_and_search(store: RedisStore, people: Sequence[Record], sessions: int) -> dict[str, Any]:
    async def aside(*_: Any) -> Any:
        raise NotImplementedError

    directory = Directory(store, DirectorySettings(), "Europe/Stockholm", lambda: NOW, aside)
    before, begun = _rss_kib(), perf_counter()
    held: list[float] = [0.0]
    watching = asyncio.get_running_loop().create_task(_watch(held))
    await directory.load()
    read, memory = perf_counter() - begun, _rss_kib() - before
    watching.cancel()
    chance = random.Random(3)
    for record in chance.sample(people, 2000):
        directory.connected(record.id)
    times = []
    for number in range(sessions):
        record = people[chance.randrange(len(people))]
        if number % CHANGE_EVERY == 0:
            await directory.change(record.id, {"note": f"{number}", "title": f"Chef {number % 50}"}, "bench")
        for text in keystrokes(typed(record, chance)):
            begun = perf_counter()
            directory.search(text, protected=False, most=HITS)
            times.append((perf_counter() - begun) * 1e3)
    return {
        "search_ms": [quantile(times, 0.5), quantile(times, 0.99)],
        "search_max_ms": max(times),
        "keystrokes": len(times),
        "read_s": read,
        "held_ms": held[0] * 1e3,
        "kib_per_record": memory / len(people),
    }


async def _watch(held: list[float]) -> None:
    """Note the longest time between two turns of the loop."""
    last = perf_counter()
    while True:
        await asyncio.sleep(0)
        now = perf_counter()
        held[0], last = max(held[0], now - last), now


def _rss_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def directory(context: Context) -> list[Measured]:
    """Measure in a process of its own for each repeat, so that memory is counted from the start."""
    argv = [sys.executable, "-m", "bench.directory", str(int(context.choose(SESSIONS, 200)))]
    found: list[dict[str, Any]] = []
    for _ in range(context.repeats):
        try:
            done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=True)
            found.append(json.loads(done.stdout))
        except (subprocess.SubprocessError, ValueError) as error:
            raise Trouble(f"bench.directory: {error}") from None
    commands = [" ".join(["python", *argv[1:]])]
    most = max(run["search_max_ms"] for run in found)
    held = max(run["held_ms"] for run in found)
    search = [tuple(run["search_ms"]) for run in found]
    return [
        Measured(KEYS[0], search, commands, f"keystrokes, {HITS} hits each", {"longest, ms": most}),
        Measured(KEYS[1], [(run["read_s"],) for run in found], commands, "Directory.load()", {"loop held, ms": held}),
        Measured(KEYS[2], [(run["kib_per_record"],) for run in found], commands, "resident memory, index included"),
    ]


GROUPS: Final = (Group(KEYS, 60, 15, directory),)

if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS)) + "\n")
