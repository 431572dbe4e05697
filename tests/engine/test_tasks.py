"""Tasks that live long, and how they end."""

import asyncio
import contextlib

import pytest

from engine.tasks import Tasks


async def test_all_end_though_one_has_lost_its_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.tasks.CANCEL_AGAIN_S", 0.01)
    tasks = Tasks()

    async def work() -> None:
        with contextlib.suppress(asyncio.CancelledError):  # as asyncio.wait_for does before Python 3.12, now and then
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    _ = tasks.spawn("loses one", work())
    _ = tasks.spawn("hears of it", asyncio.sleep(3600))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await tasks.cancel()
    assert tasks.names() == []


async def test_what_is_begun_while_others_end_ends_too() -> None:
    tasks = Tasks()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            _ = tasks.spawn("a last word", asyncio.sleep(3600))

    _ = tasks.spawn("speaks at its end", work())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await tasks.cancel()
    assert tasks.names() == []
