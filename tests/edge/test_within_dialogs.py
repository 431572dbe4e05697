"""Requests within a dialog go where the dialog is, whatever stands in them."""

import asyncio

import pytest

from tests.edge.conftest import PASSWORD, STRANGER, TRUNK, next_call, until
from tests.edge.test_routing import answered
from tests.sip.sipmessage import Message


async def a_call(edge, workers, open_phone):
    """Return both ends of a call of guide01, and another phone that must hear nothing."""
    phone, other = await open_phone("guide01"), await open_phone("guide02")
    await other.register(edge.address, PASSWORD)
    call = await phone.invite(edge.address, "0403410000")
    return call, await answered(workers, call), other


@pytest.mark.parametrize("forgery", ["request URI", "route", "both"])
async def test_nobody_else_can_be_reached(edge, workers, open_phone, forgery):
    call, rung, other = await a_call(edge, workers, open_phone)
    if forgery != "route":
        call.remote_uri = other.uri
    if forgery != "request URI":
        call.routes = [*call.routes, f"<sip:127.0.0.3:{other.address[1]};lr>"]
    call.bye()
    answer = await call.final("BYE")
    assert answer.status == (200 if forgery == "route" else 481)
    await asyncio.sleep(0.1)
    assert not other.calls
    assert not other.strays
    assert rung.ended == (forgery == "route")


async def test_a_route_may_be_forgotten(edge, workers, open_phone):
    call, rung, _ = await a_call(edge, workers, open_phone)
    call.routes = []
    call.hold()
    await rung.request("ACK")
    call.bye()
    await rung.end()


async def test_what_moves_the_voice_is_proved(edge, workers, open_phone):
    call, rung, _ = await a_call(edge, workers, open_phone)
    call.phone.password = ""
    call.hold()
    assert (await call.until(lambda: next((m for m in call.messages if m.status == 407), None))).method == "INVITE"
    call.refer("sip:1234@127.0.0.1")
    assert (await call.final("REFER")).status == 407
    call.phone.password = PASSWORD
    call.refer("sip:1234@127.0.0.1")
    assert "sip:1234@127.0.0.1" in (await rung.request("REFER"))["Refer-To"]
    call.info_digit("5")
    assert "Signal=5" in (await rung.request("INFO")).body, "a key is not asked twice"


async def test_from_elsewhere_all_is_proved(edge, workers, open_phone):
    """Somebody who overheard the dialog's tags."""
    call, rung, _ = await a_call(edge, workers, open_phone)
    thief = await open_phone("guide01", host=STRANGER)
    thief.password = ""
    thief.calls[call.id] = call
    call.phone = thief
    call.bye()
    assert (await call.final("BYE")).status == 407
    assert not rung.ended


async def test_where_the_phone_is_registered_a_bye_is_believed(edge, workers, open_phone):
    call, rung, _ = await a_call(edge, workers, open_phone)
    await call.phone.register(edge.address, PASSWORD)
    call.phone.password = ""
    call.bye()
    await rung.end()
    assert (await call.final("BYE")).status == 200


async def test_a_phone_is_rung_back_where_it_speaks_from(edge, workers, open_phone):
    """Behind NAT a Contact is worth nothing; and a false one must not lead to others."""
    phone, other = await open_phone("guide01"), await open_phone("guide02")
    await phone.register(edge.address, PASSWORD)
    call = await workers[0].invite(edge.inner, "guide01")
    rung = await phone.next_call()
    phone.contact_uri = other.uri
    await rung.answer()
    contact = (await call.response(200))["Contact"]
    assert ";alias=127.0.0.3~" in contact
    await rung.request("ACK")
    call.hold()
    await rung.request("INVITE")
    call.bye()
    await rung.end()
    assert not other.calls
    assert not other.strays


