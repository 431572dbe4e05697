"""What `vaxel doctor` shows. Returns the exit code: 0 nothing is wrong, 1 something is, 2 cannot be done."""

import sys
from pathlib import Path
from typing import Final

import msgspec

from engine.datafolder import DataFolder
from engine.doctor.checks import Diagnosis, examine
from engine.doctor.finding import Finding, Level, count
from engine.doctor.look import config_of, look

WELL: Final = 0
WRONG: Final = 1
CANNOT: Final = 2
COLOURS: Final[dict[Level, str]] = {"wrong": "bold red", "beware": "yellow"}
DO: Final = "  do: "


def doctor(config: Path | None, data: Path, *, as_json: bool) -> int:
    """Look, judge, show."""
    if DataFolder(data).closed:
        sys.stderr.write(f"{data} is closed to this user: run this as the user that runs Vaxel.\n")
        return CANNOT
    config = config or config_of(data)
    if config is None:
        sys.stderr.write(f"Nothing has run on {data} yet: name the configuration folder with --config.\n")
        return CANNOT
    diagnosis = examine(look(config, data))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(_plain(diagnosis))) + b"\n")
    elif sys.stdout.isatty():
        _colourful(diagnosis)
    else:
        for name, finding in diagnosis.found:
            sys.stdout.write(f"{finding.level} {name}: {finding.what}\n{DO}{finding.do}\n")
        sys.stdout.write(f"{_sum(diagnosis)}\n")
    return WELL if diagnosis.healthy else WRONG


def _plain(diagnosis: Diagnosis) -> dict[str, object]:
    found = [{"check": name, **msgspec.structs.asdict(finding)} for name, finding in diagnosis.found]
    return {"healthy": diagnosis.healthy, "found": found, "well": diagnosis.well}


def _colourful(diagnosis: Diagnosis) -> None:
    # Heavy; only people need it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if diagnosis.found:
        table = Table("", "where", "what", "what to do", box=None, padding=(0, 2, 1, 0), header_style="bold")
        for name, finding in diagnosis.found:
            style = COLOURS[finding.level]
            table.add_row(Text(finding.level, style), Text(name), Text(finding.what), Text(finding.do, "cyan"))
        console.print(table)
    console.print(Text(_sum(diagnosis), "green" if diagnosis.healthy else "bold red"))


def _sum(diagnosis: Diagnosis) -> str:
    def of(level: Level) -> list[Finding]:
        return [finding for _, finding in diagnosis.found if finding.level == level]

    parts = [f"{len(of('wrong'))} wrong", f"{len(of('beware'))} to beware of"] if diagnosis.found else []
    well = f"{count(len(diagnosis.well), 'check')} well: {', '.join(diagnosis.well)}"
    return "; ".join([*parts, well]) + "."
