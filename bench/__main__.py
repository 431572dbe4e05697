"""The command: `python -m bench [ROW ...] [--quick]`."""

import argparse
import importlib
import os
import sys
import time
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench import calls, report
from bench.rows import Context, Group, Measured
from bench.system import Trouble
from bench.targets import TARGETS

MODULES: Final = (
    "bench.latency",
    "bench.media",
    "bench.resting",
    "bench.pipeline",
    "bench.api",
    "bench.chat",
    "bench.desks",
    "bench.mail",
    "bench.core",
    "bench.simulated",
    "bench.directory",
    "bench.history",
)


def groups() -> list[Group]:
    """Return all measurements in the order in which they run."""
    found = list(calls.GROUPS)
    for name in MODULES:
        found += importlib.import_module(name).GROUPS
    return found


def chosen(rows: list[str]) -> list[Group]:
    """Return the measurements that yield `rows`; a row that is not there stands for those that begin so."""
    return [group for group in groups() if not rows or any(_wanted(row, group) for row in rows)]


def _wanted(row: str, group: Group) -> bool:
    return row in group.keys if row in TARGETS else any(key.startswith(row) for key in group.keys)


def main() -> int:
    """Measure, print, and keep the results."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Vaxel as docs/performance.md says.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="such as call.cpu_ms, or its beginning; all by default")
    parser.add_argument("--quick", action="store_true", help="short runs: to see that it works, not for figures")
    parser.add_argument("--port", type=int, default=5060, help="SIP port on 127.0.0.1")
    parser.add_argument("--list", action="store_true", help="show the rows and how long each takes")
    options = parser.parse_args()
    console = Console()
    work = chosen(options.rows)
    if not work:
        console.print(f"No such row. There are: {', '.join(TARGETS)}")
        return 2
    seconds = sum(group.quick_seconds if options.quick else group.seconds for group in work)
    if options.list:
        for group in work:
            console.print(f"{group.seconds:5.0f} s  {', '.join(group.keys)}")
        return 0
    console.print(f"About {seconds / 60:.0f} min. The machine should do nothing else meanwhile.")
    if os.getloadavg()[0] > 0.5:
        console.print(f"[yellow]The machine is not quiet: load {os.getloadavg()[0]:.1f}.")
    rows, failed = _measure(work, options.quick, options.port, console)
    report.show(rows, console)
    return 1 if failed else 0


def _measure(work: list[Group], quick: bool, port: int, console: Console) -> tuple[dict[str, report.Row], bool]:
    about = report.machine()
    rows: dict[str, report.Row] = {}
    failed = False
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        total = sum(group.quick_seconds if quick else group.seconds for group in work)
        task = progress.add_task("", total=total)
        for group in work:
            title = ", ".join(group.keys)
            progress.update(task, description=title)
            begun = time.monotonic()

            def say(text: str, title: str = title) -> None:
                progress.update(task, description=f"{title}: {text}")

            found: list[Measured] = []
            try:
                found = group.run(Context(quick, port, say))
            except Trouble as trouble:
                failed = True
                console.print(f"[red]{title}: {trouble}")
            for measured in found:
                rows[measured.key] = report.row_of(measured, about, quick)
                report.show({measured.key: rows[measured.key]}, console)
            known = report.keep({measured.key: rows[measured.key] for measured in found})
            if not quick:
                report.write_page(known)
            progress.advance(task, group.quick_seconds if quick else group.seconds)
            console.print(f"[dim]{title}: {time.monotonic() - begun:.0f} s")
    return rows, failed


if __name__ == "__main__":
    sys.exit(main())
