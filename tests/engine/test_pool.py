"""Work in another process, which ends with the engine at whatever moment that is killed."""

import subprocess
import sys

import pytest

from engine import procfs
from tests.system.house import ROOT, until

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
