"""Citizens who are called back: by the trunk they rang from, once an agent is there, also after a restart."""

import asyncio

import pytest

from engine.clock import MonotonicClock
from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.crew import Crew, bye
from tests.system.house import CALLERS
from tests.system.test_api import ask

AGENT = 550.0
CITIZEN = 1300.0
QUESTION = 900.0
NUMBER = "0701234567"


@pytest.mark.parametrize("restarted", [None, "before", "after"])
async def test_who_was_promised_a_call_gets_it(make_house, open_phone, restarted):
    """The engine may die before the promise, or after it: the number is known all the same. How it was is asked too."""
    phone = await open_phone(NUMBER)
    trunks = {"trunks": {"callers": {"host": CALLERS, "port": phone.address[1]}}}
    house = make_house(1, {"vaxel": trunks, "queues": {"queues": {"bench": {"survey": {"every": 1}}}}})
    write_tone(house.config / "prompts" / "en" / "survey.wav", QUESTION, 20, 8000)
    await asyncio.to_thread(house.start)
    asserted = ("P-Asserted-Identity", f"<sip:{NUMBER}@trunk.example>")
    call = await phone.invite(house.sip, "direct", headers=(asserted,))
    await call.response(200)
    (contact,) = house.open_contacts()
    if restarted == "before":
        await restart(house)
    status, told = await asyncio.to_thread(ask, house, "POST", f"/contacts/{contact}/call-back", {})
    assert status == 204, told
    bye(call)
    if restarted == "after":
        await restart(house)
    crew = await Crew.at(house, open_phone, AGENT)
    await crew.until_rung(1)
    rung = await phone.next_call()
    assert rung.messages[0].start == f"INVITE sip:+46701234567@{CALLERS}:{phone.address[1]} SIP/2.0"
    await rung.answer()
    rung.audio.say(CITIZEN)
    await rung.audio.until_hears(AGENT)
    bye(crew.rung[0].call)
    await rung.audio.until_hears(QUESTION)
    await rung.audio.press("2")
    await rung.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["kept"]
    assert [(fact.channel, fact.answer) for fact in record.of(f.SurveyAnswered)] == [("callback", 2)]


async def restart(house):
    """Let the engine die, and wait for the next one."""
    house.kill("engine")
    await asyncio.to_thread(house.until_serving)


async def test_a_call_that_nobody_answers_is_made_again_also_by_the_next_engine(make_house, open_phone):
    """Busy, then a machine, by the agent's word; then the citizen. The number is asked for on a page."""
    phone = await open_phone(NUMBER)
    house = make_house(
        1,
        {
            "vaxel": {"trunks": {"callers": {"host": CALLERS, "port": phone.address[1]}}},
            "queues": {"queues": {"bench": {"callbacks": {"attempts": 3, "pause": "2 s"}}}},
        },
    )
    await asyncio.to_thread(house.start)
    status, told = await asyncio.to_thread(ask, house, "POST", "/callbacks", {"queue": "bench", "number": NUMBER})
    assert (status, told["number"]) == (200, "+46701234567"), told
    crew = await Crew.at(house, open_phone, AGENT)
    rung = await phone.next_call()
    rung.reject(486, "Busy Here")
    await restart(house)
    rung = await phone.next_call(within=20.0)
    await rung.answer()
    await rung.audio.until_hears(AGENT)
    status, told = await asyncio.to_thread(ask, house, "POST", f"/contacts/{told['callback']}/not-reached", {})
    assert status == 204, told
    await restart(house)
    rung = await phone.next_call(within=20.0)
    await rung.answer()
    await rung.audio.until_hears(AGENT)
    bye(rung)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.cause for fact in record.of(f.CallbackPostponed)] == ["busy", "not_there"]
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["kept"]


@pytest.mark.parametrize("killed", [False, True])
async def test_who_rings_by_a_relay_service_is_called_back_at_a_sip_address(make_house, open_phone, killed):
    """The relay's number is nobody's; the agent promises, at an address, and the call goes by the relay's trunk."""
    phone = await open_phone("anna")
    trunks = {"relay": {"address": ["127.0.0.9/32"], "host": CALLERS, "port": phone.address[1]}}
    changes = {"trunks": trunks, "dialling": {"domains": {"relay.example": "relay"}}}
    house = make_house(1, {"vaxel": {**changes, "flows": {"relay": {"numbers": [NUMBER]}}}})
    await asyncio.to_thread(house.start)
    crew = await Crew.at(house, open_phone, AGENT)
    asserted = ("P-Asserted-Identity", f"<sip:{NUMBER}@trunk.example>")
    call = await phone.invite(house.sip, "direct", headers=(asserted,))
    await crew.until_rung(1)
    (contact,) = house.open_contacts()
    due = MonotonicClock().now() + 4.0
    path = f"/contacts/{contact}/promise-callback"
    status, told = await asyncio.to_thread(ask, house, "POST", path, {"due": due})
    assert (status, told["error_id"]) == (422, "number_withheld"), "nobody is called back there unasked (rule 8)"
    elsewhere = {"due": due, "number": "anna@elsewhere.example"}
    status, told = await asyncio.to_thread(ask, house, "POST", path, elsewhere)
    assert (status, told["error_id"]) == (422, "domain_refused")
    status, told = await asyncio.to_thread(ask, house, "POST", path, {"due": due, "number": "sip:anna@relay.example"})
    assert status == 204, told
    bye(call)
    if killed:
        await restart(house)
    rung = await phone.next_call(within=20.0)
    assert rung.messages[0].start == f"INVITE sip:anna@{CALLERS}:{phone.address[1]} SIP/2.0"
    await rung.answer()
    rung.audio.say(CITIZEN)
    await rung.audio.until_hears(AGENT)
    bye(rung)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["kept"]
    assert "anna" not in repr(record.facts)
