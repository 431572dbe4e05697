"""What agents dial at a telephone: log in and out, ready, pause, wrap-up. A person is rung where that one logged in."""

import asyncio

import pytest

from router import facts as f
from tests.system.house import MUSIC, until
from tests.system.office import ANNA, CITIZEN, LOBBY, NUMBER, PIN, SOUNDS, VOICE, press, together

DONE, REFUSED = SOUNDS["code_done"], SOUNDS["code_refused"]


async def dial(office, who, code):
    """Dial a code at a telephone; return the call, answered."""
    call = await office.phones[who].invite(office.house.sip, code)
    await call.response(200)
    call.audio.say(VOICE[who])
    return call


async def says(call, *hertz):
    """Wait until these prompts were said in a row, and the call ended."""
    for tone in hertz:
        await call.audio.until_hears(tone)
    await call.end()


async def log_in(office, who, pin=PIN, by="events"):
    """Type ANNA's number and a PIN at a telephone; return the call, which tells what came of it."""
    call = await dial(office, who, "*10")
    await call.audio.until_hears(SOUNDS["code_agent"])
    await press(call, f"{NUMBER}#", by)
    await call.audio.until_hears(SOUNDS["code_pin"])
    await press(call, f"{pin}#", by)
    return call


async def state_of(office, agent):
    told = await office.asked("GET", f"/agents/{agent}")
    return told["state"], told.get("pause", "")


async def test_a_person_moves_to_another_telephone(office):
    await says(await dial(office, ANNA, "*11"), DONE)
    assert await state_of(office, ANNA) == ("logged_out", "")
    await says(await log_in(office, LOBBY), DONE)
    assert await state_of(office, ANNA) == ("paused", "logged_in")
    citizen = await office.rings()
    await citizen.audio.until_hears(MUSIC)
    await says(await dial(office, LOBBY, "*12"), DONE)
    agent = await office.picks_up(LOBBY)
    await together((citizen, CITIZEN), (agent, VOICE[LOBBY]))
    assert office.phones[ANNA].ringing.empty()


@pytest.mark.parametrize("by", ["relay", "bare"])
async def test_keys_by_info_are_understood(office, by):
    await says(await dial(office, ANNA, "*11"), DONE)
    await says(await log_in(office, ANNA, by=by), DONE)


async def test_a_wrong_pin_opens_nothing(office):
    await says(await dial(office, ANNA, "*11"), DONE)
    await says(await log_in(office, LOBBY, "739105"), REFUSED)
    assert await state_of(office, ANNA) == ("logged_out", "")
    await says(await log_in(office, LOBBY), DONE)
    assert (await office.asked("GET", f"/agents/{ANNA}"))["phone"] == LOBBY
    typed = [fact for fact in office.house.record().facts if isinstance(fact, f.FlowMoved)]
    assert PIN not in repr(typed)
    for name in ("engine", *office.house.worker_names):
        assert PIN not in office.house.log(name)


async def test_a_pause_takes_no_calls_until_ready(office):
    await says(await dial(office, ANNA, "*13"), DONE)
    assert await state_of(office, ANNA) == ("paused", "lunch")
    citizen = await office.rings()
    await citizen.audio.until_hears(MUSIC)
    assert office.phones[ANNA].ringing.empty()
    await says(await dial(office, ANNA, "*12"), DONE)
    agent = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


@pytest.mark.parametrize("code", ["*11", "*12", "*13", "*14", "*15"])
async def test_nothing_can_be_done_where_nobody_sits(office, code):
    await says(await dial(office, LOBBY, code), REFUSED)


async def test_who_is_logged_in_already_is_told_so(office):
    await says(await log_in(office, LOBBY), REFUSED)
    assert (await office.asked("GET", f"/agents/{ANNA}"))["phone"] == ANNA


async def test_codes_are_for_telephones_of_the_house_alone(office):
    phone = await office.open_phone("stranger")
    call = await phone.invite(office.house.sip, "*10")
    assert (await call.final()).status == 404


# ---- wrap-up ---------------------------------------------------------------------------------------------------------


async def wrap_up(office):
    """Let ANNA have a talk with a citizen that is to be wrapped up; return the contact."""
    citizen, _ = await office.talk("slow")
    contact = await office.contact()
    citizen.bye()
    await asyncio.to_thread(until, lambda: office.house.open_contacts() == {contact["id"]: "WrappingUp"})
    return contact["id"]


def ended(office, contact):
    """Return how long the wrap-up of a contact has lasted, None while it does."""
    record = office.house.record()
    began, over = record.of(f.WrapUpStarted, contact=contact), record.of(f.ContactEnded, contact=contact)
    return over[0].at - began[0].at if over else None


async def test_wrap_up_ends_by_itself_and_then_the_next_is_served(office):
    contact = await wrap_up(office)
    citizen = await office.rings()
    await citizen.audio.until_hears(MUSIC)
    agent = await office.picks_up(ANNA)
    assert 1.0 <= ended(office, contact) < 1.5
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_a_code_ends_wrap_up(office):
    contact = await wrap_up(office)
    await says(await dial(office, ANNA, "*14"), DONE)
    assert ended(office, contact) < 1.0


async def test_wrap_up_is_extended_up_to_its_limit(office):
    """By a code, then by a program; the third time is refused."""
    contact = await wrap_up(office)
    await says(await dial(office, ANNA, "*15"), DONE)
    await office.asked("POST", f"/contacts/{contact}/extend-wrap-up")
    assert await office.refused(f"/contacts/{contact}/extend-wrap-up") == "wrap_up_limit"
    await asyncio.to_thread(until, lambda: ended(office, contact))
    assert 2.5 <= ended(office, contact) < 3.0
