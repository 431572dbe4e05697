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
def days(
    folder: Folder,
    year: Annotated[
        int | None, typer.Option("--year", min=1900, max=2100, help="The present one if not given.")
    ] = None,
) -> None:
    """List special days: public holidays and those of your own."""
    raise typer.Exit(commands.days(folder, year))


@app.command()
def pin(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where its hash is written.")]) -> None:
    """Set the PIN of a number where prompts are recorded."""
    raise typer.Exit(commands.pin(file))


flow_app = typer.Typer(help="Try and draw flows.", no_args_is_help=True)
app.add_typer(flow_app, name="flow")

FlowArgument = Annotated[str, typer.Argument(metavar="FLOW", help="A file of flows/, without .yaml.")]
FlowConfig = Annotated[Path, typer.Option("--config", envvar="VAXEL_CONFIG", help="The configuration folder.")]
LanguageOption = Annotated[str, typer.Option("--language", help="Of the caller; that of the number if not given.")]


@flow_app.command("try")
def flow_try(
    flow: FlowArgument,
    config: FlowConfig = Path("examples/malmo"),
    language: LanguageOption = "",
    at: Annotated[str, typer.Option("--at", help="Local time, such as 2026-12-24T10:00; now if not given.")] = "",
    keys: Annotated[
        str | None, typer.Option("--keys", help="The walk, told beforehand: 1,silence,2#,speak. Asks if not given.")
    ] = None,
) -> None:
    """Walk through a flow as a caller."""
    raise typer.Exit(commands.flow_try(config, flow, language=language, at=at, keys=keys))


@flow_app.command("draw")
def flow_draw(
    flow: FlowArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help="The picture (SVG).")],
    config: FlowConfig = Path("examples/malmo"),
    language: LanguageOption = "",
) -> None:
    """Draw a flow."""
    raise typer.Exit(commands.flow_draw(config, flow, language=language, output=output))


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
