"""The command line for people, with help: see `engine.cli` for the entry point and `engine.commands` for the work."""

from pathlib import Path
from typing import Annotated

import typer

from engine import commands

app = typer.Typer(
    name="vaxel",
    help="Vaxel, a contact-centre engine for a city.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration folder, such as examples/malmo.")]
DataOption = Annotated[Path, typer.Option("--data", help="The folder in which Vaxel keeps what it knows.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The configuration folder.")]


@app.command()
def run(config: ConfigOption, data: DataOption = Path("data")) -> None:
    """Start Vaxel and keep it running."""
    raise typer.Exit(commands.run(config, data))


@app.command()
def status(data: DataOption = Path("data")) -> None:
    """Show Vaxel's processes."""
    raise typer.Exit(commands.status(data))


@app.command()
def check(folder: Folder) -> None:
    """Check a configuration folder and list every mistake."""
    raise typer.Exit(commands.check(folder))


@app.command()
def bench_config(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made if need be.")],
    agents: Annotated[int, typer.Option("--agents", min=1, max=9999, help="How many agents are signed in.")],
    port: Annotated[int, typer.Option("--port", min=1024, max=65000, help="The SIP port on 127.0.0.1.")] = 5060,
    workers: Annotated[int, typer.Option("--workers", min=1, max=8, help="How many SIP workers.")] = 1,
    clock_rate: Annotated[int, typer.Option("--clock-rate", help="Samples per second of the bridge.")] = 8000,
) -> None:
    """Write a configuration for benchmarks."""
    raise typer.Exit(commands.bench_config(folder, agents=agents, port=port, workers=workers, clock_rate=clock_rate))


@app.command()
def version() -> None:
    """Print the version."""
    raise typer.Exit(commands.version())
