"""Packets of Kamailio's; anything else is nothing."""

import socket
from struct import pack

from hypothesis import given
from hypothesis import strategies as st

from adapters.trace import hep
from adapters.trace.tracer import of_call


def packet(source="192.0.2.1", target="127.0.0.1", protocol=17, data=b"x"):
    def chunk(kind, content):
        return pack(">HHH", 0, kind, 6 + len(content)) + content

    family, kinds = (socket.AF_INET6, (5, 6)) if ":" in source else (socket.AF_INET, (3, 4))
    parts = [
        chunk(2, bytes([protocol])),
        *(chunk(kind, socket.inet_pton(family, one)) for kind, one in zip(kinds, (source, target), strict=True)),
        chunk(7, pack(">H", 5060)),
        chunk(8, pack(">H", 5070)),
        chunk(9, pack(">I", 1_700_000_000)),
        chunk(10, pack(">I", 250_000)),
        chunk(15, data),
    ]
    body = b"".join(parts)
    return b"HEP3" + pack(">H", 6 + len(body)) + body


def test_a_packet():
    assert hep.read(packet()) == hep.Packet(1_700_000_000.25, "192.0.2.1:5060", "127.0.0.1:5070", "udp", b"x")
    six = hep.read(packet("2001:db8::1", "::1", 22))
    assert (six.source, six.target, six.over) == ("[2001:db8::1]:5060", "[::1]:5070", "tls")


@given(st.binary(max_size=200))
def test_rubbish(data):
    hep.read(data)
    hep.read(b"HEP3" + data)


@given(st.integers(0, 100), st.integers(0, 255))
def test_a_damaged_packet(at, value):
    damaged = bytearray(packet())
    damaged[at % len(damaged)] = value
    hep.read(bytes(damaged))
    assert hep.read(packet()[: at % len(damaged)]) is None


def test_what_is_of_a_call():
    assert of_call(b"INVITE sip:a@b SIP/2.0\r\n")
    assert of_call(b"SIP/2.0 200 OK\r\nCSeq: 7 BYE\r\n")
    assert not of_call(b"REGISTER sip:b SIP/2.0\r\n")
    assert not of_call(b"SIP/2.0 200 OK\r\nCSeq: 7 OPTIONS\r\n")
    assert not of_call(b"SIP/2.0 200 OK\r\n")
    assert not of_call(b"\r\n\r\n")
    assert not of_call(b"")
