"""What legs hear, proved by tones on received RTP."""

from adapters.sip import protocol as p
from tests.sip.conftest import MUSIC, PROMPT, write_tone


async def answered(worker, engine, phone, media=p.SILENCE, **more):
    """Return a call that the worker answered, and its leg."""
    call = await phone.invite(worker.address, "1000", **more)
    leg = (await engine.next(p.CallArrived)).leg
    engine.do(p.Answer(0, leg), p.Hear(0, leg, media))
    await call.response(200)
    call.audio.say(700)
    return call, leg


async def bridged(worker, engine, open_phone, caller_then="music", agent_then="music"):
    """Return a caller (700 Hz) and an agent (900 Hz) who hear each other, with the caller's leg."""
    caller, agent = await open_phone("0401"), await open_phone("agent")
    call, leg = await answered(worker, engine, caller)
    engine.dial("a1", agent.uri, p.Media(peers=(leg,), then=agent_then))
    rung = await agent.next_call()
    rung.ring()
    audio = await rung.answer()
    await engine.next(p.LegAnswered, leg="a1")
    engine.do(p.Hear(0, leg, p.Media(peers=("a1",), then=caller_then)))
    audio.say(900)
    await audio.until_hears(700)
    await call.audio.until_hears(900)
    return call, leg, rung


async def test_prompts_in_order_and_then_music(worker, engine, open_phone, tmp_path):
    files = (
        write_tone(tmp_path / "one.wav", PROMPT, 0.4),
        write_tone(tmp_path / "missing.wav", 1, 0.1).replace("missing", "absent"),
        write_tone(tmp_path / "two.wav", 1200, 0.4),
    )
    call, leg = await answered(worker, engine, await open_phone(), p.Media("p1", files, "music"))
    await call.audio.until_hears(PROMPT)
    failed = await engine.next(p.CommandFailed)
    assert (failed.error_id, failed.leg, failed.command) == ("file_unplayable", leg, 2)
    await call.audio.until_hears(1200)
    assert not engine.all(p.PlayEnded)
    ended = await engine.next(p.PlayEnded)
    assert (ended.leg, ended.play) == (leg, "p1")
    await call.audio.until_hears(MUSIC)
    (now,) = (await engine.picture()).legs
    assert now.media == p.Media("p1", (), "music")


async def test_a_prompt_may_be_the_last_thing_heard(worker, engine, open_phone, tmp_path):
    file = write_tone(tmp_path / "bye.wav", PROMPT, 0.3)
    call, leg = await answered(worker, engine, await open_phone(), p.Media("p1", (file,), "hang_up"))
    await call.end()
    await engine.next(p.PlayEnded)
    ended = await engine.next(p.LegEnded, leg=leg)
    assert (ended.by, ended.code, ended.answered) == ("worker", 200, True)


async def test_a_new_play_stops_the_old_one(worker, engine, open_phone, tmp_path):
    long = write_tone(tmp_path / "long.wav", PROMPT, 5)
    call, leg = await answered(worker, engine, await open_phone(), p.Media("p1", (long,), "music"))
    await call.audio.until_hears(PROMPT)
    engine.do(p.Hear(0, leg, p.Media(then="music")))
    await call.audio.until_hears(MUSIC)
    engine.do(p.Hear(0, leg, p.SILENCE))
    await call.audio.until_quiet()
    assert not engine.all(p.PlayEnded)


async def test_hear_before_the_answer_takes_effect_with_it(worker, engine, open_phone):
    call = await (await open_phone()).invite(worker.address)
    leg = (await engine.next(p.CallArrived)).leg
    engine.do(p.Hear(0, leg, p.Media(then="music")), p.Ring(0, leg))
    await call.response(180)
    engine.do(p.Answer(0, leg))
    await call.response(200)
    call.audio.say(0)
    await call.audio.until_hears(MUSIC)


async def test_many_listen_to_one_music(worker, engine, open_phone):
    phone = await open_phone()
    calls = [(await answered(worker, engine, phone, p.Media(then="music")))[0] for _ in range(5)]
    for call in calls:
        await call.audio.until_hears(MUSIC)


async def test_pair_hears_each_other_until_one_goes(worker, engine, open_phone):
    call, leg, rung = await bridged(worker, engine, open_phone)
    rung.bye()
    await engine.next(p.LegEnded, leg="a1")
    await call.audio.until_hears(MUSIC)
    (now,) = (await engine.picture()).legs
    assert (now.leg, now.media) == (leg, p.Media(then="music"))


async def test_the_end_of_one_may_be_the_end_of_the_other(worker, engine, open_phone):
    call, leg, rung = await bridged(worker, engine, open_phone, agent_then="hang_up")
    call.bye()
    await rung.end()
    assert (await engine.next(p.LegEnded, leg=leg)).by == "far"
    assert (await engine.next(p.LegEnded, leg="a1")).by == "worker"


async def test_who_is_left_alone_by_a_command_does_not_overhear(worker, engine, open_phone):
    call, leg, rung = await bridged(worker, engine, open_phone)
    engine.do(p.Hear(0, leg, p.Media(then="music")))
    await call.audio.until_hears(MUSIC)
    await rung.audio.until_hears(MUSIC)
    engine.do(p.Hear(0, leg, p.Media(peers=("a1",))), p.Hear(0, "a1", p.Media(peers=(leg,))))
    await call.audio.until_hears(900)
    await rung.audio.until_hears(700)


async def test_bridge_with_somebody_who_is_gone(worker, engine, open_phone):
    call, leg = await answered(worker, engine, await open_phone())
    engine.do(p.Hear(0, leg, p.Media(peers=("nobody",), then="music")))
    assert (await engine.next(p.CommandFailed)).error_id == "peer_unknown"
    await call.audio.until_hears(MUSIC)


async def test_music_until_the_agent_answers_without_a_command(worker, engine, open_phone):
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    agent = await open_phone("agent")
    engine.dial("a1", agent.uri, p.Media(peers=(leg,), then="hang_up"))
    engine.do(p.Hear(0, leg, p.Media(peers=("a1",), then="music")))
    rung = await agent.next_call()
    rung.ring()
    await call.audio.until_hears(MUSIC)
    await rung.answer()
    rung.audio.say(900)
    await call.audio.until_hears(900)
    await rung.audio.until_hears(700)
    rung.bye()
    await call.audio.until_hears(MUSIC)
