"""Citizens who are rung before an agent's phone is: real calls, killed engines, and agents who do not come."""

import asyncio

import pytest

from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.crew import Crew, bye
from tests.system.house import CALLERS
from tests.system.test_api import ask
from tests.system.test_callbacks import AGENT, CITIZEN, NUMBER, restart

SAID = {"callback_word": 900.0, "wait_let_down": 1100.0}
"""Each prompt to its tone."""


def make(make_house, phone, **callbacks):
    house = make_house(1, {"vaxel": {"trunks": {"callers": {"host": CALLERS, "port": phone.address[1]}}}})
    rules = {"first": "citizen", "attempts": 2, "pause": "1 s", **callbacks}
    house.change("queues", {"queues": {"bench": {"callbacks": rules, "offer_timeout": "5 s"}}})
    for sound, hertz in SAID.items():
        write_tone(house.config / "prompts" / "en" / f"{sound}.wav", hertz, 1.5)
    house.start()
    return house


@pytest.mark.parametrize("killed", [None, "ringing", "answered"])
async def test_the_citizen_is_rung_hears_a_word_and_then_the_agent(make_house, open_phone, killed):
    phone = await open_phone(NUMBER)
    house = await asyncio.to_thread(make, make_house, phone)
    crew = await Crew.at(house, open_phone, AGENT)
    crew.answers = killed != "answered"
    status, told = await asyncio.to_thread(ask, house, "POST", "/callbacks", {"queue": "bench", "number": NUMBER})
    assert status == 200, told
    rung = await phone.next_call(within=10.0)
    rung.ring()
    assert crew.rung == [], "no agent hears it ring"
    if killed == "ringing":
        await restart(house)
    await rung.answer()
    rung.audio.say(CITIZEN)
    await rung.audio.until_hears(SAID["callback_word"], within=10.0)
    at_desk = await crew.until_rung(1)
    if killed == "answered":
        await restart(house)
        await crew.answer(at_desk.call)
    await rung.audio.until_hears(AGENT, within=10.0)
    await at_desk.call.audio.until_hears(CITIZEN)
    bye(rung)
    await at_desk.call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["kept"]
    assert [fact.citizen_first for fact in record.of(f.OfferMade)] == [True]
    assert len(record.of(f.CallbackAttempted)) == 1


async def test_for_whom_nobody_comes_hears_sorry_and_is_called_again(make_house, open_phone):
    """The only agent lets the phone ring, and comes back for the second call."""
    phone = await open_phone(NUMBER)
    house = await asyncio.to_thread(make, make_house, phone, hold="3 s", attempts=1)
    crew = await Crew.at(house, open_phone, AGENT)
    crew.answers = False
    await asyncio.to_thread(ask, house, "POST", "/callbacks", {"queue": "bench", "number": NUMBER})
    rung = await phone.next_call(within=10.0)
    await rung.answer()
    await rung.audio.until_hears(SAID["callback_word"])
    await rung.audio.until_hears(SAID["wait_let_down"], within=15.0)
    await rung.end(within=10.0)
    crew.answers = True
    status, _ = await asyncio.to_thread(ask, house, "POST", "/agents/agent0001/ready", {})
    assert status == 200
    rung = await phone.next_call(within=20.0)
    await rung.answer()
    await rung.audio.until_hears(AGENT, within=10.0)
    bye(rung)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.cause for fact in record.of(f.CallbackPostponed)] == ["no_agent"]
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["kept"]
    assert [fact.notice for fact in record.of(f.WaitAnnounced) if fact.notice] == ["let_down"]


async def test_a_citizen_who_is_busy_costs_no_agent_anything(make_house, open_phone):
    phone = await open_phone(NUMBER)
    house = await asyncio.to_thread(make, make_house, phone)
    crew = await Crew.at(house, open_phone, AGENT)
    await asyncio.to_thread(ask, house, "POST", "/callbacks", {"queue": "bench", "number": NUMBER})
    for _ in range(2):
        rung = await phone.next_call(within=10.0)
        rung.reject(486, "Busy Here")
    record = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.CallbackClosed) and record)
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["gave_up"]
    assert crew.rung == []
    crew.end()
    await asyncio.to_thread(house.check)
