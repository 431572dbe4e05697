"""The edge with real workers behind it: phones that ask for transfers, callers who belong with another worker."""

from urllib.parse import quote

import pytest

from adapters.sip import protocol as p
from adapters.sip.settings import Network
from tests.edge.conftest import PASSWORD, TRUNK
from tests.sip.conftest import MUSIC, WorkerProcess
from tests.sip.engine import Engine

NETWORKS = (Network(name="phones", phones=True, behind_nat=True), Network(name="operator", may_assert=True))
CITIZEN, AGENT = 700, 900


@pytest.fixture
async def engines(edge, tmp_path):
    """Return an engine for each worker behind `edge`."""
    started, engines = [], []
    for name, address in edge.settings.workers:
        port = int(address.rpartition(":")[2])
        worker = WorkerProcess(
            tmp_path,
            name=name,
            socket=str(tmp_path / f"{name}.sock"),
            port=port,
            edge=edge.settings.inner,
            networks=NETWORKS,
        )
        started.append(worker)
        worker.start()
        engines.append(await Engine.connect(worker.settings.socket))
    yield engines
    for engine, worker in zip(engines, started, strict=True):
        engine.kill()
        worker.stop()
        worker.check()


def only(edge, name):
    """Let the edge give new calls to one worker alone."""
    for other, address in edge.settings.workers:
        edge.ask(str, "dispatcher.set_state", "ap" if other == name else "dx", 1, f"sip:{address}")


async def arrived(engine, media):
    """Answer who rings; return the event."""
    event = await engine.next(p.CallArrived)
    engine.do(p.Answer(0, event.leg), p.Hear(0, event.leg, media))
    return event


async def rung_up(engine, edge, phone, leg, media, hertz):
    """Ring a registered phone as `leg`, and let it answer with a tone."""
    await phone.register(edge.address, PASSWORD)
    engine.dial(leg, f"sip:{phone.user}@{edge.settings.inner}", media, network="phones")
    call = await phone.next_call()
    (await call.answer()).say(hertz)
    await engine.next(p.LegAnswered, leg=leg)
    return call


async def test_an_attended_transfer_through_the_edge(edge, engines, open_phone):
    engine = engines[0]
    only(edge, "w1")
    citizen = await (await open_phone("0701234567", host=TRUNK)).invite(edge.address, "0403410000")
    came = await arrived(engine, p.Media(then="music"))
    assert (came.network, came.phone) == ("operator", "")
    await citizen.response(200)
    citizen.audio.say(CITIZEN)
    guide = await open_phone("guide01")
    first = await rung_up(engine, edge, guide, "a1", p.Media(peers=(came.leg,), then="hang_up"), AGENT)
    engine.do(p.Hear(0, came.leg, p.Media(peers=("a1",), then="music")))
    await citizen.audio.until_hears(AGENT)
    first.hold("sendonly")
    await engine.next(p.LegHeld, leg="a1", held=True)
    await citizen.audio.until_hears(MUSIC)

    second = await guide.invite(edge.address, "0403410001")
    own = await arrived(engine, p.SILENCE)
    assert (own.network, own.phone) == ("phones", "guide01")
    await second.response(200)
    first.refer(f"<sip:guide02@{edge.address[0]}?Replaces={quote(second.dialog, safe='')}>")
    asked = await engine.next(p.TransferAsked)
    assert (asked.leg, asked.replaces) == ("a1", own.leg)
    engine.do(p.ReportTransfer(0, "a1", 200))
    await first.told(200)
    citizen.refer("sip:elsewhere@127.0.0.1")
    assert (await citizen.final("REFER")).status == 603


async def test_a_caller_who_belongs_with_another_worker(edge, engines, open_phone):
    only(edge, "w1")
    guide = await open_phone("guide01")
    await guide.register(edge.address, PASSWORD)
    call = await guide.invite(edge.address, "1000")
    came = await engines[0].next(p.CallArrived)
    there = dict(edge.settings.workers)["w2"]
    engines[0].do(p.Redirect(0, came.leg, f"sip:1000@{there}"))
    again = await arrived(engines[1], p.Media(then="music"))
    assert (again.called, again.network, again.phone) == ("1000", "phones", "guide01")
    await call.response(200)
    call.audio.say(AGENT)
    await call.audio.until_hears(MUSIC)
    assert (await engines[0].next(p.LegEnded)).code == 302
    call.bye()
    await engines[1].next(p.LegEnded, leg=again.leg)
