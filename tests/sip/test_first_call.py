"""The walking skeleton: a caller hears music, and is bridged with an agent."""

from adapters.sip import protocol as p
from tests.sip.conftest import MUSIC


async def test_caller_hears_music_and_talks_to_agent(worker, engine, open_phone):
    caller, agent = await open_phone("0401"), await open_phone("agent")
    call = await caller.invite(worker.address, "1000")
    arrived = await engine.next(p.CallArrived)
    assert (arrived.called, arrived.caller, arrived.network) == ("1000", "0401", "trunk")
    leg = arrived.leg
    engine.do(p.Ring(0, leg))
    await call.response(180)
    engine.do(p.Answer(0, leg), p.Hear(0, leg, p.Media(then="music")))
    await call.response(200)
    call.audio.say(700)
    await call.audio.until_hears(MUSIC)

    engine.dial("a1", agent.uri, p.Media(peer=leg))
    rung = await agent.next_call()
    rung.ring()
    audio = await rung.answer()
    await engine.next(p.LegAnswered, leg="a1")
    engine.do(p.Hear(0, leg, p.Media(peer="a1", then="music")))
    audio.say(900)
    await audio.until_hears(700)
    await call.audio.until_hears(900)

    rung.bye()
    ended = await engine.next(p.LegEnded, leg="a1")
    assert (ended.code, ended.by, ended.answered, ended.rang) == (200, "far", True, True)
    assert ended.stats.codec == "PCMA/8000"
    assert ended.stats.packets_in > 10
    await call.audio.until_hears(MUSIC)
    engine.do(p.HangUp(0, leg))
    await call.end()
    ended = await engine.next(p.LegEnded, leg=leg)
    assert (ended.by, ended.code) == ("engine", 200)
