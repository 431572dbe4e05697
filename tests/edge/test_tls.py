"""SIP over TLS: phones, a renewed certificate, trunks whose certificate must name them."""

import asyncio
import contextlib
import random
import shutil
import ssl

import pytest

from adapters.edge.settings import QUIET, Limits, Tls, Trunk
from tests.edge.certificates import Authority, serial
from tests.edge.conftest import NAMES, PASSWORD, next_call, standing, until
from tests.edge.test_client import looking
from tests.sip.conftest import free_port
from tests.sip.phone import Phone

CARRIER = "sip.operator.example"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def secured(authority, **more):
    """Return the settings of an edge with TLS."""
    certificate, key = authority.issue("edge.city.example")
    return {"tls": Tls(certificate=str(certificate), key=str(key), port=free_port()), **more}


async def connect(edge, authority, user="guide01"):
    """Return a phone with a TLS connection to the edge."""
    phone = await Phone.connect(("127.0.0.1", edge.settings.tls.port), user, tls=authority.trusted())
    phone.password = PASSWORD
    return phone


async def test_a_phone_over_tls(start_edge, authority):
    edge = start_edge(**secured(authority))
    async with standing(edge) as workers:
        phone = await connect(edge, authority)
        assert (await phone.register(edge.address, "wrong")).status == 401
        assert (await phone.register(edge.address, PASSWORD)).status == 200
        call = await workers[0].invite(edge.inner, "guide01")
        rung = await phone.next_call()
        await rung.answer()
        await call.response(200)
        await rung.request("ACK")
        rung.hold()
        await call.request("INVITE")
        call.bye()
        await rung.end()
        own = await phone.invite(edge.address, "0403410000")
        (await next_call(workers)).reject(486)
        assert (await own.final()).status == 486
        await phone.close()
        await until(lambda: not edge.registered(), 4)


async def test_a_renewed_certificate_disturbs_no_call(start_edge, authority):
    edge = start_edge(**secured(authority))
    async with standing(edge) as workers, looking(edge) as (client, _):
        phone = await connect(edge, authority)
        old = serial(phone)
        call = await phone.invite(edge.address, "0403410000")
        rung = await next_call(workers)
        await rung.answer()
        await call.response(200)
        certificate, key = authority.issue("edge.city.example", file="renewed")
        shutil.copy(key, edge.settings.tls.key)
        shutil.copy(certificate, edge.settings.tls.certificate)
        await client.renew_certificate()
        fresh = await connect(edge, authority, "guide02")
        assert serial(fresh) != old
        await fresh.close()
        assert not call.ended
        call.hold()
        await call.until(lambda: len([m for m in call.messages if m.status == 200]) == 2 or None)
        rung.bye()
        await call.end()
        await rung.response(200, "BYE")
        await phone.close()


async def test_hostile_handshakes_hurt_nobody(start_edge, authority):
    """Without deploy/kamailio/afterfork.c a process of Kamailio dies of this, and with it the whole edge."""
    edge = start_edge(**secured(authority, log_level=QUIET, limits=Limits(requests_per_second=5000)))
    place = "127.0.0.1", edge.settings.tls.port
    chance = random.Random(7)

    async def hostile(number):
        _, writer = await asyncio.open_connection(*place)
        writer.write((b"\x16\x03\x01" if number % 2 else b"") + chance.randbytes(300))
        await asyncio.sleep(0.01)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def disappointed():
        with contextlib.suppress(ssl.SSLError, OSError):
            _, writer = await asyncio.open_connection(*place, ssl=ssl.create_default_context())
            writer.close()
            await writer.wait_closed()

    async def sound(name):
        phone = await connect(edge, authority, name)
        assert (await phone.register(edge.address, PASSWORD, within=10)).status == 200
        await phone.close()

    for _ in range(15):
        strangers = [hostile(number) for number in range(30)] + [disappointed() for _ in range(10)]
        await asyncio.gather(*strangers, *(sound(name) for name in NAMES))
        edge.ask(object, "tls.reload")
    assert edge.alive


def carrier_of(carrier, authority, **more):
    """Return a trunk over TLS that ends at a phone."""
    _, port = carrier.address
    secure = {"transport": "tls", "ca_file": str(authority.file), "certificate_name": CARRIER}
    return Trunk(name="operator", host="127.0.0.1", port=port, **secure, **more)


async def test_a_trunk_over_tls(start_edge, authority):
    carrier = await Phone.listen("carrier", "127.0.0.1", authority.serving(CARRIER))
    edge = start_edge(**secured(authority, trunks=(carrier_of(carrier, authority),)))
    async with standing(edge) as workers:
        await until(lambda: edge.ask(list, "htable.dump", "verified"), 12, "the trunk to be asked")
        call = await workers[0].invite(edge.inner, "+46701234567", headers=(("X-Vaxel-Network", "operator"),))
        rung = await carrier.next_call()
        assert rung.messages[0].start.startswith("INVITE sip:+46701234567@127.0.0.1:")
        await rung.answer()
        await call.response(200)
        await rung.request("ACK")
        rung.bye()
        await call.end()
    edge.kill()  # before the carrier: whom it asks and cannot reach any more it calls an error
    await carrier.close()


@pytest.mark.parametrize("wrong", ["name", pytest.param("authority", marks=pytest.mark.soak)])
async def test_a_trunk_that_is_somebody_else_hears_nothing(start_edge, authority, tmp_path, wrong):
    """Not a single INVITE: it would tell who rings whom, and the key of the sound."""
    other = Authority(tmp_path, "other") if wrong == "authority" else authority
    carrier = await Phone.listen("carrier", "127.0.0.1", other.serving("evil.example" if wrong == "name" else CARRIER))
    edge = start_edge(**secured(authority, trunks=(carrier_of(carrier, authority),), log_level=QUIET))
    async with standing(edge) as workers:
        await asyncio.sleep(7)
        call = await workers[0].invite(edge.inner, "+46701234567", headers=(("X-Vaxel-Network", "operator"),))
        assert (await call.final()).status == 503
        assert edge.count("refused_certificate") == 1
        assert carrier.ringing.empty()
    await carrier.close()
