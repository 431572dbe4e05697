"""A telephone that is gone in mid-call: the citizen hears music while the agent is called back, and keeps the place in
line if that fails."""

import asyncio

import pytest

from router import facts as f
from router.talking import CALL_AGAIN, CALL_BACK
from tests.system.house import MUSIC, PASSWORD
from tests.system.office import ANNA, BO, CITIZEN, VOICE, press, together

FURNITURE = {"rtp_timeout": 1}
NOTICED_S = 10.0
"""Until a telephone is known to be gone: silence, and a re-INVITE that nobody answers."""


async def vanish(office, who, citizen):
    """Let a telephone be cut off from everything, and wait until that is noticed."""
    await office.phones.pop(who).close()
    await citizen.audio.until_hears(MUSIC, within=NOTICED_S)


def at(office, who):
    """Return the address of a telephone."""
    return office.house.agent_phones[list(VOICE).index(who)]


def forget(call):
    """Let a telephone know nothing of a call any more."""
    call.audio.close()
    del call.phone.calls[call.id]


async def test_a_telephone_that_has_started_anew_is_called_back(office):
    citizen, _ = await office.talk()
    await vanish(office, ANNA, citizen)
    await office.plug_in(ANNA, at(office, ANNA))
    agent = await office.picks_up(ANNA, within=CALL_AGAIN + 3)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await press(agent, "*1")
    await citizen.audio.until_hears(MUSIC)


async def test_a_telephone_that_lost_its_registration_too(office):
    """It is tried again until it is there."""
    citizen, _ = await office.talk()
    await office.phones[ANNA].register(office.house.sip, PASSWORD, expires=0)
    await vanish(office, ANNA, citizen)
    await asyncio.to_thread(office.house.until_recorded, lambda record: record.of(f.AgentMissing))
    await office.plug_in(ANNA, at(office, ANNA))
    agent = await office.picks_up(ANNA, within=CALL_AGAIN + 3)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_a_telephone_that_forgot_its_call(office):
    """It says so when it is asked whether it is still there (481)."""
    citizen, agent = await office.talk()
    forget(agent)
    agent = await office.picks_up(ANNA, within=NOTICED_S)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


@pytest.mark.soak
async def test_who_does_not_come_back_leaves_the_citizen_the_place(office):
    citizen, _ = await office.talk()
    later = await office.rings()
    await office.phones[ANNA].register(office.house.sip, PASSWORD, expires=0)
    await vanish(office, ANNA, citizen)
    (returned,) = await asyncio.to_thread(
        office.house.until_recorded, lambda record: record.of(f.ContactReturned, cause="leg_lost"), CALL_BACK + 3
    )
    (lost, *_) = office.house.record().of(f.AgentCalledBack, contact=returned.contact)
    assert returned.at - lost.at == pytest.approx(CALL_BACK, abs=0.2)
    await asyncio.gather(citizen.audio.until_hears(MUSIC), later.audio.until_hears(MUSIC))
    await office.plug_in(ANNA, at(office, ANNA))
    agent = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await later.audio.until_hears(MUSIC)


async def test_who_puts_the_telephone_down_on_a_citizen_on_hold_is_called_back(office):
    """Nobody means to leave somebody there for ever."""
    citizen, agent = await office.talk()
    await press(agent, "*1")
    await citizen.audio.until_hears(MUSIC)
    agent.bye()
    agent = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_who_is_called_back_may_decline(office):
    citizen, agent = await office.talk()
    forget(agent)
    (await office.phones[ANNA].next_call(NOTICED_S)).reject(603)
    await asyncio.to_thread(office.house.until_recorded, lambda record: record.of(f.ContactReturned)[-1:])
    await citizen.audio.until_hears(MUSIC)


async def test_a_citizen_who_hangs_up_meanwhile(office):
    citizen, agent = await office.talk()
    forget(agent)
    rung = await office.phones[ANNA].next_call(NOTICED_S)
    rung.ring()
    await citizen.audio.until_hears(MUSIC)
    citizen.bye()
    await rung.request("CANCEL")


async def test_a_colleague_who_was_consulted_stays(office):
    """Until the agent is back, citizen and colleague talk."""
    citizen, agent = await office.talk()
    await office.do("consult", {"to": {"agent": BO}})
    bo = await office.picks_up(BO)
    await together((agent, VOICE[ANNA]), (bo, VOICE[BO]))
    forget(agent)
    rung = await office.phones[ANNA].next_call(NOTICED_S)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))
    await rung.answer()
    rung.audio.say(VOICE[ANNA])
    await together((citizen, CITIZEN), (rung, VOICE[ANNA]), (bo, VOICE[BO]))
