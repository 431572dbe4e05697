"""More than two: conferences, listeners and whispers, proved by a tone from each and what each hears."""

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import MUSIC, PROMPT, write_tone
from tests.sip.test_sound import answered, bridged

CALLER, AGENT, THIRD = 700, 900, 1100
"""What each says, in hertz."""


async def joined(engine, open_phone, leg="a2", media=p.SILENCE):
    """Return a third phone's call (1100 Hz), dialled as `leg` and answered."""
    phone = await open_phone("third")
    engine.dial(leg, phone.uri, media)
    call = await phone.next_call()
    (await call.answer()).say(THIRD)
    await engine.next(p.LegAnswered, leg=leg)
    return call


async def conference(worker, engine, open_phone):
    """Return the calls of three who all hear each other, with the caller's leg; each alone hears music at the end."""
    call, leg, rung = await bridged(worker, engine, open_phone, agent_then="music")
    third = await joined(engine, open_phone)
    everybody = (leg, "a1", "a2")
    for one in everybody:
        others = tuple(other for other in everybody if other != one)
        engine.do(p.Hear(0, one, p.Media(peers=others, then="music")))
    await call.audio.until_hears(AGENT, THIRD)
    await rung.audio.until_hears(CALLER, THIRD)
    await third.audio.until_hears(CALLER, AGENT)
    return call, leg, rung, third


async def test_three_hear_each_other_and_go_on_as_they_leave(worker, engine, open_phone):
    call, leg, rung, third = await conference(worker, engine, open_phone)
    rung.bye()
    await call.audio.until_hears(THIRD)
    await third.audio.until_hears(CALLER)
    pictured = {now.leg: now.media for now in (await engine.picture()).legs}
    assert pictured == {leg: p.Media(peers=("a2",), then="music"), "a2": p.Media(peers=(leg,), then="music")}
    third.bye()
    await call.audio.until_hears(MUSIC)


async def test_who_is_taken_out_of_a_conference_is_heard_by_nobody(worker, engine, open_phone):
    call, leg, rung, third = await conference(worker, engine, open_phone)
    engine.do(p.Hear(0, leg, p.Media(then="music")))
    await call.audio.until_hears(MUSIC)
    await rung.audio.until_hears(THIRD)
    await third.audio.until_hears(AGENT)


async def test_conferences_end_and_begin_without_an_engine(worker, engine, open_phone):
    call, _leg, rung, third = await conference(worker, engine, open_phone)
    engine.kill()
    third.bye()
    await call.audio.until_hears(AGENT)
    rung.bye()
    await call.audio.until_hears(MUSIC)


async def test_a_listener_hears_both_and_is_heard_by_nobody(worker, engine, open_phone):
    call, leg, rung = await bridged(worker, engine, open_phone)
    listener = await joined(engine, open_phone, media=p.Media(peers=(leg, "a1"), then="silence"))
    await listener.audio.until_hears(CALLER, AGENT)
    assert call.audio.hears(AGENT)
    assert rung.audio.hears(CALLER)
    engine.do(p.Hear(0, "a1", p.Media(peers=(leg, "a2"), then="hang_up")))
    await rung.audio.until_hears(CALLER, THIRD)  # coached
    assert call.audio.hears(AGENT)
    call.bye()
    await rung.audio.until_hears(THIRD)
    await listener.audio.until_hears(AGENT)
    rung.bye()
    await listener.audio.until_quiet()


async def test_agents_hear_a_whisper_before_they_are_joined(worker, engine, open_phone, tmp_path):
    whisper = (write_tone(tmp_path / "queue.wav", PROMPT, 0.6), write_tone(tmp_path / "need.wav", 1300, 0.4))
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
    agent = await open_phone("agent")
    engine.dial("a1", agent.uri, p.Media("o1", then="hang_up", peers=(leg,), first=whisper))
    engine.do(p.Hear(0, leg, p.Media(then="music", peers=("a1",))))
    rung = await agent.next_call()
    (await rung.answer()).say(AGENT)
    await rung.audio.until_hears(PROMPT)
    assert call.audio.hears(MUSIC)
    await rung.audio.until_hears(1300)
    await rung.audio.until_hears(CALLER)
    await call.audio.until_hears(AGENT)
    media = {now.leg: now.media for now in (await engine.picture()).legs}["a1"]
    assert media == p.Media("o1", then="hang_up", peers=(leg,))
    assert not engine.all(p.PlayEnded)


@pytest.mark.parametrize("then", ["music", "hang_up"])
async def test_a_caller_who_goes_during_the_whisper(worker, engine, open_phone, tmp_path, then):
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    whisper = (write_tone(tmp_path / "queue.wav", PROMPT, 0.8),)
    agent = await open_phone("agent")
    engine.dial("a1", agent.uri, p.Media(then=then, peers=(leg,), first=whisper))
    rung = await agent.next_call()
    (await rung.answer()).say(AGENT)
    await rung.audio.until_hears(PROMPT)
    call.bye()
    await engine.next(p.LegEnded, leg=leg)
    await rung.audio.until_hears(PROMPT)
    if then == "music":
        await rung.audio.until_hears(MUSIC)
    else:
        assert (await engine.next(p.LegEnded, leg="a1")).by == "worker"


async def test_a_whisper_that_cannot_be_played_joins_at_once(worker, engine, open_phone, tmp_path):
    call, leg, rung = await bridged(worker, engine, open_phone)
    engine.do(p.Hear(0, "a1", p.Media(peers=(leg,), first=(str(tmp_path / "none.wav"),))))
    assert (await engine.next(p.CommandFailed)).error_id == "file_unplayable"
    await rung.audio.until_hears(CALLER)
    await call.audio.until_hears(AGENT)


async def test_commands_of_one_frame_take_effect_together(worker, engine, open_phone):
    """Whose bridge ends and who is bridged anew in one frame is not hung up in between, whatever the order."""
    call, leg, rung = await bridged(worker, engine, open_phone, agent_then="hang_up")
    third = await joined(engine, open_phone)
    engine.do(
        p.Hear(0, leg, p.Media(then="music")),
        p.Hear(0, "a2", p.Media(peers=("a1",), then="hang_up")),
        p.Hear(0, "a1", p.Media(peers=("a2",), then="hang_up")),
    )
    await rung.audio.until_hears(THIRD)
    await third.audio.until_hears(AGENT)
    await call.audio.until_hears(MUSIC)
    assert not engine.all(p.LegEnded)


async def test_a_conference_survives_renewed_audio(worker, engine, open_phone):
    """A re-INVITE gives a leg another port in the bridge."""
    call, _, rung, third = await conference(worker, engine, open_phone)
    rung.hold("inactive")
    await engine.next(p.LegHeld, leg="a1", held=True)
    await call.audio.until_hears(THIRD)
    await third.audio.until_hears(CALLER)
    rung.hold("sendrecv")
    await engine.next(p.LegHeld, leg="a1", held=False)
    await rung.audio.until_hears(CALLER, THIRD)
    await call.audio.until_hears(AGENT, THIRD)
    await third.audio.until_hears(CALLER, AGENT)


async def test_nobody_is_his_own_peer(worker, engine, open_phone):
    call, leg = await answered(worker, engine, await open_phone())
    engine.do(p.Hear(0, leg, p.Media(peers=(leg, "nobody"), then="music")))
    assert (await engine.next(p.CommandFailed)).error_id == "peer_unknown"
    await call.audio.until_hears(MUSIC)