async def test_a_phone_adds_no_hop(edge, workers, open_phone):
    """A Record-Route of the phone's own would lead the worker's requests to others."""
    phone, other = await open_phone("guide01"), await open_phone("guide02")
    await phone.register(edge.address, PASSWORD)
    call = await workers[0].invite(edge.inner, "guide01")
    rung = await phone.next_call()
    await rung.answer()
    await call.response(200)
    await rung.request("ACK")
    call.routes = [*call.routes, f"<{other.uri};lr>"]
    call.bye()
    await rung.end()
    assert not other.strays
    assert not other.calls


async def test_a_stranger_knows_no_dialog(edge, workers, open_phone):
    call, rung, _ = await a_call(edge, workers, open_phone)
    stranger = await open_phone("guide01", host=STRANGER)
    bye = Message(
        f"BYE {call.remote_uri} SIP/2.0",
        [
            ("Via", f"SIP/2.0/UDP {STRANGER}:{stranger.address[1]};branch=z9hG4bKguess"),
            ("Max-Forwards", "70"),
            ("From", "<sip:guide01@127.0.0.1>;tag=guess"),
            ("To", "<sip:0403410000@127.0.0.1>;tag=guess"),
            ("Call-ID", "guess"),
            ("CSeq", "7 BYE"),
        ],
    )
    stranger.send(bye.encode(), edge.address)
    await until(lambda: stranger.strays)
    assert stranger.strays[0].status == 407
    assert not rung.ended


@pytest.mark.parametrize("method", ["ACK", "BYE"])
async def test_a_worker_says_something_of_no_call(edge, workers, method):
    """Such as the ACK of a final response whose transaction is over: nothing is made of it, nor of its absent Route."""
    worker = workers[0]
    host, port = worker.address
    stray = Message(
        f"{method} sip:guide01@{edge.inner[0]}:{edge.inner[1]} SIP/2.0",
        [
            ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bKlate"),
            ("Max-Forwards", "70"),
            ("From", "<sip:w1@127.0.0.1>;tag=late"),
            ("To", "<sip:guide01@127.0.0.1>;tag=late"),
            ("Call-ID", "late"),
            ("CSeq", f"7 {method}"),
        ],
    )
    worker.send(stray.encode(), edge.inner)
    if method == "BYE":
        await until(lambda: worker.strays)
        assert worker.strays[0].status == 481
    else:
        call = await worker.invite(edge.inner, "guide03")
        assert (await call.final()).status == 480, "it lives on"
        assert not worker.strays


async def test_a_trunk_stays_in_its_own_calls(edge, workers, open_phone):
    caller = await open_phone("0701234567", host=TRUNK)
    call = await caller.invite(edge.address, "0403410000")
    rung = await next_call(workers)
    await rung.answer()
    await call.response(200)
    call.hold()
    await call.until(lambda: len([m for m in call.messages if m.status == 200]) == 2 or None)
    call.bye()
    await rung.end()


@pytest.mark.parametrize("who", ["phone", "worker"])
@pytest.mark.parametrize("over", ["udp", "tcp"])
async def test_calls_outlive_the_edge(edge, workers, open_phone, who, over):
    """A restarted edge knows no dialogs any more: what it needs stands in the requests, and in what it kept on disk."""
    phone = await open_phone("guide01", to=edge if over == "tcp" else None)
    await phone.register(edge.address, PASSWORD)
    await until(lambda: "CS_SYNC" in str(edge.ask(dict, "ul.lookup", "location", "guide01")), what="it to be written")
    call = await workers[0].invite(edge.inner, "guide01")
    rung = await phone.next_call()
    await rung.answer()
    await call.response(200)
    await rung.request("ACK")
    edge.kill()
    edge.start()
    if over == "tcp":
        await phone.again(edge.address)
        await phone.register(edge.address, PASSWORD)
    begins, hears = (rung, call) if who == "phone" else (call, rung)
    begins.hold()
    await hears.request("INVITE")
    await begins.until(lambda: len([m for m in begins.messages if m.status == 200 and m.method == "INVITE"]) or None)
    begins.bye()
    await hears.end()
    await begins.response(200, "BYE")
