"""A worker behind an edge: SIP from there alone, and the edge's word about who rings."""

import time

from adapters.sip import protocol as p
from adapters.sip.callers import EDGE_WAITS_S
from adapters.sip.settings import Network
from router.configuration import web_call
from tests.sip.conftest import free_port
from tests.sip.test_sound import answered

NETWORKS = (Network(name="phones"), Network(name="operator", may_assert=True), Network(name="webcalls", nobodys=True))
ASSERTED = ("P-Asserted-Identity", "<sip:0701234567@city.example>")


async def behind(start_worker, attach, open_phone):
    """Return a worker, its engine, and a phone that stands for the edge."""
    edge = await open_phone("edge", port=free_port())
    worker = start_worker(edge=f"127.0.0.1:{edge.address[1]}", networks=NETWORKS)
    return worker, await attach(worker), edge


async def test_the_edge_says_who_rings(start_worker, attach, open_phone):
    worker, engine, edge = await behind(start_worker, attach, open_phone)
    says = (("X-Vaxel-Network", "phones"), ("X-Vaxel-Phone", "guide01"), ASSERTED)
    await edge.invite(worker.address, "0403410000", headers=says)
    arrived = await engine.next(p.CallArrived)
    assert (arrived.network, arrived.phone, arrived.asserted) == ("phones", "guide01", False)
    await edge.invite(worker.address, "0403410000", headers=(("X-Vaxel-Network", "operator"), ASSERTED))
    arrived = await engine.next(p.CallArrived)
    assert (arrived.network, arrived.phone, arrived.asserted) == ("operator", "", True)
    assert arrived.caller == "0701234567"


async def test_nobody_else_is_heard(start_worker, attach, open_phone):
    worker, engine, edge = await behind(start_worker, attach, open_phone)
    stranger = await (await open_phone()).invite(worker.address, headers=(("X-Vaxel-Network", "phones"),))
    assert (await stranger.final()).status == 403
    unknown = await edge.invite(worker.address, headers=(("X-Vaxel-Network", "nobody"),))
    assert (await unknown.final()).status == 403
    await engine.next(p.Beat, rejected=2)
    assert not engine.all(p.CallArrived)


async def test_a_call_that_has_long_gone_to_another_worker_is_not_taken(start_worker, attach, open_phone):
    """Its invitation lay about while this worker hung."""
    worker, engine, edge = await behind(start_worker, attach, open_phone)
    for age, status in ((EDGE_WAITS_S + 0.1, 503), (0.1, 180)):
        sent = ("X-Vaxel-Sent", f"{time.clock_gettime(time.CLOCK_REALTIME) - age:.6f}")
        call = await edge.invite(worker.address, headers=(("X-Vaxel-Network", "phones"), sent))
        if status == 180:
            engine.do(p.Ring(0, (await engine.next(p.CallArrived)).leg))
        await call.response(status)
    assert len(engine.all(p.CallArrived)) == 1


async def test_a_citizens_page_is_nobodys_and_rings_its_own_way_in(start_worker, attach, open_phone):
    worker, engine, edge = await behind(start_worker, attach, open_phone)
    way = web_call("malmo", "sv")
    says = (("X-Vaxel-Network", "webcalls"), ("X-Vaxel-Voucher", f"{way}~1"), ("X-Vaxel-Phone", "guide01"), ASSERTED)
    await edge.invite(worker.address, way, headers=says)
    arrived = await engine.next(p.CallArrived)
    assert (arrived.called, arrived.voucher, arrived.network) == (way, f"{way}~1", "webcalls")
    assert (arrived.caller, arrived.display, arrived.phone, arrived.asserted) == ("", "", "", False)
    elsewhere = await edge.invite(worker.address, "0403410000", headers=says)
    assert (await elsewhere.final()).status == 404
    for network in ("phones", "operator"):
        forged = (("X-Vaxel-Network", network), ("X-Vaxel-Voucher", f"{way}~1"))
        for written in (way, way.replace("~", "%7E")):
            assert (await (await edge.invite(worker.address, written, headers=forged)).final()).status == 404
    await edge.invite(worker.address, "0403410000", headers=forged)
    assert (await engine.next(p.CallArrived)).voucher == "", "only pages have one"


async def test_contact_names_the_worker_and_its_life(start_worker, attach, open_phone):
    worker, engine, edge = await behind(start_worker, attach, open_phone)
    generation = (await engine.next(p.Attached)).generation
    says = (("X-Vaxel-Network", "phones"),)
    call, _ = await answered(worker, engine, edge, p.SILENCE, headers=says)
    assert f";worker=w1-{generation}" in (await call.response(200))["Contact"]
    engine.dial("d1", edge.uri)
    assert f";worker=w1-{generation}" in (await edge.next_call()).messages[0]["Contact"]


async def test_room_is_told(start_worker, attach, open_phone):
    edge = await open_phone("edge", port=free_port())
    worker = start_worker(edge=f"127.0.0.1:{edge.address[1]}", networks=NETWORKS, max_legs=4)
    engine = await attach(worker)
    await engine.next(p.Beat, room=True)
    for _ in range(2):
        await edge.invite(worker.address, headers=(("X-Vaxel-Network", "phones"),))
        await engine.next(p.CallArrived)
    await engine.next(p.Beat, room=False)


async def test_a_caller_can_be_sent_on_to_another_worker(start_worker, attach, open_phone):
    worker, engine, edge = await behind(start_worker, attach, open_phone)
    says = (("X-Vaxel-Network", "phones"),)
    call = await edge.invite(worker.address, "1000", headers=says)
    leg = (await engine.next(p.CallArrived)).leg
    for target in ("sip:1000@city.example", "sip:1000@127.0.0.1>\r\nX: y"):
        engine.do(p.Redirect(0, leg, target))
        assert (await engine.next(p.CommandFailed)).error_id == "target_bad"
    engine.do(p.Redirect(0, leg, "sip:1000@127.0.0.1:5072"))
    assert (await call.response(302)).all("Contact") == ["<sip:1000@127.0.0.1:5072>"]
    ended = await engine.next(p.LegEnded, leg=leg)
    assert (ended.code, ended.by, ended.answered) == (302, "engine", False)
    _, leg = await answered(worker, engine, edge, headers=says)
    engine.do(p.Redirect(0, leg, "sip:1000@127.0.0.1:5072"))
    assert (await engine.next(p.CommandFailed)).error_id == "leg_answered"


async def test_without_an_edge_nobody_is_sent_on(worker, engine, open_phone):
    await (await open_phone()).invite(worker.address)
    engine.do(p.Redirect(0, (await engine.next(p.CallArrived)).leg, "sip:1000@127.0.0.1:5072"))
    assert (await engine.next(p.CommandFailed)).error_id == "no_edge"
