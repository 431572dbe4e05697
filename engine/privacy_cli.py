"""`vaxel person`, `vaxel matter` and `vaxel access-log` on the command line: clients of the API of a running engine."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import remote

person_app = typer.Typer(help="A person's values: give out, erase.", no_args_is_help=True)
matter_app = typer.Typer(help="Whole matters: give out, hold.", no_args_is_help=True)
access_app = typer.Typer(help="Who looked at personal values, and what was deleted.", no_args_is_help=True)
DataOption = Annotated[Path, typer.Option("--data", help="The folder in which Vaxel keeps what it knows.")]
WhoArgument = Annotated[str, typer.Argument(metavar="WHO", help="A number, a mail address, or a contact's id.")]
OutOption = Annotated[Path, typer.Option("-o", "--out", help="The ZIP that is written; it must be new.")]
WhyOption = Annotated[str, typer.Option("--why", help="Such as a diary number; it stands in the access log.")]
DATA = Path("data")
WITHIN_S = 600.0
PACKAGE_MAX = 1024 * 1024 * 1024


@person_app.command("export")
def export_person(who: WhoArgument, out: OutOption, why: WhyOption, data: DataOption = DATA) -> None:
    """Write all that is kept of a person into a ZIP (GDPR articles 15 and 20)."""
    _export(data, "/persons/export", {"who": who, "why": why}, out)


@person_app.command("erase")
def erase_person(
    who: WhoArgument,
    rule: Annotated[str, typer.Option("--rule", help="The decision by which it is done.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DataOption = DATA,
) -> None:
    """Erase a person (GDPR article 17), after showing what goes and what stays."""
    plan = json.loads(_ask(data, "/persons/erasure-plan", {"who": who}))
    _show(plan)
    if not plan["contacts"] and not plan["unlinked"]:
        sys.stdout.write("Nothing can be erased now.\n")
        raise typer.Exit(1)
    if not yes:
        typer.confirm("Erase this for good?", abort=True)
    done = json.loads(_ask(data, "/persons/erase", {"who": who, "rule": rule}))
    sys.stdout.write(f"Erased, of {len(done['contacts'])} contacts.\n")


@matter_app.command("export")
def export_matter(
    matter: Annotated[str, typer.Argument(metavar="MATTER", help="The id of its first contact.")],
    out: OutOption,
    why: WhyOption,
    data: DataOption = DATA,
) -> None:
    """Write a whole matter, with all that belongs to it, into a ZIP."""
    _export(data, f"/matters/{matter}/export", {"why": why}, out)


@matter_app.command("hold")
def hold(
    matter: Annotated[str, typer.Argument(metavar="MATTER")],
    lift: Annotated[bool, typer.Option("--lift", help="Let the rules hold again.")] = False,
    data: DataOption = DATA,
) -> None:
    """Let nothing of a matter be deleted, by rule or request."""
    _ = _ask(data, f"/matters/{matter}/hold", {"held": not lift})


@access_app.command("show")
def show(
    contact: Annotated[str, typer.Option("--contact")] = "",
    matter: Annotated[str, typer.Option("--matter")] = "",
    agent: Annotated[str, typer.Option("--agent")] = "",
    by: Annotated[str, typer.Option("--by", help="Name of a token.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="A line for each, for programs.")] = False,
    data: DataOption = DATA,
) -> None:
    """Show who looked at personal values, and what was exported, erased and deleted."""
    wanted = {"contact": contact, "matter": matter, "agent": agent, "by": by, "limit": "1000"}
    beyond: int | None = 0
    while beyond is not None:
        query = {name: value for name, value in wanted.items() if value} | {"beyond": str(beyond)}
        page = json.loads(_asked(data, "GET", "/access-log", query=query))
        for line in page["lines"]:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n" if as_json else _told(line))
        beyond = page["next"]


@access_app.command("verify")
def verify(data: DataOption = DATA) -> None:
    """Tell whether the access log is whole; the exit code is 1 where it is not."""
    verdict = json.loads(_asked(data, "GET", "/access-log/verdict"))
    for one in verdict["breaks"]:
        sys.stdout.write(f"line {one['line']}: {one['why']}\n")
    sys.stdout.write(f"{verdict['lines']} lines, {'whole' if verdict['whole'] else 'NOT whole'}.\n")
    raise typer.Exit(0 if verdict["whole"] else 1)


def _told(line: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(line["at"], UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    what = line["what"]
    who = " ".join(filter(None, (what.get("by", ""), what.get("agent", ""))))
    rest = {name: value for name, value in what.items() if name not in ("by", "agent", "role")}
    shown = ", ".join(f"{name} {' '.join(value) if isinstance(value, list) else value}" for name, value in rest.items())
    return f"{line['n']:>6}  {at}  {line['kind']:<8}  {who:<20}  {shown}\n"


def _show(plan: dict[str, Any]) -> None:
    sys.stdout.write(f"Contacts: {len(plan['contacts'])}\n")
    for one in plan["goes"]:
        sys.stdout.write(f"  goes   {one['values']:<14} of {one['contacts']} contacts\n")
    for one in plan["stays"]:
        sys.stdout.write(f"  stays  {one['values']:<14} of {one['contacts']} contacts: {one['why']}\n")
    nobody = "nobody's" if plan["unlinked"] else "still this person's"
    sys.stdout.write(f"In history and journal the contacts are {nobody} afterwards.\n")


def _export(data: Path, path: str, body: dict[str, Any], out: Path) -> None:
    if out.exists():
        sys.stderr.write(f"{out} is there already: name a new file.\n")
        raise typer.Exit(remote.CANNOT)
    package = _ask(data, path, body)
    with open(out, "xb") as file:
        out.chmod(0o600)
        file.write(package)
    sys.stdout.write(f"{out}: {len(package):,} bytes\n")


def _ask(data: Path, path: str, body: dict[str, Any]) -> bytes:
    return _asked(data, "POST", path, json.dumps(body).encode())


def _asked(data: Path, method: str, path: str, body: bytes | None = None, **more: Any) -> bytes:
    try:
        return remote.send(data, method, path, body, within=WITHIN_S, answer_max=PACKAGE_MAX, **more)
    except remote.Cannot as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(error.code) from None
