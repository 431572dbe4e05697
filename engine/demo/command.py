"""`vaxel demo`: the arguments, the terminal, and a clean end."""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import uvloop
from msgspec import Struct
from rich.console import Console

from adapters.speech import espeak
from engine.demo import screen, summary, voices
from engine.demo.checking import City, DemoError, NotReady, alone, find
from engine.demo.running import Demonstration, Options
from engine.demo.screen import Lines, Objects, Output, Screen, Shown
from engine.demo.words import Teller, span
from engine.tasks import Tasks

WELL: Final = 0
UNSERVED: Final = 1
"""By some channel nobody was served."""
CANNOT: Final = 2
LOG: Final = "demo.log"
READY_WITHIN_S: Final = 60.0
LOOK_EVERY_S: Final = 0.5


class Asked(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    data: Path = Path("data")
    leave: tuple[str, ...] = ()
    """Agents who are left to people."""
    plain: bool = False
    as_json: bool = False
    options: Options = Options()


def demo(asked: Asked) -> int:
    """Demonstrate; return the exit code."""
    try:
        with contextlib.ExitStack() as stack:
            city = _found(asked)
            stack.enter_context(alone(city))
            output_log = stack.enter_context(_logged(city))
            _tell(f"{city.loaded.installation.city} begins to ring; what goes wrong stands in {output_log}.")
            gc.disable()  # as in a worker: cyclic collection could strike inside a callback of PJSIP
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_demonstrate(city, asked))
    except DemoError as error:
        sys.stderr.write(f"No demonstration: {error}.\n")
        return CANNOT
    except KeyboardInterrupt:
        return WELL


def _found(asked: Asked) -> City:
    """Return the city, once it is ready. Raises DemoError."""
    end = time.monotonic() + READY_WITHIN_S
    told = False
    while True:
        try:
            return find(asked.data, asked.leave)
        except NotReady:
            if time.monotonic() > end:
                raise
        if not told:
            _tell("Vaxel is still starting; the demonstration begins when it is ready ...")
            told = True
        time.sleep(LOOK_EVERY_S)


async def _demonstrate(city: City, asked: Asked) -> int:
    demonstration = Demonstration(city, asked.options, await _voices())
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    output = _output(asked, demonstration)
    demonstration.board.told.append(output.hear)
    drawing = Tasks()
    with output:
        _ = drawing.spawn("drawing", _draw(output, demonstration))
        try:
            await demonstration.run(stop)
        finally:
            await drawing.cancel()
    channels = demonstration.channels
    if asked.as_json:
        told = [json.dumps({"summary": summary.objects(channels), "left_out": channels.left_out})]
    else:
        told = [f"Ended after {span(demonstration.elapsed)}.", *summary.lines(channels)]
    sys.stdout.write("\n".join([*told, ""]))
    return UNSERVED if channels.unserved else WELL


async def _draw(output: Output, shown: Shown) -> None:
    while True:
        output.refresh(shown)
        await asyncio.sleep(screen.REFRESH_S)


def _output(asked: Asked, demonstration: Demonstration) -> Output:
    teller = Teller(demonstration.town, demonstration.names)
    if asked.as_json:
        return Objects(sys.stdout)
    console = Console(file=sys.stdout)
    if asked.plain or not console.is_terminal or console.is_dumb_terminal or console.width < screen.WIDTH_MIN:
        return Lines(teller, sys.stdout)
    return Screen(teller, console)


@contextlib.contextmanager
def _logged(city: City) -> Iterator[Path]:
    """Send what PJSIP and our own failures have to say into a file: standard error is the terminal."""
    path = city.folder.log / LOG
    before = sys.stderr
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w") as file:
        sys.stderr = file
        logging.basicConfig(stream=file, level=logging.WARNING, force=True)
        try:
            yield path
        finally:
            sys.stderr = before
            logging.basicConfig(handlers=[logging.NullHandler()], force=True)


async def _voices() -> voices.Voices:
    """Return people's voices; they are made once on a machine. Raises DemoError."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vaxel" / "demo"
    if not folder.exists():
        _tell("People learn to speak, once ...")
    try:
        return await voices.prepare(folder)
    except espeak.SpeechError as error:
        raise DemoError(str(error)) from error


def _tell(text: str) -> None:
    """Tell the one who asked, also while standard error goes to the log."""
    if sys.__stderr__ is not None:
        sys.__stderr__.write(f"{text}\n")
