"""What one source may do: floods, oversize, nonsense. The others do not notice."""

import asyncio
import random

from adapters.edge.settings import QUIET, Limits, Trunk
from tests.edge.conftest import PASSWORD, STRANGER, TRUNK, next_call, standing, until
from tests.edge.test_routing import request


async def serves(edge, open_phone):
    """Tell that phones are served."""
    phone = await open_phone("guide03")
    return (await phone.register(edge.address, PASSWORD)).status == 200


async def test_a_flood_is_not_heard(start_edge, open_phone):
    edge = start_edge(limits=Limits(requests_per_second=10))
    stranger = await open_phone(host=STRANGER)
    for _ in range(8):
        for _ in range(50):
            stranger.send(request("OPTIONS", stranger, edge).encode(), edge.address)
        await asyncio.sleep(0.05)
    await until(lambda: edge.count("refused_flood") > 100)
    assert await serves(edge, open_phone)
    await asyncio.sleep(4.5)  # two of the intervals by which it counts
    stranger.strays.clear()
    stranger.send(request("OPTIONS", stranger, edge).encode(), edge.address)
    await until(lambda: stranger.strays, what="the stranger to be heard again")


async def test_a_trunk_has_its_own_measure(start_edge, open_phone):
    edge = start_edge(
        limits=Limits(requests_per_second=2),
        trunks=(Trunk(name="operator", sources=(f"{TRUNK}/32",), calls_per_second=5),),
    )
    async with standing(edge) as workers:
        caller = await open_phone("0701", host=TRUNK)
        calls = [await caller.invite(edge.address, "0403410000") for _ in range(20)]
        await until(lambda: edge.count("refused_rate") >= 10)
        await until(lambda: any(message.status == 503 for call in calls for message in call.messages))
        refused = [message for call in calls for message in call.messages if message.status == 503]
        assert {message["Retry-After"] for message in refused} == {"5"}
        taken = sum(len(worker.calls) for worker in workers)
        assert 5 <= taken <= 10
        assert edge.count("refused_flood") == 0


async def test_oversize(start_edge, open_phone):
    edge = start_edge(log_level=QUIET)
    stranger = await open_phone(host=STRANGER)
    message = request("OPTIONS", stranger, edge)
    message.body = "x" * 20_000
    stranger.send(message.encode(), edge.address)
    await until(lambda: stranger.strays)
    assert stranger.strays[0].status == 513
    assert edge.count("refused_size") == 1
    over_tcp = await open_phone(host=STRANGER, to=edge)
    message.body = "x" * 200_000
    over_tcp.send(message.encode(), edge.address)
    assert await serves(edge, open_phone)


async def test_nonsense_hurts_nobody_and_stays_out_of_the_log(start_edge, open_phone):
    edge = start_edge(log_level=QUIET)
    stranger, over_tcp = await open_phone(host=STRANGER), await open_phone(host=STRANGER, to=edge)
    chance = random.Random(7)
    whole = request("INVITE", stranger, edge).encode()
    for number in range(300):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        stranger.send(bytes(data if number % 3 else data[: chance.randrange(len(data))]), edge.address)
        if number % 30 == 0:
            over_tcp.send(bytes(data), edge.address)
            await asyncio.sleep(0.05)
    assert await serves(edge, open_phone)
    assert "guide0" not in edge.log.read_text(errors="replace")


async def test_missing_headers_are_malformed(start_edge, open_phone):
    edge = start_edge(log_level=QUIET)
    stranger = await open_phone(host=STRANGER)
    for name in ("Call-ID", "CSeq", "From", "To"):
        message = request("OPTIONS", stranger, edge)
        message.headers = [header for header in message.headers if header[0] != name]
        stranger.send(message.encode(), edge.address)
    assert await serves(edge, open_phone)
    assert not [answer for answer in stranger.strays if answer.status == 200]


async def test_the_inner_port_hears_workers_only(edge, workers, open_phone):
    posing = await open_phone("w1", host="127.0.0.1")
    phone = await open_phone("guide01")
    await phone.register(edge.address, PASSWORD)
    await posing.invite(edge.inner, "guide01")
    await until(lambda: edge.count("refused_stranger") == 1)
    assert phone.ringing.empty()


async def test_numbers_a_trunk_does_not_serve(start_edge, open_phone):
    edge = start_edge(trunks=(Trunk(name="operator", sources=(f"{TRUNK}/32",), numbers=("0403410000", "0403410100")),))
    async with standing(edge) as workers:
        caller = await open_phone("0701", host=TRUNK)
        assert (await (await caller.invite(edge.address, "0403419999")).final()).status == 404
        assert edge.count("refused_number") == 1
        await caller.invite(edge.address, "0403410100")
        await next_call(workers)


async def test_loops_end(edge, open_phone):
    stranger = await open_phone(host=STRANGER)
    message = request("OPTIONS", stranger, edge)
    message.headers = [(name, "0" if name == "Max-Forwards" else value) for name, value in message.headers]
    stranger.send(message.encode(), edge.address)
    await until(lambda: stranger.strays)
    assert stranger.strays[0].status == 483
