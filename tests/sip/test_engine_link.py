"""Who may command, what is told again, and what lives on without an engine."""

import asyncio
import stat
import time
from pathlib import Path

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import MUSIC, SORRY, write_tone
from tests.sip.engine import Engine
from tests.sip.test_sound import answered, bridged


async def test_lower_epoch_is_rejected_and_higher_takes_over(worker, attach, open_phone):
    first = await attach(worker, epoch=5)
    attached = await first.next(p.Attached)
    assert (attached.worker, attached.legs) == ("w1", ())
    old = await attach(worker, epoch=4)
    assert (await old.next(p.Rejected)).error_id == "epoch_passed"
    await old.gone()
    second = await attach(worker, epoch=6)
    await second.next(p.Attached)
    assert (await first.next(p.Rejected)).error_id == "epoch_passed"
    await first.gone()
    agent = await open_phone("agent")
    second.dial("a1", agent.uri)
    await agent.next_call()
    stale = second.gate.phone("a2", agent.uri, 5)
    second.do(p.Dial(0, stale, "1", "", 5))
    assert (await second.next(p.CommandFailed)).error_id == "permit_refused"


async def test_commands_are_executed_once(worker, engine, open_phone):
    agent = await open_phone("agent")
    engine.dial("a1", agent.uri)
    await agent.next_call()
    engine.tell(p.HangUp(1, "a1"))
    engine.tell(p.HangUp(2, "b"))
    failed = await engine.next(p.CommandFailed)
    assert (failed.command, failed.leg, failed.error_id) == (2, "b", "leg_unknown")
    picture = await engine.picture()
    assert [leg.leg for leg in picture.legs] == ["a1"]
    assert (picture.executed, picture.through) == (2, failed.n)


async def test_events_are_told_again_and_not_doubled(worker, attach, open_phone):
    phone = await open_phone()
    first = await attach(worker)
    generation = (await first.next(p.Attached)).generation
    call, leg = await answered(worker, first, phone, p.Media(then="music"))
    first.tell(p.Ack(1))
    first.kill()
    await asyncio.sleep(0.1)
    await call.audio.press("4")
    other = await phone.invite(worker.address)
    await other.response(180)
    call.bye()
    await call.response(200, "BYE")
    second = await attach(worker, heard=1, generation=generation)
    attached = await second.next(p.Attached)
    assert [(now.signal, now.inbound) for now in attached.legs] == [("ringing", True)]
    ended = await second.next(p.LegEnded, leg=leg)
    assert (ended.n, attached.through, attached.lost) == (4, 4, 0)
    told = [event.n for event in second.messages if isinstance(event, p.Event)]
    assert told == [2, 3, 4]
    second.tell(p.Ack(3))
    third = await attach(worker, epoch=2, heard=2, generation="another")
    await third.next(p.LegEnded)
    assert [event.n for event in third.messages if isinstance(event, p.Event)] == [4]


async def test_bad_frames_close_the_connection(worker, engine, open_phone):
    call, _ = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    for bad in (b"\0\0\0\x03abc", b"\xff\xff\xff\xff", b"\0\0\0\x02\x91\xa3"):
        _, writer = await asyncio.open_unix_connection(worker.settings.socket)
        writer.write(bad)
        writer.close()
    assert not engine.closed
    engine.transport.write(b"\0\0\0\x01x")
    assert (await engine.next(p.Rejected)).error_id == "bad_frame"
    await engine.gone()
    await call.audio.until_hears(MUSIC)


async def test_commands_before_attach_are_refused(worker):
    engine = Engine()
    await asyncio.get_running_loop().create_unix_connection(lambda: engine, worker.settings.socket)
    engine.do(p.HangUp(0, "x"))
    assert (await engine.next(p.Rejected)).error_id == "epoch_passed"
    await engine.gone()


async def test_silent_engine_counts_as_gone(worker, attach):
    engine = await attach(worker, beats=False)
    await engine.gone(within=4)


def test_socket_is_for_this_user_only(worker):
    assert stat.S_IMODE(Path(worker.settings.socket).stat().st_mode) == 0o600


async def test_talk_and_music_go_on_while_the_engine_is_dead(worker, engine, attach, open_phone):
    waiting = [(await answered(worker, engine, await open_phone(), p.Media(then="music")))[0] for _ in range(3)]
    call, leg, rung = await bridged(worker, engine, open_phone)
    begun = time.monotonic()
    engine.kill()
    await asyncio.sleep(1.5)
    for heard in (*waiting, call, rung):
        assert heard.audio.longest_gap(begun) < 0.1
    assert call.audio.hears(900)
    assert rung.audio.hears(700)
    assert all(one.audio.hears(MUSIC) for one in waiting)
    rung.bye()
    await call.audio.until_hears(MUSIC)
    back = await attach(worker, epoch=2)
    attached = await back.next(p.Attached)
    assert len(attached.legs) == 4
    assert all(now.media.then == "music" and not now.media.peers for now in attached.legs)
    assert (await back.next(p.LegEnded)).leg == "a1"
    back.do(p.HangUp(0, leg))
    await call.end()


async def test_call_without_engine_rings_and_is_refused(start_worker, open_phone):
    worker = start_worker(orphan_ring=0.5)
    call = await (await open_phone()).invite(worker.address)
    await call.response(180)
    assert (await call.response(503))["Retry-After"]


async def test_call_without_engine_hears_that_we_are_sorry(start_worker, attach, open_phone, tmp_path):
    sorry = write_tone(tmp_path / "sorry.wav", SORRY, 0.5)
    worker = start_worker(orphan_ring=0.3, sorry_file=sorry)
    call = await (await open_phone()).invite(worker.address)
    await call.response(180)
    await call.response(200)
    call.audio.say(0)
    await call.audio.until_hears(SORRY)
    await call.end()
    engine = await attach(worker)
    assert (await engine.next(p.LegEnded)).by == "worker"
    assert [type(m) for m in engine.messages if isinstance(m, p.Event)] == [p.CallArrived, p.LegEnded]


@pytest.mark.parametrize("engine_before", [False, True])
async def test_engine_comes_while_it_rings(start_worker, attach, open_phone, engine_before):
    worker = start_worker(orphan_ring=1)
    if engine_before:
        before = await attach(worker)
        await before.next(p.Attached)
    call = await (await open_phone()).invite(worker.address)
    if engine_before:
        await before.next(p.CallArrived)
        before.kill()
    await call.response(180)
    engine = await attach(worker, epoch=2)
    arrived = await engine.next(p.CallArrived)
    await asyncio.sleep(1.2)
    assert call.messages[-1].status == 180
    engine.do(p.Answer(0, arrived.leg), p.Hear(0, arrived.leg, p.Media(then="music")))
    call.audio.say(0)
    await call.audio.until_hears(MUSIC)
