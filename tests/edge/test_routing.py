"""Who may ring whom: everything from outside goes to workers, and workers reach phones and trunks, nothing else."""

import pytest

from adapters.edge.settings import Trunk
from tests.edge.conftest import PASSWORD, STRANGER, TRUNK, next_call, standing, until
from tests.sip.sipmessage import Message, token

FORGED = (
    ("X-Vaxel-Network", "phones"),
    ("X-Vaxel-Phone", "guide02"),
    ("P-Asserted-Identity", "<sip:0700000000@city.example>"),
    ("P-Preferred-Identity", "<sip:0700000000@city.example>"),
    ("Remote-Party-ID", "<sip:0700000000@city.example>"),
    ("Privacy", "id"),
)
IDENTITY = ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID")


async def answered(workers, call):
    """Have a worker answer a call; return its end of it."""
    rung = await next_call(workers)
    rung.ring()
    await rung.answer()
    await call.response(200)
    await rung.request("ACK")
    return rung


async def test_a_trunk_rings(edge, workers, open_phone):
    caller = await open_phone("0701234567", host=TRUNK)
    call = await caller.invite(edge.address, "0403410000", headers=FORGED)
    rung = await answered(workers, call)
    invite = rung.messages[0]
    assert invite.start.startswith("INVITE sip:0403410000@")
    assert invite.all("X-Vaxel-Network") == ["operator"]
    assert invite.all("X-Vaxel-Phone") == []
    assert invite["P-Asserted-Identity"] == "<sip:0700000000@city.example>", "a trunk is believed"
    assert invite["Privacy"] == "id"
    assert "127.0.0.1" in (await call.response(200))["Contact"]
    assert str(edge.settings.port) in (await call.response(200))["Contact"], "workers' addresses stay inside"
    call.bye()
    await rung.end()
    await call.response(200, "BYE")


async def test_a_phone_rings(edge, workers, open_phone):
    phone = await open_phone("guide01")
    call = await phone.invite(edge.address, "0403410000", headers=FORGED)
    rung = await answered(workers, call)
    invite = rung.messages[0]
    assert invite.all("X-Vaxel-Network") == ["phones"]
    assert invite.all("X-Vaxel-Phone") == ["guide01"]
    assert not [name for name in IDENTITY if invite.all(name)], "only a trunk may say who it is"
    assert not invite.all("Proxy-Authorization"), "what proves the phone is for the edge"
    rung.bye()
    await call.end()


@pytest.mark.parametrize("over", ["udp", "tcp"])
async def test_a_worker_rings_a_phone(edge, workers, open_phone, over):
    phone = await open_phone("guide01", to=edge if over == "tcp" else None)
    await phone.register(edge.address, PASSWORD)
    secret = (("X-Vaxel-Network", "phones"), ("X-Vaxel-Whatever", "inside"))
    call = await workers[0].invite(edge.inner, "guide01", headers=secret)
    rung = await phone.next_call()
    assert not [name for name, _ in rung.messages[0].headers if name.lower().startswith("x-vaxel")]
    assert "worker=w1-life" in rung.messages[0]["Contact"]
    assert str(workers[0].address[1]) not in rung.messages[0]["Contact"]
    rung.ring()
    await rung.answer()
    await call.response(200)
    await rung.request("ACK")
    rung.hold()
    await call.request("INVITE")
    await rung.response(200)
    rung.bye()
    await call.end()
    await rung.response(200, "BYE")


async def test_phones_never_reach_each_other(edge, workers, open_phone):
    """Whatever a phone rings, it rings the house."""
    first, second = await open_phone("guide01"), await open_phone("guide02")
    for phone in (first, second):
        await phone.register(edge.address, PASSWORD)
    await first.invite(edge.address, "guide02")
    rung = await next_call(workers)
    assert rung.messages[0].start.startswith("INVITE sip:guide02@")
    rung.reject(404)
    direct = await first.invite(edge.address, "guide02", headers=(("Route", f"<{second.uri};lr>"),))
    (await next_call(workers)).reject(404)
    assert (await direct.final()).status == 404
    assert second.ringing.empty()
    assert not second.calls


