"""Codes of helpers: short-lived, kept as hashes, tried a few times only; against a real Redis."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import redis.asyncio

from adapters.redis.vault import PASSING, Vault
from engine import invitations
from engine.invitations import LASTS, WRONG_MAX, Invitations
from tests.redis.conftest import client, server

__all__ = ["client", "server"]

pytestmark = pytest.mark.system
NOBODY = ("", "")


class Clock:
    now = 1000.0


def spawn(_: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(work)


@pytest.fixture
def make(client: redis.asyncio.Redis) -> Callable[[], Invitations]:
    """Return what makes the codes' keeper, as each engine does."""
    return lambda: Invitations(Vault(client), lambda: Clock.now, spawn)


async def typed(known: Invitations, code: str) -> tuple[str, str]:
    """Return whose code was typed, and for which crisis."""
    answer: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
    known(code, lambda *found: answer.set_result(found))
    return await asyncio.wait_for(answer, 30)


def wrong(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


async def test_a_code_is_its_agents_for_one_crisis_and_outlives_an_engine(make: Callable[[], Invitations]) -> None:
    known = make()
    code, until = await known.invite("flood-0", "hans")
    other, _ = await known.invite("flood-0", "elin")
    assert until == Clock.now + LASTS
    assert await typed(make(), code) == ("hans", "flood-0")
    assert await typed(known, other) == ("elin", "flood-0")
    assert await typed(known, code) == ("hans", "flood-0"), "who logged out comes back with it"


async def test_nothing_that_is_kept_tells_it(make: Callable[[], Invitations], client: redis.asyncio.Redis) -> None:
    code, _ = await make().invite("flood-0", "hans")
    (key,) = await client.keys("vaxel:vault:invitation.*")
    kept = (await client.get(key)).decode()
    assert code[invitations.NAMED :] not in kept
    assert "$argon2id$" in kept
    assert 0 < await client.ttl(key) <= PASSING["code"]


async def test_who_guesses_gets_no_further_also_not_through_another_engine(make: Callable[[], Invitations]) -> None:
    known = make()
    code, _ = await known.invite("flood-0", "hans")
    for number in range(WRONG_MAX):
        assert await typed(make() if number % 2 else known, wrong(code)) == NOBODY
    assert await typed(known, code) == NOBODY
    assert known.refused > 0


async def test_wrong_ones_count_in_a_row_and_all_at_once(make: Callable[[], Invitations]) -> None:
    known = make()
    code, _ = await known.invite("flood-0", "hans")
    for _ in range(WRONG_MAX - 1):
        assert await typed(known, wrong(code)) == NOBODY
    assert await typed(known, code) == ("hans", "flood-0")
    tries = await asyncio.gather(*(typed(known, wrong(code)) for _ in range(WRONG_MAX)))
    assert set(tries) == {NOBODY}
    assert await typed(known, code) == NOBODY, "those that came at once were counted each"


async def test_it_ends_by_itself(make: Callable[[], Invitations], monkeypatch: pytest.MonkeyPatch) -> None:
    known = make()
    code, until = await known.invite("flood-0", "hans")
    monkeypatch.setattr(Clock, "now", until)
    assert await typed(known, code) == NOBODY


async def test_what_nobody_was_given_and_a_store_that_is_away_open_nothing() -> None:
    away = redis.asyncio.Redis(unix_socket_path="/nowhere/redis.sock")
    known = Invitations(Vault(away), lambda: Clock.now, spawn)
    assert await typed(known, "0123456789") == NOBODY
    assert known.refused == 1
    await away.aclose()
