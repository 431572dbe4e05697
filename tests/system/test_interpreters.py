"""An interpreter from the duty list joins a real call in one action, by REST and by a code, and the engine may die."""

import asyncio

from tests.system.house import until
from tests.system.office import ANNA, BO, CITIZEN, OUTSIDE, VOICE, press, together
from tests.system.test_agents_killed import kill_engine

FURNITURE = {"hasty": True}


async def joined(office):
    """Wait until an interpreter takes part; return the language."""

    async def there():
        parties = (await office.contact()).get("parties", [])
        return [party["interprets"] for party in parties if party["state"] == "talking"]

    for _ in range(50):
        if found := await there():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("nobody joined")


async def test_the_first_on_duty_who_answers_joins_while_people_talk_on(office):
    citizen, agent = await office.talk()
    await office.do("interpreter", {"language": "ar"})
    first = await office.phones[BO].next_call(5.0)
    first.ring()
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    first.reject(486)
    interpreter = await office.picks_up("outside")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (interpreter, OUTSIDE))
    assert await joined(office) == ["ar"]
    interpreter.bye()
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))


async def test_a_code_on_the_telephone_does_the_same(office):
    citizen, agent = await office.talk()
    await press(agent, "*#7#")
    interpreter = await office.picks_up(BO)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (interpreter, VOICE[BO]))


async def test_the_duty_list_goes_on_though_the_engine_is_killed_while_it_rings(office):
    citizen, agent = await office.talk()
    contact = (await office.contact())["id"]
    await office.asked("POST", f"/contacts/{contact}/needs", {"needs": ["interpreter"], "language": "ar"})
    await office.do("interpreter", {"language": "ar"})
    first = await office.phones[BO].next_call(5.0)
    first.ring()
    await kill_engine(office)
    first.reject(486)
    interpreter = await office.picks_up("outside", within=10.0)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (interpreter, OUTSIDE))
    card = office.house.record().replay().contacts[contact].card
    assert (card.needs, card.language) == (("interpreter",), "ar")
    await kill_engine(office)
    assert await joined(office) == ["ar"]
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]), (interpreter, OUTSIDE))


async def test_it_is_told_when_nobody_comes(office):
    await office.talk()
    await office.do("interpreter", {"language": "fi"})
    (await office.phones[BO].next_call(5.0)).reject(603)
    shown = office.house.get
    await asyncio.to_thread(
        until,
        lambda: 'vaxel_interpreters_total{language="fi",outcome="declined"} 1.0' in shown("/metrics")[1],
        what="the metric to tell",
    )
