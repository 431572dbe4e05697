"""The command line for people, with help: see `engine.cli` for the entry point and `engine.commands` for the work."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import commands, directory_cli, phone_commands, remote, report_cli, token_commands
from router.api import Role

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


# ---- tokens ----------------------------------------------------------------------------------------------------------

token_app = typer.Typer(help="Tokens of the API: who may ask, and what.", no_args_is_help=True)
app.add_typer(token_app, name="token")
TokenName = Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and hyphens.")]


@token_app.command("add")
def add_token(
    name: TokenName,
    role: Annotated[Role, typer.Option("--role", help="What it may do; docs/api.md tells.")],
    agent: Annotated[str, typer.Option("--agent", metavar="AGENT", help="Whom it speaks for.")] = "",
    days: Annotated[int | None, typer.Option("--days", min=1, max=3660, help="How long it is valid.")] = None,
    data: DataOption = Path("data"),
) -> None:
    """Make a token and show it, once."""
    raise typer.Exit(token_commands.add(data, name, role, agent, days))


@token_app.command("list")
def list_tokens(data: DataOption = Path("data")) -> None:
    """List the tokens."""
    raise typer.Exit(token_commands.listed(data))


@token_app.command("revoke")
def revoke_token(name: TokenName, data: DataOption = Path("data")) -> None:
    """Revoke a token; it is refused within a second."""
    raise typer.Exit(token_commands.revoke(data, name))


# ---- phones ----------------------------------------------------------------------------------------------------------

phone_app = typer.Typer(help="Passwords of phones: by them they register at the edge.", no_args_is_help=True)
app.add_typer(phone_app, name="phone")
PhoneName = Annotated[str, typer.Argument(metavar="NAME", help="As in phones.yaml.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="One of yours, by file or by - from standard input."),
]


@phone_app.command("add")
def add_phone(name: PhoneName, password_file: PasswordFile = None, data: DataOption = Path("data")) -> None:
    """Give a phone its first password and show it, once."""
    raise typer.Exit(phone_commands.set_password(data, name, password_file, first=True))


@phone_app.command("password")
def renew_phone(name: PhoneName, password_file: PasswordFile = None, data: DataOption = Path("data")) -> None:
    """Give a phone another password; the old one is refused at once."""
    raise typer.Exit(phone_commands.set_password(data, name, password_file, first=False))


@phone_app.command("remove")
def remove_phone(name: PhoneName, data: DataOption = Path("data")) -> None:
    """Take a phone's password away."""
    raise typer.Exit(phone_commands.remove(data, name))


@phone_app.command("list")
def list_phones(data: DataOption = Path("data")) -> None:
    """List the phones that have a password."""
    raise typer.Exit(phone_commands.listed(data))


app.add_typer(directory_cli.app, name="directory")
app.command()(report_cli.report)
app.add_typer(report_cli.app, name="history")

# ---- asking the engine -----------------------------------------------------------------------------------------------

JsonOption = Annotated[bool, typer.Option("--json", help="Write the API's answer as it is.")]


def _command(verb: remote.Verb) -> Callable[..., None]:
    """Return Typer's command for a row: a function with the parameters that the row names."""

    def command(**given: Any) -> None:
        data, as_json = given.pop("data"), given.pop("as_json")
        named = {name: value for name, value in given.items() if value}
        raise typer.Exit(remote.run(verb, named, data, as_json=as_json))

    kinds: dict[str, tuple[Any, Any]] = {
        name: (Annotated[str, typer.Argument(metavar=name.upper())], ...) for name in verb.arguments
    }
    for name in (*verb.options, *verb.to):
        kinds[name] = (Annotated[str, typer.Option(f"--{name}", metavar=name.upper())], "")
    kinds |= {name: (Annotated[bool, typer.Option(f"--{name}")], False) for name in verb.switches}
    kinds |= {"as_json": (JsonOption, False), "data": (DataOption, Path("data"))}
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=kind,
                default=inspect.Parameter.empty if default is ... else default,
            )
            for name, (kind, default) in kinds.items()
        ]
    )
    command.__annotations__ = {name: kind for name, (kind, _) in kinds.items()}
    command.__doc__ = verb.help
    return command


for _name, _help in remote.GROUPS.items():
    _group = typer.Typer(help=_help, no_args_is_help=True)
    for _verb in remote.VERBS:
        if _verb.group == _name:
            _group.command(_verb.name)(_command(_verb))
    app.add_typer(_group, name=_name)
