"""Is a port free? Said before Kamailio is started, in words for people."""

import contextlib
import socket

import pytest
from msgspec import structs

from adapters.edge import ports
from adapters.edge.settings import Tls
from tests.edge.test_configuration import BASE
from tests.sip.conftest import free_ports


@pytest.fixture
def settings():
    first = free_ports(3)
    return structs.replace(BASE, port=first, inner_port=first + 1, tls=Tls(certificate="", key="", port=first + 2))


def test_free(settings):
    ports.check(settings)


@pytest.mark.parametrize(
    ("kind", "which", "field"),
    [("udp", 0, "sip.port"), ("tcp", 0, "sip.port"), ("udp", 1, "sip.inner_port"), ("tls", 2, "sip.tls.port")],
)
def test_taken(settings, kind, which, field):
    port = settings.port + which
    with contextlib.closing(socket.socket(type=ports.KINDS[kind])) as other:
        other.bind(("127.0.0.1", port))
        if kind != "udp":
            other.listen()
        with pytest.raises(ports.Taken) as taken:
            ports.check(settings)
    assert str(taken.value) == (f"127.0.0.1:{port}/{kind} is taken: stop what listens there, or set another `{field}`")


def test_no_such_address(settings):
    with pytest.raises(ports.Taken, match=r"^192\.0\.2\.1:\d+/udp: this machine has no such address; set `listen`"):
        ports.check(structs.replace(settings, address="192.0.2.1"))
