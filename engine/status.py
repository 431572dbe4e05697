"""`vaxel status`: what the pid files and the kernel say; works without the engine."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from engine import procfs, records
from engine.datafolder import DataFolder

SAMPLE_S: Final = 0.2
MIB: Final = 1024 * 1024


def show(data: Path, console: Console | None = None) -> int:
    """Print a table of the processes; return 0 only if all of them and the supervisor run."""
    console = console or Console()
    folder = DataFolder(data)
    if folder.closed:
        console.print(f"{folder.root} is closed to this user: run this as the user that runs Vaxel")
        return 1
    known = records.read_all(folder)
    supervisor = folder.supervisor()
    if supervisor is None and not known:
        console.print(f"vaxel does not run on {folder.root}")
        return 1
    before = {record.name: record.living() for record in known}
    time.sleep(SAMPLE_S)
    table = Table("name", "pid", "up", "CPU", "RSS", "restarts", "last exit", box=None)
    if supervisor is None:
        table.add_row("supervisor", "[red]not running", "", "", "", "", "")
    elif (stat := procfs.stat(supervisor)) is not None:
        table.add_row("supervisor", str(supervisor), *_vitals(stat, None), "", "")
    all_run = supervisor is not None
    for record in known:
        stat = record.living()
        ending = str(record.restarts), record.last_exit
        if stat is None:
            all_run = False
            table.add_row(record.name, "[red]not running", "", "", "", *ending)
        else:
            table.add_row(record.name, str(record.pid), *_vitals(stat, before[record.name]), *ending)
    console.print(table)
    return 0 if all_run else 1


def _vitals(stat: procfs.Stat, before: procfs.Stat | None) -> tuple[str, str, str]:
    up = str(timedelta(seconds=int(procfs.age_s(stat.start))))
    cpu = "" if before is None else f"{(stat.cpu_s - before.cpu_s) / SAMPLE_S:.0%}"
    return up, cpu, f"{stat.rss_bytes / MIB:.0f} MiB"
