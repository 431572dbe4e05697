"""Results: bench/results/latest.json, a table on the terminal and in docs/performance.md."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.rows import Measured
from bench.targets import TARGETS, Target

ROOT: Final = Path(__file__).parents[1]
LATEST: Final = ROOT / "bench" / "results" / "latest.json"
PAGE: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- bench: begin (written by `make bench`) -->"
END: Final = "<!-- bench: end -->"

Row = dict[str, Any]


def machine() -> Row:
    """Describe the machine without naming it."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory_kib = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kib / 1024 / 1024, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "redis": _version("redis-server", "--version"),
        "sipp": _version("sipp", "-v"),
        "load_before": round(os.getloadavg()[0], 2),
    }


def row_of(measured: Measured, about: Row, quick: bool) -> Row:
    """Return a row as it is stored."""
    target = TARGETS[measured.key]
    names = target.parts or ("value",)
    single = len(names) == 1 and not target.parts

    def shape(values: Iterable[Any]) -> Any:
        found = list(values)
        return found[0] if single else dict(zip(names, found, strict=False))

    return {
        "value": shape(_rounded(value) for value in measured.value),
        "unit": target.unit,
        "spread": shape([_rounded(low), _rounded(high)] for low, high in measured.spread),
        "repeats": [shape(_rounded(value) for value in repeat) for repeat in measured.repeats],
        "commands": list(measured.commands),
        "counted": measured.counted,
        "detail": {name: _rounded(value) for name, value in measured.detail.items()},
        "note": measured.note,
        "peer": target.peer,
        "target": target.reach,
        "reached": reached(target, measured.value),
        "quick": quick,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": about,
    }


def reached(target: Target, values: Iterable[float]) -> bool:
    """Tell whether every part is within its limit."""
    pairs = list(zip(values, target.limits, strict=False))
    return all(value >= limit if target.at_least else value <= limit for value, limit in pairs)


def keep(rows: dict[str, Row]) -> dict[str, Row]:
    """Put the new rows in place of the old ones and return all."""
    try:
        known = json.loads(LATEST.read_text())["rows"]
    except (OSError, ValueError, KeyError):
        known = {}
    known |= rows
    ordered = {key: known[key] for key in TARGETS if key in known}
    LATEST.parent.mkdir(parents=True, exist_ok=True)
    LATEST.write_text(json.dumps({"rows": ordered}, indent=1, ensure_ascii=False) + "\n")
    return ordered


def show(rows: dict[str, Row], console: Console) -> None:
    """Print the rows."""
    table = Table("row", "Vaxel", "spread", "reach", "peer", "", box=None, padding=(0, 2, 0, 0))
    for key, row in rows.items():
        sign = "[green]✓" if row["reached"] else "[red]✗"
        table.add_row(key, _value(row), _spread(row), row["target"], row["peer"], sign)
    console.print(table)


def write_page(rows: dict[str, Row]) -> None:
    """Replace the table between the markers of docs/performance.md."""
    text = PAGE.read_text() if PAGE.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{_table(rows)}{END}{after}")


def _table(rows: dict[str, Row]) -> str:
    lines = ["| what | key | Vaxel | spread | reach | peer | |", "|---|---|---|---|---|---|---|"]
    for key, target in TARGETS.items():
        row = rows.get(key)
        cells = (
            (_value(row), _spread(row), target.reach, target.peer, "yes" if row["reached"] else "**no**")
            if row is not None
            else ("not measured", "", target.reach, target.peer, "")
        )
        lines.append(f"| {target.what} | `{key}` | {' | '.join(cells)} |")
    lines.append("")
    lines += [f"Measured {when} on {about}." for when, about in sorted(_occasions(rows))]
    return "\n".join(lines) + "\n"


def _occasions(rows: dict[str, Row]) -> set[tuple[str, str]]:
    found = set()
    for row in rows.values():
        about = row["machine"]
        text = (
            f"{about['cores']} cores ({about['cpu']}), {about['memory_gib']} GiB, Linux {about['kernel']},"
            f" Python {about['python']}, Redis {about['redis']}, SIPp {about['sipp']}"
        )
        found.add((row["when"][:10], text))
    return found


def _value(row: Row) -> str:
    value = row["value"]
    parts = value.values() if isinstance(value, dict) else [value]
    quick = " (quick)" if row["quick"] else ""
    return " / ".join(_text(part) for part in parts) + f" {row['unit']}{quick}"


def _spread(row: Row) -> str:
    spread = row["spread"]
    parts = spread.values() if isinstance(spread, dict) else [spread]
    return " / ".join(f"{_text(low)} to {_text(high)}" for low, high in parts)


def _text(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _version(program: str, option: str) -> str:
    path = shutil.which(program)
    if path is None:
        return "none"
    done = subprocess.run([path, option], capture_output=True, text=True, check=False)
    words = (done.stdout + done.stderr).replace("v=", "v").split()
    return next((word.strip(",.v") for word in words if word.strip("v,.")[:1].isdigit()), "unknown")
