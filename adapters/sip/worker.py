"""The SIP worker: `python -m adapters.sip.worker SETTINGS.msgpack`.

A media server that knows calls, players, recorders and bridges, but no queues. One thread: asyncio, with PJSIP's
descriptor as a reader. Exit codes: 0 stopped as told, 2 cannot start (one line on stderr says what to do).
"""

import asyncio
import faulthandler
import gc
import secrets
import signal
import sys
from typing import Final

import uvloop

from adapters.sip.calls import Calls
from adapters.sip.endpoint import Endpoint
from adapters.sip.errors import CannotStart
from adapters.sip.link import Switchboard
from adapters.sip.logs import log
from adapters.sip.native import SipError
from adapters.sip.settings import WorkerSettings
from adapters.sip.settings_check import read_settings

GOODBYE: Final = 0.7
"""Seconds for the answers to our BYEs, when the worker stops."""
TIDY_EVERY: Final = 60.0
"""Seconds between collections of cyclic garbage; automatic collection is off (it could strike inside a callback)."""


class Worker:
    """Puts the parts together, and takes them apart again."""

    def __init__(self, settings: WorkerSettings, loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self._loop = loop
        self._stop = asyncio.Event()
        generation = secrets.token_hex(4)
        self._endpoint = Endpoint(settings, loop)
        self._link = Switchboard(loop, settings.name, generation)
        self._calls = Calls(settings, generation, loop, self._endpoint, self._link, self._stop.set)

    async def run(self) -> None:
        """Serve until told to stop. Raises CannotStart."""
        self._loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        try:
            await self._link.listen(self._settings.socket, self._calls)
        except OSError as error:
            raise CannotStart(f"cannot listen on socket {self._settings.socket}: {error.strerror or error}") from None
        try:
            self._endpoint.start(self._calls)
            self._start_music()
            gc.collect()
            gc.freeze()
            self._loop.call_later(TIDY_EVERY, self._tidy)
            log("worker_started", worker=self._settings.name)
            await self._stop.wait()
            log("worker_stops", calls=self._endpoint.calls())
            self._calls.hang_up_all()
            await asyncio.sleep(GOODBYE)
        finally:
            self._link.close()
        self._endpoint.stop()
        log("worker_stopped")

    def _start_music(self) -> None:
        for name, path in self._settings.music.items():
            try:
                self._calls.sound.add_music(name, path)
            except SipError as error:
                raise CannotStart(f"music `{name}`: cannot play {path} ({error.reason}); give a mono WAV") from None

    def _tidy(self) -> None:
        gc.collect()
        self._loop.call_later(TIDY_EVERY, self._tidy)


async def _serve(settings: WorkerSettings) -> None:
    await Worker(settings, asyncio.get_running_loop()).run()


def main(arguments: list[str]) -> int:
    """Run a worker and return its exit code."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    try:
        settings = read_settings(arguments)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except CannotStart as error:
        sys.stderr.write(f"vaxel worker: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
