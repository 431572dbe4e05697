"""Certificates of phones and of the web port are renewed, and spoilt, during a call over TLS: it goes on."""

import asyncio
import json
import ssl
from pathlib import Path

import yaml

from tests.edge.certificates import Authority, serial
from tests.sip.conftest import free_port
from tests.sip.phone import Phone
from tests.system.crew import bye, ring
from tests.system.house import PASSWORD, House, until
from tests.system.test_api import vaxel

AGENT = 550.0
CITIZEN = 1300.0
GAP_S = 0.3
"""As long as a busy machine may keep sound back."""


class Links:
    """Certificate and key as certbot keeps them: links to the newest of a row of files."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.folder = folder
        self.number = 0
        self.renew()

    def renew(self, certificate: str = "", key: str = "") -> None:
        """Let the links lead to a new pair, or to what is named."""
        self.number += 1
        pair = self.authority.issue("city.example", file=f"archive{self.number}")
        for link, given, made in (("cert.pem", certificate, pair[0]), ("key.pem", key, pair[1])):
            fresh = self.folder / f"{link}.new"
            fresh.symlink_to(given or made)
            fresh.replace(self.folder / link)

    @property
    def newest(self) -> str:
        """The serial number of the certificate that the link leads to."""
        return serial_of(ssl.PEM_cert_to_DER_cert((self.folder / "cert.pem").read_text()))


def serial_of(der: bytes) -> str:
    """Return the serial number in a certificate: after version (5 bytes), behind two headers of 4."""
    at = der.index(b"\xa0\x03\x02\x01\x02\x02") + 6
    return der[at + 1 : at + 1 + der[at]].hex().upper().removeprefix("00")


def secured(house: House) -> Links:
    """Let a house speak TLS to phones and people."""
    folder = house.folder / "tls"
    folder.mkdir()
    links = Links(folder)
    tls = {"certificate": "../tls/cert.pem", "key": "../tls/key.pem"}
    house.change("vaxel", {"sip": {"tls": tls | {"port": free_port()}}, "web": {"tls": tls}})
    house.trusted = links.authority.trusted()
    return links


def sip_port(house: House) -> int:
    """Return where phones connect by TLS."""
    return int(yaml.safe_load((house.config / "vaxel.yaml").read_text())["sip"]["tls"]["port"])


async def shown(house: House, port: int) -> str:
    """Return the serial number of the certificate that a fresh connection is shown."""
    phone = await Phone.connect(("127.0.0.1", port), "stranger", tls=house.trusted)
    try:
        return serial(phone)
    finally:
        await phone.close()


async def until_shown(house: House, port: int, wanted: str) -> None:
    """Wait until fresh connections are shown a certificate."""
    for _ in range(100):
        try:
            if await shown(house, port) == wanted:
                return
        except OSError:
            pass  # the edge is just starting
        await asyncio.sleep(0.1)
    raise AssertionError(f"{await shown(house, port)} is shown at {port}, not {wanted}")


def refused(house: House) -> list[str]:
    """Return what the engine says of certificates that it does not take up."""
    told = vaxel(house, "worker", "list", "--json")
    return [one["refused"] for one in json.loads(told.stdout)["certificates"]]


async def test_a_call_over_tls_goes_on(make_house, open_phone):
    house: House = make_house(1)
    links = await asyncio.to_thread(secured, house)
    await asyncio.to_thread(house.start)
    port = sip_port(house)
    phone = await Phone.connect(("127.0.0.1", port), "agent0001", tls=house.trusted)
    phone.password = PASSWORD
    assert (await phone.register(house.sip, PASSWORD)).status == 200
    await asyncio.to_thread(house.until_known, "agent0001")
    call = await ring(house, open_phone, "citizen")
    rung = await phone.next_call(within=10)
    (await rung.answer()).say(AGENT)
    await call.response(200, within=10)
    call.audio.say(CITIZEN)

    async def both_talk() -> None:
        await call.audio.until_hears(AGENT)
        await rung.audio.until_hears(CITIZEN)
        assert not call.ended
        assert not rung.ended

    await both_talk()
    begun = asyncio.get_running_loop().time()

    # A good one: both ports show it to who connects from now on.
    await asyncio.to_thread(links.renew)
    for at in (port, house.web[1]):
        await until_shown(house, at, links.newest)
    await both_talk()
    good = links.newest

    # A broken one: told, refused, and the one before stays, even when the edge and the engine start anew.
    await asyncio.to_thread(links.renew, key=str(links.folder / "archive1.key"))
    await asyncio.to_thread(until, lambda: all("no pair" in why for why in refused(house)))
    for at in (port, house.web[1]):
        assert await shown(house, at) == good
    told = await asyncio.to_thread(vaxel, house, "doctor", "--json")
    assert told.returncode == 1
    wrong = [one for one in json.loads(told.stdout)["found"] if one["check"] == "certificates"]
    assert any("files are refused" in one["what"] for one in wrong), wrong
    assert call.audio.longest_gap(begun) < GAP_S
    assert rung.audio.longest_gap(begun) < GAP_S
    assert (await asyncio.to_thread(vaxel, house, "restart")).returncode == 0
    for at in (port, house.web[1]):
        await until_shown(house, at, good)
    await both_talk()

    # And a good one again.
    await asyncio.to_thread(links.renew)
    for at in (port, house.web[1]):
        await until_shown(house, at, links.newest)
    assert not any(refused(house))
    await both_talk()
    rung.bye()
    await call.end()
    bye(call)
    await phone.close()
    await asyncio.to_thread(house.check)


def test_the_edge_starts_with_the_last_good_one(make_house):
    house: House = make_house(1)
    links = secured(house)
    house.start()
    port, good = sip_port(house), links.newest
    (links.folder / "cert.pem").unlink()
    house.kill("edge")
    house.until_serving()
    asyncio.run(until_shown(house, port, good))
    assert house.stop() == 0
    house.start()
    asyncio.run(until_shown(house, port, good))
    asyncio.run(until_shown(house, house.web[1], good))


def test_without_any_good_one_it_says_so(make_house):
    house: House = make_house(1)
    links = secured(house)
    (links.folder / "key.pem").unlink()
    code, said = house.refuse()
    assert code == 2
    assert "key.pem" in said
