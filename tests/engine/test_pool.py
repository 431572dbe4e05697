"""Work in another process: what becomes of it when nobody waits for it any more."""

import asyncio
import multiprocessing
import time
from concurrent.futures import BrokenExecutor

import pytest

from engine.pool import Pool

LONG_S = 600.0
SOON_S = 10.0


async def test_what_is_being_done_is_given_up_and_keeps_no_engine_from_ending() -> None:
    pool = Pool()
    assert await pool(abs, -1) == 1
    (process,) = multiprocessing.active_children()
    work = asyncio.get_running_loop().create_task(pool(time.sleep, LONG_S))
    await asyncio.sleep(0)
    pool.close()
    with pytest.raises(BrokenExecutor):
        await asyncio.wait_for(work, SOON_S)
    await asyncio.to_thread(process.join, SOON_S)
    assert not process.is_alive()
    assert await pool(abs, -2) == 2, "work that comes later begins another"
    pool.close()