async def test_a_stranger_gets_nowhere(edge, workers, open_phone):
    stranger = await open_phone("guide01", host=STRANGER)
    stranger.password = ""
    assert (await (await stranger.invite(edge.address, "0403410000", headers=FORGED)).final()).status == 407
    stranger.password = "guess"
    assert (await (await stranger.invite(edge.address, "0403410000")).final()).status == 407
    assert all(worker.ringing.empty() for worker in workers)


async def test_a_phone_speaks_for_itself_only(edge, workers, open_phone):
    """Digest of guide01 under the name of guide02."""
    phone = await open_phone("guide02")
    phone.login = "guide01"
    call = await phone.invite(edge.address, "0403410000")
    assert (await call.final()).status == 403
    assert all(worker.ringing.empty() for worker in workers)


async def test_a_trunk_does_not_speak_for_our_phones(edge, workers, open_phone):
    phone = await open_phone("guide01")
    await phone.register(edge.address, PASSWORD)
    posing = await open_phone("guide01", host=TRUNK)
    posing.password = ""
    assert (await (await posing.invite(edge.address, "0403410000")).final()).status == 407


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "PUBLISH", "REFER", "INFO"])
async def test_other_requests_are_not_taken(edge, workers, open_phone, method):
    phone = await open_phone("guide01")
    phone.send(request(method, phone, edge).encode(), edge.address)
    await until(lambda: phone.strays)
    assert phone.strays[0].status == 405
    assert "INVITE" in phone.strays[0]["Allow"]


async def test_it_says_that_it_lives(edge, open_phone):
    phone = await open_phone(host=STRANGER)
    phone.send(request("OPTIONS", phone, edge).encode(), edge.address)
    await until(lambda: phone.strays)
    assert phone.strays[0].status == 200


async def test_a_phone_that_is_not_registered(edge, workers):
    call = await workers[0].invite(edge.inner, "guide03")
    assert (await call.final()).status == 480


async def test_redirections_from_outside_are_not_followed(edge, workers, open_phone):
    phone, other = await open_phone("guide01"), await open_phone("guide02")
    for one in (phone, other):
        await one.register(edge.address, PASSWORD)
    call = await workers[0].invite(edge.inner, "guide01")
    (await phone.next_call()).reject(302, "Moved", ("Contact", f"<{other.uri}>"))
    final = await call.final()
    assert final.status == 480
    assert other.ringing.empty()


async def test_a_worker_reaches_trunks_it_names_and_no_others(start_edge, open_phone):
    carrier = await open_phone("carrier", host=TRUNK)
    trunk = Trunk(name="operator", host=TRUNK, port=carrier.address[1])
    edge = start_edge(trunks=(trunk,))
    async with standing(edge) as workers:
        says = (("X-Vaxel-Network", "operator"), ("P-Asserted-Identity", "<sip:040341@city.example>"))
        call = await workers[0].invite(edge.inner, "+46701234567", headers=says)
        rung = await carrier.next_call()
        invite = rung.messages[0]
        assert invite.start.startswith(f"INVITE sip:+46701234567@{TRUNK}:{carrier.address[1]}")
        assert invite["P-Asserted-Identity"] == "<sip:040341@city.example>"
        assert not invite.all("X-Vaxel-Network")
        rung.ring()
        await rung.answer()
        await call.response(200)
        await rung.request("ACK")
        call.bye()
        await rung.end()
        nowhere = await workers[0].invite(edge.inner, "+46701234567", headers=(("X-Vaxel-Network", "other"),))
        assert (await nowhere.final()).status == 403


def request(method, phone, edge):
    here = f"{phone.address[0]}:{phone.address[1]}"
    return Message(
        f"{method} sip:guide02@{edge.address[0]} SIP/2.0",
        [
            ("Via", f"SIP/2.0/UDP {here};branch=z9hG4bK{token()}"),
            ("Max-Forwards", "70"),
            ("From", f"<{phone.uri}>;tag={token()}"),
            ("To", "<sip:guide02@127.0.0.1>"),
            ("Call-ID", token(16)),
            ("CSeq", f"1 {method}"),
            ("Contact", f"<{phone.uri}>"),
        ],
    )
