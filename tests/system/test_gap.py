"""What happens while there is no engine, or a process hangs, is made up for once it is back."""

import asyncio
import signal
import time

import pytest

from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.crew import Crew, bye, ring, until, wait_in_line
from tests.system.house import MUSIC
from tests.system.test_kill import AGENT, CITIZEN, GAP_S, outcomes, until_serves

PROMPT = 1000.0
HANGS_S = 3.0
"""Longer than the 2 s after which worker and engine take each other for gone."""


async def test_everything_that_happens_without_an_engine(make_house, open_phone):
    house = make_house(agents=5)  # whoever refuses is offered nothing else of that caller for a while
    write_tone(house.config / "prompts/en/menu.wav", PROMPT, 1.0)
    write_tone(house.config / "prompts/en/short.wav", PROMPT, 1.0)
    await asyncio.to_thread(house.start)
    crew = await Crew.at(house, open_phone, AGENT)
    crew.answers = False
    answers, leaves, refuses = [await ring(house, open_phone, name) for name in ("answers", "leaves", "refuses")]
    await crew.until_rung(3)
    menu = await ring(house, open_phone, "menu", "ivr")
    prompt = await ring(house, open_phone, "prompt", "queue")
    await menu.audio.until_hears(PROMPT)
    await prompt.audio.until_hears(PROMPT)

    house.kill("engine", signal.SIGSTOP)  # nothing it does from here on can be seen
    house.kill("engine")
    agent = crew.of("answers").call
    await crew.answer(agent)
    bye(leaves)
    crew.of("refuses").call.reject(486, "Busy Here")
    menu.audio.say(CITIZEN)
    await menu.audio.press("3")
    assert house.log("worker-1").count("engine_came") == 1, "no new engine yet"

    # Back again: the answered one talks, the one who left is not rung for any more, the refused one is offered on.
    answers.audio.say(CITIZEN)
    await answers.audio.until_hears(AGENT, within=8)
    await agent.audio.until_hears(CITIZEN)
    await crew.of("leaves").call.end()
    await crew.until_rung(6)
    rung = [one.caller for one in crew.rung]
    assert rung.count("refuses") == 2
    assert rung.count("menu") == rung.count("prompt") == 1
    for name, call in (("refuses", refuses), ("menu", menu), ("prompt", prompt)):
        await crew.answer(crew.of(name).call)
        await call.audio.until_hears(AGENT)
        bye(call)
    bye(answers)
    await until(lambda: all(one.call.ended for one in crew.rung), 5, "all agents to be free")
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert outcomes(record) == {"served": 4, "abandoned": 1}
    assert [fact.cause for fact in record.of(f.OfferDeclined)] == ["busy"]
    assert [fact.cause for fact in record.of(f.OfferWithdrawn)] == ["citizen_left"]
    assert "command_failed" not in house.log("engine")


@pytest.mark.parametrize("name", ["engine", "worker-1", "redis"])
async def test_a_process_that_hangs(start_house, open_phone, name):
    """It is not started again, and comes back into the same calls."""
    house = await asyncio.to_thread(start_house, 1)
    crew = await Crew.at(house, open_phone, AGENT)
    talking, waiting = await wait_in_line(house, open_phone, 2)
    await talking.audio.until_hears(AGENT)
    pids = house.pids()
    begin = time.monotonic()
    house.kill(name, signal.SIGSTOP)
    late = await ring(house, open_phone, "late")
    if name == "engine":
        await late.response(180, within=HANGS_S + 1)
    elif name == "redis":
        await late.response(200, within=HANGS_S)
    await until(lambda: time.monotonic() - begin > HANGS_S, HANGS_S + 1, "the time to pass")
    house.kill(name, signal.SIGCONT)
    await late.response(200, within=8)
    assert house.pids() == pids
    assert not talking.ended
    assert not waiting.ended
    if name != "worker-1":
        assert max(call.audio.gap(begin, time.monotonic()) for call in (talking, waiting)) < GAP_S
    await talking.audio.until_hears(AGENT)
    await waiting.audio.until_hears(MUSIC)
    await until_serves(house)
    crew.talk = 0.3
    bye(talking)
    await crew.until_rung(3)
    await until(lambda: late.ended and waiting.ended, 5, "all calls to end")
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert outcomes(record) == {"served": 3}
    assert record.served_order() == record.queued_order()


async def test_kill_everything(start_house, open_phone):
    """A power cut: what was promised is known at the next start, and calls are served again."""
    house = await asyncio.to_thread(start_house, 1)
    crew = await Crew.at(house, open_phone, AGENT)
    talking, waiting = await wait_in_line(house, open_phone, 2)
    await talking.audio.until_hears(AGENT)
    house.kill_supervisor()
    for name in house.pids():
        house.kill(name)
    await until(lambda: not house.pids(), 5, "everything to be gone")
    await asyncio.to_thread(house.start)
    for call in (talking, waiting, crew.rung[0].call):
        call.ended = True
    (again,) = await wait_in_line(house, open_phone, 1, "again")
    await crew.until_rung(2)
    await again.audio.until_hears(AGENT)
    bye(again)
    await crew.rung[1].call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert outcomes(record) == {"lost": 2, "served": 1}
    assert [epoch for epoch, seq, _ in record.entries if not seq] == [1, 2]
