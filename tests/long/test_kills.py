"""The kill tests of tests/system, for longer."""

import asyncio
import random

import pytest

from router import facts as f
from tests.system.crew import Crew, bye, ring, until
from tests.system.figures import tell
from tests.system.house import DEADLINE_S
from tests.system.test_kill import GAP_S, kill_engine_at_random, kill_engine_with_callers, outcomes

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


async def test_engine_killed_twenty_times_in_a_stream_of_calls(start_house, open_phone):
    house = await asyncio.to_thread(start_house, 6, hasty=True)
    seed = random.randrange(1 << 30)
    calls, apologised = await kill_engine_at_random(house, open_phone, 20, seed)
    tell(f"engine killed 20 times during {calls} calls: none lost, {apologised} apologised to (seed {seed})")


async def test_engine_killed_under_forty_callers_ten_times(start_house, open_phone):
    measured = []
    for _ in range(10):
        house = await asyncio.to_thread(start_house, 5)
        measured.append(await kill_engine_with_callers(house, open_phone, 40, 5))
        await asyncio.to_thread(house.end)
    gaps, recoveries = zip(*measured, strict=True)
    tell(f"engine killed ten times under 40: gaps {sorted(round(gap * 1000) for gap in gaps)} ms")
    tell(f"first new offer after {sorted(round(one * 1000) for one in recoveries)} ms")
    assert sorted(gaps)[5] < GAP_S


async def test_everything_else_killed_in_a_stream_of_calls(start_house, open_phone):
    """What a worker held is lost with it, and both ends are told; everything else is served."""
    house = await asyncio.to_thread(start_house, 4, {"queues": {"rules": {"not_responding": 1}}}, hasty=True)
    dice = random.Random(random.randrange(1 << 30))
    crew = await Crew.at(house, open_phone)
    crew.talk = 0.3
    calls = []
    stop = False

    async def stream():
        while not stop:
            calls.append(await ring(house, open_phone, f"c{len(calls):04}"))
            await asyncio.sleep(dice.expovariate(5.0))

    streaming = asyncio.get_running_loop().create_task(stream())
    for number in range(12):
        await asyncio.sleep(dice.uniform(1.0, 3.0))
        name = ("redis", "worker-1", "edge", "worker-2")[number % 4]
        old = house.kill(name)
        await until(lambda name=name, old=old: house.pid(name) not in (0, old), DEADLINE_S, name)
        await asyncio.to_thread(house.until_serving)
    stop = True
    await streaming
    last = await ring(house, open_phone, "last")
    await until(lambda: last.ended, 30, "the last call to be served")
    for call in calls:
        bye(call)
    record = await asyncio.to_thread(house.check, 30)
    found = outcomes(record)
    tell(f"redis, edge and both workers killed three times each during {len(calls)} calls: {found}")
    assert set(found) <= {"served", "lost", "abandoned"}
    assert found["served"] > len(calls) / 3
    assert len(record.of(f.LeaderChanged)) == 1, "the engine led all the time"
