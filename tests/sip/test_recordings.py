"""Recordings that end by themselves: by silence, by their length, and with the caller."""

import asyncio
import stat

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import read_samples
from tests.sip.g711 import share
from tests.sip.test_sound import answered


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
    call, _ = await recorded(worker, engine, open_phone, tmp_path / "long.wav", silence=5.0, most=1.0)
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


async def test_where_nothing_can_be_written(worker, engine, open_phone, tmp_path):
    call, leg = await recorded(worker, engine, open_phone, tmp_path / "no" / "such.wav", silence=5.0)
    failed = await engine.next(p.CommandFailed)
    assert (failed.error_id, failed.leg) == ("recording_failed", leg)
    call.bye()
