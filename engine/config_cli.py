"""`vaxel config`, for people, with help."""

from pathlib import Path
from typing import Annotated

import typer

from engine import config_commands as commands

app = typer.Typer(help="Compare, publish and take back configurations of a running Vaxel.", no_args_is_help=True)

Data = Annotated[Path, typer.Option("--data", help="The folder in which Vaxel keeps what it knows.")]
Why = Annotated[str, typer.Option("--why", help="A line for those who wonder later; no names of citizens.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="As `vaxel config versions` lists it.")]


@app.command()
def versions(
    data: Data = Path("data"), as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False
) -> None:
    """List what was published, the newest first."""
    raise typer.Exit(commands.versions(data, as_json=as_json))


@app.command()
def diff(
    what: Annotated[str, typer.Argument(metavar="DIR|VERSION", help="A folder, or a version.")],
    data: Data = Path("data"),
) -> None:
    """Show what a folder or an earlier version would change."""
    raise typer.Exit(commands.diff(data, what))


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder whose files are to be in force.")],
    why: Why,
    data: Data = Path("data"),
) -> None:
    """Put a folder's files in force, while calls go on."""
    raise typer.Exit(commands.publish(data, folder, why))


@app.command("roll-back")
def roll_back(version: Version, why: Why, data: Data = Path("data")) -> None:
    """Put an earlier version in force again."""
    raise typer.Exit(commands.roll_back(data, version, why))
