"""privacy.yaml to `Privacy`: who sees what is secret, what is deleted when and by which decision, where matters go."""

from pathlib import Path
from typing import Annotated, Final, get_args

from msgspec import Meta, field

from adapters.records.settings import Records
from engine.config.chat import secret_problem
from engine.config.document import Document
from engine.config.problems import listed, unknown
from engine.config.reader import Reader
from engine.config.schema import Count, Table
from engine.installation import Class, Privacy, Rule
from router.api import CONFIDANTS, Role

FILE: Final = "privacy.yaml"
DAY: Final = 86_400.0
CLASSES: Final[tuple[Class, ...]] = get_args(Class)
ROLES: Final[tuple[Role, ...]] = (*sorted(CONFIDANTS), "admin")


class SecrecyTable(Table, frozen=True):
    """`secrecy:`; who sees what is secret besides those who serve it."""

    roles: tuple[str, ...] = ()


class RuleTable(Table, frozen=True):
    """How long a class is kept, and by which decision."""

    days: Count
    rule: Annotated[str, Meta(min_length=3, max_length=200)]
    on_request: bool = False


class RecordsTable(Table, frozen=True):
    """`records:`; the city's records system."""

    url: str
    secret_file: str
    give_up_days: Count = 30


class PrivacyFile(Table, frozen=True):
    """privacy.yaml; all of it may be left out: then nothing is ever deleted."""

    secrecy: SecrecyTable = SecrecyTable()
    retention: dict[str, RuleTable] = field(default_factory=dict)
    erasures: str = ""
    records: RecordsTable | None = None
    recording_key_file: str = ""


def settings(document: Document, folder: Path) -> Privacy:
    """Return what privacy.yaml says. Mistakes are noted in the document."""
    file = Reader(document).whole(PrivacyFile) or PrivacyFile()
    for role in file.secrecy.roles:
        if role not in ROLES:
            document.say(("secrecy", "roles"), unknown("role", role, ROLES))
    retention: dict[Class, Rule] = {}
    for name, table in file.retention.items():
        if name not in CLASSES:
            document.say(("retention", name), f"is no class of personal values; there are {listed(CLASSES)}")
            continue
        if table.on_request and name in ("access_log", "journal"):
            document.say(("retention", name, "on_request"), "nobody may ask for that: it holds no values of citizens")
        retention[name] = Rule(keep=table.days * DAY, rule=table.rule, on_request=table.on_request)
    return Privacy(
        secret_roles=file.secrecy.roles,
        retention=retention,
        erasures=str((folder / file.erasures).resolve()) if file.erasures else "",
        tape_key=str((folder / file.recording_key_file).resolve()) if file.recording_key_file else "",
        records=_records(document, file.records, folder),
    )


def _records(document: Document, table: RecordsTable | None, folder: Path) -> Records | None:
    if table is None:
        return None
    if not table.url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        document.say(
            ("records", "url"), "must begin with https:// (http:// on this machine alone): matters are personal"
        )
    path = (folder / table.secret_file).resolve()
    if wrong := secret_problem(path, table.secret_file):
        document.say(("records", "secret_file"), wrong)
    return Records(url=table.url, secret_file=str(path), give_up=table.give_up_days * DAY)
