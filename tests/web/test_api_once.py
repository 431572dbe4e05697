"""A request that is sent twice is carried out once, whatever breaks in between."""

import asyncio
from typing import Any

import msgspec
import pytest

from tests.web.house import Reception, Told

PAUSE = "/agents/guide01/pause"
LUNCH = {"reason": "lunch"}


async def pause(house: Reception, key: str = "k1", body: Any = None, **more: Any) -> Told:
    return await house.post(PAUSE, json=body or LUNCH, headers={"Idempotency-Key": key}, **more)


async def test_a_repeat_gets_the_same_answer_and_does_nothing(house: Reception) -> None:
    first = await pause(house)
    await house.post("/agents/guide01/ready")
    entries = len(house.journal.store.entries)
    again = await pause(house)
    assert (again.status, again.body) == (first.status, first.body)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(house.journal.store.entries) == entries
    assert type(house.state.agents["guide01"]).__name__ == "Ready"


async def test_without_a_key_it_is_carried_out_again(house: Reception) -> None:
    for _ in range(2):
        await house.post(PAUSE, json=LUNCH)
        await house.post("/agents/guide01/ready")
        assert type(house.state.agents["guide01"]).__name__ == "Ready"
    assert sum(b"agent_paused" in data for _, data in house.journal.store.entries) == 2


async def test_a_refusal_is_repeated_too(house: Reception) -> None:
    first = await house.post("/agents/guide01/log-in", headers={"Idempotency-Key": "k"})
    await house.post("/agents/guide01/log-out")
    again = await house.post("/agents/guide01/log-in", headers={"Idempotency-Key": "k"})
    assert (first.status, first.error) == (again.status, again.error) == (409, "agent_logged_in")


async def test_a_refusal_worth_another_try_is_not_kept(house: Reception) -> None:
    await house.post(PAUSE, json=LUNCH)
    contact = await house.waits()
    await house.post("/agents/guide01/ready")
    path, key = f"/contacts/{contact}/call-back", {"Idempotency-Key": "k"}
    assert (await house.post(path, headers=key)).error == "being_offered"
    await house.post(f"/offers/{contact}.1/decline")
    await house.post(PAUSE, json=LUNCH)
    assert (await house.post(path, headers=key)).status == 204


@pytest.mark.parametrize(
    ("path", "body", "role"),
    [
        (PAUSE, {"reason": "break"}, "admin"),
        ("/agents/guide02/pause", LUNCH, "admin"),
        ("/agents/guide01/ready", None, "admin"),
    ],
)
async def test_a_key_belongs_to_one_request(house: Reception, path: str, body: Any, role: Any) -> None:
    await pause(house)
    told = await house.post(path, json=body, headers={"Idempotency-Key": "k1"}, role=role)
    assert (told.status, told.error) == (422, "key_reused")


async def test_the_same_key_of_another_token_is_another_key(house: Reception) -> None:
    await pause(house)
    told = await pause(house, body={"reason": "break"}, role="supervisor")
    assert (told.status, told.json["pause"]) == (200, "break")


@pytest.mark.parametrize("key", ["", " ", '""', "x" * 256, "nyckel-å"])
async def test_a_bad_key(house: Reception, key: str) -> None:
    assert (await pause(house, key)).error == "key_bad"


async def test_a_repeat_during_the_first_waits_for_its_answer(house: Reception) -> None:
    house.journal.held = []
    first = asyncio.ensure_future(pause(house))  # noqa: TID251 - a client
    await house.until(lambda: house.journal.held)
    second = asyncio.ensure_future(pause(house))  # noqa: TID251 - a client
    other = await pause(house, body={"reason": "break"})
    assert other.error == "key_reused"
    assert not first.done()
    assert not second.done()
    house.journal.release()
    told = await asyncio.gather(first, second)
    assert told[0].body == told[1].body
    assert sum(b"agent_paused" in data for _, data in house.journal.store.entries) == 1


async def test_a_repeat_does_not_wait_for_ever(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.once.WAIT_S", 0.01)
    house.journal.held = []
    first = asyncio.ensure_future(pause(house))  # noqa: TID251 - a client
    await house.until(lambda: house.journal.held)
    told = await pause(house)
    assert (told.status, told.error, told.json["retryable"]) == (409, "in_progress", True)
    house.journal.release()
    assert (await first).status == 200


async def test_an_answer_leaves_only_once_it_is_kept(house: Reception) -> None:
    house.journal.held = []
    asked = asyncio.ensure_future(house.post(PAUSE, json=LUNCH))  # noqa: TID251 - a client
    await house.until(lambda: house.journal.held)
    looked = asyncio.ensure_future(house.get("/agents/guide01"))  # noqa: TID251 - a client
    await asyncio.sleep(0.05)
    assert not asked.done()
    assert not looked.done(), "it would tell of what is not kept"
    house.journal.release()
    assert (await looked).json["pause"] == (await asked).json["pause"] == "lunch"


async def test_after_a_crash_in_between_nobody_knows_and_nothing_is_done_twice(house: Reception) -> None:
    await pause(house)
    ((key, record),) = house.store.kept.items()
    house.store.kept[key] = msgspec.msgpack.encode([msgspec.msgpack.decode(record)[0], None])
    await house.post("/agents/guide01/ready")
    told = await pause(house)
    assert (told.status, told.error, told.json["retryable"]) == (409, "outcome_unknown", False)
    assert type(house.state.agents["guide01"]).__name__ == "Ready"


async def test_the_next_engine_gives_the_same_answer(house: Reception) -> None:
    first = await pause(house)
    async with Reception.open() as other:
        other.store.kept = house.store.kept
        again = await pause(other)
        assert again.body == first.body
        assert type(other.state.agents["guide01"]).__name__ == "Ready"


async def test_while_the_store_is_away_keys_are_held_in_memory(house: Reception) -> None:
    house.store.away, house.journal.degraded = True, True
    first = await pause(house)
    assert (first.status, first.headers["Vaxel-Journal"]) == (200, "degraded")
    await house.post("/agents/guide01/ready")
    again = await pause(house)
    assert again.body == first.body
    assert (await pause(house, body={"reason": "break"})).error == "key_reused"
    house.store.away = house.journal.degraded = False
    assert (await pause(house)).body == first.body
    assert house.store.kept == {}
    assert type(house.state.agents["guide01"]).__name__ == "Ready"


async def test_a_store_that_goes_away_in_between(house: Reception) -> None:
    house.journal.held = []
    asked = asyncio.ensure_future(pause(house))  # noqa: TID251 - a client
    await house.until(lambda: house.journal.held)
    house.store.away = True
    house.journal.release()
    first = await asked
    assert (await pause(house)).body == first.body
