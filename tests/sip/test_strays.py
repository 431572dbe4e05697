"""Phones that go on sending after their call, to a port that another call has got since."""

import pytest

from adapters.sip import protocol as p
from adapters.sip.settings import Network
from tests.sip.conftest import MUSIC, free_port
from tests.sip.test_sound import answered

STRAY = 1300


async def on_the_port_of(port, worker, engine, open_phone):
    """Ring until a call gets that port; return it and its leg."""
    for _ in range(20):
        call, leg = await answered(worker, engine, await open_phone("0401"), p.Media(then="music"))
        if call.remote_sdp.port == port:
            return call, leg
        engine.do(p.HangUp(0, leg))
        await call.end()
    raise AssertionError("the port did not come round")


@pytest.mark.parametrize("behind_nat", [False, True])
async def test_the_new_call_is_not_disturbed(start_worker, attach, open_phone, behind_nat):
    low = free_port() // 2 * 2
    network = Network(name="trunk", sources=("127.0.0.1/32",), rtp_ports=(low, low + 23), behind_nat=behind_nat)
    worker = start_worker(networks=(network,))
    engine = await attach(worker)
    stray, leg = await answered(worker, engine, await open_phone("stray"), p.Media(then="music"))
    await stray.audio.until_hears(MUSIC)
    engine.do(p.HangUp(0, leg))
    await stray.end()
    stray.audio.say(STRAY)  # it did not notice

    call, leg = await on_the_port_of(stray.remote_sdp.port, worker, engine, open_phone)
    await call.audio.until_hears(MUSIC)
    agent = await open_phone("agent")
    engine.dial("a1", agent.uri, p.Media(peers=(leg,), then="hang_up"))
    rung = await agent.next_call()
    (await rung.answer()).say(900)
    engine.do(p.Hear(0, leg, p.Media(peers=("a1",), then="music")))
    await call.audio.until_hears(900)
    await rung.audio.until_hears(700)
    call.audio.stop()  # a pause lets nobody else in
    await rung.audio.until_quiet()
    await call.audio.until_hears(900)
    heard = len(stray.audio.packets)
    await call.audio.until_hears(900)
    assert len(stray.audio.packets) == heard


async def test_a_phone_behind_nat_is_heard_and_hears(start_worker, attach, open_phone):
    """Its SDP names an address from which nothing comes."""
    network = Network(name="phones", sources=("127.0.0.1/32",), behind_nat=True)
    worker = start_worker(networks=(network,))
    engine = await attach(worker)
    phone = await open_phone()
    call = await phone.invite(worker.address, media_host="127.0.0.77")
    leg = (await engine.next(p.CallArrived)).leg
    engine.do(p.Answer(0, leg), p.Hear(0, leg, p.Media(then="music")))
    await call.response(200)
    call.audio.say(700)
    await call.audio.until_hears(MUSIC)


async def test_nobody_gets_the_rtp_of_a_call_by_sending_first(worker, engine, open_phone):
    """Where there is no NAT, RTP goes to the address in SDP alone, even while nothing comes from there."""
    stranger = await answered(worker, engine, await open_phone("stranger"), p.Media(then="music"))
    call = await (await open_phone("silent")).invite(worker.address)
    leg = (await engine.next(p.CallArrived)).leg
    engine.do(p.Answer(0, leg), p.Hear(0, leg, p.Media(then="music")))
    await call.response(200)
    stranger[0].audio.remote = call.remote_sdp.host, call.remote_sdp.port
    stranger[0].audio.say(STRAY)
    await call.audio.until_packets(50)
    await call.audio.until_hears(MUSIC)
