"""The engine's client against a real Kamailio: what it sees, what it sets, and whose calls it ends."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

from adapters.edge.client import LOOK_EVERY, EdgeClient, WorkerNow
from tests.edge.conftest import PASSWORD, TRUNK, next_call, until


class Desk:
    """Says what the workers are like, and keeps what it hears."""

    def __init__(self) -> None:
        self.now = {name: WorkerNow(room=True, generation="life") for name in ("w1", "w2")}
        self.phones: frozenset[str] | None = None

    def workers(self):
        return self.now

    def registered(self, phones):
        self.phones = phones

    def becomes(self, name, room, generation):
        """Change a worker."""
        self.now = self.now | {name: WorkerNow(room, generation)}


@contextlib.asynccontextmanager
async def looking(edge) -> AsyncIterator[tuple[EdgeClient, Desk]]:
    """Let a client look at an edge."""
    desk = Desk()
    client = EdgeClient(edge.settings, desk)
    task = asyncio.get_running_loop().create_task(client.run())
    try:
        await until(lambda: client.up or task.done())
        yield client, desk
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def shut(edge):
    """Return the workers that get no calls."""
    listed = edge.ask(dict, "dispatcher.list")
    places = [target["DEST"] for target in listed["RECORDS"][0]["SET"]["TARGETS"]]
    names = {f"sip:{address}": name for name, address in edge.settings.workers}
    return {names[place["URI"]] for place in places if place["FLAGS"].startswith("D")}


async def test_phones_are_known_within_a_second(edge, open_phone):
    first, second = await open_phone("guide01"), await open_phone("guide02", to=edge)
    await first.register(edge.address, PASSWORD)
    async with looking(edge) as (client, desk):
        assert desk.phones == {"guide01"}, "all at once, at the first look"
        await second.register(edge.address, PASSWORD)
        await until(lambda: desk.phones == {"guide01", "guide02"}, 1)
        await first.register(edge.address, PASSWORD, expires=0)
        await until(lambda: desk.phones == {"guide02"}, 1)
        await second.close()
        await until(lambda: not desk.phones, 3)
        assert client.up


async def test_calls_go_where_there_is_room(edge, workers, open_phone):
    async with looking(edge) as (client, desk):
        assert shut(edge) == set()
        desk.becomes("w1", False, "life")
        client.nudge()
        await until(lambda: shut(edge) == {"w1"}, LOOK_EVERY)
        desk.becomes("w1", None, None)
        await asyncio.sleep(2 * LOOK_EVERY)
        assert shut(edge) == {"w1"}, "nothing is changed while nothing is known"
        desk.becomes("w1", True, "life")
        await until(lambda: shut(edge) == set(), 2)


async def test_calls_of_a_dead_worker_are_ended_at_both_ends(edge, workers, open_phone):
    """One that a caller began, one to a phone, and one that rings at a phone; the other worker's go on."""
    phones = [await open_phone(name) for name in ("guide01", "guide02", "guide03")]
    for phone in phones:
        await phone.register(edge.address, PASSWORD)
    callers = [await open_phone(f"070{number}", host=TRUNK) for number in range(4)]
    async with looking(edge) as (client, desk):
        talking = []
        for caller in callers:
            call = await caller.invite(edge.address, "0403410000")
            rung = await next_call(workers)
            await rung.answer()
            await call.response(200)
            talking.append((call, rung))
        dead, alive = workers
        dialled = await dead.invite(edge.inner, "guide01")
        at_phone = await phones[0].next_call()
        await at_phone.answer()
        await dialled.response(200)
        await at_phone.request("ACK")
        ringing = await dead.invite(edge.inner, "guide02")
        still_ringing = await phones[1].next_call()
        still_ringing.ring()
        await ringing.response(180)
        kept = await alive.invite(edge.inner, "guide03")
        kept_at_phone = await phones[2].next_call()
        await kept_at_phone.answer()
        await kept.response(200)

        await dead.close()
        desk.becomes("w1", False, "")
        client.nudge()
        await at_phone.end()
        await still_ringing.request("CANCEL")
        for call, rung in talking:
            if rung.phone is dead:
                await call.end()
        await until(lambda: client.ended == 4)
        await asyncio.sleep(0.2)
        assert not kept_at_phone.ended
        assert not [call for call, rung in talking if rung.phone is alive and (call.ended or rung.ended)]
        await until(lambda: "w1-life" not in str(edge.ask(list, "htable.dump", "lives")))


