"""`vaxel user`: the command line of accounts; the work is in `engine.account_commands`."""

from pathlib import Path
from typing import Annotated

import typer

from engine import account_commands
from web.accounts import Duty

app = typer.Typer(help="People who sign in to the desk, and what they may do.", no_args_is_help=True)

DataOption = Annotated[Path, typer.Option("--data", help="The folder in which Vaxel keeps what it knows.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and hyphens.")]


@app.command("add")
def add(
    name: Name,
    role: Annotated[Duty, typer.Option("--role", help="What the person does; docs/accounts.md tells.")],
    agent: Annotated[str, typer.Option("--agent", metavar="AGENT", help="Whom the person is in queues.")] = "",
    title: Annotated[str, typer.Option("--title", help="As colleagues read it.")] = "",
    department: Annotated[
        list[str] | None, typer.Option("--department", help="Whose business is this one's; all if not given.")
    ] = None,
    data: DataOption = Path("data"),
) -> None:
    """Make an account and show its first password, once."""
    raise typer.Exit(account_commands.add(data, name, role, agent, title, tuple(department or ())))


@app.command("password")
def password(name: Name, data: DataOption = Path("data")) -> None:
    """Give somebody another first password, and show it once."""
    raise typer.Exit(account_commands.new_password(data, name))


@app.command("list")
def listed(data: DataOption = Path("data")) -> None:
    """List the accounts."""
    raise typer.Exit(account_commands.listed(data))


@app.command("disable")
def disable(name: Name, data: DataOption = Path("data")) -> None:
    """Let somebody in no longer; sessions end within a second."""
    raise typer.Exit(account_commands.disable(data, name, disabled=True))


@app.command("enable")
def enable(name: Name, data: DataOption = Path("data")) -> None:
    """Let somebody in again."""
    raise typer.Exit(account_commands.disable(data, name, disabled=False))


@app.command("remove")
def remove(name: Name, data: DataOption = Path("data")) -> None:
    """Forget an account."""
    raise typer.Exit(account_commands.remove(data, name))
