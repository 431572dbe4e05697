"""Houses of real processes, SIPp and phones; everything is ended with its test, and the logs of a failure shown."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest
import redis

from tests.sip.phone import Address, Phone
from tests.system.asking import ask
from tests.system.figures import MEASURED, told
from tests.system.house import AGENTS, CALLERS, House, until
from tests.system.office import BO, EXTENSION, Office, furnish
from tests.system.sipp import Sipp, until_bound

FACTS_SHOWN = 60
HOUSES = pytest.StashKey[list[House]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: it needs processes, sockets and Debian packages."""
    for item in items:
        if "tests/system/" in item.path.as_posix():
            item.add_marker(pytest.mark.system)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the ends of the processes' logs with a failure, and take along what was measured."""
    report = yield
    report.user_properties += [(MEASURED, text) for text in told]
    told.clear()
    if report.failed:
        for house in (house for node in item.listchain() for house in node.stash.get(HOUSES, [])):
            report.sections.append((f"logs of {house.folder.name}", house.logs()))
            with contextlib.suppress(redis.RedisError):
                report.sections.append((f"last facts of {house.folder.name}", house.record().last(FACTS_SHOWN)))
    return report


@pytest.fixture
def make_house(request: pytest.FixtureRequest) -> Iterator[Callable[..., House]]:
    """Return a function that makes houses, not started; see `House` for its arguments."""
    houses: list[House] = []
    request.node.stash[HOUSES] = houses

    def make(*arguments: Any, **options: Any) -> House:
        house = House(*arguments, **options)
        houses.append(house)
        return house

    yield make
    for house in houses:
        house.end()


@pytest.fixture
def start_house(make_house: Callable[..., House]) -> Callable[..., House]:
    """Return a function that makes a house and starts it."""

    def start(*arguments: Any, **options: Any) -> House:
        house = make_house(*arguments, **options)
        house.start()
        return house

    return start


@pytest.fixture(scope="module")
def shared_house() -> Iterator[House]:
    """Return a house with one agent, for tests that leave nothing behind in it."""
    house = House()
    try:
        house.start()
        yield house
    finally:
        house.end()


@pytest.fixture(scope="module")
def plain_house() -> Iterator[House]:
    """Return the like without an edge: its worker faces the callers itself."""
    house = House(edge=False)
    try:
        house.start()
        yield house
    finally:
        house.end()


@pytest.fixture
def callers() -> Iterator[Callable[..., Sipp]]:
    """Return a function that lets SIPp ring: house, scenario, number called, further options of SIPp."""
    started: list[Sipp] = []

    def ring(house: House, scenario: str, called: str, *options: str) -> Sipp:
        fixed = ("-s", called, "-i", CALLERS, "-mi", CALLERS)
        sipp = Sipp(scenario, house.folder, *fixed, *options, f"{house.sip[0]}:{house.sip[1]}")
        started.append(sipp)
        return sipp

    yield ring
    for sipp in started:
        sipp.end()


@pytest.fixture
def agents() -> Iterator[Callable[..., Sipp]]:
    """Return a function that lets SIPp be the agents at one address: house, scenario, further options of SIPp."""
    started: list[Sipp] = []

    def serve(house: House, scenario: str, *options: str, at: Address | None = None) -> Sipp:
        address = at or house.agent_phones[0]
        fixed = ("-i", AGENTS, "-mi", AGENTS, "-p", str(address[1]))
        if house.edge:
            house.register(*house.phones_at(address), at=address)
        sipp = Sipp(scenario, house.folder, *fixed, *options)
        started.append(sipp)
        until_bound(address)
        return sipp

    yield serve
    for sipp in started:
        sipp.end()


@pytest.fixture
async def open_phone() -> AsyncIterator[Callable[..., Any]]:
    """Return a function that opens phones, callers' on 127.0.0.2 unless told otherwise; they are closed at the end."""
    opened: list[Phone] = []

    async def open_one(user: str = "caller", at: Address = (CALLERS, 0)) -> Phone:
        phone = await Phone.open(user, *at)
        opened.append(phone)
        return phone

    yield open_one
    for phone in opened:
        await phone.close()
    await asyncio.sleep(0)


@pytest.fixture(scope="module")
def office_house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Return a house for the offices of a module's tests, furnished as its `FURNITURE` says; whatever happened there
    must have been in order."""
    house = furnish(**getattr(request.module, "FURNITURE", {}))
    try:
        house.start()
        until(lambda: ask(house, "POST", "/directory/destinations", {"to": EXTENSION[BO]})[1].get("record"))
        yield house
        house.check()
    finally:
        house.end()


@pytest.fixture
async def office(
    request: pytest.FixtureRequest, office_house: House, open_phone: Callable[..., Any]
) -> AsyncIterator[Office]:
    """Return an office in which nobody is in a call; after a test without a failure that must be so again."""
    request.node.stash[HOUSES] = [office_house]
    office = Office(office_house, open_phone)
    await office.open()
    yield office
    await office.close()
