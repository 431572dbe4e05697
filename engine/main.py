"""The engine process: `python -m engine.main --config DIR --data DIR`. The supervisor starts and restarts it."""

import argparse
import asyncio
import gc
import logging
import signal
import sys
from pathlib import Path
from typing import Final

import uvloop

from adapters.redis.errors import StoreError
from adapters.speech import espeak, tones
from engine import logs
from engine.config import ConfigError, Loaded, in_force, load
from engine.datafolder import DataFolder, DataFolderError
from engine.house import House, Speech
from engine.publishing.texts import Unpublishable
from engine.publishing.versions import Versions
from engine.restoring import UnreadableImage
from engine.tasks import TaskDied
from engine.watching import Watching
from web.app import ServeError

log = logging.getLogger("vaxel.engine")

USAGE: Final = 2
"""Exit code for what only a person can mend; the supervisor shows the line and does not hurry to try again."""
DIED: Final = 1


def main() -> int:
    """Run one engine until it is told to stop; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m engine.main")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    folder = DataFolder(options.data)
    versions = Versions(options.config, folder.versions)
    try:
        folder.prepare()
        versions.finish()
        loaded = in_force(load(options.config))
    except (ConfigError, DataFolderError, Unpublishable) as error:
        sys.stderr.write(f"{error}\n")
        return DIED if versions.take_back(str(error)) else USAGE
    logs.set_up(loaded.installation.log_level)
    return uvloop.run(run(loaded, folder, versions))


async def run(loaded: Loaded, folder: DataFolder, versions: Versions) -> int:
    """Serve until SIGTERM, a task's death or the loss of the lead."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        settings = loaded.installation.speech
        files = await espeak.ensure(settings, folder.root)
        house = House(loaded, folder, Speech(files, tones.ensure(settings.rate, folder.root)))
        watching = Watching(house, versions, reload=stop.set)
        await watching.open()
        await house.open()
    except (StoreError, UnreadableImage, ServeError, espeak.SpeechError) as error:
        sys.stderr.write(f"{error}\n")
        # What was published last may be why: then the supervisor starts the next engine with what stood there before.
        return DIED if error.retryable or versions.take_back(str(error)) else USAGE
    watching.follow()
    gc.collect()
    gc.freeze()
    log.info("serving", extra={"action": "engine.serving", "epoch": house.epoch})
    try:
        await house.serve(stop)
    except TaskDied as death:
        log.critical("engine stops: %s", death, extra={"action": "engine.died"})
        return DIED
    finally:
        await watching.close()
        await house.close()
    log.info("stopped", extra={"action": "engine.stopped"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
