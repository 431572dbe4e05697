"""Softphones of Debian as a citizen's and as agents' telephones: talk, transfer, and calls that come back."""

import asyncio

import pytest

from tests.system.conftest import HOUSES
from tests.system.house import AGENTS, CALLERS, MUSIC, PASSWORD, House
from tests.system.house import until as until_true
from tests.system.softphone import WIDE, Baresip, Linphone

HIGH, CITIZEN, GUIDE, COLLEAGUE = 6000.0, 1300.0, 550.0, 900.0
"""Nothing but wideband carries the first."""
COLLEAGUES = "127.0.0.1"
"""Where linphonec is, which cannot be told where to be."""


@pytest.fixture(scope="module")
def house(request):
    """Return a house where agent0001 serves `direct`, and agent0002 `quiet`."""
    agents = {"agent0001": {"queues": ["bench"]}, "agent0002": {"queues": ["quiet"]}}
    queues = {name: {"forward_timeout": 4, "waiting": "music"} for name in ("bench", "quiet")}
    house = House(2, {"agents": {"agents": agents}, "queues": {"queues": queues}}, clock_rate=WIDE)
    request.node.stash[HOUSES] = [house]
    try:
        house.start()
        yield house
    finally:
        house.end()


@pytest.fixture
async def start(house, tmp_path):
    """Return a function that starts a softphone; agents' are registered."""
    started = []

    async def one(kind, host, name, hertz):
        phone = kind(tmp_path / name, house.layout.log / f"{name}.log", host, hertz)
        started.append(phone)
        if host == CALLERS:
            await phone.start(name)
            return phone
        await phone.start(name, house.sip, PASSWORD)
        await asyncio.to_thread(house.until_known, name)
        return phone

    yield one
    for phone in started:
        await phone.end()
    await asyncio.to_thread(until_true, lambda: not house.open_contacts(), what="the house to be quiet")


def at(house, user):
    """Return how to ring somebody at the edge."""
    return f"sip:{user}@{house.sip[0]}:{house.sip[1]}"


async def talk(house, start, hertz=CITIZEN):
    """Let a citizen ring, and the guide answer; return both."""
    guide, citizen = await asyncio.gather(
        start(Baresip, AGENTS, "agent0001", GUIDE), start(Baresip, CALLERS, "citizen", hertz)
    )
    citizen.ring(at(house, "direct"))
    await guide.until_rung()
    guide.answer()
    await asyncio.gather(citizen.until_hears(GUIDE), guide.until_hears(hertz))
    return guide, citizen


async def test_they_talk_in_wideband(house, start):
    guide, citizen = await talk(house, start, HIGH)
    citizen.hang_up()
    await guide.until_alone()
    await asyncio.to_thread(house.check)


async def test_the_guide_transfers_the_call_and_a_colleague_talks(house, start):
    guide, citizen = await talk(house, start)
    colleague = await start(Linphone, COLLEAGUES, "agent0002", COLLEAGUE)
    guide.transfer(at(house, "agent0002"))
    assert "citizen" in await colleague.until_rung()
    await guide.until_alone()
    colleague.answer()
    await asyncio.gather(citizen.until_hears(COLLEAGUE), colleague.until_hears(CITIZEN))
    colleague.hang_up()
    await citizen.until_alone()
    await asyncio.to_thread(house.check)


async def test_nobody_answers_and_the_call_comes_back_to_who_transferred_it(house, start):
    guide, citizen = await talk(house, start)
    colleague = await start(Linphone, COLLEAGUES, "agent0002", COLLEAGUE)
    guide.transfer(at(house, "agent0002"))
    await colleague.until_rung()
    await guide.until_rung(2)
    assert "no answer" in guide.log()
    guide.answer()
    await asyncio.gather(citizen.until_hears(GUIDE), guide.until_hears(CITIZEN))
    guide.hang_up()
    await citizen.until_alone()
    await asyncio.to_thread(house.check)


async def test_a_phone_that_hangs_up_with_its_refused_transfer_is_rung_again(house, start):
    """baresip ends a call as soon as it hears that its transfer failed: the citizen is still there."""
    guide, citizen = await talk(house, start)
    guide.transfer(at(house, "nobody-has-this-name"))
    await guide.until("TRANSFER_FAILED")
    await citizen.until_hears(MUSIC)
    await guide.until_rung(2)
    guide.answer()
    await asyncio.gather(citizen.until_hears(GUIDE), guide.until_hears(CITIZEN))
    guide.hang_up()
    await citizen.until_alone()
    await asyncio.to_thread(house.check)


async def test_a_colleague_is_asked_first_and_then_has_the_call(house, start):
    """Attended transfer: hold, a second call, and REFER with Replaces."""
    guide, colleague, citizen = await asyncio.gather(
        start(Baresip, AGENTS, "agent0001", GUIDE),
        start(Linphone, COLLEAGUES, "agent0002", COLLEAGUE),
        start(Baresip, CALLERS, "citizen", CITIZEN),
    )
    citizen.ring(at(house, "quiet"))
    await colleague.until_rung()
    colleague.answer()
    await asyncio.gather(citizen.until_hears(COLLEAGUE), colleague.until_hears(CITIZEN))
    colleague.do("pause")
    await citizen.until_hears(MUSIC)
    colleague.ring(at(house, "agent0001"))
    await guide.until_rung()
    guide.answer()
    await asyncio.gather(guide.until_hears(COLLEAGUE), colleague.until_hears(GUIDE))
    colleague.do("transfer 1 --to-call 2")
    await asyncio.gather(citizen.until_hears(GUIDE), guide.until_hears(CITIZEN))
    await colleague.until_alone(2)
    citizen.hang_up()
    await guide.until_alone()
    await asyncio.to_thread(house.check)
