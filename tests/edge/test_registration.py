"""Phones register by digest, over UDP, TCP and TLS; what becomes of those that vanish."""

import asyncio
import contextlib
import re
import sqlite3

import pytest

from adapters.edge.settings import Limits, Registration
from tests.edge.conftest import PASSWORD, PHONES, STRANGER, until
from tests.sip.sipmessage import Message

MANY = 20_000
"""Phones, so that reading them takes a while."""


@pytest.mark.parametrize("over", ["udp", "tcp"])
async def test_registers_and_goes(edge, open_phone, over):
    phone = await open_phone("guide01", to=edge if over == "tcp" else None)
    answer = await phone.register(edge.address, PASSWORD)
    assert answer.status == 200
    assert edge.registered() == {"guide01"}
    again = await phone.register(edge.address, PASSWORD)
    assert again.status == 200
    assert len(again.all("Contact")) == 1
    assert (await phone.register(edge.address, PASSWORD, expires=0)).status == 200
    assert edge.registered() == set()


async def test_wrong_password_and_unknown_phone_look_alike(edge, open_phone):
    phone = await open_phone()
    wrong = await phone.register(edge.address, "not-the-password")
    unknown = await phone.register(edge.address, "not-the-password", user="nobody")
    assert wrong.status == unknown.status == 401
    assert edge.registered() == set()
    assert edge.count("refused_digest") == 2


async def test_nobody_registers_in_another_name(edge, open_phone):
    """Digest of guide01, To of guide02."""
    phone = await open_phone("guide01")
    forged = await phone.register(edge.address, PASSWORD, user="guide01", aor="guide02")
    assert forged.status == 403
    assert edge.registered() == set()


async def test_a_new_password_counts_at_once(edge, open_phone):
    phone = await open_phone()
    assert (await phone.register(edge.address, PASSWORD)).status == 200
    edge.passwords.set("guide01", "another-password")
    assert (await phone.register(edge.address, PASSWORD)).status == 401
    assert (await phone.register(edge.address, "another-password")).status == 200
    edge.passwords.remove("guide01")
    assert (await phone.register(edge.address, "another-password")).status == 401


async def test_the_newest_registration_wins(edge, open_phone):
    first, second = await open_phone(), await open_phone()
    await first.register(edge.address, PASSWORD)
    answer = await second.register(edge.address, PASSWORD)
    assert answer.all("Contact") == [answer["Contact"]]
    assert f":{second.address[1]}" in answer["Contact"]


async def test_it_expires(start_edge, open_phone):
    edge = start_edge(registration=Registration(expires=2, ping=0))
    phone = await open_phone()
    answer = await phone.register(edge.address, PASSWORD, expires=3600)
    assert "expires=2" in answer["Contact"]
    assert edge.registered() == {"guide01"}
    await until(lambda: not edge.registered(), 6, "the registration to expire")


async def test_a_lost_connection_is_a_lost_phone(edge, open_phone):
    phone = await open_phone(to=edge)
    await phone.register(edge.address, PASSWORD)
    assert edge.registered() == {"guide01"}
    await phone.close()
    await until(lambda: not edge.registered(), 4, "the phone to be missed")


@pytest.mark.soak
async def test_a_phone_on_udp_that_answers_no_ping_is_gone(start_edge, open_phone):
    edge = start_edge(registration=Registration(ping=1))
    stays, goes = await open_phone("guide01"), await open_phone("guide02")
    for phone in (stays, goes):
        await phone.register(edge.address, PASSWORD)
    assert edge.registered() == {"guide01", "guide02"}
    await goes.close()
    await until(lambda: edge.registered() == {"guide01"}, 20, "the silent phone to be missed")
    assert (await stays.register(edge.address, PASSWORD)).status == 200


@pytest.mark.soak
async def test_a_phone_that_drops_ports_in_from_answers_pings(start_edge, open_phone):
    """PJSIP writes From and To as it understood them, without a port (RFC 3261 §19.1.1)."""
    edge = start_edge(registration=Registration(ping=1))
    goes, phone = await open_phone("guide02"), await open_phone("guide01")
    pings = 0

    def answer(message, addr):
        nonlocal pings
        pings += 1
        headers = [(name, re.sub(r"(sip:[^:@;>]+@[^:;>]+):\d+", r"\1", value)) for name, value in message.headers]
        phone.respond(Message(message.start, headers), addr, "200 OK")

    phone.other = answer
    for one in (goes, phone):
        await one.register(edge.address, PASSWORD)
    await goes.close()
    await until(lambda: "guide02" not in edge.registered(), 20, "the silent phone to be missed")
    assert pings > 3
    assert edge.registered() == {"guide01"}


async def test_registrations_outlive_kill_9(edge, open_phone):
    phone = await open_phone()
    await phone.register(edge.address, PASSWORD)
    await until(lambda: "CS_SYNC" in str(edge.ask(dict, "ul.lookup", "location", "guide01")), what="it to be written")
    edge.kill()
    edge.start()
    assert edge.registered() == {"guide01"}


async def test_nobody_is_answered_before_registrations_are_known_again(edge, open_phone):
    phone = await open_phone()
    await phone.register(edge.address, PASSWORD)
    await until(lambda: "CS_SYNC" in str(edge.ask(dict, "ul.lookup", "location", "guide01")), what="it to be written")
    edge.kill()
    with contextlib.closing(sqlite3.connect(edge.settings.location)) as database:
        database.row_factory = sqlite3.Row
        row = dict(database.execute("select * from location").fetchone())
        del row["id"]
        more = [row | {"username": f"guide{n}", "ruid": f"{row['ruid']}-{n}"} for n in range(1000, 1000 + MANY)]
        named = ", ".join(row)
        database.executemany(f"insert into location ({named}) values (:{named.replace(', ', ', :')})", more)
        database.commit()
    edge.start()
    assert edge.ask(dict, "ul.lookup", "location", f"guide{999 + MANY}")


async def test_wrong_passwords_lead_to_a_ban_and_out_of_it(start_edge, open_phone):
    edge = start_edge(limits=Limits(failures=3, ban=2))
    stranger = await open_phone(host=STRANGER)
    for _ in range(3):
        with contextlib.suppress(TimeoutError):
            assert (await stranger.register(edge.address, "guess", within=0.3)).status == 401
    assert edge.count("bans") == 1
    with pytest.raises(TimeoutError):
        await stranger.register(edge.address, PASSWORD, within=0.5)
    elsewhere = await open_phone(host=PHONES)
    assert (await elsewhere.register(edge.address, PASSWORD)).status == 200
    await asyncio.sleep(3)  # there is nothing to be asked: a banned address hears nothing
    assert (await stranger.register(edge.address, PASSWORD)).status == 200


async def test_one_success_forgives(start_edge, open_phone):
    """A site behind one address is not banned for one phone that is set up wrongly."""
    edge = start_edge(limits=Limits(failures=3))
    wrong, right = await open_phone("guide01"), await open_phone("guide02")
    for _ in range(4):
        for _ in range(2):
            assert (await wrong.register(edge.address, "guess")).status == 401
        assert (await right.register(edge.address, PASSWORD)).status == 200
    assert edge.count("bans") == 0
