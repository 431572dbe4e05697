"""Everything is replaced, part by part, while people talk and wait: nobody is cut off, nobody rings in vain."""

import asyncio

import pytest

from adapters.sip.reporting import generation_of, worker_of
from router import facts as f
from tests.sip.registrar import Registrar
from tests.system.crew import Crew, bye, ring, wait_in_line
from tests.system.house import House, until
from tests.system.test_api import ask, vaxel

AGENT = 550.0
CITIZEN = 1300.0
REGISTRAR = "127.0.0.5"


async def staffed(house, open_phone):
    """Return a crew whose phones are registered."""
    place = house.agent_phones[0]
    await asyncio.to_thread(house.register, *house.phones_at(place), at=place)
    return await Crew.at(house, open_phone, AGENT)


def workers(house):
    """Return the workers, by name, as the engine sees them."""
    return {one["name"]: one for one in ask(house, "GET", "/system")[1]["workers"]}


def contact_of(house, number):
    """Return the contact that came so-manieth."""
    return house.until_recorded(lambda record: record.of(f.ContactArrived)[number:])[0].contact


async def talking(house, open_phone, crew, number):
    """Let somebody talk with an agent, both ways; return the call and its worker."""
    call = await ring(house, open_phone, f"t{number}")
    rung = await crew.until_rung(number + 1)
    call.audio.say(CITIZEN)
    await call.audio.until_hears(AGENT)
    await rung.call.audio.until_hears(CITIZEN)
    contact = await asyncio.to_thread(contact_of, house, number)
    return call, rung.call, contact


async def drained(house, open_phone, crew, number):
    """Replace the worker of a talk; the talk goes on there to its end, and all others elsewhere."""
    call, agent, contact = await talking(house, open_phone, crew, number)
    name = worker_of(contact)
    done = await asyncio.to_thread(vaxel, house, "worker", "drain", name)
    assert done.returncode == 0, done.stderr
    await asyncio.to_thread(until, lambda: workers(house)[name]["draining"])
    for more in range(3):
        _, _, other = await talking(house, open_phone, crew, number + 1 + more)
        assert worker_of(other) != name
    await call.audio.until_hears(AGENT)
    await agent.audio.until_hears(CITIZEN)
    assert not call.ended
    assert not agent.ended
    old = house.pid(f"worker-{name[1:]}")
    bye(call)
    await agent.end()
    await asyncio.to_thread(until, lambda: house.pid(f"worker-{name[1:]}") not in (0, old), what="another worker")
    await asyncio.to_thread(until, lambda: workers(house)[name]["room"])
    assert workers(house)[name]["generation"] != generation_of(contact)


async def test_workers_and_engine_are_replaced_during_calls(start_house, open_phone):
    house: House = await asyncio.to_thread(start_house, 12)
    crew = await staffed(house, open_phone)
    await drained(house, open_phone, crew, 0)
    others = [rung.call for rung in crew.rung[1:]]
    assert not any(call.ended for call in others)
    engine = house.pid("engine")
    done = await asyncio.to_thread(vaxel, house, "restart")
    assert done.returncode == 0, done.stderr
    await asyncio.to_thread(until, lambda: house.pid("engine") not in (0, engine))
    await asyncio.to_thread(house.until_serving)
    for call in others:
        await call.audio.until_hears(CITIZEN)
    await talking(house, open_phone, crew, 4)
    status, refused = ask(house, "POST", "/workers/w9/drain", {})
    assert (status, refused["error_id"]) == (404, "unknown_worker")
    for rung in crew.rung:
        bye(rung.call)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert {fact.outcome for fact in record.of(f.ContactEnded)} == {"served"}


def test_the_last_worker_is_drained_only_if_that_is_meant(start_house, callers):
    house: House = start_house(1, workers=1)
    done = vaxel(house, "worker", "drain", "w1")
    assert done.returncode == 1
    assert "nobody could ring in" in done.stderr
    waiting = callers(house, "caller.xml", "queue", "-m", "1", "-d", "4000")
    house.until_recorded(lambda record: record.of(f.ContactQueued))
    old = house.pid("worker-1")
    assert "w1: draining" in vaxel(house, "worker", "drain", "w1", "--anyway").stdout
    assert "draining" in vaxel(house, "worker", "list").stdout
    waiting.finish()
    until(lambda: house.pid("worker-1") not in (0, old), 60, "another worker")
    house.until_serving()


@pytest.fixture
async def registrar():
    opened = await Registrar.open("city", REGISTRAR)
    yield opened
    await opened.close()


async def test_a_trunk_passes_on_when_its_worker_drains(make_house, open_phone, registrar, tmp_path):
    """Given back first, then taken: to the registrar both are the same contact."""
    password = tmp_path / "password"
    password.write_text(Registrar.accounts["city"])
    account = {"registrar": REGISTRAR, "user": "city", "password_file": str(password)}
    trunk = {"register": account, "port": registrar.address[1], "numbers": ["direct"]}
    house: House = make_house(1, {"vaxel": {"trunks": {"operator": trunk}}})
    await asyncio.to_thread(house.start)
    assert (await registrar.next(10))["Expires"] != "0"
    waiting = await wait_in_line(house, open_phone, 6)
    await asyncio.to_thread(until, lambda: workers(house)["w1"]["legs"])
    assert (await asyncio.to_thread(vaxel, house, "worker", "drain", "w1")).returncode == 0
    assert (await registrar.next(10))["Expires"] == "0"
    assert (await registrar.next(10))["Expires"] != "0"
    assert not any(call.ended for call in waiting)
    old = house.pid("worker-1")
    for call in waiting:
        bye(call)
    await asyncio.to_thread(until, lambda: house.pid("worker-1") not in (0, old), what="another worker")
    await asyncio.to_thread(until, lambda: workers(house)["w1"]["room"])
    assert ask(house, "GET", "/system")[1]["trunks"] == [{"name": "operator", "registered": True, "code": 200}]
    assert registrar.registers.empty(), "who came back leaves it where it is"
