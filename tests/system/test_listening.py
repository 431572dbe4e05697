"""Listening to a talk on a real worker: who is heard by whom, by a tone of each (docs/supervising.md)."""

import asyncio

import pytest

from tests.system.asking import ask, vaxel
from tests.system.office import ANNA, BO, CITIZEN, VOICE, together

LEAD = VOICE[BO]


@pytest.fixture
async def listen(office):
    """Return what asks as a supervisor: what citizens say is not for administrators."""
    made = await asyncio.to_thread(vaxel, office.house, "token", "add", "lead", "--role", "supervisor")
    token = made.stdout.split()[-1]

    async def asked(**body):
        path = f"/contacts/{(await office.contact())['id']}/listen"
        status, told = await asyncio.to_thread(ask, office.house, "POST", path, body, token)
        assert status == 204, told

    yield asked
    await asyncio.to_thread(vaxel, office.house, "token", "revoke", "lead")


@pytest.fixture
async def led(office, listen):
    """Return a talk of a citizen with ANNA, and the telephone of somebody who leads and listens."""
    await office.asked("POST", f"/agents/{BO}/pause", {"reason": "meeting"})
    citizen, agent = await office.talk()
    await listen(phone=BO)
    lead = await office.picks_up(BO)
    await lead.audio.until_hears(CITIZEN, VOICE[ANNA], within=5.0)
    return office, citizen, agent, lead


async def test_unheard_then_to_the_agent_alone_then_to_all_and_unheard_again(led, listen):
    office, citizen, agent, lead = led
    await asyncio.sleep(0.5)  # long enough for a tone to be heard, if it went anywhere
    assert not citizen.audio.hears(LEAD)
    assert not agent.audio.hears(LEAD)
    shown = (await office.contact())["listener"]
    assert (shown["mode"], shown["state"], shown["phone"]) == ("listen", "there", BO)

    await listen(mode="whisper")
    await agent.audio.until_hears(CITIZEN, LEAD, within=5.0)
    await asyncio.sleep(0.5)
    assert not citizen.audio.hears(LEAD)
    assert citizen.audio.hears(VOICE[ANNA])
    assert lead.audio.hears(CITIZEN, VOICE[ANNA])

    await listen(mode="barge")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (lead, LEAD))

    await listen(mode="listen")
    await citizen.audio.until_hears(VOICE[ANNA], within=5.0)
    await asyncio.sleep(0.5)
    assert not citizen.audio.hears(LEAD)
    assert not agent.audio.hears(LEAD)


async def test_who_listens_goes_and_the_talk_goes_on(led, listen):
    office, citizen, agent, lead = led
    await listen(mode="barge")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (lead, LEAD))
    lead.bye()
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    assert "listener" not in await office.contact()


async def test_the_talk_ends_and_with_it_the_listening(led):
    _, citizen, agent, lead = led
    citizen.bye()
    await asyncio.gather(agent.end(), lead.end())


async def test_a_citizen_on_hold_is_not_overheard(led):
    office, _, _, lead = led
    await office.do("hold")
    await lead.audio.until_hears(VOICE[ANNA], within=5.0)
    await asyncio.sleep(0.5)
    assert not lead.audio.hears(CITIZEN)
    await office.do("resume")
    await lead.audio.until_hears(CITIZEN, VOICE[ANNA], within=5.0)


async def test_the_worker_keeps_who_hears_whom_while_the_engine_restarts(led, listen):
    office, citizen, agent, _ = led
    await listen(mode="whisper")
    await agent.audio.until_hears(CITIZEN, LEAD, within=5.0)
    await asyncio.to_thread(office.house.kill, "engine")
    await asyncio.sleep(0.5)
    assert agent.audio.hears(CITIZEN, LEAD)
    assert not citizen.audio.hears(LEAD)
