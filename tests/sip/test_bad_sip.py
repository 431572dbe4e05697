"""What is wrong gets the right status, and hurts nobody."""

import asyncio
import random

from adapters.sip import protocol as p
from adapters.sip.settings import Network
from tests.sip.conftest import MUSIC
from tests.sip.sipmessage import Message
from tests.sip.test_sound import answered

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"


async def test_unknown_source(start_worker, attach, open_phone):
    worker = start_worker(networks=(Network(name="trunk", sources=("10.0.0.0/8", "::1/128")),))
    engine = await attach(worker)
    call = await (await open_phone()).invite(worker.address)
    assert (await call.final()).status == 403
    await engine.next(p.Beat, rejected=1)
    assert not engine.all(p.CallArrived)


async def test_strangers_cannot_take_the_room(worker, engine, open_phone):
    stranger = await open_phone("stranger", host="127.0.0.9")
    for number in range(300):
        message = _request("INVITE", stranger, worker, f"flood{number}")
        message.headers.append(("Content-Type", "application/sdp"))
        message.body = SDP
        stranger.send(message.encode(), worker.address)
        if number % 50 == 49:
            await asyncio.sleep(0.05)
    call, _ = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
    assert {answer.status for answer in stranger.strays} == {100, 403}
    await engine.next(p.Beat, rejected=300, legs=1)


async def test_no_common_codec(worker, engine, open_phone):
    call = await (await open_phone()).invite(worker.address, codecs=(18,))
    assert (await call.final()).status == 488
    broken = await (await open_phone()).invite(worker.address, sdp="v=0\r\nnonsense")
    assert (await broken.final()).status in (400, 488)
    await asyncio.sleep(0.1)
    assert (await engine.picture()).legs == ()


def _request(method: str, phone, worker, call_id: str) -> Message:
    here = f"{phone.address[0]}:{phone.address[1]}"
    return Message(
        f"{method} sip:1@127.0.0.1:{worker.settings.port} SIP/2.0",
        [
            ("Via", f"SIP/2.0/UDP {here};branch=z9hG4bK{call_id}"),
            ("Max-Forwards", "70"),
            ("From", f"<{phone.uri}>;tag={call_id}"),
            ("To", "<sip:1@127.0.0.1>"),
            ("Call-ID", call_id),
            ("CSeq", f"1 {method}"),
            ("Contact", f"<{phone.uri}>"),
        ],
    )


async def test_methods_outside_of_calls(worker, open_phone):
    phone = await open_phone()
    for number, method in enumerate(("OPTIONS", "CANCEL", "BYE", "UPDATE", "INFO")):
        message = _request(method, phone, worker, f"stray{number}")
        message.headers = [(k, f"{v};tag=gone" if k == "To" and number > 1 else v) for k, v in message.headers]
        phone.send(message.encode(), worker.address)
    await asyncio.sleep(0.5)
    statuses = {answer.method: answer.status for answer in phone.strays}
    assert statuses == {"OPTIONS": 200, "CANCEL": 481, "BYE": 481, "UPDATE": 481, "INFO": 481}


async def test_rubbish_does_not_hurt_a_running_call(worker, engine, open_phone):
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
    phone = await open_phone("fuzz")
    random.seed(7)
    whole = _request("INVITE", phone, worker, "fuzz")
    whole.headers.append(("Content-Type", "application/sdp"))
    whole.body = SDP
    data = whole.encode()
    loud = asyncio.get_running_loop().time()
    for number in range(400):
        mutant = bytearray(data.replace(b"fuzz", b"fuzz%d" % number))
        for _ in range(random.randrange(1, 12)):
            at = random.randrange(len(mutant))
            kind = random.randrange(4)
            if kind == 0:
                mutant[at] = random.randrange(256)
            elif kind == 1:
                del mutant[at : at + random.randrange(1, 40)]
            elif kind == 2:
                mutant[at:at] = bytes(random.randrange(256) for _ in range(random.randrange(1, 30)))
            else:
                mutant[at:at] = mutant[at : at + 60] * random.randrange(1, 20)
            if not mutant:
                break
        phone.send(bytes(mutant[:60000]), worker.address)
        if number % 20 == 0:
            phone.send(b"", worker.address)
            await asyncio.sleep(0.02)
    _, writer = await asyncio.open_connection(*worker.address)
    writer.write(data[: len(data) // 2] + b"\r\n\r\n\0\0\xff" + data)
    await asyncio.sleep(0.3)
    writer.close()
    assert worker.process.poll() is None
    assert call.audio.hears(MUSIC)
    assert call.audio.longest_gap(loud) < 0.1
    alive = {now.leg for now in (await engine.picture()).legs}
    assert leg in alive
    for other in alive - {leg}:
        engine.do(p.HangUp(0, other, 404))
    call.bye()
    assert (await engine.next(p.LegEnded, leg=leg)).by == "far"
