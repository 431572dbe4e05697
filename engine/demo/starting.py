"""A Vaxel of the demonstration's own, where none runs: from an example, in a fresh folder, and open at whatever hour.

The configuration is copied, and in the copy every service is open round the clock: a city is to be seen being served,
and nobody tries a telephone system at ten in the morning only. Nothing else is changed, and the engine knows nothing.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from engine import greeting
from engine.config import ConfigError, Loaded, load
from engine.datafolder import DataFolder, DataFolderError
from engine.demo.checking import DemoError, check, runs

QUEUES: Final = "queues.yaml"
ROUND_THE_CLOCK: Final = {"mon-sun": "00:00-24:00"}
READY_WITHIN_S: Final = 120.0
STOP_WITHIN_S: Final = 20.0
EVERY_S: Final = 0.1
PREFIX: Final = "vaxel-demo-"

Tell = Callable[[str], None]


@contextlib.contextmanager
def started(config: Path, data: Path | None, tell: Tell) -> Iterator[Path]:
    """Start a Vaxel on a configuration; yield its data folder, a temporary one if none is given. Raises DemoError."""
    if os.geteuid() == 0:
        raise DemoError("Vaxel does not run as root: start the demonstration as an ordinary user")
    if data is not None and runs(data):
        raise DemoError(f"a Vaxel runs on {data} already: leave out --start")
    with tempfile.TemporaryDirectory(prefix=PREFIX) as temporary:
        folder = data or Path(temporary) / "data"
        copy = Path(temporary) / "config"
        check(_loaded(config))
        open_always(config, copy)
        loaded = _loaded(copy)
        tell(f"Starting Vaxel for {loaded.installation.city} in {folder} ...")
        with _supervised(copy, folder, loaded):
            yield folder


def open_always(config: Path, copy: Path) -> None:
    """Copy a configuration folder, with every service open round the clock."""
    shutil.copytree(config, copy)
    path = copy / QUEUES
    # As the configuration is read: every scalar is text (docs/decisions/0010)
    written: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader) or {}
    for tables in (written, written.get("queues") or {}):
        for name, value in tables.items():
            if name == "hours" and tables is written:
                tables[name] = dict.fromkeys(value, ROUND_THE_CLOCK)
            elif isinstance(value, dict) and isinstance(value.get("hours"), dict):
                value["hours"] = ROUND_THE_CLOCK
    path.write_text(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), "utf-8")


def _loaded(config: Path) -> Loaded:
    try:
        return load(config)
    except ConfigError as error:
        raise DemoError(f"{config} has mistakes, the first: {error.problems[0]}; see `vaxel check {config}`") from None


@contextlib.contextmanager
def _supervised(config: Path, data: Path, loaded: Loaded) -> Iterator[None]:
    """Let a supervisor run as long as the context."""
    try:
        folder = DataFolder(data)
        folder.prepare()
    except DataFolderError as error:
        raise DemoError(str(error)) from None
    argv = [sys.executable, "-m", "engine.supervisor", "--config", str(config), "--data", str(data)]
    with (folder.log / "demo-vaxel.log").open("w+") as out:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        try:
            _until_ready(process, folder, loaded, Path(out.name))
            yield
        finally:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until_ready(process: "subprocess.Popen[bytes]", folder: DataFolder, loaded: Loaded, log: Path) -> None:
    web = loaded.installation.web
    end = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end:
        seen = greeting.look(web.address, web.port)
        if seen.mark == folder.mark and seen.ready:
            return
        if process.poll() is not None:
            said = log.read_text(errors="replace").strip().rpartition("\n")[2].removeprefix("vaxel: ")
            raise DemoError(f"Vaxel could not be started: {said or 'it said nothing'}")
        time.sleep(EVERY_S)
    raise DemoError(f"Vaxel is not ready after {READY_WITHIN_S:g} s: `vaxel status --data {folder.root}` tells more")
