"""A page at somebody's home, behind a router that translates addresses, from where no way leads to the workers."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from router import facts as f
from tests.far.networks import APART, DEBUGGING_PORT, PUBLIC, WITHIN, Town
from tests.long.test_browser_phone_tls import key_of
from tests.system.conftest import open_phone
from tests.system.house import House
from tests.system.pagephone import ANNA, CITIZEN, open_house, pages, talk, until_back
from tests.system.test_certificates import secured

__all__ = ["open_phone"]
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(APART not in os.environ, reason="run by tests/long/test_from_afar.py"),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
    pytest.mark.skipif(shutil.which("turnserver") is None, reason="coturn is not installed"),
]
OpenPages = Callable[[House], AbstractAsyncContextManager[Any]]
PATIENCE_S = 6.0


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    town = Town()
    yield town
    town.end()


def open_far_house(request: pytest.FixtureRequest, *, turn: bool) -> Any:
    """Run a house that is open to the town, and whose workers take pages' sound where the town has no way to."""
    browsers = {"address": WITHIN} | ({"turn": {"relay_ports": "32000-32099"}} if turn else {})
    changes = {"vaxel": {"demo": False, "sip": {"address": PUBLIC, "browsers": browsers}, "web": {"address": PUBLIC}}}

    def furnish(house: House) -> None:
        house.sip, house.web = (PUBLIC, house.sip[1]), (PUBLIC, house.web[1])
        secured(house)

    return open_house(request, changes, furnish)


@pytest.fixture
async def at_home(town: Town, tmp_path: Path, open_phone: Any) -> AsyncIterator[OpenPages]:
    """Return how to run a browser at home."""
    socket = tmp_path / "browser"
    leading = town.lead(socket)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket))) as session:

            def run(house: House) -> AbstractAsyncContextManager[Any]:
                trusted = key_of(house.folder / "tls" / "cert.pem")
                options = (
                    f"--remote-debugging-port={DEBUGGING_PORT}",
                    f"--ignore-certificate-errors-spki-list={trusted}",
                )
                return pages(house, session, tmp_path, *options, inside=town.home.inside)

            yield run
    finally:
        leading.kill()
        leading.wait()


async def test_through_the_relay_both_hear_each_other(request, town, at_home, open_phone):
    with open_far_house(request, turn=True) as house:
        async with at_home(house) as sign_in:
            page = await sign_in()
            for way, forbid in (("udp", town.allow_udp), ("tcp", town.forbid_udp)):
                forbid()
                citizen = await talk(house, page, open_phone)
                await page.hears_tone(CITIZEN)
                pair = (await page.stats())["pair"]
                assert (pair["candidateType"], pair["relayProtocol"]) == ("relay", way)
                await page.press("Hang up")
                await citizen.end(within=5)
            town.allow_udp()
        assert "198.51.100.2" not in house.log("turn")


async def test_a_relay_that_dies_in_a_call(request, town, at_home, open_phone):
    """The page notices that the sound broke off, and lets itself be called back, by the next relay."""
    with open_far_house(request, turn=True) as house:
        async with at_home(house) as sign_in:
            page = await sign_in()
            citizen = await talk(house, page, open_phone)
            began = time.monotonic()
            house.kill("turn")
            await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.AgentCalledBack), 15)
            await until_back(page, citizen, began)
            await page.press("Hang up")
            await citizen.end(within=5)


async def test_without_a_relay_they_do_not(request, at_home, open_phone):
    with open_far_house(request, turn=False) as house:
        async with at_home(house) as sign_in:
            page = await sign_in()
            citizen = await (await open_phone("0701234567")).invite(house.sip, "direct")
            page.citizens.append(citizen)
            await page.press("Take it")
            await citizen.response(200)
            with pytest.raises(AssertionError):
                await citizen.audio.until_hears(ANNA, within=PATIENCE_S)
