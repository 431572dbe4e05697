"""Recordings: mixes, one voice alone, limits; complete on disk and readable by one user when they are reported."""

import asyncio
import signal
import stat

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import MUSIC, read_samples
from tests.sip.g711 import share
from tests.sip.test_sound import answered, bridged


@pytest.mark.parametrize("rate", [8000, 16000])
async def test_a_recording_holds_both_voices(start_worker, attach, open_phone, tmp_path, rate):
    worker = start_worker(clock_rate=rate)
    engine = await attach(worker)
    _call, leg, rung = await bridged(worker, engine, open_phone)
    path = tmp_path / "talk.wav"
    engine.do(p.Record(0, "r1", (leg, "a1"), str(path)))
    await asyncio.sleep(1.2)
    rung.audio.say(0)
    await asyncio.sleep(0.5)
    engine.do(p.StopRecording(0, "r1"))
    ended = await engine.next(p.RecordingEnded)
    samples, found = read_samples(path)
    assert found == rate
    assert ended.seconds == pytest.approx(len(samples) / rate, abs=0.001)
    assert 1.4 < ended.seconds < 2.2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    both = samples[rate // 4 : rate // 4 * 3]
    assert share(both, 700, rate) > 0.25
    assert share(both, 900, rate) > 0.25
    assert share(samples[-rate // 5 :], 700, rate) > 0.8


async def test_a_recording_ends_with_the_last_voice(worker, engine, open_phone, tmp_path):
    call, leg, rung = await bridged(worker, engine, open_phone, agent_then="music")
    engine.do(p.Record(0, "r1", (leg, "a1"), str(tmp_path / "rest.wav")))
    call.bye()
    await engine.next(p.LegEnded, leg=leg)
    await asyncio.sleep(0.5)
    assert not engine.all(p.RecordingEnded)
    rung.bye()
    assert (await engine.next(p.RecordingEnded)).recording == "r1"
    samples, rate = read_samples(tmp_path / "rest.wav")
    assert share(samples[-rate // 5 :], 900, rate) > 0.8


async def test_a_message_is_what_the_caller_says_and_has_a_limit(worker, engine, open_phone, tmp_path):
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
    path = tmp_path / "message.wav"
    engine.do(p.Record(0, "m1", (leg,), str(path), seconds_max=0.8))
    ended = await engine.next(p.RecordingEnded)
    assert 0.6 < ended.seconds < 1.1
    samples, rate = read_samples(path)
    assert share(samples, 700, rate) > 0.8, "and not the music that the caller hears"
    engine.do(p.StopRecording(0, "m1"))
    assert (await engine.next(p.CommandFailed)).error_id == "recording_unknown"
    engine.do(p.Record(0, "m2", (leg,), str(tmp_path / "short.wav"), seconds_max=60))
    await asyncio.sleep(0.4)
    call.bye()
    assert (await engine.next(p.RecordingEnded, recording="m2")).seconds < 1


async def test_what_cannot_be_recorded(worker, engine, open_phone, tmp_path):
    _, leg = await answered(worker, engine, await open_phone())
    for command, error in (
        (p.Record(0, "r", (leg,), str(tmp_path / "no" / "such.wav")), "recording_failed"),
        (p.Record(0, "r", (leg, "nobody"), str(tmp_path / "r.wav")), "leg_unknown"),
        (p.StopRecording(0, "r"), "recording_unknown"),
    ):
        engine.do(command)
        assert (await engine.next(p.CommandFailed)).error_id == error
    engine.do(p.Record(0, "r", (leg,), str(tmp_path / "a.wav")), p.Record(0, "r", (leg,), str(tmp_path / "b.wav")))
    assert (await engine.next(p.CommandFailed)).error_id == "recording_exists"


async def test_a_recording_is_complete_when_the_worker_stops(worker, engine, open_phone, tmp_path):
    _, leg = await answered(worker, engine, await open_phone())
    path = tmp_path / "talk.wav"
    engine.do(p.Record(0, "r1", (leg,), str(path)))
    await asyncio.sleep(0.6)
    worker.process.send_signal(signal.SIGTERM)
    ended = await engine.next(p.RecordingEnded)
    samples, rate = read_samples(path)
    assert ended.seconds == pytest.approx(len(samples) / rate, abs=0.001)
    assert ended.seconds > 0.3
    assert await asyncio.to_thread(worker.process.wait, 3) == 0


# ---- ended by silence ------------------------------------------------------------------------------------------


async def recorded(worker, engine, open_phone, path, **limits):
    """Return a call that is being recorded and speaks (700 Hz)."""
    call, leg = await answered(worker, engine, await open_phone())
    engine.do(p.Record(0, "c/7", (leg,), str(path), **limits))
    return call, leg


async def test_silence_ends_a_recording(worker, engine, open_phone, tmp_path):
    path = tmp_path / "said.wav"
    call, _ = await recorded(worker, engine, open_phone, path, silence=0.6)
    await asyncio.sleep(1.0)
    (now,) = (await engine.picture()).legs
    assert now.recording == "c/7"
    call.audio.say(0)
    ended = await engine.next(p.RecordingEnded)
    assert ended.recording == "c/7"
    assert 0.8 < ended.spoken < 1.4, "up to the last sound"
    assert 0.5 < ended.seconds - ended.spoken < 1.2, "the silence is in the file too"
    samples, rate = read_samples(path)
    assert share(samples[rate // 4 : rate // 2], 700, rate) > 0.8
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (now,) = (await engine.picture()).legs
    assert now.recording == ""
    call.bye()


async def test_who_says_nothing_has_longer_to_begin(worker, engine, open_phone, tmp_path):
    call, leg = await answered(worker, engine, await open_phone())
    call.audio.say(0)
    await call.audio.until_quiet()
    engine.do(p.Record(0, "c/7", (leg,), str(tmp_path / "nothing.wav"), silence=0.5))
    ended = await engine.next(p.RecordingEnded)
    assert ended.spoken == 0
    assert 0.9 < ended.seconds < 1.6
    call.bye()


async def test_a_pause_does_not_end_it(worker, engine, open_phone, tmp_path):
    call, _ = await recorded(worker, engine, open_phone, tmp_path / "pause.wav", silence=1.0)
    for hertz in (0, 700, 0):
        await asyncio.sleep(0.5)
        call.audio.say(hertz)
    ended = await engine.next(p.RecordingEnded)
    assert 1.3 < ended.spoken < 2.0
    call.bye()


async def test_it_lasts_no_longer_than_it_may_whoever_is_in_command(worker, engine, open_phone, tmp_path, attach):
    call, _ = await recorded(worker, engine, open_phone, tmp_path / "long.wav", silence=5.0, seconds_max=1.0)
    await asyncio.sleep(0.3)
    engine.kill()
    await asyncio.sleep(1.2)
    again = await attach(worker, epoch=2)
    ended = await again.next(p.RecordingEnded)
    assert ended.seconds == pytest.approx(1.0, abs=0.25)
    call.bye()


async def test_it_ends_with_the_caller(worker, engine, open_phone, tmp_path):
    call, _ = await recorded(worker, engine, open_phone, tmp_path / "bye.wav", silence=5.0)
    await asyncio.sleep(0.8)
    call.bye()
    ended = await engine.next(p.RecordingEnded)
    assert 0.5 < ended.spoken <= ended.seconds < 1.3
