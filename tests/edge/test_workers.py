"""Which worker gets a call, and what happens when it does not take it."""

import time

from adapters.edge.configuration import WORKER_SILENT_MS
from adapters.sip.callers import EDGE_WAITS_S
from tests.edge.conftest import PASSWORD, TRUNK, next_call, until


async def ring(edge, open_phone, name="0701234567", called="0403410000"):
    """Let somebody ring by the trunk."""
    return await (await open_phone(name, host=TRUNK)).invite(edge.address, called)


def shut(edge, *names):
    """Let only the other workers get calls, as the engine does."""
    for name, address in edge.settings.workers:
        state = "dx" if name in names else "ap"
        edge.ask(str, "dispatcher.set_state", state, 1, f"sip:{address}")


async def test_calls_are_shared_out(edge, workers, open_phone):
    rung = []
    for number in range(6):
        await ring(edge, open_phone, f"070{number}")
        rung.append(await next_call(workers))
    assert sorted(call.phone.user for call in rung) == ["w1"] * 3 + ["w2"] * 3


async def test_only_workers_with_room_get_calls(edge, workers, open_phone):
    shut(edge, "w1")
    for number in range(4):
        await ring(edge, open_phone, f"070{number}")
        assert (await next_call(workers)).phone.user == "w2"
    shut(edge, "w1", "w2")
    final = await (await ring(edge, open_phone)).final()
    assert (final.status, final["Retry-After"]) == (503, "5")
    assert edge.count("refused_no_worker") == 1
    shut(edge)
    await ring(edge, open_phone)
    await next_call(workers)


async def test_a_full_worker_passes_the_call_on(edge, workers, open_phone):
    call = await ring(edge, open_phone)
    first = await next_call(workers)
    first.reject(503, "Full")
    second = await next_call(workers)
    assert second.phone is not first.phone
    assert second.messages[0]["X-Vaxel-Network"] == "operator"
    await second.answer()
    await call.response(200)
    call.bye()
    await second.end()


async def test_all_full(edge, workers, open_phone):
    call = await ring(edge, open_phone)
    for _ in range(2):
        (await next_call(workers)).reject(503, "Full")
    assert (await call.final()).status == 503


async def test_a_silent_worker_is_left_out(edge, workers, open_phone):
    """No answer in short time leads to the next; and nobody waits for the silent one again."""
    silent, other = workers
    shut(edge, other.user)
    await silent.close()
    shut(edge)
    begun, clock = time.monotonic(), time.clock_gettime(time.CLOCK_REALTIME)
    calls = [await ring(edge, open_phone, f"070{number}") for number in range(2)]
    sent = []
    for _ in calls:
        call = await other.next_call(5)
        sent += call.messages[0].all("X-Vaxel-Sent")
        await call.answer()
    assert clock + WORKER_SILENT_MS / 1000 - 0.2 < max(map(float, sent)) <= time.clock_gettime(time.CLOCK_REALTIME), (
        "for the worker that got it"
    )
    assert len(sent) == len(calls)
    assert EDGE_WAITS_S * 1000 == WORKER_SILENT_MS, "edge and worker agree on what has gone elsewhere"
    for call in calls:
        await call.response(200)
    assert time.monotonic() - begun < WORKER_SILENT_MS / 1000 + 1
    begun = time.monotonic()
    await ring(edge, open_phone)
    await other.next_call()
    assert time.monotonic() - begun < 0.5


async def test_what_the_worker_decides_is_the_end(edge, workers, open_phone):
    """404, 480, 603 are answers and no failures."""
    for status in (404, 480, 603):
        call = await ring(edge, open_phone)
        (await next_call(workers)).reject(status)
        assert (await call.final()).status == status
    assert all(worker.ringing.empty() for worker in workers)


async def test_a_caller_who_gives_up(edge, workers, open_phone):
    call = await ring(edge, open_phone)
    rung = await next_call(workers)
    rung.ring()
    await call.response(180)
    call.cancel()
    await rung.request("CANCEL")
    assert (await call.final()).status == 487


async def test_a_worker_sends_a_call_on_to_another(edge, workers, open_phone):
    """An agent's own INVITE that belongs with a live call finds the right worker."""
    phone = await open_phone("guide01")
    call = await phone.invite(edge.address, "0403410000")
    first = await next_call(workers)
    (other,) = [worker for worker in workers if worker is not first.phone]
    first.reject(302, "Moved", ("Contact", f"<sip:belongs-with-1@127.0.0.1:{other.address[1]}>"))
    second = await other.next_call()
    assert second.messages[0].start.startswith("INVITE sip:belongs-with-1@")
    assert second.messages[0]["X-Vaxel-Phone"] == "guide01"
    await second.answer()
    assert (await call.final()).status == 200


async def test_a_worker_sends_nobody_elsewhere(edge, workers, open_phone):
    phone = await open_phone("guide02")
    await phone.register(edge.address, PASSWORD)
    for target in (phone.uri, "sip:x@192.0.2.1", "sip:x@127.0.0.1", f"sip:x@127.0.0.1:{edge.settings.port}"):
        call = await ring(edge, open_phone)
        (await next_call(workers)).reject(302, "Moved", ("Contact", f"<{target}>"))
        final = await call.final()
        assert final.status == 480
        assert not final["Contact"]
    assert phone.ringing.empty()


async def test_no_call_goes_round_in_circles(edge, workers, open_phone):
    call = await ring(edge, open_phone)
    for _ in range(2):
        rung = await next_call(workers)
        (other,) = [worker for worker in workers if worker is not rung.phone]
        rung.reject(302, "Moved", ("Contact", f"<sip:x@127.0.0.1:{other.address[1]}>"))
    assert (await call.final()).status == 480


async def test_options_show_that_a_worker_lives(edge, workers, open_phone):
    """Without an engine: a worker that does not answer is left out until it does."""
    silent = workers[0]

    def flags():
        listed = edge.ask(dict, "dispatcher.list")
        places = [target["DEST"] for target in listed["RECORDS"][0]["SET"]["TARGETS"]]
        return {place["URI"]: place["FLAGS"][0] for place in places}

    address = f"sip:127.0.0.1:{silent.address[1]}"
    await until(lambda: flags()[address] == "A")
    silent.options = False
    await until(lambda: flags()[address] == "I", 15, "the silence to be noticed")
    silent.options = True
    await until(lambda: flags()[address] == "A", 15, "the worker to be back")
