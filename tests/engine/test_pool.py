"""Work in another process, which ends with the engine: at whatever moment that is killed, and when it is closed."""

import asyncio
import multiprocessing
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor

import pytest

from engine import procfs
from engine.pool import Pool
from tests.system.house import ROOT, until

LONG_S = 600.0
SOON_S = 10.0
ENGINE = """
import asyncio, multiprocessing, sys, time
from engine.pool import Pool

async def live():
    pool = Pool()
    if sys.argv[1] == "at work":
        await pool(time.sleep, 0)
    work = asyncio.ensure_future(pool(time.sleep, 60))
    await asyncio.sleep(0)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    await work

if __name__ == "__main__":
    asyncio.run(live())
"""


@pytest.mark.parametrize("moment", ["being made", "at work"])
def test_it_ends_with_the_engine(moment: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    script = tmp_path_factory.mktemp("pool") / "engine_that_dies.py"
    script.write_text(ENGINE)
    argv = [sys.executable, str(script), moment]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, text=True) as engine:
        assert engine.stdout is not None
        (child,) = map(int, engine.stdout.readline().split())
        engine.kill()
        engine.wait()
        until(lambda: procfs.stat(child) is None, what="the process of the pool to end")


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
