"""Each message is copied to the tracer as it is on the wire, hop by hop; what tells the leg goes no further."""

import socket

import pytest

from adapters.edge.settings import Tls
from adapters.trace import hep
from adapters.trace.tracer import of_call
from tests.edge.certificates import Authority
from tests.edge.conftest import PASSWORD, next_call, standing, until
from tests.sip.conftest import free_port
from tests.sip.phone import Phone
from tests.sip.sipmessage import Message

LEG = ("X-Vaxel-Leg", "w1-life-7")


@pytest.fixture
def tracer():
    """Return a socket where a tracer would be."""
    with socket.socket(type=socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        yield listening


def address(tracer):
    host, port = tracer.getsockname()
    return f"{host}:{port}"


class Copies:
    """What came so far, of calls."""

    def __init__(self, tracer):
        self.tracer = tracer
        self.packets = []

    def take(self):
        while True:
            try:
                packet = hep.read(self.tracer.recv(65535))
            except BlockingIOError:
                return self.packets
            assert packet is not None
            if of_call(packet.data):
                self.packets.append(packet)

    def hops(self, start):
        return [(one.source, one.target) for one in self.take() if one.data.startswith(start)]


async def test_every_hop_is_copied(start_edge, open_phone, tracer):
    edge = start_edge(tracer=address(tracer))
    copies = Copies(tracer)
    async with standing(edge) as workers:
        trunk = await open_phone("0701234567", "127.0.0.2")
        call = await trunk.invite(edge.address, "0403410000")
        rung = await next_call(workers)
        rung._reply(rung.messages[0], 180, "Ringing", "", LEG)
        await call.response(180)
        rung.reject(486, "Busy", LEG)
        refused = await call.final()
        assert refused.status == 486
        assert not any("X-Vaxel" in name for message in call.messages for name, _ in message.headers)
        # Several processes of the edge copy, each in its own time.
        for told in (b"INVITE", b"SIP/2.0 180", b"SIP/2.0 486", b"ACK"):
            await until(lambda told=told: len(copies.hops(told)) == 2)
    worker = f"{rung.phone.address[0]}:{rung.phone.address[1]}"
    outside, front, inner = (f"{host}:{port}" for host, port in (trunk.address, edge.address, edge.inner))
    assert copies.hops(b"INVITE") == [(outside, front), (inner, worker)]
    assert copies.hops(b"SIP/2.0 180") == [(worker, inner), (front, outside)]
    (told, hidden) = [Message.parse(one.data) for one in copies.packets if one.data.startswith(b"SIP/2.0 486")]
    assert (told["X-Vaxel-Leg"], hidden["X-Vaxel-Leg"]) == (LEG[1], "")


async def test_what_goes_over_tls_is_readable(start_edge, tmp_path, tracer):
    authority = Authority(tmp_path)
    certificate, key = authority.issue("edge.city.example")
    tls = Tls(certificate=str(certificate), key=str(key), port=free_port())
    edge = start_edge(tls=tls, tracer=address(tracer))
    copies = Copies(tracer)
    async with standing(edge) as workers:
        phone = await Phone.connect(("127.0.0.1", tls.port), "guide01", tls=authority.trusted())
        phone.password = PASSWORD
        call = await phone.invite(edge.address, "0403410000")
        rung = await next_call(workers)
        rung.reject(486)
        await call.final()
        await until(lambda: len(copies.hops(b"SIP/2.0 486")) == 2)
        phone._transport.abort()  # a farewell by TLS would outlast the test
        await phone.close()
    assert {one.over for one in copies.packets if one.source.endswith(f":{phone_port(copies, tls)}")} == {"tls"}


def phone_port(copies, tls):
    return next(one.source.rpartition(":")[2] for one in copies.packets if one.target.endswith(f":{tls.port}"))


async def test_nobody_needs_to_listen(start_edge, open_phone):
    edge = start_edge(tracer=f"127.0.0.1:{free_port()}")
    async with standing(edge) as workers:
        trunk = await open_phone("0701234567", "127.0.0.2")
        for _ in range(3):
            call = await trunk.invite(edge.address, "0403410000")
            (await next_call(workers)).reject(486)
            assert (await call.final()).status == 486