async def test_a_new_life_ends_the_old_one(edge, workers, open_phone):
    """The worker was started again before anybody looked."""
    caller = await open_phone("0701", host=TRUNK)
    async with looking(edge) as (client, desk):
        old = await caller.invite(edge.address, "0403410000")
        rung = await next_call(workers)
        await rung.answer()
        await old.response(200)
        name = rung.phone.user
        rung.phone.parameters = f";worker={name}-next"
        desk.becomes(name, True, None)
        await asyncio.sleep(2 * LOOK_EVERY)
        assert not old.ended, "it may live"
        desk.becomes(name, True, "next")
        await old.end()
        await until(lambda: client.ended == 1)


async def test_a_caller_who_rings_at_a_dead_worker_may_ring_again(edge, workers, open_phone):
    caller = await open_phone("0701", host=TRUNK)
    async with looking(edge) as (client, desk):
        call = await caller.invite(edge.address, "0403410000")
        rung = await next_call(workers)
        rung.ring()
        await call.response(180)
        await rung.phone.close()
        desk.becomes(rung.phone.user, False, "")
        final = await call.final()
        assert (final.status, final["Retry-After"]) == (503, "1")
        await until(lambda: client.ended == 1)


async def test_the_edge_goes_and_comes_back(edge, workers, open_phone):
    phone = await open_phone("guide01")
    await phone.register(edge.address, PASSWORD)
    await until(lambda: "CS_SYNC" in str(edge.ask(dict, "ul.lookup", "location", "guide01")), what="it to be written")
    async with looking(edge) as (client, desk):
        desk.becomes("w2", False, "life")
        await until(lambda: shut(edge) == {"w2"})
        edge.kill()
        await until(lambda: not client.up, 2)
        assert desk.phones == set(), "nobody can be rung now"
        edge.start()
        await until(lambda: client.up, 2)
        assert desk.phones == {"guide01"}
        await until(lambda: shut(edge) == {"w2"}, 2)


async def test_an_edge_that_hangs_is_away(edge):
    async with looking(edge) as (client, desk):
        os.killpg(edge.pid, signal.SIGSTOP)
        try:
            await until(lambda: not client.up, 5)
        finally:
            os.killpg(edge.pid, signal.SIGCONT)
        await until(lambda: client.up, 5)
        assert desk.phones == set()


async def test_a_phone_behind_nat_hears_that_its_call_is_over(edge, workers, open_phone):
    """The edge's own BYE goes to where the phone speaks from, not to what its Contact says."""
    phone, caller = await open_phone("guide01"), await open_phone("guide02")
    phone.contact_uri, caller.contact_uri = "sip:guide01@192.0.2.77:5060", "sip:guide02@192.0.2.78:5060"
    await phone.register(edge.address, PASSWORD)
    async with looking(edge) as (client, desk):
        dialled = await workers[0].invite(edge.inner, "guide01")
        rung = await phone.next_call()
        await rung.answer()
        await dialled.response(200)
        await rung.request("ACK")
        edge.ask(str, "dispatcher.set_state", "dx", 1, f"sip:127.0.0.1:{workers[1].address[1]}")
        call = await caller.invite(edge.address, "0403410000")
        await (await workers[0].next_call()).answer()
        await call.response(200)
        await workers[0].close()
        desk.becomes("w1", False, "")
        client.nudge()
        await rung.end()
        await call.end()
