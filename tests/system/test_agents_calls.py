"""Calls that agents begin themselves: from their telephone, by program, as a callback that was promised; what the dial
gate says to it; and what an agent hears first of a call that comes in."""

import asyncio
import re

import pytest

from router import facts as f
from tests.system.asking import vaxel
from tests.system.house import MUSIC, until
from tests.system.office import (
    ANNA,
    BO,
    CITIZEN,
    EXTENSION,
    LOBBY,
    NUMBER_OUTSIDE,
    OUTSIDE,
    SHOWN,
    VOICE,
    WHISPER,
    press,
    together,
)

RINGBACK = 425.0
ASSERTED = "P-Asserted-Identity"


async def dialled(office, who, number):
    """Dial a number at a telephone, and say something once somebody answers."""
    return await office.phones[who].invite(office.house.sip, number)


async def both_talk(call, who, outside):
    await call.response(200)
    call.audio.say(VOICE[who])
    await together((call, VOICE[who]), (outside, OUTSIDE))


# ---- calls to the outside --------------------------------------------------------------------------------------------


async def test_a_number_dialled_at_the_telephone(office):
    call = await dialled(office, ANNA, NUMBER_OUTSIDE)
    outside = await office.picks_up("outside")
    await both_talk(call, ANNA, outside)
    invite = outside.messages[0]
    assert invite.start.startswith("INVITE sip:+46701234567@")
    assert SHOWN in invite["From"], "the number of the queue, not of the telephone"
    assert SHOWN in invite[ASSERTED]
    assert ANNA not in str(invite)
    told = await office.contact()
    assert (told["agent"], told["queue"], told["state"]) == (ANNA, "bench", "connected")
    outside.bye()
    await call.end()


async def test_a_program_rings_the_agent_first(office):
    done = await asyncio.to_thread(
        vaxel, office.house, "agent", "call", ANNA, "--number", NUMBER_OUTSIDE, "--queue", "bench"
    )
    assert done.returncode == 0, done.stderr
    agent = await office.picks_up(ANNA)
    await agent.audio.until_hears(RINGBACK)
    outside = await office.picks_up("outside")
    assert SHOWN in outside.messages[0]["From"]
    await together((agent, VOICE[ANNA]), (outside, OUTSIDE))
    agent.bye()
    await outside.end()


async def test_keys_that_are_no_code_are_for_the_menu_of_who_is_rung(office):
    call = await dialled(office, ANNA, NUMBER_OUTSIDE)
    outside = await office.picks_up("outside")
    await both_talk(call, ANNA, outside)
    await press(call, "5#")
    await outside.audio.until_hears_digit("5")
    await outside.audio.until_hears_digit("#")
    await press(call, "*1")
    await outside.audio.until_hears(MUSIC)
    with pytest.raises(AssertionError):
        await outside.audio.until_hears_digit("*", within=0)


@pytest.mark.parametrize(("status", "heard"), [(486, 486), (480, 480), (603, 603)])
async def test_who_is_not_reached(office, status, heard):
    call = await dialled(office, ANNA, NUMBER_OUTSIDE)
    (await office.outside.next_call()).reject(status)
    assert (await call.final()).status in (heard, 480)
    await asyncio.to_thread(until, lambda: not office.house.open_contacts())
    assert office.house.record().of(f.ContactEnded)[-1].outcome == "not_reached"


async def test_a_colleague_is_rung_by_extension(office):
    call = await dialled(office, ANNA, EXTENSION[LOBBY])
    lobby = await office.picks_up(LOBBY)
    await call.response(200)
    call.audio.say(VOICE[ANNA])
    await together((call, VOICE[ANNA]), (lobby, VOICE[LOBBY]))


async def test_a_telephone_where_nobody_works_rings_others_of_the_house(office):
    call = await dialled(office, LOBBY, EXTENSION[BO])
    bo = await office.picks_up(BO)
    await call.response(200)
    call.audio.say(VOICE[LOBBY])
    await together((call, VOICE[LOBBY]), (bo, VOICE[BO]))


# ---- the dial gate ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "error_id"),
    [("0900-123 45 67", "number_refused"), ("+1 202 555 0123", "number_country"), ("12345", "number_bad")],
)
async def test_what_may_not_be_dialled(office, number, error_id):
    """By program with the reason, at the telephone without a word; both are counted."""

    def refused():
        _, page = office.house.get("/metrics")
        found = re.search(rf'^vaxel_dial_refused_total\{{.*"{error_id}".*\}} (\S+)', page, re.MULTILINE)
        return float(found[1]) if found else 0.0

    before = refused()
    assert await office.refused(f"/agents/{ANNA}/call", {"to": {"number": number}}) == error_id
    call = await dialled(office, ANNA, re.sub(r"[ -]", "", number))
    assert (await call.final()).status == 403
    assert refused() == before + 2
    assert office.outside.ringing.empty()


@pytest.mark.parametrize("who", [ANNA, LOBBY])
async def test_an_emergency_is_never_refused(office, who):
    call = await dialled(office, who, "112")
    outside = await office.picks_up("outside")
    assert outside.messages[0].start.startswith("INVITE sip:112@")
    await both_talk(call, who, outside)


async def test_an_emergency_while_the_agent_is_rung(office):
    citizen = await office.rings()
    rung = await office.phones[ANNA].next_call()
    rung.ring()
    call = await dialled(office, ANNA, "112")
    outside = await office.picks_up("outside")
    await both_talk(call, ANNA, outside)
    await citizen.audio.until_hears(MUSIC)


async def test_an_emergency_in_a_call_with_others(office):
    citizen, _ = await office.talk()
    await office.do("consult", {"to": {"agent": BO}})
    rung = await office.phones[BO].next_call()
    rung.ring()
    call = await dialled(office, ANNA, "112")
    outside = await office.picks_up("outside")
    await both_talk(call, ANNA, outside)
    await citizen.audio.until_hears(MUSIC)


# ---- callbacks in person ---------------------------------------------------------------------------------------------


async def test_a_callback_that_was_promised_in_person(office):
    """The agent's telephone rings at the time, and then the citizen's, with the queue's number."""
    citizen = await office.rings(headers=((ASSERTED, f"<sip:{NUMBER_OUTSIDE}@city.example>"),))
    agent = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    due = (await office.contact())["since"] + 2
    await office.do("promise-callback", {"due": due})
    citizen.bye()
    await agent.end()
    agent = await office.picks_up(ANNA)
    outside = await office.picks_up("outside")
    assert outside.messages[0].start.startswith("INVITE sip:+46701234567@")
    assert SHOWN in outside.messages[0]["From"]
    await together((agent, VOICE[ANNA]), (outside, OUTSIDE))
    outside.bye()
    await agent.end()
    await asyncio.to_thread(until, lambda: not office.house.open_contacts())
    record = office.house.record()
    assert record.of(f.OfferMade)[-1].at >= due
    assert record.of(f.CallbackClosed)[-1].cause == "kept"


# ---- whisper ---------------------------------------------------------------------------------------------------------


async def test_the_agent_alone_hears_which_queue_it_is(office):
    citizen = await office.rings("whispering")
    agent = await office.picks_up(ANNA)
    await agent.audio.until_hears(WHISPER)
    assert citizen.audio.hears(MUSIC, seconds=0.1)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_it_is_said_once(office):
    """And not again when the citizen is taken off hold."""
    citizen = await office.rings("whispering")
    agent = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await office.do("hold")
    await agent.audio.until_quiet()
    await office.do("resume")
    await agent.audio.until_hears(CITIZEN, within=0.4)
