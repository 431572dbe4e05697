"""Transfers: blind and attended, by the telephone's own key (REFER), by feature codes, by command; to colleagues,
extensions, numbers outside and queues."""

import asyncio
import re
from urllib.parse import quote

import pytest

from router import facts as f
from tests.system.asking import vaxel
from tests.system.house import MUSIC
from tests.system.office import ANNA, BO, CITIZEN, EXTENSION, LOBBY, NUMBER_OUTSIDE, OUTSIDE, VOICE, press, together
from tests.system.test_agents_consult import second_line


def at_the_edge(office, user):
    """Return where a telephone believes somebody to be."""
    host, port = office.house.sip
    return f"sip:{user}@{host}:{port}"


# ---- blind -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [EXTENSION[BO], BO])
async def test_refer_to_a_colleague(office, to):
    citizen, agent = await office.talk()
    agent.refer(at_the_edge(office, to))
    await agent.response(202, "REFER")
    await agent.told(200)
    await agent.end()
    await citizen.audio.until_hears(MUSIC)
    bo = await office.picks_up(BO)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))
    assert (await office.contact())["agent"] == BO


async def test_refer_to_a_number_outside(office):
    citizen, agent = await office.talk()
    agent.refer(f"tel:{NUMBER_OUTSIDE}")
    await agent.told(200)
    await agent.end()
    outside = await office.picks_up("outside")
    assert outside.messages[0].start.startswith("INVITE sip:+46701234567@")
    await together((citizen, CITIZEN), (outside, OUTSIDE))


@pytest.mark.parametrize(
    ("to", "status"), [("09001234567", 603), ("+12025550123", 603), ("2999", 603), ("ivr", 603), (ANNA, 603)]
)
async def test_refer_to_nobody_who_may_be_rung(office, to, status):
    """Premium rates, foreign countries, no such extension, a flow of ours, the agent's own telephone."""
    citizen, agent = await office.talk()
    agent.refer(at_the_edge(office, quote(to)))
    await agent.told(status)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_refer_to_somebody_busy(office):
    citizen, agent = await office.talk()
    await office.rings("second")
    await office.picks_up(BO)
    agent.refer(at_the_edge(office, EXTENSION[BO]))
    await agent.told(486)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_a_citizen_transfers_nobody(office):
    citizen, agent = await office.talk()
    citizen.refer(at_the_edge(office, EXTENSION[BO]))
    assert (await citizen.final("REFER")).status == 603
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_a_feature_code_sends_on(office):
    citizen, agent = await office.talk()
    await press(agent, f"*6{EXTENSION[LOBBY]}#")
    await agent.end()
    lobby = await office.picks_up(LOBBY)
    await together((citizen, CITIZEN), (lobby, VOICE[LOBBY]))
    lobby.bye()
    await citizen.end()


async def test_a_command_sends_on(office):
    citizen, agent = await office.talk()
    contact = (await office.contact())["id"]
    done = await asyncio.to_thread(vaxel, office.house, "contact", "forward", contact, "--agent", BO)
    assert done.returncode == 0, done.stderr
    await agent.end()
    bo = await office.picks_up(BO)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


async def test_who_does_not_answer_sends_the_citizen_back(office):
    citizen, agent = await office.talk()
    await press(agent, f"*6{EXTENSION[BO]}#")
    rung = await office.phones[BO].next_call()
    rung.ring()
    await rung.request("CANCEL", within=4.0)
    again = await office.picks_up(ANNA)
    assert re.search(r'"[^"]*(answer|BO|agent0002)[^"]*"', again.messages[0]["From"]), again.messages[0]["From"]
    await together((citizen, CITIZEN), (again, VOICE[ANNA]))


async def test_a_busy_colleague_is_waited_for(office):
    citizen, agent = await office.talk()
    other = await office.rings("second")
    bo = await office.picks_up(BO)
    await together((other, CITIZEN), (bo, VOICE[BO]))
    await press(agent, f"*6{EXTENSION[BO]}#")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await press(agent, f"*8{EXTENSION[BO]}#")
    await agent.end()
    await citizen.audio.until_hears(MUSIC)
    other.bye()
    bo = await office.picks_up(BO)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


# ---- to a queue ------------------------------------------------------------------------------------------------------


async def test_a_code_hands_the_citizen_back_to_the_queue(office):
    """The place is kept; who handed it back is left in peace for a while (`rules.rest`)."""
    citizen, agent = await office.talk()
    await press(agent, "*9")
    await agent.end()
    await citizen.audio.until_hears(MUSIC)
    again = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (again, VOICE[ANNA]))


async def test_a_command_sends_to_another_queue(office):
    citizen, agent = await office.talk()
    await office.do("send-to-queue", {"queue": "second"})
    await agent.end()
    bo = await office.picks_up(BO)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


async def test_refer_to_the_number_of_a_queue(office):
    citizen, agent = await office.talk()
    agent.refer(at_the_edge(office, "second"))
    await agent.told(200)
    await agent.end()
    bo = await office.picks_up(BO)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))


# ---- attended --------------------------------------------------------------------------------------------------------


async def test_who_is_on_the_second_line_is_not_sent_on_for_the_citizen(office):
    citizen, agent, line, bo = await second_line(office)
    line.refer(at_the_edge(office, EXTENSION[LOBBY]))
    await line.told(603)
    await together((line, VOICE[ANNA]), (bo, VOICE[BO]))
    agent.hold("sendrecv")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


@pytest.mark.parametrize("whom", [BO, LOBBY, "outside"])
@pytest.mark.parametrize("asks", ["first", "second"])
async def test_refer_with_replaces_connects_both_lines(office, whom, asks):
    citizen, first, second, other = await second_line(office, whom)
    asking, replaced = (first, second) if asks == "first" else (second, first)
    target = at_the_edge(office, EXTENSION.get(whom, NUMBER_OUTSIDE))
    asking.refer(f"<{target}?Replaces={quote(replaced.dialog, safe='')}>")
    await asking.response(202, "REFER")
    await asking.told(200)
    await asyncio.gather(first.end(), second.end())
    await together((citizen, CITIZEN), (other, VOICE.get(whom, OUTSIDE)))


async def test_both_lines_are_on_one_worker_wherever_the_edge_sent_the_second(office):
    """The edge takes workers in turn: the second line has gone to the other one, and been sent on from there."""
    citizen, agent, line, _ = await second_line(office)
    assert not [one for one in line.messages if 300 <= one.status < 400], "the telephone hears nothing of it"
    await office.rings("slow")
    contacts = (await office.asked("GET", "/contacts"))["contacts"]
    (invited,) = office.house.record().of(f.PartyInvited, contact=contacts[0]["id"])
    legs = [contacts[0]["id"], invited.via, contacts[1]["id"]]
    assert len({leg.partition("-")[0] for leg in legs}) == 1
    agent.hold("sendrecv")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
