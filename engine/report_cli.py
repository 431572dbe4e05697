"""`vaxel report` and `vaxel history` on the command line. The work is in `report_commands`."""

from pathlib import Path
from typing import Annotated

import typer

from engine import report_commands as work

app = typer.Typer(help="What became of contacts: the history behind `vaxel report`.", no_args_is_help=True)
DataOption = Annotated[Path, typer.Option("--data", help="The folder in which Vaxel keeps what it knows.")]
DATA = Path("data")


def report(
    day: Annotated[
        str, typer.Argument(metavar="[DAY]", help="Such as 2026-11-26, or yesterday; today if left out.")
    ] = "",
    last: Annotated[str, typer.Option("--to", help="The last day, for several.")] = "",
    queue: Annotated[str, typer.Option("--queue")] = "",
    channel: Annotated[str, typer.Option("--channel")] = "",
    spoken: Annotated[str, typer.Option("--spoken", help="The contacts' language.")] = "",
    need: Annotated[str, typer.Option("--need", help="A skill that contacts need.")] = "",
    entry: Annotated[str, typer.Option("--entry", help="The number, mailbox, page or place by which they came.")] = "",
    formula: Annotated[
        list[str] | None,
        typer.Option("--formula", metavar="FIGURE=NAME", help="Such as service_level=of_all_but_short; repeatable."),
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Of the headings: sv, en or fi.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="All figures by all formulas.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The same as a table for other programs.")] = False,
    data: DataOption = DATA,
) -> None:
    """Print the figures of a day, or of several."""
    held = {"queue": queue, "channel": channel, "language": spoken, "need": need, "entry": entry}
    form = "json" if as_json else "csv" if as_csv else "table"
    raise typer.Exit(work.report(data, day, last, held, form=form, language=language, formulas=formula or ()))


@app.command()
def rebuild(
    lose_older: Annotated[
        bool, typer.Option("--lose-older", help="Also when the journal does not reach back so far any more.")
    ] = False,
    data: DataOption = DATA,
) -> None:
    """Delete the history and read it anew from the journal."""
    raise typer.Exit(work.rebuild(data, lose_older=lose_older))


@app.command()
def forget(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The pseudonym.")], data: DataOption = DATA
) -> None:
    """Let no contact lead to a person any more."""
    raise typer.Exit(work.forget(data, person))
