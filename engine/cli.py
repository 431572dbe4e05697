"""The command line. What a command needs is imported inside it, so that each starts fast."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn, TextIO

import typer

if TYPE_CHECKING:
    from engine.config import Problem

USAGE: Final = 2

app = typer.Typer(
    name="vaxel",
    help="Vaxel, a contact-centre engine for a city.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[
    Path, typer.Option("--config", envvar="VAXEL_CONFIG", help="The configuration folder, such as examples/malmo.")
]
DataOption = Annotated[
    Path, typer.Option("--data", envvar="VAXEL_DATA", help="The folder in which Vaxel keeps what it knows.")
]


def main() -> None:
    """Run the command line; the entry point of `vaxel`."""
    app()


@app.command()
def run(config: ConfigOption, data: DataOption = Path("data")) -> None:
    """Start Vaxel and keep it running."""
    if os.geteuid() == 0:
        _fail("Vaxel does not run as root. Start it as an ordinary user, or with `make run`, which makes one for it.")
    from engine.config import ConfigError, load

    try:
        loaded = load(config)
    except ConfigError as error:
        _say(error.problems, sys.stderr)
        _fail(f"Not started: {_mistakes(error.problems)} in {config}.")
    from engine import greeting
    from engine.supervisor import run as supervise

    typer.echo(f"Starting Vaxel for {loaded.installation.city} ...")
    greeting.start(loaded, str(data))
    raise typer.Exit(supervise(config, data))


@app.command()
def status(data: DataOption = Path("data")) -> None:
    """Show Vaxel's processes."""
    from engine.status import show

    raise typer.Exit(show(data))


@app.command()
def check(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The configuration folder.")]) -> None:
    """Check a configuration folder and list every mistake."""
    from engine.config import ConfigError, load

    try:
        loaded = load(folder)
    except ConfigError as error:
        if sys.stdout.isatty():
            _show(error.problems)
        else:
            _say(error.problems, sys.stdout)
        _fail(f"{_mistakes(error.problems)} in {folder}.", code=1)
    core = loaded.core
    flows = sum(not name.startswith("queue:") for name in core.flows)
    counts = ((len(core.queues), "queue"), (len(core.agents), "agent"), (len(core.entries), "number"), (flows, "flow"))
    typer.echo(f"{', '.join(_count(number, word) for number, word in counts)}: all well.")


@app.command()
def bench_config(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made if need be.")],
    agents: Annotated[int, typer.Option("--agents", min=1, max=9999, help="How many agents are signed in.")],
    port: Annotated[int, typer.Option("--port", min=1024, max=65000, help="The SIP port on 127.0.0.1.")] = 5060,
    workers: Annotated[int, typer.Option("--workers", min=1, max=16, help="How many SIP workers.")] = 1,
    clock_rate: Annotated[int, typer.Option("--clock-rate", help="Samples per second of the bridge.")] = 8000,
) -> None:
    """Write a configuration for benchmarks."""
    from engine import bench_config as bench
    from engine.config import ConfigError, load
    from engine.config.house import RATES

    if clock_rate not in RATES:
        _fail(f"A clock rate of {clock_rate} is not possible; allowed: {', '.join(map(str, RATES))}.")
    try:
        bench.write(folder, agents=agents, port=port, workers=workers, clock_rate=clock_rate)
        load(folder)
    except OSError as error:
        _fail(f"Cannot write {folder}: {(error.strerror or str(error)).lower()}. Choose another folder.")
    except ConfigError as error:
        _say(error.problems, sys.stderr)
        _fail(f"{folder} holds other files that do not go with these; choose an empty folder.")
    typer.echo(f"{_count(agents, 'agent')} in {folder}; start it by: vaxel run --config {folder} --data SOMEWHERE")


@app.command()
def version() -> None:
    """Print the version."""
    import importlib.metadata

    try:
        number = importlib.metadata.version("vaxel")
    except importlib.metadata.PackageNotFoundError:
        number = "(not installed)"
    typer.echo(f"vaxel {number}")


def _fail(text: str, code: int = USAGE) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(code)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _mistakes(problems: "list[Problem]") -> str:
    return _count(len(problems), "mistake")


def _say(problems: "list[Problem]", stream: TextIO) -> None:
    """Write one line for each mistake, as compilers do, so that editors can jump there."""
    for problem in problems:
        stream.write(f"{problem}\n")


def _show(problems: "list[Problem]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Where", "Field", "What is wrong, and what would be right", box=None, padding=(0, 2, 0, 0))
    for problem in problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        table.add_row(Text(place, style="cyan"), Text(problem.field, style="bold"), Text(problem.text))
    Console().print(table)
