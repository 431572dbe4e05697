"""Consulting somebody in a call: swap, conference, drop, connect; by feature codes, by command, and by a second line of
the agent's telephone. Who hears whom is heard."""

import asyncio

import pytest

from tests.system.asking import vaxel
from tests.system.house import MUSIC
from tests.system.office import ANNA, BO, CILLA, CITIZEN, EXTENSION, NUMBER_OUTSIDE, OUTSIDE, VOICE, press, together


async def consult(office, whom=BO):
    """Return a talk and the one consulted, by feature code."""
    citizen, agent = await office.talk()
    await press(agent, f"*2{EXTENSION.get(whom, NUMBER_OUTSIDE)}#")
    other = await office.picks_up(whom)
    await together((agent, VOICE[ANNA]), (other, VOICE.get(whom, OUTSIDE)))
    await citizen.audio.until_hears(MUSIC)
    return citizen, agent, other


async def test_feature_codes_lead_through_a_whole_consultation(office):
    citizen, agent, bo = await consult(office)
    await press(agent, "*5")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await bo.audio.until_hears(MUSIC)
    await press(agent, "*5")
    await together((agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await citizen.audio.until_hears(MUSIC)
    await press(agent, "*3")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await press(agent, "*0")
    await bo.end()
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_who_was_consulted_gets_the_call_and_can_do_all_with_it(office):
    citizen, agent, bo = await consult(office)
    await press(agent, "*4")
    await agent.end()
    await together((citizen, CITIZEN), (bo, VOICE[BO]))
    assert (await office.contact())["agent"] == BO
    await press(bo, f"*2{EXTENSION[CILLA]}#")
    cilla = await office.picks_up(CILLA)
    await together((bo, VOICE[BO]), (cilla, VOICE[CILLA]))
    await citizen.audio.until_hears(MUSIC)


async def test_a_program_leads_through_a_whole_consultation(office):
    citizen, agent = await office.talk()
    contact = (await office.contact())["id"]

    async def vaxel_contact(*words):
        done = await asyncio.to_thread(vaxel, office.house, "contact", *words)
        assert done.returncode == 0, done.stderr

    await vaxel_contact("consult", contact, "--person", EXTENSION[BO])
    bo = await office.picks_up(BO)
    await together((agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await citizen.audio.until_hears(MUSIC)
    await office.do("swap")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await bo.audio.until_hears(MUSIC)
    await office.do("resume")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await office.do("consult", {"to": {"number": NUMBER_OUTSIDE}})
    outside = await office.picks_up("outside")
    await together((agent, VOICE[ANNA]), (outside, OUTSIDE))
    await citizen.audio.until_hears(MUSIC)
    await bo.audio.until_hears(MUSIC)
    await vaxel_contact("resume", contact)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (bo, VOICE[BO]), (outside, OUTSIDE))
    (colleague,) = [party["party"] for party in (await office.contact())["parties"] if party.get("agent") == BO]
    await vaxel_contact("drop-party", contact, "--party", colleague)
    await bo.end()
    await vaxel_contact("connect", contact)
    await agent.end()
    await together((citizen, CITIZEN), (outside, OUTSIDE))


async def test_somebody_outside_stays_with_the_citizen(office):
    citizen, agent, outside = await consult(office, "outside")
    await press(agent, "*4")
    await agent.end()
    await together((citizen, CITIZEN), (outside, OUTSIDE))
    outside.bye()
    await citizen.end()


async def test_putting_the_telephone_down_connects(office):
    citizen, agent, bo = await consult(office)
    agent.bye()
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


@pytest.mark.parametrize("status", [486, 603, 480])
async def test_who_is_not_there_leaves_the_agent_with_the_citizen(office, status):
    citizen, agent = await office.talk()
    await press(agent, f"*2{EXTENSION[BO]}#")
    rung = await office.phones[BO].next_call()
    await citizen.audio.until_hears(MUSIC)
    rung.reject(status)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_who_is_consulted_may_hang_up(office):
    citizen, agent, bo = await consult(office)
    bo.bye()
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_the_citizen_may_hang_up_meanwhile(office):
    """The two colleagues' talk is over with that: there is nobody any more whom it is about."""
    citizen, agent, bo = await consult(office)
    citizen.bye()
    await asyncio.gather(agent.end(), bo.end())


async def test_a_code_that_was_mistyped_can_be_begun_anew(office):
    _, agent = await office.talk()
    await press(agent, f"7*2999#*2{EXTENSION[BO]}#")
    bo = await office.picks_up(BO)
    await together((agent, VOICE[ANNA]), (bo, VOICE[BO]))


# ---- by the telephone's second line ----------------------------------------------------------------------------------


async def second_line(office, whom=BO):
    """Return a talk and a second call of the agent's telephone, whose first one it holds: both of its ends."""
    citizen, agent = await office.talk()
    agent.hold()
    await citizen.audio.until_hears(MUSIC)
    line = await office.phones[ANNA].invite(office.house.sip, EXTENSION.get(whom, NUMBER_OUTSIDE))
    other = await office.picks_up(whom)
    await line.response(200)
    line.audio.say(VOICE[ANNA])
    await together((line, VOICE[ANNA]), (other, VOICE.get(whom, OUTSIDE)))
    await citizen.audio.until_hears(MUSIC)
    return citizen, agent, line, other


async def test_a_second_line_consults(office):
    citizen, agent, line, bo = await second_line(office)
    line.bye()
    await bo.end()
    agent.hold("sendrecv")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_a_second_line_is_put_down_before_anybody_answers(office):
    citizen, agent = await office.talk()
    line = await office.phones[ANNA].invite(office.house.sip, EXTENSION[BO])
    rung = await office.phones[BO].next_call()
    rung.ring()
    await line.response(180)
    line.cancel()
    await rung.request("CANCEL")
    assert (await line.final()).status == 487
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_a_telephone_swaps_its_lines_by_itself(office):
    citizen, agent, line, bo = await second_line(office)
    line.hold()
    await bo.audio.until_hears(MUSIC)
    agent.hold("sendrecv")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await bo.audio.until_hears(MUSIC)
    agent.hold()
    await citizen.audio.until_hears(MUSIC)
    line.hold("sendrecv")
    await together((line, VOICE[ANNA]), (bo, VOICE[BO]))
    await citizen.audio.until_hears(MUSIC)


async def test_either_line_can_be_ended(office):
    citizen, agent, line, bo = await second_line(office)
    line.hold()
    agent.hold("sendrecv")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    agent.bye()
    await asyncio.gather(citizen.end(), line.end(), bo.end())


async def test_a_code_on_the_second_line_connects_both(office):
    citizen, agent, line, bo = await second_line(office)
    await press(line, "*4")
    await asyncio.gather(agent.end(), line.end())
    await together((citizen, CITIZEN), (bo, VOICE[BO]))
