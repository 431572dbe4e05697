"""The command line for people, with help: see `engine.cli` for the entry point and `engine.commands` for the work."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import (
    account_cli,
    commands,
    config_cli,
    directory_cli,
    phone_commands,
    privacy_cli,
    remote,
    report_cli,
    token_commands,
)
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
def restart(data: DataOption = Path("data")) -> None:
    """Replace the engine: for a changed configuration or a new version. Calls go on."""
    from engine.restarting import restart as replace

    raise typer.Exit(replace(data))


@app.command()
def doctor(
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration folder; that of the last run if not given.")
    ] = None,
    data: DataOption = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say what is wrong, and what to do about it. Vaxel may run or not."""
    from engine.doctor.commands import doctor as examine

    raise typer.Exit(examine(config, data, as_json=as_json))


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
def demo(
    pace: Annotated[float, typer.Option("--pace", min=1, max=60, help="How many times as fast the day passes.")] = 10,
    agents: Annotated[int | None, typer.Option("--agents", min=1, help="How many agents; all if not given.")] = None,
    hour: Annotated[float, typer.Option("--hour", min=0, max=23.99, help="Where the day begins.")] = 9,
    minutes: Annotated[float, typer.Option("--minutes", min=0, help="After which it ends; 0 for never.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="The same for the same people.")] = 1,
    leave: Annotated[
        list[str] | None, typer.Option("--leave", metavar="AGENT", help="An agent who is left to you; repeatable.")
    ] = None,
    data: DataOption = Path("data"),
    plain: Annotated[bool, typer.Option("--plain", help="Lines instead of a picture.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line.")] = False,
) -> None:
    """Let a made-up city ring: citizens who call, agents who answer."""
    from engine.demo.command import Asked
    from engine.demo.command import demo as demonstrate
    from engine.demo.running import Options
    from engine.demo.tempo import Tempo

    options = Options(tempo=Tempo(pace=pace, hour=hour), agents=agents or 0, seed=seed, minutes=minutes)
    asked = Asked(data=data, leave=tuple(leave or ()), plain=plain, as_json=as_json, options=options)
    raise typer.Exit(demonstrate(asked))


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


# ---- backup ----------------------------------------------------------------------------------------------------------


@app.command()
def backup(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A new file, a folder (it is named by the time), or - for stdout.")
    ],
    config: ConfigOption,
    data: DataOption = Path("data"),
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="In a folder: delete all but so many of the newest.")
    ] = None,
    with_store: Annotated[
        bool, typer.Option("--with-redis/--without-redis", help="Whether what Redis holds is taken along.")
    ] = True,
) -> None:
    """Back up configuration and data into one file, while calls run."""
    from engine.backup import commands as backups

    raise typer.Exit(backups.backup(target, config, data, keep=keep, with_store=with_store))


@app.command()
def restore(
    source: Annotated[str, typer.Argument(metavar="FILE", help="A backup, or - for stdin.")],
    config: Annotated[
        Path | None, typer.Option("--config", help="An empty or new folder for the configuration.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="An empty or new folder for the data.")] = None,
    keep_config: Annotated[
        bool, typer.Option("--keep-config", help="The configuration is there already, and stays as it is.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only look whether the backup is whole and can be read.")
    ] = False,
) -> None:
    """Bring a backup back on an empty machine."""
    from engine.backup import commands as backups

    if check:
        raise typer.Exit(backups.verify(source))
    if config is None or data is None:
        raise typer.BadParameter("--config and --data say where to; only --check needs neither")
    raise typer.Exit(backups.restore(source, config, data, keep_config=keep_config))


# ---- tracing ---------------------------------------------------------------------------------------------------------


@app.command()
def trace(
    call: Annotated[
        str, typer.Argument(metavar="[CALL]", help="A contact, leg, offer or Call-ID; without it, calls of late.")
    ] = "",
    last: Annotated[bool, typer.Option("--last", help="The call that began last.")] = False,
    person: Annotated[str, typer.Option("--person", help="The last call of a person, by pseudonym.")] = "",
    number: Annotated[bool, typer.Option("--number", help="The last call of a number, which is asked for.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Whole messages, where `vaxel capture` kept them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    pcap: Annotated[Path | None, typer.Option("--pcap", help="Write the messages for Wireshark.")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the ladder as a picture.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Needed where Redis is the city's own.")] = None,
    data: DataOption = Path("data"),
) -> None:
    """Show one call: its SIP messages hop by hop, what was decided meanwhile, and how it sounded."""
    from engine.trace import commands as traces

    wanted = traces.Wanted(
        call=call, last=last, person=person, number=number, full=full, as_json=as_json, pcap=pcap, svg=svg
    )
    raise typer.Exit(traces.trace(wanted, config, data))


capture_app = typer.Typer(
    help="Keep whole SIP messages, names and numbers included, for a while.", no_args_is_help=True
)
app.add_typer(capture_app, name="capture")


@capture_app.command("on")
def capture_on(
    lasts: Annotated[str, typer.Option("--for", metavar="TIME", help="Such as '30 min'; a day at most.")],
    data: DataOption = Path("data"),
) -> None:
    """Begin; it ends by itself."""
    from engine.trace import commands as traces

    raise typer.Exit(traces.capture_on(data, lasts))


@capture_app.command("off")
def capture_off(data: DataOption = Path("data")) -> None:
    """End now."""
    from engine.trace import commands as traces

    raise typer.Exit(traces.capture_off(data))


@capture_app.command("show")
def capture_show(data: DataOption = Path("data")) -> None:
    """Tell whether it is on."""
    from engine.trace import commands as traces

    raise typer.Exit(traces.capture_state(data))


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
    department: Annotated[
        list[str] | None, typer.Option("--department", help="Whose business is its own; all if not given.")
    ] = None,
    data: DataOption = Path("data"),
) -> None:
    """Make a token and show it, once."""
    raise typer.Exit(token_commands.add(data, name, role, agent, days, tuple(department or ())))


@token_app.command("list")
def list_tokens(data: DataOption = Path("data")) -> None:
    """List the tokens."""
    raise typer.Exit(token_commands.listed(data))


@token_app.command("revoke")
def revoke_token(name: TokenName, data: DataOption = Path("data")) -> None:
    """Revoke a token; it is refused within a second."""
    raise typer.Exit(token_commands.revoke(data, name))


# ---- people who sign in ----------------------------------------------------------------------------------------------

app.add_typer(account_cli.app, name="user")


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
app.add_typer(config_cli.app, name="config")
app.command()(report_cli.report)
app.add_typer(privacy_cli.person_app, name="person")
app.add_typer(privacy_cli.matter_app, name="matter")
app.add_typer(privacy_cli.access_app, name="access-log")
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
    if remote.MESSAGE in verb.many:
        many = Annotated[list[str], typer.Option("--message", metavar="LANGUAGE=TEXT")]
        kinds[remote.MESSAGE] = (many, [])
    switches = {name: typer.Option(f"--{remote.written(name)}") for name in verb.switches}
    kinds |= {name: (Annotated[bool, option], False) for name, option in switches.items()}
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
