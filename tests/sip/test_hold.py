"""Phones that hold a call and take it up again (RFC 3264 §8.4), seen by those who wait meanwhile."""

import asyncio

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import MUSIC, PROMPT, write_tone
from tests.sip.test_conference import conference
from tests.sip.test_sound import answered, bridged

HOLDS = ["sendonly", "inactive", "0.0.0.0"]


async def held(engine, call, leg, how="sendonly"):
    """Hold a call."""
    call.hold(how)
    await engine.next(p.LegHeld, leg=leg, held=True)


async def taken_up(engine, call, leg):
    """Take a call up again."""
    call.hold("sendrecv")
    await engine.next(p.LegHeld, leg=leg, held=False)


@pytest.mark.parametrize("how", HOLDS)
async def test_who_is_held_hears_music_until_the_talk_goes_on(worker, engine, open_phone, how):
    call, leg, rung = await bridged(worker, engine, open_phone)
    await held(engine, rung, "a1", how)
    await call.audio.until_hears(MUSIC)
    pictured = {now.leg: now for now in (await engine.picture()).legs}
    assert (pictured["a1"].held, pictured[leg].held) == (True, False)
    assert pictured[leg].media.peers == ("a1",), "they are still together"
    await taken_up(engine, rung, "a1")
    await rung.audio.until_hears(700)
    await call.audio.until_hears(900)
    await held(engine, call, leg, how)
    await rung.audio.until_hears(MUSIC)  # though `then` is hang_up: nobody has gone
    await taken_up(engine, call, leg)
    await call.audio.until_hears(900)
    await rung.audio.until_hears(700)
    assert len(engine.all(p.LegHeld)) == 4
    rung.bye()
    assert (await engine.next(p.LegEnded, leg="a1")).stats.packets_in > 20


async def test_a_phone_that_plays_its_own_music_to_the_held_is_not_heard(worker, engine, open_phone):
    call, _, rung = await bridged(worker, engine, open_phone)
    await held(engine, rung, "a1", "sendonly")
    rung.audio.say(1300)
    await call.audio.until_hears(MUSIC)


async def test_hold_on_hold(worker, engine, open_phone):
    call, leg, rung = await bridged(worker, engine, open_phone)
    await held(engine, rung, "a1", "sendonly")
    await held(engine, call, leg, "inactive")
    await taken_up(engine, rung, "a1")
    await rung.audio.until_hears(MUSIC)
    await taken_up(engine, call, leg)
    await call.audio.until_hears(900)
    await rung.audio.until_hears(700)


async def test_a_hold_repeated_in_other_words_is_one_hold(worker, engine, open_phone):
    call, _, rung = await bridged(worker, engine, open_phone)
    await held(engine, rung, "a1", "sendonly")
    rung.messages.clear()
    rung.hold("inactive")
    await rung.response(200)
    await call.audio.until_hears(MUSIC)
    await taken_up(engine, rung, "a1")
    await call.audio.until_hears(900)
    assert [event.held for event in engine.all(p.LegHeld)] == [True, False]


async def test_one_of_three_holds(worker, engine, open_phone):
    call, _, rung, third = await conference(worker, engine, open_phone)
    await held(engine, rung, "a1")
    await call.audio.until_hears(1100)
    await third.audio.until_hears(700)
    third.hold("inactive")
    await call.audio.until_hears(MUSIC)


async def test_commands_to_the_held_take_effect(worker, engine, open_phone, tmp_path):
    call, leg, rung = await bridged(worker, engine, open_phone)
    await held(engine, rung, "a1")
    await call.audio.until_hears(MUSIC)
    file = write_tone(tmp_path / "wait.wav", PROMPT, 5)
    engine.do(p.Hear(0, leg, p.Media("1", (file,), "music")))
    await call.audio.until_hears(PROMPT)
    engine.do(p.Hear(0, leg, p.Media(peers=("a1",), then="silence")))
    await call.audio.until_quiet()
    engine.do(p.Hear(0, "a1", p.Media(peers=(leg,))))
    await taken_up(engine, rung, "a1")
    await rung.audio.until_hears(700)
    await call.audio.until_hears(900)


async def test_who_holds_and_hangs_up_leaves_what_follows(worker, engine, open_phone):
    call, leg, rung = await bridged(worker, engine, open_phone, agent_then="hang_up")
    await held(engine, call, leg)
    await rung.audio.until_hears(MUSIC)
    call.bye()
    assert (await engine.next(p.LegEnded, leg="a1")).by == "worker"


async def test_a_call_that_begins_on_hold(worker, engine, open_phone):
    phone = await open_phone()
    call = await phone.invite(worker.address, direction="sendonly")
    leg = (await engine.next(p.CallArrived)).leg
    engine.do(p.Answer(0, leg), p.Hear(0, leg, p.Media(then="music")))
    await engine.next(p.LegHeld, leg=leg, held=True)
    await taken_up(engine, call, leg)
    await call.audio.until_hears(MUSIC)


async def test_nobody_asks_whether_the_held_are_there(start_worker, attach, open_phone):
    worker = start_worker(rtp_timeout=0.5)
    engine = await attach(worker)
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
    await held(engine, call, leg, "inactive")
    call.audio.stop()
    call.messages.clear()
    with pytest.raises(TimeoutError):
        await call.request("INVITE", within=1.5)
    await taken_up(engine, call, leg)
    with pytest.raises(TimeoutError):
        await call.request("INVITE", within=1.0)
    call.audio.say(700)
    await asyncio.sleep(0.5)
    call.audio.stop()
    await call.request("INVITE")
    assert (await engine.next(p.MediaSilent)).alive
