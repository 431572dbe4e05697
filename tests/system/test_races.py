"""What crosses on the wire: the caller goes in the moment the agent answers. Both orders, with and without CANCEL."""

import asyncio

import pytest

from router import facts as f
from tests.system.crew import Crew, bye, ring, until
from tests.system.test_calls import RINGING

TIMES = 6


async def caller_goes(call):
    """Take the call back, or hang up when it is answered already; return when it is over for the caller."""
    if any(message.status == 200 for message in call.messages):
        bye(call)
        return
    call.cancel()
    final = await call.final()
    if final.status == 200:
        bye(call)
    else:
        assert final.status == 487


@pytest.mark.parametrize("waiting", ["ringing", "music"])
@pytest.mark.parametrize("first", ["caller", "agent", "both"])
async def test_caller_goes_while_the_agent_answers(make_house, open_phone, waiting, first):
    house = make_house(1, RINGING if waiting == "ringing" else None)
    await asyncio.to_thread(house.start)
    crew = await Crew.at(house, open_phone)
    crew.answers = False
    for number in range(1, TIMES + 1):
        call = await ring(house, open_phone, f"c{number}")
        rung = await crew.until_rung(number)
        await call.response(180 if waiting == "ringing" else 200)
        if first == "agent":
            await crew.answer(rung.call)
            # Between nothing and a little: the 200 is on its way, at the worker, at the engine.
            await asyncio.sleep(0.001 * number)
            await caller_goes(call)
        elif first == "caller":
            going = asyncio.get_running_loop().create_task(caller_goes(call))
            await asyncio.sleep(0.0003 * number)
            if not rung.call.ended:
                await crew.answer(rung.call)
            await going
        else:
            await asyncio.gather(crew.answer(rung.call), caller_goes(call))
        await until(lambda rung=rung: rung.call.ended, 5, "the agent's phone to be free")
    # The agent is free and in ready: the next caller is served.
    crew.answers = True
    call = await ring(house, open_phone, "last")
    await crew.until_rung(TIMES + 1)
    await call.response(200)
    bye(call)
    await crew.rung[-1].call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    ended = [fact.outcome for fact in record.of(f.ContactEnded)]
    assert len(ended) == TIMES + 1
    assert set(ended) <= {"served", "abandoned"}
    assert not record.of(f.AgentNotResponding), "nobody's fault"


async def test_agent_refuses_while_the_caller_goes(start_house, open_phone):
    house = await asyncio.to_thread(start_house, 1)
    crew = await Crew.at(house, open_phone)
    crew.answers = False
    for number in range(1, TIMES + 1):
        call = await ring(house, open_phone, f"c{number}")
        rung = await crew.until_rung(number)
        await call.response(200)
        bye(call)
        await asyncio.sleep(0.0003 * number)
        if not rung.call.ended:
            rung.call.reject(486, "Busy Here")
        await asyncio.to_thread(house.until_recorded, lambda record, n=number: len(record.of(f.ContactEnded)) == n)
        rung.call.ended = True
        if house.record().of(f.AgentPaused, agent="agent0001", reason="refused_twice"):
            break
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert {fact.outcome for fact in record.of(f.ContactEnded)} == {"abandoned"}
