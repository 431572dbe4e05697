"""The second line by telephone: handed over with a note, back to the guide, consulted as a queue, helped."""

import asyncio

from tests.system.asking import ask, vaxel
from tests.system.house import until
from tests.system.office import ANNA, BO, CITIZEN, LOBBY, VOICE, together


async def test_a_call_goes_to_a_specialist_with_a_note(office):
    citizen, agent = await office.talk()
    contact = (await office.contact())["id"]
    (choice,) = (await office.asked("GET", f"/contacts/{contact}/queues"))["queues"]
    assert (choice["queue"], choice["way"], choice["open"], choice["comes_back"]) == ("permits", "send", True, 2)
    await office.do("send-to-queue", {"queue": "permits", "note": "Vill glasa in balkongen."})
    await agent.end()
    bo = await office.picks_up(BO)
    await together((citizen, CITIZEN), (bo, VOICE[BO]))
    shown = await office.contact()
    assert (shown["agent"], shown["queue"], shown["sent_by"], shown["remarks"]) == (BO, "permits", ANNA, 1)
    lead = vaxel(office.house, "token", "add", "lead", "--role", "supervisor").stdout.strip()
    path = f"/contacts/{contact}/remarks"
    # The engine reads the file of tokens every now and then.
    told = await asyncio.to_thread(until, lambda: ask(office.house, "GET", path, token=lead)[1].get("remarks"))
    (note,) = told
    assert (note["text"], note["writer"]) == ("Vill glasa in balkongen.", ANNA)


async def test_a_call_that_no_specialist_takes_comes_back_to_the_guide(office):
    citizen, agent = await office.talk()
    await office.do("send-to-queue", {"queue": "permits"})
    await agent.end()
    called = await office.phones[BO].next_call(5.0)
    called.ring()
    anna = await office.picks_up(ANNA, within=10.0)
    await together((citizen, CITIZEN), (anna, VOICE[ANNA]))
    shown = await office.contact()
    assert (shown["queue"], shown["returned"]["cause"], shown["returned"]["queue"]) == ("bench", "not_taken", "permits")


async def test_whoever_is_free_is_consulted_joins_and_takes_over(office):
    citizen, agent = await office.talk()
    await office.do("consult", {"to": {"queue": "permits"}})
    bo = await office.picks_up(BO)
    await together((agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await office.do("resume")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (bo, VOICE[BO]))
    await office.do("connect")
    await agent.end()
    await together((citizen, CITIZEN), (bo, VOICE[BO]))
    assert (await office.contact())["agent"] == BO


async def test_somebody_who_leads_sees_that_help_is_wanted_and_joins(office):
    citizen, agent = await office.talk()
    await office.do("help")
    (wanted,) = (await office.asked("GET", "/help"))["helps"]
    assert wanted["agent"] == ANNA
    await office.do("take-part", {"to": {"phone": LOBBY}})
    lead = await office.picks_up(LOBBY)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (lead, VOICE[LOBBY]))
    assert (await office.asked("GET", "/help"))["helps"] == []
