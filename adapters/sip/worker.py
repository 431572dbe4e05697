"""The SIP worker: `python -m adapters.sip.worker SETTINGS.msgpack`.

A media server that knows calls, players, recorders and bridges, but no queues. One thread: asyncio, with PJSIP's
descriptor as a reader. Exit codes: 0 stopped as told, 2 cannot start (one line on stderr says what to do).
"""

import asyncio
import faulthandler
import gc
import os
import secrets
import signal
import sys
import time
from typing import Any, Final

import uvloop

from adapters.sip.admission import Admission
from adapters.sip.callers import Callers
from adapters.sip.calls import Calls
from adapters.sip.commands import Commands
from adapters.sip.endpoint import Endpoint
from adapters.sip.errors import CannotStart
from adapters.sip.link import EngineLink
from adapters.sip.logs import log, report_failure
from adapters.sip.native import SipError
from adapters.sip.protocol import Beat, Command, Leg, Trunk
from adapters.sip.settings import WorkerSettings
from adapters.sip.settings_check import raise_descriptor_limit, read_settings
from adapters.sip.trunks import Trunks

GOODBYE: Final = 3.0
"""Seconds at most for the answers to our BYEs and to what takes trunks' registrations back, and for recordings to be
complete, when the worker stops."""
LOOK_EVERY: Final = 0.01
TIDY_EVERY: Final = 60.0
"""Seconds between collections of cyclic garbage; automatic collection is off (it could strike inside a callback)."""


class Worker:
    """Puts the parts together and takes them apart again; what an engine is served with, as `link.Served`."""

    def __init__(self, settings: WorkerSettings, loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self._loop = loop
        self._told_to_stop = asyncio.Event()
        self._stop_when_empty = False
        generation = secrets.token_hex(4)
        link = self._link = EngineLink(loop, settings.name, generation)
        endpoint = self._endpoint = Endpoint(settings, loop, f"{settings.name}-{generation}")
        admission = Admission(settings)
        calls = self._calls = Calls(loop, link, endpoint.rest, settings.rtp_timeout, self._emptied)
        self._callers = Callers(settings, generation, loop, calls, link, admission)
        self._trunks = Trunks(loop, link, endpoint.registration)
        self._commands = Commands(settings, loop, calls, endpoint, link, admission, self._trunks)

    async def run(self) -> None:
        """Serve until told to stop. Raises CannotStart."""
        self._loop.add_signal_handler(signal.SIGTERM, self._told_to_stop.set)
        self._loop.set_exception_handler(_loop_callback_failed)
        try:
            await self._link.listen(self._settings.socket, self)
        except OSError as error:
            raise CannotStart(f"cannot listen on socket {self._settings.socket}: {error.strerror or error}") from None
        try:
            self._endpoint.start(self._callers)
            self._start_music()
            gc.collect()
            gc.freeze()
            self._loop.call_later(TIDY_EVERY, self._tidy)
            log("worker_started", worker=self._settings.name)
            await self._told_to_stop.wait()
            log("worker_stops", calls=self._endpoint.calls())
            self._callers.draining = True
            self._trunks.stop()
            self._calls.stop()
            await self._goodbye()
        finally:
            self._link.close()
        self._endpoint.stop()
        log("worker_stopped")

    # ---- what the engine is served with ------------------------------------------------------------------------

    @property
    def draining(self) -> bool:
        """Whether no new calls are admitted."""
        return self._callers.draining

    def execute(self, command: Command) -> None:
        """Carry out one command."""
        self._commands.execute(command)

    def picture(self) -> tuple[Leg, ...]:
        """Return all legs as they are now."""
        return self._calls.picture()

    def trunks(self) -> tuple[Trunk, ...]:
        """Return the trunks enlisted here."""
        return self._trunks.picture()

    def beat(self) -> Beat:
        """Return the figures of a heartbeat."""
        callers = self._callers
        figures = callers.admitted, callers.rejected, callers.room(), self._calls.texts.dropped
        return Beat(len(self._calls.legs), time.process_time(), *figures)

    def drain(self, stop: bool) -> None:
        """Admit no new calls and leave the trunks; stop when no call is left if `stop`."""
        self._callers.draining = True
        self._stop_when_empty = stop
        self._trunks.stop()
        log("draining", legs=len(self._calls.legs))
        if not self._calls.legs:
            self._emptied()

    def engine_came(self) -> None:
        """Callers who waited for an engine have one."""
        self._callers.engine_came()

    def engine_went(self) -> None:
        """Callers who are not answered wait for the next engine."""
        self._callers.engine_went()

    # ---- inside ------------------------------------------------------------------------------------------------

    async def _goodbye(self) -> None:
        end = self._loop.time() + GOODBYE
        while self._has_to_do() and self._loop.time() < end:  # noqa: ASYNC110 - of three kinds
            await asyncio.sleep(LOOK_EVERY)
        await asyncio.sleep(LOOK_EVERY)  # what was told last leaves

    def _has_to_do(self) -> bool:
        return bool(self._endpoint.calls() or self._calls.recordings.closing or self._trunks.picture())

    def _emptied(self) -> None:
        if self._stop_when_empty:
            self._told_to_stop.set()

    def _start_music(self) -> None:
        for name, path in self._settings.music.items():
            try:
                self._calls.sound.add_music(name, path)
            except SipError as error:
                raise CannotStart(f"music `{name}`: cannot play {path} ({error.reason}); give a mono WAV") from None

    def _tidy(self) -> None:
        gc.collect()
        self._loop.call_later(TIDY_EVERY, self._tidy)


def _loop_callback_failed(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    report_failure("event_loop", context.get("exception"))


async def _serve(settings: WorkerSettings) -> None:
    await Worker(settings, asyncio.get_running_loop()).run()


def main(arguments: list[str]) -> int:
    """Run a worker and return its exit code."""
    faulthandler.enable()
    sys.unraisablehook = lambda failure: report_failure("unraisable", failure.exc_value)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)  # recordings are nobody else's
    gc.disable()
    try:
        settings = read_settings(arguments)
        raise_descriptor_limit(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except CannotStart as error:
        sys.stderr.write(f"vaxel worker: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
