"""How far an announcement is spoken, shown on a terminal while a command waits for it."""

import contextlib
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from engine.remote import Cannot

LOOK_EVERY: Final = 0.2
Send = Callable[[str, str], bytes]


def showing(ask: Callable[[], bytes], send: Send, console: Console) -> bytes:
    """Return the answer of `ask`, and show meanwhile in how many languages it is spoken; what `ask` raises is raised.

    `send` asks the engine, by method and path; an engine that does not answer is told of by `ask`.
    """
    with ThreadPoolExecutor(1, "asking") as pool:
        asked = pool.submit(ask)
        with contextlib.suppress(Cannot):
            _follow(asked, send, console)
        return asked.result()


def _follow(asked: Future[bytes], send: Send, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("Speaking the announcement", total=None, said="")
        while not wait((asked,), LOOK_EVERY).done:
            told = json.loads(send("GET", "/crises"))
            if told["speaking"]:
                said = f"{told['spoken']} of {told['speaking']} languages"
                shown.update(task, total=told["speaking"], completed=told["spoken"], said=said)
