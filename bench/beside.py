"""Two checkouts' routers beside each other: `python -m bench.beside OTHER`.

Times drift with the machine's other work. Here two processes, one for each checkout, take turns with small portions of
the same decisions, so that the work falls on both alike; and the bytecodes of a decision are counted, which are the
same on any machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench import router
from bench.router import AGENTS, WAITING, House

HERE: Final = Path(__file__).parents[1]
PORTION: Final = 30
"""Decisions of each kind in one go."""
COUNTED: Final = 60


def bytecodes(house: House) -> dict[str, float]:
    """Return the bytecodes of a decision, by kind."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    def counted(one: Any, input_: Any, now: float) -> tuple[float, Any]:
        nonlocal count
        count = 0
        sys.settrace(trace)
        try:
            facts = one.handle(input_, now)
        finally:
            sys.settrace(None)
        return float(count), facts

    timed, router.timed = router.timed, counted
    try:
        return {kind: statistics.mean(values) for kind, values in house.decisions(COUNTED).items()}
    finally:
        router.timed = timed


def serve() -> None:
    """Decide as many as each line of the input says; write what each took."""
    house = House(AGENTS, WAITING)
    house.decisions(2 * PORTION)
    print(json.dumps(bytecodes(house)), flush=True)
    for line in sys.stdin:
        print(json.dumps(house.decisions(int(line))), flush=True)


def start(checkout: Path) -> subprocess.Popen[str]:
    """Start a process that decides with the code of a checkout."""
    program = f"import runpy; runpy.run_path({str(Path(__file__))!r}, run_name='served')"
    paths = os.pathsep.join((str(checkout), str(HERE)))
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program], stdin=pipe, stdout=pipe, text=True, env=environment, cwd="/"
    )


def ask(process: subprocess.Popen[str], line: str) -> Any:
    """Send a line, if it is not empty, and return the answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line)
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def main() -> None:
    """Compare, and print."""
    parser = argparse.ArgumentParser(description="Compare the router with that of another checkout.")
    parser.add_argument("other", type=Path, help="the folder of the other checkout")
    parser.add_argument("--portions", type=int, default=40)
    options = parser.parse_args()
    processes = [start(options.other.resolve()), start(HERE)]
    counts = [ask(process, "") for process in processes]
    taken: list[dict[str, list[float]]] = [{}, {}]
    for number in range(options.portions):
        for index in (0, 1) if number % 2 else (1, 0):
            for kind, seconds in ask(processes[index], f"{PORTION}\n").items():
                taken[index].setdefault(kind, []).extend(seconds)
    for process in processes:
        process.communicate()
    table = Table("decision", "other, µs", "here, µs", "ratio", "bytecodes", "here", "ratio")
    for kind in taken[0]:
        before, after = (statistics.median(one[kind]) * 1e6 for one in taken)
        codes, fewer = (one[kind] for one in counts)
        figures = (f"{before:.1f}", f"{after:.1f}", f"{after / before:.2f}", f"{codes:,.0f}", f"{fewer:,.0f}")
        table.add_row(kind, *figures, f"{fewer / codes:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
elif __name__ == "served":
    serve()
