"""`kill -9` in the middle of what agents do: of the engine, nobody hears it, and all goes on from where it was."""

import asyncio
import random
from urllib.parse import quote

from router import facts as f
from tests.system.house import MUSIC, until
from tests.system.office import ANNA, BO, CITIZEN, EXTENSION, NUMBER_OUTSIDE, OUTSIDE, VOICE, press, together
from tests.system.test_agents_calls import ASSERTED
from tests.system.test_agents_codes import DONE, dial, ended, says, wrap_up
from tests.system.test_agents_consult import consult, second_line
from tests.system.test_agents_transfer import at_the_edge
from tests.system.walk import Walk

FURNITURE = {"hasty": True}


async def kill_engine(office, *, and_wait=True):
    """Kill the engine, and wait until another serves."""
    before = office.house.kill("engine")
    if and_wait:
        await asyncio.to_thread(until, lambda: office.house.pid("engine") not in (0, before), what="another engine")
        await asyncio.to_thread(until, lambda: office.house.get("/health/ready")[0] == 200, what="it to be ready")


async def test_on_hold(office):
    citizen, agent = await office.talk()
    await press(agent, "*1")
    await citizen.audio.until_hears(MUSIC)
    await kill_engine(office)
    await citizen.audio.until_hears(MUSIC)
    await press(agent, "*1")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_in_a_consultation(office):
    citizen, agent, bo = await consult(office)
    await kill_engine(office)
    await citizen.audio.until_hears(MUSIC)
    await together((agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await press(agent, "*3")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await kill_engine(office)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await press(agent, "*4")
    await agent.end()
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


async def test_what_is_pressed_meanwhile_counts(office):
    citizen, agent, bo = await consult(office)
    await kill_engine(office, and_wait=False)
    await press(agent, "*4")
    await agent.end(within=5.0)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


async def test_who_hangs_up_meanwhile_is_missed(office):
    citizen, agent, bo = await consult(office)
    await kill_engine(office, and_wait=False)
    bo.bye()
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_who_picks_up_meanwhile_talks(office):
    citizen, agent = await office.talk()
    await press(agent, f"*6{EXTENSION[BO]}#")
    rung = await office.phones[BO].next_call()
    await kill_engine(office, and_wait=False)
    await rung.answer()
    rung.audio.say(VOICE[BO])
    await together((citizen, CITIZEN), (rung, VOICE[BO]))
    await asyncio.to_thread(office.house.until_recorded, lambda record: record.of(f.ContactHandedOver, to=BO))


async def test_a_second_line_is_still_one(office):
    citizen, first, second, bo = await second_line(office)
    await kill_engine(office)
    await citizen.audio.until_hears(MUSIC)
    await together((second, VOICE[ANNA]), (bo, VOICE[BO]))
    target = f"{at_the_edge(office, EXTENSION[BO])}?Replaces={quote(second.dialog, safe='')}"
    first.refer(f"<{target}>")
    await first.told(200)
    await asyncio.gather(first.end(), second.end())
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


async def test_a_transfer_asked_for_meanwhile(office):
    """The worker may have noticed already that nobody decides: then the telephone is told so, and may ask again."""
    citizen, agent = await office.talk()
    await kill_engine(office, and_wait=False)
    agent.refer(at_the_edge(office, BO))
    if (await agent.final("REFER")).status != 202:
        await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
        await asyncio.to_thread(until, lambda: office.house.get("/health/ready")[0] == 200, what="another engine")
        agent.refer(at_the_edge(office, BO))
    bo = await office.picks_up(BO)
    await agent.told(200)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


async def test_called_back(office):
    citizen, agent = await office.talk()
    await press(agent, "*1")
    await citizen.audio.until_hears(MUSIC)
    agent.bye()
    rung = await office.phones[ANNA].next_call()
    await kill_engine(office)
    await rung.answer()
    rung.audio.say(VOICE[ANNA])
    await together((citizen, CITIZEN), (rung, VOICE[ANNA]))


async def test_a_worker_killed_in_a_consultation(office):
    """All of its calls are over, and everybody is told; a citizen who is known keeps the place."""
    known = ((ASSERTED, f"<sip:{NUMBER_OUTSIDE}@city.example>"),)
    citizen = await office.rings(headers=known)
    agent = await office.picks_up(ANNA)
    await press(agent, f"*2{EXTENSION[BO]}#")
    bo = await office.picks_up(BO)
    await together((agent, VOICE[ANNA]), (bo, VOICE[BO]))
    worker = (await office.contact())["id"].partition("-")[0].replace("w", "worker-")
    office.house.kill(worker)
    await asyncio.gather(*(call.end(within=5.0) for call in (citizen, agent, bo)))
    await asyncio.to_thread(until, lambda: list(office.house.open_contacts().values()) == ["Away"])
    citizen = await office.rings(headers=known)
    agent = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_in_wrap_up(office):
    contact = await wrap_up(office)
    await kill_engine(office)
    await asyncio.to_thread(until, lambda: ended(office, contact))
    assert 1.0 <= ended(office, contact) < 3.0
    await says(await dial(office, ANNA, "*13"), DONE)


async def test_in_a_call_of_the_agents_own(office):
    call = await office.phones[ANNA].invite(office.house.sip, NUMBER_OUTSIDE)
    rung = await office.outside.next_call()
    await kill_engine(office)
    await rung.answer()
    rung.audio.say(OUTSIDE)
    await call.response(200, within=8.0)
    call.audio.say(VOICE[ANNA])
    await together((call, VOICE[ANNA]), (rung, OUTSIDE))


async def test_one_thing_after_the_other(office):
    """Whatever is done, by whatever means: everybody hears whom they should, and nobody else."""
    walk = Walk(office, *await office.talk(), random.Random(7), lambda: kill_engine(office))
    await walk.go(20)
