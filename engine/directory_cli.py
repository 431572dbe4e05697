"""`vaxel directory`: people and functions from the command line. The work is in `directory_commands`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine import directory_commands as work

app = typer.Typer(help="People and functions of the city, and who is away.", no_args_is_help=True)


class Language(StrEnum):
    """In which the columns of a file are named."""

    ENGLISH = "en"
    SWEDISH = "sv"


DataOption = Annotated[Path, typer.Option("--data", help="The folder in which Vaxel keeps what it knows.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write the API's answer as it is.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Such as p1024; `search` shows it.")]
FieldsArgument = Annotated[
    list[str],
    typer.Argument(metavar="FIELD=VALUE...", help="Such as title=Rektor; docs/directory.md lists the fields."),
]
DATA = Path("data")


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="Parts of names, what is asked for, numbers.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=100)] = 20,
    language: Annotated[str, typer.Option("--language", help="Of what callers may be told.")] = "sv",
    as_json: JsonOption = False,
    data: DataOption = DATA,
) -> None:
    """Find people and functions."""
    raise typer.Exit(work.search(data, " ".join(words), limit, language, as_json=as_json))


@app.command()
def show(record: IdArgument, as_json: JsonOption = False, data: DataOption = DATA) -> None:
    """Show a record."""
    raise typer.Exit(work.show(data, record, as_json=as_json))


@app.command()
def add(
    fields: FieldsArgument,
    function: Annotated[bool, typer.Option("--function", help="Not a person.")] = False,
    as_json: JsonOption = False,
    data: DataOption = DATA,
) -> None:
    """Add a person or function."""
    raise typer.Exit(work.add(data, fields, "function" if function else "person", as_json=as_json))


@app.command()
def change(record: IdArgument, fields: FieldsArgument, as_json: JsonOption = False, data: DataOption = DATA) -> None:
    """Change fields of a record; an empty value takes a field away."""
    raise typer.Exit(work.change(data, record, fields, as_json=as_json))


@app.command()
def remove(record: IdArgument, data: DataOption = DATA) -> None:
    """Remove a record."""
    raise typer.Exit(work.remove(data, record))


@app.command()
def absent(
    record: IdArgument,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="Such as lunch; `reasons` lists them.")],
    since: Annotated[str, typer.Option("--from", help="Now, if left out: 12:00, 2026-12-21, 2026-12-21 08:00.")] = "",
    until: Annotated[
        str,
        typer.Option("--until", help="When back: 13:00, a date, 2 h, or open. If left out, as usual for the reason."),
    ] = "",
    refer: Annotated[str, typer.Option("--refer", metavar="ID", help="Whom to ask for meanwhile.")] = "",
    note: Annotated[str, typer.Option("--note", help="For colleagues, not for callers.")] = "",
    as_json: JsonOption = False,
    data: DataOption = DATA,
) -> None:
    """Say that somebody is away."""
    told = {"reason": reason, "since": since, "until": until, "refer": refer, "note": note}
    raise typer.Exit(work.absent(data, record, told, as_json=as_json))


@app.command()
def present(
    record: IdArgument,
    all_: Annotated[bool, typer.Option("--all", help="End planned absences, too.")] = False,
    as_json: JsonOption = False,
    data: DataOption = DATA,
) -> None:
    """Say that somebody is back."""
    raise typer.Exit(work.present(data, record, all_=all_, as_json=as_json))


@app.command()
def reasons(as_json: JsonOption = False, data: DataOption = DATA) -> None:
    """List the reasons for being away."""
    raise typer.Exit(work.reasons(data, as_json=as_json))


@app.command()
def reach(
    to: Annotated[str, typer.Argument(metavar="TO", help="An id, an extension or a number.")],
    anyway: Annotated[bool, typer.Option("--anyway", help="In spite of absence and working hours.")] = False,
    as_json: JsonOption = False,
    data: DataOption = DATA,
) -> None:
    """Tell what would be rung to reach somebody, and why nothing else."""
    raise typer.Exit(work.reach(data, to, anyway=anyway, as_json=as_json))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV; docs/directory.md tells about its columns.")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove those who are not in it.")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also if that removes many.")] = False,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="Of no use here.")] = None,
    as_json: JsonOption = False,
    data: DataOption = DATA,
) -> None:
    """Take over a CSV file, whole or not at all."""
    options = {"mode": "replace" if replace else "merge", "dry": dry, "force": force, "ignore": ignore or []}
    raise typer.Exit(work.import_(data, file, options, as_json=as_json))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; - for standard output.")],
    language: Annotated[Language, typer.Option("--language", help="Of the columns' names.")] = Language.ENGLISH,
    data: DataOption = DATA,
) -> None:
    """Write all records to a CSV file that can be imported again."""
    raise typer.Exit(work.export(data, file, language.value))
