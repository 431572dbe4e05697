"""The router's rows, from `bench.router` in a process of its own."""

import json
import subprocess
import sys
from typing import Final

from bench.rows import Context, Group, Measured
from bench.system import ROOT, Trouble
from bench.targets import TARGETS

WITHIN_S: Final = 600.0
KEYS: Final = ("router.decide_us", "router.growth", "router.bytes_per_contact", "router.replay_per_s")


def router(context: Context) -> list[Measured]:
    """Lowest, median and highest stand for the repeats, which that program keeps to itself."""
    argv = [sys.executable, "-m", "bench.router", *(["--quick"] if context.quick else [])]
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=True)
        figures: dict[str, dict[str, float]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Trouble(f"bench.router: {error}") from None
    command = " ".join(["python", *argv[1:]])
    found = []
    for key in KEYS:
        parts = TARGETS[key].parts
        names = [f"{key}.{part}" for part in parts] if parts else [key]
        repeats = [tuple(figures[name][which] for name in names) for which in ("low", "median", "high")]
        more = {n: f["median"] for n, f in figures.items() if n.startswith(f"{key}.") and n not in names}
        found.append(Measured(key, repeats, [command], "see bench/router.py", more))
    return found


GROUPS: Final = (Group(KEYS, 120, 20, router),)
