"""An agent's mobile as the phone: rung through the dial gate, and the agent's once a key says that it is no machine."""

import asyncio
import shutil

import pytest

from bench.browser import chromium
from router import facts as f
from tests.desk.looking import picture
from tests.sip.conftest import free_port, write_tone
from tests.system.asking import ask
from tests.system.conftest import HOUSES
from tests.system.crew import bye
from tests.system.house import MUSIC, House, until
from tests.system.pagephone import employ, open_desk, session
from tests.system.test_agents_lost import NOTICED_S, forget

__all__ = ["session"]

MOBILE, DIALLED, CITY = "070-174 06 05", "+46701740605", "0403410000"
TOWN, PORT = "127.0.0.4", free_port("127.0.0.4")
QUESTION, AGENT, CITIZEN = 900.0, 550.0, 1300.0
ANNA, BO = "agent0001", "agent0002"


@pytest.fixture(scope="module")
def house(request):
    """Return a house whose agent Anna has a desk phone, at which nobody is, and a mobile behind a trunk."""
    trunk = {"address": [TOWN], "host": TOWN, "port": PORT, "numbers": [CITY]}
    changes = {
        "vaxel": {"trunks": {"town": trunk}, "sip": {"rtp_timeout": 1}},
        "phones": {"phones": {"mobile": {"kind": "number", "title": "Anna", "number": MOBILE, "agent": ANNA}}},
        "queues": {"queues": {"bench": {"offer_timeout": 4, "wrap_up": 0}}},
        "agents": {"agents": {ANNA: {"signed_in": False}, BO: {"signed_in": False}}},
    }
    house = House(2, changes)
    request.node.stash[HOUSES] = [house]
    write_tone(house.config / "prompts" / "en" / "confirm.wav", QUESTION, 1)
    employ(house, ANNA)
    try:
        house.start()
        yield house
        house.check()
    finally:
        house.end()


@pytest.fixture
async def mobile(house, open_phone):
    """Return the mobile, at which Anna is ready."""
    phone = await open_phone("mobile", at=(TOWN, PORT))
    await asyncio.to_thread(ask, house, "POST", f"/agents/{ANNA}/log-out", {})
    for path, body in ((f"/agents/{ANNA}/log-in", {"phone": "mobile"}), (f"/agents/{ANNA}/ready", {})):
        status, told = await asyncio.to_thread(ask, house, "POST", path, body)
        assert status == 200, told
    return phone


@pytest.fixture
async def citizen(house, mobile, open_phone):
    """Return the call of a citizen who rings."""
    call = await (await open_phone("0701234567")).invite(house.sip, "direct")
    yield call
    bye(call)
    await asyncio.to_thread(until, lambda: not house.open_contacts(), what="the house to be quiet")


def happened(house, kind):
    """Return what happened of a kind to the contact that is open."""
    (contact,) = house.open_contacts()
    return house.record().of(kind, contact=contact)


async def test_the_mobile_is_the_agents_once_a_key_was_pressed(house, mobile, citizen):
    rung = await mobile.next_call(within=10)
    (invite,) = rung.messages
    assert invite.start.startswith(f"INVITE sip:{DIALLED}@{TOWN}:")
    assert f"<sip:{CITY}@" in invite["From"]  # it is the city that rings
    (await rung.answer()).say(AGENT)
    await rung.audio.until_hears(QUESTION)
    await citizen.audio.until_hears(MUSIC)
    assert not happened(house, f.OfferAccepted)
    await rung.audio.press("1")
    citizen.audio.say(CITIZEN)
    await rung.audio.until_hears(CITIZEN)
    await citizen.audio.until_hears(AGENT)
    assert happened(house, f.OfferAccepted)
    rung.bye()
    await citizen.end(within=5)
    assert DIALLED[-6:] not in repr(house.record().facts)
    assert MOBILE[-5:] not in house.log("engine")
    assert DIALLED[-6:] not in house.log("engine")


async def test_a_voice_mail_gets_nobody(house, mobile, citizen):
    """It picks up, speaks, and is hung up on; the citizen waits on at the place in line."""
    rung = await mobile.next_call(within=10)
    (await rung.answer()).say(AGENT)
    await rung.end(within=8)
    await citizen.audio.until_hears(MUSIC)
    assert [fact.cause for fact in happened(house, f.OfferMissed)] == ["no_answer"]
    assert not happened(house, f.OfferAccepted)
    assert list(house.open_contacts().values()) == ["Waiting"]


async def test_a_mobile_that_is_busy(house, mobile, citizen):
    (await mobile.next_call(within=10)).reject(486)
    await asyncio.to_thread(until, lambda: happened(house, f.OfferDeclined))
    assert [fact.cause for fact in happened(house, f.OfferDeclined)] == ["busy"]
    await citizen.audio.until_hears(MUSIC)


async def test_a_mobile_whose_connection_breaks_off_is_rung_again(house, mobile, citizen):
    rung = await mobile.next_call(within=10)
    (await rung.answer()).say(AGENT)
    await rung.audio.until_hears(QUESTION)
    await rung.audio.press("1")
    await citizen.audio.until_hears(AGENT)
    forget(rung)
    again = await mobile.next_call(within=NOTICED_S)
    await citizen.audio.until_hears(MUSIC)
    (await again.answer()).say(AGENT)
    await again.audio.until_hears(QUESTION)
    await again.audio.press("1")
    await citizen.audio.until_hears(AGENT)
    again.bye()
    await citizen.end(within=5)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
async def test_it_is_chosen_at_the_desk(house, session, open_phone, tmp_path):
    await asyncio.to_thread(ask, house, "POST", f"/agents/{ANNA}/log-out", {})
    mobile = await open_phone("mobile", at=(TOWN, PORT))
    async with chromium(session, tmp_path) as browser:
        page = await open_desk(browser, house, "anna")
        await page.choose("Where I work today", "Anna")
        await picture(page, "mobile-chosen")
        await page.press("Begin work")
        await page.press("Ready for contacts")
        citizen = await (await open_phone("0701234567")).invite(house.sip, "direct")
        rung = await mobile.next_call(within=10)
        await page.reads("press 1")
        await picture(page, "mobile-rings")
        (await rung.answer()).say(AGENT)
        await rung.audio.until_hears(QUESTION)
        await rung.audio.press("1")
        rung.bye()
        await citizen.end(within=5)


async def test_nobody_else_works_at_it(house):
    status, told = await asyncio.to_thread(ask, house, "POST", f"/agents/{BO}/log-in", {"phone": "mobile"})
    assert (status, told["error_id"]) == (403, "phone_not_yours")
