"""Hold and take up again: by the telephone's own key, by a feature code, by command; what each of the two hears."""

import asyncio

import pytest

from router import facts as f
from tests.system.house import MUSIC, PASSWORD
from tests.system.office import ANNA, CITIZEN, VOICE, press, together


async def talk_again(citizen, agent):
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


@pytest.mark.parametrize("by", ["events", "relay", "bare"])
async def test_a_feature_code_holds_and_takes_up_again(office, by):
    """By RFC 4733, and by INFO in either form."""
    citizen, agent = await office.talk()
    await press(agent, "*1", by)
    await citizen.audio.until_hears(MUSIC)
    await agent.audio.until_quiet()
    await press(agent, "*1", by)
    await talk_again(citizen, agent)


@pytest.mark.parametrize("direction", ["sendonly", "inactive", "0.0.0.0"])
async def test_the_telephones_own_key_holds(office, direction):
    citizen, agent = await office.talk()
    agent.hold(direction)
    await citizen.audio.until_hears(MUSIC)
    agent.hold("sendrecv")
    await talk_again(citizen, agent)


async def test_a_citizen_may_hold_the_agent(office):
    citizen, agent = await office.talk()
    citizen.hold()
    await agent.audio.until_hears(MUSIC)
    citizen.hold("sendrecv")
    await talk_again(citizen, agent)


async def test_both_may_hold_at_the_same_time(office):
    citizen, agent = await office.talk()
    agent.hold()
    citizen.hold()
    agent.hold("sendrecv")
    await agent.audio.until_hears(MUSIC)
    citizen.hold("sendrecv")
    await talk_again(citizen, agent)


async def test_a_program_holds(office):
    citizen, agent = await office.talk()
    await office.do("hold")
    await citizen.audio.until_hears(MUSIC)
    await agent.audio.until_quiet()
    await office.do("resume")
    await talk_again(citizen, agent)


@pytest.mark.soak
async def test_a_telephone_that_is_gone_while_it_holds(office):
    """It is silent anyway: that it is gone is known because its registration is, and it does not answer."""
    citizen, agent = await office.talk()
    agent.hold()
    await citizen.audio.until_hears(MUSIC)
    phone = office.phones[ANNA]
    await phone.register(office.house.sip, PASSWORD, expires=0)
    at = phone.address
    await phone.close()
    await asyncio.to_thread(office.house.until_recorded, lambda record: record.of(f.AgentCalledBack))
    await office.plug_in(ANNA, at)
    agent = await office.picks_up(ANNA)
    await talk_again(citizen, agent)
