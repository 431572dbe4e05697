"""What the commands of `vaxel` do. Each returns the exit code: 0 well, 1 mistakes found, 2 cannot be done.

What a command needs is imported inside it, so that each starts fast.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from engine.config import Loaded, Problem

WELL: Final = 0
MISTAKES: Final = 1
CANNOT: Final = 2


def run(config: Path, data: Path) -> int:
    """Check the configuration, then become the supervisor."""
    if os.geteuid() == 0:
        return _cannot(
            "Vaxel does not run as root. Start it as an ordinary user, or with `make run`, which makes one for it."
        )
    from engine.config import ConfigError, check_files, load
    from engine.datafolder import DataFolder
    from engine.publishing.texts import Unpublishable
    from engine.publishing.versions import Versions

    try:
        # Broken off by a power cut, maybe: all files of a publication are there, or none.
        Versions(config, DataFolder(data).versions).finish()
        loaded = load(config)
        check_files(loaded, config)
    except Unpublishable as error:
        return _cannot(f"Not started: {error}.")
    except ConfigError as error:
        _list(error.problems, sys.stderr)
        return _cannot(f"Not started: {_count(len(error.problems), 'mistake')} in {config}.")
    from engine import greeting
    from engine.supervisor import run as supervise

    sys.stdout.write(f"Starting Vaxel for {loaded.installation.city} ...\n")
    greeting.start(loaded, str(data))
    return supervise(config, data)


def status(data: Path) -> int:
    """Show the processes."""
    from engine.status import show

    return show(data)


def check(folder: Path) -> int:
    """List every mistake of a configuration folder."""
    from engine.config import ConfigError, check_files, load

    try:
        loaded = load(folder)
        check_files(loaded, folder)
    except ConfigError as error:
        if sys.stdout.isatty():
            _tabulate(error.problems)
        else:
            _list(error.problems, sys.stdout)
        sys.stderr.write(f"{_count(len(error.problems), 'mistake')} in {folder}.\n")
        return MISTAKES
    core = loaded.core
    flows = sum(":" not in name for name in core.flows)  # the others follow from numbers and ways out
    counts = (
        (len(core.queues), "queue"),
        (len(core.agents), "agent"),
        (len(loaded.installation.numbers), "number"),
        (flows, "flow"),
    )
    sys.stdout.write(f"{', '.join(_count(number, word) for number, word in counts)}: all well.\n")
    return WELL


def bench_config(folder: Path, *, agents: int, port: int, workers: int, clock_rate: int) -> int:
    """Write a configuration for benchmarks, and read it back."""
    from adapters.sip.settings_check import CLOCK_RATES
    from engine import bench_config as bench
    from engine.config import ConfigError, load

    if clock_rate not in CLOCK_RATES:
        return _cannot(f"A clock rate of {clock_rate} is not possible; allowed: {', '.join(map(str, CLOCK_RATES))}.")
    try:
        bench.write(folder, agents=agents, port=port, workers=workers, clock_rate=clock_rate)
        load(folder)
    except OSError as error:
        return _cannot(f"Cannot write {folder}: {(error.strerror or str(error)).lower()}. Choose another folder.")
    except ConfigError as error:
        _list(error.problems, sys.stderr)
        return _cannot(f"{folder} holds other files that do not go with these; choose an empty folder.")
    sys.stdout.write(f"{_count(agents, 'agent')} in {folder}; start it by: vaxel run --config {folder} --data DATA\n")
    return WELL


def flow_try(folder: Path, name: str, *, language: str, at: str, keys: str | None) -> int:
    """Walk through a flow in the terminal."""
    from engine.clock import MonotonicClock, local_time
    from engine.flowtry import BadWalk, moment, walk, words

    loaded = _loaded(folder)
    if loaded is None:
        return CANNOT
    spoken = language or _language_of(loaded, name)
    wrong = _no_flow(loaded, name) or _no_language(loaded, spoken)
    if wrong:
        return _cannot(wrong)
    try:
        now = local_time(loaded.installation.time_zone)(MonotonicClock().now())
        walk(loaded, name, spoken, moment(at) if at else now, words(keys) if keys is not None else None)
    except (BadWalk, ValueError) as error:
        return _cannot(f"{error}.")
    return WELL


def flow_draw(folder: Path, name: str, *, language: str, output: Path) -> int:
    """Write a flow as a picture."""
    from engine.flowdraw import DrawError, draw

    loaded = _loaded(folder)
    if loaded is None:
        return CANNOT
    spoken = language or _language_of(loaded, name)
    wrong = _no_flow(loaded, name) or _no_language(loaded, spoken)
    if wrong:
        return _cannot(wrong)
    try:
        output.write_text(draw(loaded, name, spoken), "utf-8")
    except DrawError as error:
        return _cannot(f"{error}.")
    except OSError as error:
        return _cannot(f"Cannot write {output}: {(error.strerror or str(error)).lower()}.")
    sys.stdout.write(f"Flow {name} is drawn in {output}.\n")
    return WELL


def days(folder: Path, year: int | None) -> int:
    """List the special days of a configuration, and what its countries call them."""
    from engine.config.listing import special_days

    loaded = _loaded(folder)
    if loaded is None:
        return CANNOT
    from engine.clock import this_year

    for line in special_days(folder, year or this_year()):
        sys.stdout.write(f"{line}\n")
    return WELL


def pin(file: Path) -> int:
    """Ask for a PIN, twice, and write its hash."""
    import getpass

    from engine.pins import hash_pin

    typed = getpass.getpass("PIN: ")
    if getpass.getpass("The same again: ") != typed:
        return _cannot("That was not the same.")
    try:
        hashed = hash_pin(typed)
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w") as out:
            out.write(f"{hashed}\n")
    except ValueError as error:
        return _cannot(f"Not written: {error}.")
    except OSError as error:
        return _cannot(f"Cannot write {file}: {(error.strerror or str(error)).lower()}.")
    sys.stdout.write(f"The hash is in {file}.\n")
    return WELL


def _loaded(folder: Path) -> "Loaded | None":
    """Return a sound configuration; list its mistakes and return None when it is not."""
    from engine.config import ConfigError, load

    try:
        return load(folder)
    except ConfigError as error:
        _list(error.problems, sys.stderr)
        sys.stderr.write(f"{_count(len(error.problems), 'mistake')} in {folder}.\n")
        return None


def _language_of(loaded: "Loaded", flow: str) -> str:
    """Return the language in which a flow is entered."""
    entered = [entry.language for entry in loaded.core.entries if entry.flow == flow]
    return entered[0] if entered else loaded.installation.language


def _no_flow(loaded: "Loaded", name: str) -> str:
    from engine.config.problems import unknown

    known = [flow for flow in loaded.core.flows if ":" not in flow]
    return "" if name in known else f"{unknown('flow', name, known).capitalize()}."


def _no_language(loaded: "Loaded", language: str) -> str:
    from engine.config.problems import unknown

    speech = loaded.installation.speech
    known = sorted({*speech.texts, *speech.recordings})
    return "" if language in known else f"{unknown('language', language, known).capitalize()}."


def version() -> int:
    """Print the version."""
    import importlib.metadata

    try:
        number = importlib.metadata.version("vaxel")
    except importlib.metadata.PackageNotFoundError:
        number = "(not installed)"
    sys.stdout.write(f"vaxel {number}\n")
    return WELL


def _cannot(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return CANNOT


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _list(problems: "list[Problem]", stream: TextIO) -> None:
    """Write one line for each mistake, as compilers do, so that editors can jump there."""
    for problem in problems:
        stream.write(f"{problem}\n")


def _tabulate(problems: "list[Problem]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Where", "Field", "What is wrong, and what would be right", box=None, padding=(0, 2, 0, 0))
    for problem in problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        table.add_row(Text(place, style="cyan"), Text(problem.field, style="bold"), Text(problem.text))
    Console().print(table)
