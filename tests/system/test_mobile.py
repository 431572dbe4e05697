"""An agent's mobile as the phone: rung through the dial gate, and the agent's once a key says that it is no machine."""

import asyncio

import pytest

from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.asking import ask
from tests.system.crew import bye
from tests.system.house import CALLERS, MUSIC

MOBILE, DIALLED, CITY = "070-174 06 05", "+46701740605", "0403410000"
QUESTION, AGENT, CITIZEN = 900.0, 550.0, 1300.0
ANNA = "agent0001"


@pytest.fixture
async def mobile(open_phone):
    """Return the mobile, at the trunk that leads to it."""
    return await open_phone("mobile", at=("127.0.0.4", 0))


@pytest.fixture
async def house(make_house, mobile):
    """Return a house whose only agent has a desk phone, at which nobody is, and a mobile."""
    trunk = {"address": ["127.0.0.4"], "host": "127.0.0.4", "port": mobile.address[1], "numbers": [CITY]}
    changes = {
        "vaxel": {"trunks": {"town": trunk}},
        "phones": {"phones": {"mobile": {"kind": "number", "title": "Anna", "number": MOBILE, "agent": ANNA}}},
        "queues": {"queues": {"bench": {"offer_timeout": 4, "wrap_up": 0}}},
        "agents": {"agents": {ANNA: {"signed_in": False}}},
    }
    house = make_house(2, changes)
    write_tone(house.config / "prompts" / "en" / "confirm.wav", QUESTION, 1)
    await asyncio.to_thread(house.start)
    return house


async def go_to_work(house):
    """Let Anna work at her mobile, which nobody else may."""
    at = {"phone": "mobile"}
    status, told = await asyncio.to_thread(ask, house, "POST", "/agents/agent0002/log-out", {})
    assert status == 200, told
    status, told = await asyncio.to_thread(ask, house, "POST", "/agents/agent0002/log-in", at)
    assert (status, told["error_id"]) == (403, "phone_not_yours")
    for path, body in ((f"/agents/{ANNA}/log-in", at), (f"/agents/{ANNA}/ready", {})):
        status, told = await asyncio.to_thread(ask, house, "POST", path, body)
        assert status == 200, told


async def ring(house, mobile, open_phone):
    """Let a citizen ring; return the citizen's call and the one at the mobile."""
    citizen = await (await open_phone("0701234567", at=(CALLERS, 0))).invite(house.sip, "direct")
    rung = await mobile.next_call(within=10)
    return citizen, rung


async def test_the_mobile_is_the_agents_once_a_key_was_pressed(house, mobile, open_phone):
    await go_to_work(house)
    citizen, rung = await ring(house, mobile, open_phone)
    (invite,) = rung.messages
    assert invite.start.startswith(f"INVITE sip:{DIALLED}@127.0.0.4:")
    assert f"<sip:{CITY}@" in invite["From"]  # it is the city that rings
    (await rung.answer()).say(AGENT)
    await rung.audio.until_hears(QUESTION)
    await citizen.audio.until_hears(MUSIC)
    assert not house.record().of(f.OfferAccepted)
    await rung.audio.press("1")
    citizen.audio.say(CITIZEN)
    await rung.audio.until_hears(CITIZEN)
    await citizen.audio.until_hears(AGENT)
    rung.bye()
    await citizen.end(within=5)
    record = await asyncio.to_thread(house.check)
    assert DIALLED[-6:] not in repr(record.facts)
    assert MOBILE[-5:] not in house.log("engine")


async def test_a_voice_mail_gets_nobody(house, mobile, open_phone):
    """It picks up, speaks, and is hung up on; the citizen waits on at the place in line."""
    await go_to_work(house)
    citizen, rung = await ring(house, mobile, open_phone)
    (await rung.answer()).say(AGENT)
    missed = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.OfferMissed))
    assert [fact.cause for fact in missed] == ["no_answer"]
    await rung.end()
    await citizen.audio.until_hears(MUSIC)
    record = house.record()
    assert list(house.open_contacts().values()) == ["Waiting"]
    assert not record.of(f.OfferAccepted)
    bye(citizen)


async def test_a_mobile_that_is_busy(house, mobile, open_phone):
    await go_to_work(house)
    citizen, rung = await ring(house, mobile, open_phone)
    rung.reject(486)
    declined = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.OfferDeclined))
    assert [fact.cause for fact in declined] == ["busy"]
    await citizen.audio.until_hears(MUSIC)
    bye(citizen)
